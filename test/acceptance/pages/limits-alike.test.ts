/** Nothing tells who is a customer, what is an app, or how much of a secret was right (EN). */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { exchange, link, profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { BEHIND_PROXY, openDoor, workOf } from './door.ts';
import type { Door, Work } from './door.ts';
import { assertPage, assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { assertLogHoldsNoSecret, linesOf, noteSecrets } from '../tradier/secrets.ts';

const server = await startServer({
  set: BEHIND_PROXY,
  node_args: ['--import', new URL('./watch-hashes.ts', import.meta.url).href],
});
after(server.stop);
const { live, control } = server;
const { A, A2, B } = APPS;

const GHOST = { login_name: 'ghost', name: 'Demo ghost', password: 'demo-password-of-ghost' };
await control.act('paper', 'customer.create', GHOST);

/** Names of one length; whose password is the right one may not sign in here all the same. */
const TRIES = {
  unknown: { name: 'zelda', password: 'demo-password-of-zelda' },
  known: { name: 'nadia', password: 'demo-password-of-zelda' },
  locked: { name: 'carol', password: CUSTOMERS.carol.password },
  'of the other world': { name: 'ghost', password: GHOST.password },
} as const;

/** All that an answer shows, with the name it was asked for taken out. */
function shown({ status, raw_headers, text }: Answer, name: string): unknown {
  const headers = raw_headers.filter(([header]) => header.toLowerCase() !== 'date');
  const body = text.replaceAll(name, '(name)').replace(/(Reference[^<]*<code>)[^<]*/, '$1');
  return { status, headers, body };
}

test('EN-01 a wrong name, a wrong password and a locked customer are answered alike', async () => {
  const door = await openDoor(live);
  const answers: unknown[] = [];
  for (const [at, one] of Object.values(TRIES).entries()) {
    answers.push(shown(await door.knock({ ...one, address: `203.0.${at}.1` }), one.name));
  }
  assert.equal((answers[0] as { status: number }).status, 422);
  for (const answer of answers.slice(1)) assert.deepEqual(answer, answers[0]);
  // Sooner or later each meets the limit, after the same number of tries.
  for (const [at, one] of Object.values(TRIES).entries()) {
    const statuses: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      statuses.push((await door.knock({ ...one, address: `203.0.${at}.1` })).status);
    }
    assert.deepEqual(statuses, [422, 422, 422, 422, 429], one.name);
  }
});

test('EN-01 within a flow too, whatever login_hint the app sent', async () => {
  await control.advance(901);
  const answers: unknown[] = [];
  const pages: string[] = [];
  const browser = createBrowser(live);
  for (const { name, password } of Object.values(TRIES)) {
    await browser.authorize(A, { state: 's1', login_hint: name });
    const { text } = browser.page().answer;
    assert.ok(!text.includes(name), 'the hint is not shown');
    pages.push(text.replace(/name="request" value="[^"]*"/, ''));
    const { answer } = await browser.submit('sign-in', { name, password });
    assert.equal(answer.status, 422);
    const same = { ...answer, text: answer.text.replace(/name="request" value="[^"]*"/, '') };
    answers.push(shown(same, name));
  }
  for (const page of pages) assert.equal(page, pages[0]);
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
});

/** What one try costs, and the parameters of the hash it was compared with. */
async function costOf(
  door: Door,
  one: { readonly name: string; readonly password: string; readonly address: string },
): Promise<{ readonly work: Work; readonly hash: string }> {
  let work: Work | undefined;
  const [line] = await linesOf(server, async () => {
    work = await workOf(server, 'live', () => door.knock(one));
  }, ({ watched }) => watched === 'verify');
  assert.ok(work !== undefined && line !== undefined);
  return { work, hash: JSON.stringify(line) };
}

test('EN-02 every failed sign-in costs the same hash, queries and records', async () => {
  await control.advance(901);
  const door = await openDoor(live);
  const costs: unknown[] = [];
  for (const [at, one] of Object.values(TRIES).entries()) {
    costs.push(await costOf(door, { ...one, address: `203.1.${at}.1` }));
  }
  const [first] = costs as { work: Work; hash: string }[];
  assert.equal(first?.work.hashes, 1);
  assert.ok((first?.work.records_read ?? 0) > 0);
  assert.match(first?.hash ?? '', /"parameters":"m=19456,t=2,p=1"/);
  for (const cost of costs) assert.deepEqual(cost, first);
  // Names that no customer can have cost it as well.
  for (const name of ['', 'a'.repeat(65), 'x\u200by']) {
    const cost = await costOf(door, { name, password: 'x', address: '203.2.0.1' });
    assert.deepEqual(cost, first, name);
  }
});

test('EN-03 an unknown app and a wrong secret get one answer at one cost', async () => {
  const { refresh_token = '' } = await customerIn(live, 'u1').link(A2);
  const { code } = await customerIn(live, 'u1').allow(A2);
  const half = A2.secret.slice(0, A2.secret.length / 2);
  const stranger = { ...A2, id: A2.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
  const withSecret = (app: App, secret: string): App =>
    ({ ...app, secret, basic: `Basic ${btoa(`${app.id}:${secret}`)}` });
  const tries = {
    unknown: withSecret(stranger, A2.secret),
    'all of it wrong': withSecret(A2, 'z'.repeat(A2.secret.length)),
    'half of it right': withSecret(A2, half.padEnd(A2.secret.length, 'z')),
    'but for the last character': withSecret(A2, `${A2.secret.slice(0, -1)}~`),
    'one more character': withSecret(A2, `${A2.secret}z`),
    'in another case': withSecret(A2, A2.secret.toUpperCase()),
    'of another app': withSecret(A2, B.secret),
    disabled: APPS.disabled,
  };
  const costs: Work[] = [];
  for (const [what, app] of Object.entries(tries)) {
    costs.push(await workOf(server, 'live', async () => {
      assertTokenError(live, await exchange(live, app, code), 'E1');
      assertTokenError(live, await refresh(live, app, refresh_token), 'E1');
    }));
    assert.deepEqual(costs.at(-1), costs[0], what);
  }
  assert.equal(costs[0]?.records_read, 0, 'apps are in memory');
  assert.equal((await exchange(live, A2, code)).status, 200, 'nothing was spent');
  assert.equal((await refresh(live, A2, refresh_token)).status, 200);
});

test('EN-03 authorize tells an unknown app from a disabled one to nobody', async () => {
  const ask = async (id: string): Promise<string> => {
    const path = `/v1/oauth/authorize?client_id=${id}&state=s1`;
    const page = await call(live.origin, { path, headers: [['Accept', 'text/html']] });
    assertPage(page, [id]);
    const plain = await call(live.origin, { path, headers: [['Accept', 'application/json']] });
    return JSON.stringify([shown(page, id), shown(plain, id)]);
  };
  const unknown = await ask('x'.repeat(32));
  assert.equal(await ask(APPS.disabled.id), unknown);
  assert.equal(await ask(APPS.A3.id), unknown, 'an app of the other world only');
});

/** The same length and alphabet, wrong from `at` on. */
function spoilFrom(token: string, at: number): string {
  return token.slice(0, at) + token.slice(at).replace(/[A-Za-z0-9]/g, (one) =>
    one === 'Z' ? 'a' : one === 'z' ? 'A' : one === '9' ? '0'
      : String.fromCharCode(one.charCodeAt(0) + 1));
}

test('EN-04 how much of a token is right changes neither the answer nor its cost', async () => {
  const { access_token, refresh_token = '' } = await link(live, A2, 'u2');
  noteSecrets(access_token, refresh_token);
  const ways = {
    [access_token]: (text: string) => profile(live, text),
    [refresh_token]: (text: string) => refresh(live, A2, text),
  };
  for (const [token, send] of Object.entries(ways)) {
    const seen: unknown[] = [];
    const [prefix = ''] = /^cs_live_[a-z]+_/.exec(token) ?? [];
    assert.notEqual(prefix, '', token.slice(0, 12));
    for (let kept = prefix.length; kept < token.length; kept += 3) {
      const guess = spoilFrom(token, kept);
      let answer: Answer | undefined;
      const work = await workOf(server, 'live', async () => {
        answer = await send(guess);
      });
      assert.ok(answer !== undefined && answer.status >= 400, guess);
      seen.push({ work, answer: shown(answer, guess) });
    }
    assert.ok(seen.length > 10);
    for (const one of seen) assert.deepEqual(one, seen[0]);
    assert.equal((await send(token)).status, 200);
  }
});

test('EN-04 no source compares a digest or secret but in constant time', () => {
  const root = resolve(import.meta.dirname, '../../../src');
  const secret = /\b(?:\w*_)?(?:digest|secret|csrf|verifier|challenge|token|signature|mac|tag)\b/i;
  const found: string[] = [];
  for (const file of globSync('**/*.ts', { cwd: root })) {
    for (const line of readFileSync(join(root, file), 'utf8').split('\n')) {
      for (const [, left = '', right = ''] of line.matchAll(/([\w.?]+)\)? [!=]== ([\w.?'"]+)/g)) {
        const plain = /^(?:null|undefined|true|false|typeof|\d+|['"].*)$/.test(right);
        if (!plain && secret.test(left.split('.').at(-1) ?? '')) found.push(file);
      }
    }
  }
  // These compare what one side holds anyway: an operator's act, a demo secret at boot, and two
  // credentials of one request with each other.
  assert.deepEqual(found.toSorted((a, b) => (a < b ? -1 : 1)), [
    'core/decide/manage/manage-app.ts',
    'dialects/tradier/decode-token.ts',
    'main/demo/refuse-demo-data.ts',
  ]);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
