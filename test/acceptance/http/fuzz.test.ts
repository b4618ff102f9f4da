/** Any bytes to any endpoint: a clear answer, never a fault, nothing lost (P-03, I9). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { APPS } from '../../outside/fixtures.ts';
import { profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { sendRaw } from './raw.ts';
import { customerIn } from '../tradier/customer.ts';
import { logLines } from '../tradier/secrets.ts';

const server = await startServer({ set: { 'tradier.danger_limits_off': true } });
after(server.stop);
const { live, control } = server;
const { A2 } = APPS;
const host = new URL(live.origin).host;

/** A good request's parts; a case replaces, cuts, doubles or pollutes some of them. */
type Parts = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
};

const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
const AUTH = ['Authorization', A2.basic] as const;

const ENDPOINTS: readonly Parts[] = [
  ['GET', '/v1/oauth/authorize', `client_id=${A2.id}&scope=read&state=s&response_type=code`],
  ['POST', '/v1/oauth/accesstoken', '', 'grant_type=authorization_code&code=cs_live_code_x'],
  ['POST', '/v1/oauth/refreshtoken', '', 'grant_type=refresh_token&refresh_token=cs_live_rt_x'],
  ['GET', '/v1/user/profile', ''],
  ['GET', '/oauth/authorize', `client_id=${A2.id}&request=cs_live_req_01AAAA&c=1`],
  ['GET', '/authorize', `client_id=${A2.id}&state=%20`],
  ['GET', '/login', 'redirectUrl=%2Fauthorize%3Fclient_id%3Dx'],
  ['POST', '/login', '', 'name=u1&password=x&csrf=y&request=cs_live_req_01AAAA'],
  ['POST', '/consent', '', 'request=cs_live_req_01AAAA&csrf=x&decision=allow'],
  ['GET', '/connections', ''],
  ['POST', '/connections/end', '', 'app=x&csrf=y'],
  ['POST', '/connections/end-all', '', 'csrf=y'],
  ['POST', '/connections/personal-token', '', 'change=replace&csrf=y'],
  ['POST', '/logout', '', 'csrf=y'],
  ['GET', '/signed-out', ''],
  ['GET', '/', ''],
  ['GET', '/healthz', ''],
  ['GET', '/assets/style-0000000000000000.css', ''],
  ['GET', '/nowhere', 'x=y'],
].map(([method = '', path = '', query = '', body = '']) => ({
  method, path, query, body,
  headers: method === 'POST' ? [FORM, AUTH] : [AUTH, ['Accept', 'text/html'] as const],
}));

const bytes = fc.uint8Array({ maxLength: 80 }).map((one) => Buffer.from(one).toString('latin1'));
/** Bytes that may stand in a request line or header without ending it. */
const inline = bytes.map((text) => text.replace(/[\r\n\0 ]/g, '_'));
const header = fc.constantFrom(
  'Authorization', 'Cookie', 'Accept', 'Content-Type', 'Sec-Fetch-Site', 'Origin', 'Expect',
  'Content-Encoding', 'X-Forwarded-For', 'If-None-Match', 'Range', 'Transfer-Encoding',
);

type Edit = (parts: Parts, text: string, name: string) => Parts;
const EDITS: readonly Edit[] = [
  (parts, text) => ({ ...parts, query: `${parts.query}&${text}` }),
  (parts, text) => ({ ...parts, query: parts.query.replace(/=[^&]*/, `=${text}`) }),
  (parts) => ({ ...parts, query: `${parts.query}&${parts.query}` }),
  (parts, text) => ({ ...parts, body: `${parts.body}&${text}` }),
  (parts, text) => ({ ...parts, body: parts.body.replace(/=[^&]*/, `=${text}`) }),
  (parts) => ({ ...parts, body: `${parts.body}&${parts.body}` }),
  (parts, text) => ({ ...parts, body: text }),
  (parts, text) => ({ ...parts, body: text.repeat(1200) }),
  (parts, text, name) => ({ ...parts, headers: [...parts.headers, [name, text]] }),
  (parts, text, name) => ({
    ...parts, headers: [...parts.headers.filter(([own]) => own !== name), [name, text]],
  }),
  (parts, text) => ({ ...parts, path: `${parts.path}${text}` }),
  (parts, text) => ({ ...parts, path: `/${text}${parts.path}` }),
  (parts) => ({ ...parts, method: parts.method === 'GET' ? 'POST' : 'GET' }),
  (parts) => ({ ...parts, method: 'PUT' }),
  (parts) => ({ ...parts, headers: [] }),
];

const edit = fc.tuple(fc.nat(EDITS.length - 1), bytes, inline, header);

function wire({ method, path, query, headers, body }: Parts): string {
  const lines = headers.map(([name, value]) => `${name}: ${value.replace(/[\r\n\0]/g, '_')}\r\n`);
  const target = `${path}${query === '' ? '' : `?${query}`}`.replace(/[\r\n\0 ]/g, '_');
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
    `${lines.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const TYPES = new RegExp(`^(${[
  'application/json', 'application/xml', 'text/html; charset=utf-8', 'text/plain',
  'text/css; charset=utf-8', 'image/svg\\+xml',
].join('|')})`);

function assertClear(sent: string, text: string): void {
  const final = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const [head = '', ...rest] = final.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const shown = JSON.stringify(sent.slice(0, 300));
  assert.ok(status >= 200 && status < 500, `${status} to ${shown}`);
  const value = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  assert.ok(value('Cache-Control')?.includes('no-store'), `no-store: ${shown}`);
  assert.equal(value('X-Content-Type-Options'), 'nosniff', shown);
  const body = rest.join('\r\n\r\n');
  if (body !== '') assert.match(value('Content-Type') ?? '', TYPES, shown);
  if (value('Content-Type')?.startsWith('text/html')) {
    assert.match(value('Content-Security-Policy') ?? '', /frame-ancestors 'none'/, shown);
    assert.equal(value('X-Frame-Options'), 'DENY', shown);
  }
  if (status >= 400 && value('Content-Type')?.includes('json')) {
    assert.ok('fault' in (JSON.parse(body) as object) || 'error' in (JSON.parse(body) as object));
  }
}

test('P-03 any bytes to any endpoint get a clear answer and cost bounded work', async () => {
  const { access_token, refresh_token = '' } = await customerIn(live, 'u1').link(A2);
  const before = (await control.counts())['live'] as { [name: string]: number };
  let sent = 0;
  const endpoint = fc.constantFrom(...ENDPOINTS);
  await fc.assert(fc.asyncProperty(
    endpoint, fc.array(edit, { minLength: 1, maxLength: 4 }), async (parts, edits) => {
      const mutated = edits.reduce((now, [which, raw, text, name]) => {
        const inBody = which >= 3 && which <= 7;
        return (EDITS[which] as Edit)(now, inBody ? raw : text, name);
      }, parts);
      const request = wire(mutated);
      const { text } = await sendRaw(live.origin, request);
      sent += 1;
      assertClear(request, text);
    },
  ), { numRuns: 2000 });
  const now = (await control.counts())['live'] as { [name: string]: number };
  const grown = (name: string) => (now[name] ?? 0) - (before[name] ?? 0);
  assert.ok(grown('records_read') <= 8 * sent, `${grown('records_read')} records for ${sent}`);
  assert.ok(grown('hashes') <= sent, 'at most one hash a request');
  assert.equal((await profile(live, access_token)).status, 200, 'nothing was lost');
  assert.equal((await refresh(live, A2, refresh_token)).status, 200);
  assert.deepEqual(logLines(server).filter(({ level }) => level === 'error'), []);
});
