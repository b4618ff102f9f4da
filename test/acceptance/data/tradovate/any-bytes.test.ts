/** Any bytes to any endpoint of this dialect: a clear answer, bounded, and no fault (P-03, I9). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { Call } from '../../../outside/call.ts';
import {
  basicOf, codeMembers, credentials, login, loginMembers, me, refresh, sessionOf, tokensOf,
} from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { sendRaw } from '../../http/raw.ts';
import { logLines } from '../../tradier/secrets.ts';
import { traderIn } from '../../tradovate/trader.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: {
    'tradovate.danger_limits_off': true, 'tradier.danger_limits_off': true,
    'tradovate.example_resources': true,
  },
});
after(server.stop);
const { live, control } = server;
const { O1 } = REGISTRATIONS;
const host = new URL(live.origin).host;
const given = await traderIn(live, USERS.alice).link(O1);
const session = sessionOf(await login(live, API_KEYS.K1, USERS.erin));

/** A request, its query apart and its body one char a byte. */
type Parts = Required<Pick<Call, 'method' | 'path' | 'headers'>> & {
  readonly query: string;
  readonly body: string;
};

const BEARER = ['Authorization', `Bearer ${session.accessToken}`] as const;
const JSON_TYPE = ['Content-Type', 'application/json'] as const;

const get = (path: string, query = ''): Parts =>
  ({ method: 'GET', path, query, headers: [BEARER], body: '' });
const post = (path: string, members: object): Parts =>
  ({ method: 'POST', path, query: '', headers: [JSON_TYPE], body: JSON.stringify(members) });

const refreshing = { grant_type: 'refresh_token', refresh_token: 'cs_live_rt_01x' };

const ENDPOINTS: readonly Parts[] = [
  post('/auth/oauthtoken', codeMembers(O1, 'cs_live_code_01x')),
  post('/v1/auth/oauthtoken', { ...refreshing, ...credentials(O1) }),
  post('/auth/oAuthToken', { ...refreshing, httpAuth: basicOf(O1) }),
  {
    ...post('/auth/oauthtoken', {}),
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded'], ['Authorization', basicOf(O1)],
    ],
    body: 'grant_type=refresh_token&refresh_token=cs_live_rt_01x',
  },
  post('/auth/accesstokenrequest', loginMembers(API_KEYS.K1, USERS.bob_locked)),
  post('/v1/auth/accessTokenRequest', {
    ...loginMembers(API_KEYS.first_party, USERS.bob_closed), chl: '1', hibpCheck: true,
  }),
  get('/auth/renewaccesstoken', 'p-ticket=x'), get('/auth/me'), get('/V1/Auth/Me'),
  { ...get('/oidcuserinfo'), method: 'POST' }, get('/userinfo'), get('/gettimestamp'),
  get('/timestamp'), get('/auth/challenge', 'deviceId=demo'), get('/auth/products'),
  post('/auth/countryisbanned', { country: 'KP' }), post('/auth/getproduct', { id: 7 }),
  { ...post('/auth/search', { text: 'ord', limit: 3 }), headers: [JSON_TYPE, BEARER] },
  get('/auth/jwks'), get('/.well-known/openid-configuration'),
  get('/v1/.well-known/oauth-authorization-server'), get('/v1/account/list'),
  get('/v1/order/find', 'id=1'), get('/v1/userproperty/deps', 'masterid='),
  { ...post('/v1/order/placeorder', { accountId: 1 }), headers: [JSON_TYPE, BEARER] },
  get('/v1/websocket'), get('/auth/register'), get('/auth/nowhere'), get('/v1/nowhere/list'),
  get('/oauth', `response_type=code&client_id=${O1.id}&redirect_uri=${O1.redirect_uri}&state=s`),
  get('/oauth', `client_id=${O1.id}&request=cs_live_req_01AAAA&c=1`),
  { ...get('/auth/oauthtoken'), method: 'OPTIONS', headers: [['Origin', 'https://a.example']] },
];

const bytes = fc.uint8Array({ maxLength: 80 }).map((one) => Buffer.from(one).toString('latin1'));
/** Bytes that may stand in a request line or header without ending it. */
const inline = bytes.map((text) => text.replace(/[\r\n\0 ]/g, '_'));
const name = fc.constantFrom(
  'Authorization', 'Cookie', 'Accept', 'Content-Type', 'Origin', 'Expect', 'Content-Encoding',
  'X-Forwarded-For', 'If-None-Match', 'Range', 'Upgrade', 'Sec-WebSocket-Key',
);
const member = fc.constantFrom(
  'grant_type', 'code', 'client_id', 'client_secret', 'httpAuth', 'refresh_token', 'redirect_uri',
  'code_verifier', 'resource', 'name', 'password', 'cid', 'sec', 'appId', 'deviceId', 'p-ticket',
  'chl', 'enc', 'hibpCheck', 'country', 'id', 'text', 'limit', '__proto__', 'toString', 'x',
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(1e21, -0, 2 ** 53, '\ud800', 'a'.repeat(9000), `Basic ${'A'.repeat(300)}`, []),
);

const type = fc.constantFrom(
  'application/json', 'application/x-www-form-urlencoded', 'text/plain', 'application/ld+json',
  'multipart/form-data; boundary=x', 'application/json; charset=utf-16', ';', '',
);

type Edit = (parts: Parts) => Parts;

const withMember = (parts: Parts, own: string, text: string): Parts => ({
  ...parts, body: parts.body.replace(/\}$/, `${parts.body.length > 2 ? ',' : ''}"${own}":${text}}`),
});

/** Sets one of the members that are there, where the body is an object still. */
function withValue(parts: Parts, at: number, sent: unknown): Parts {
  try {
    const entries = Object.entries(JSON.parse(parts.body) as object);
    const [own] = entries[at % entries.length] ?? ['x'];
    const members = Object.fromEntries([...entries, [own, sent]]) as object;
    return { ...parts, body: JSON.stringify(members) };
  } catch {
    return parts;
  }
}

/** One change each; what follows changes its outcome. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(20), value).map(([at, sent]): Edit =>
      (parts) => withValue(parts, at, sent)),
  },
  fc.tuple(member, value).map(([own, sent]): Edit =>
    (parts) => withMember(parts, own, JSON.stringify(sent))),
  bytes.map((text): Edit => (parts) => withMember(parts, 'x', text)),
  fc.tuple(fc.nat(300), bytes).map(([at, text]): Edit => (parts) =>
    ({ ...parts, body: parts.body.slice(0, at) + text + parts.body.slice(at + 1) })),
  fc.nat(300).map((at): Edit => (parts) => ({ ...parts, body: parts.body.slice(0, at) })),
  fc.constantFrom(2, 40, 900).map((times): Edit => (parts) =>
    ({ ...parts, body: parts.body.repeat(times) })),
  fc.constantFrom('[', '{"x":', '"', ' ').map((text): Edit => (parts) =>
    ({ ...parts, body: text.repeat(9000) })),
  bytes.map((text): Edit => (parts) => ({ ...parts, body: text })),
  type.map((sent): Edit => (parts) => ({ ...parts, headers: [['Content-Type', sent],
    ...parts.headers.filter(([own]) => own !== 'Content-Type')] })),
  fc.tuple(name, inline).map(([own, text]): Edit => (parts) =>
    ({ ...parts, headers: [...parts.headers, [own, text]] })),
  fc.tuple(name, inline).map(([own, text]): Edit => (parts) => ({
    ...parts, headers: [...parts.headers.filter(([kept]) => kept !== own), [own, text]],
  })),
  inline.map((text): Edit => (parts) => ({ ...parts, query: `${parts.query}&${text}` })),
  fc.tuple(member, inline).map(([own, text]): Edit => (parts) =>
    ({ ...parts, query: `${parts.query}&${own}=${text}` })),
  inline.map((text): Edit => (parts) => ({ ...parts, path: `${parts.path}${text}` })),
  inline.map((text): Edit => (parts) => ({ ...parts, path: `/${text}${parts.path}` })),
  fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'post', 'X').map((method): Edit =>
    (parts) => ({ ...parts, method })),
  fc.constant<Edit>((parts) => ({ ...parts, headers: [] })),
);

/** Above what is read, but so little that the answer is not lost with the rest of a body. */
const BODY_BYTES_MAX = 96_000;

function wire({ method, path, query, headers, body }: Parts): string {
  const lines = headers.map(([own, text]) => `${own}: ${text.replace(/[\r\n\0]/g, '_')}\r\n`);
  const target = `${path}${query === '' ? '' : `?${query}`}`.replace(/[\r\n\0 ]/g, '_');
  const sent = body.slice(0, BODY_BYTES_MAX).replace(/[^\0-\xff]/g, '?');
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
    `${lines.join('')}Content-Length: ${sent.length}\r\n\r\n${sent}`;
}

const TYPES = /^(application\/json|text\/html; charset=utf-8|text\/plain(; charset=utf-8)?)$/;
const ANSWER_BYTES_MAX = 32_768;

function assertClear(sent: string, text: string): void {
  const final = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const shown = JSON.stringify([sent.slice(0, 400), final.slice(0, 300)]);
  const [head = '', ...rest] = final.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
  const header = (own: string) => new RegExp(`^${own}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  assert.ok(status >= 200 && status < 500, shown);
  assert.ok(final.length < ANSWER_BYTES_MAX, shown);
  assert.ok(['no-store', 'public, max-age=300'].includes(header('Cache-Control') ?? ''), shown);
  assert.equal(header('X-Content-Type-Options'), 'nosniff', shown);
  if (body !== '') assert.match(header('Content-Type') ?? '', TYPES, shown);
  if (status === 401 || status === 408 || status === 429) assert.equal(body, '', shown);
  if (status === 405) assert.ok(header('Allow'), shown);
  if (header('Content-Type') === 'application/json' && body !== '') assertJson(status, body, shown);
  if (header('Content-Type')?.startsWith('text/html')) {
    assert.match(header('Content-Security-Policy') ?? '', /frame-ancestors 'none'/, shown);
  }
  assert.equal(header('Access-Control-Allow-Credentials'), undefined, shown);
}

function assertJson(status: number, body: string, shown: string): void {
  const said: unknown = JSON.parse(body);
  assert.ok(typeof said === 'object' && said !== null, shown);
  if (status >= 400) assert.ok('errorText' in said || 'error' in said, shown);
  // No limit is on, and no other answer has a member that begins so.
  assert.ok(!Object.keys(said).some((own) => own.startsWith('p-')), shown);
}

test('P-03[B] any bytes to any endpoint get a clear answer and cost bounded work', async () => {
  const before = (await control.counts())['live'] as { [name: string]: number };
  let sent = 0;
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(...ENDPOINTS), fc.array(edit, { minLength: 1, maxLength: 4 }),
    async (parts, edits) => {
      const request = wire(edits.reduce((now, one) => one(now), parts));
      const { text, closed } = await sendRaw(live.origin, request);
      sent += 1;
      assert.ok(closed, JSON.stringify(request.slice(0, 400)));
      assertClear(request, text);
    },
  ), { numRuns: 2000 });
  const now = (await control.counts())['live'] as { [name: string]: number };
  const grown = (own: string) => (now[own] ?? 0) - (before[own] ?? 0);
  assert.ok(grown('records_read') <= 8 * sent, `${grown('records_read')} records for ${sent}`);
  assert.ok(grown('hashes') <= sent, `${grown('hashes')} hashes for ${sent}`);
  assert.equal((await me(live, session.accessToken)).status, 200, 'nothing was lost');
  tokensOf(await refresh(live, O1, given.refresh_token));
  assert.deepEqual(logLines(server).filter(({ level }) => level === 'error'), []);
});

test('P-03[B] unchanged, the same requests reach what they are for', async () => {
  const seen = new Map<string, number>();
  for (const parts of ENDPOINTS) {
    const { text } = await sendRaw(live.origin, wire(parts));
    assertClear(wire(parts), text);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? '';
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  assert.ok((seen.get('200') ?? 0) >= 20, JSON.stringify([...seen]));
});
