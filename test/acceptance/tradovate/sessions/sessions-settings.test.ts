/** Sessions under other settings than the contract's own (§6, §9.1, §17). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { API_KEYS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { accessTokenRequest, loginMembers } from '../../../outside/tradovate.ts';
import { startServer } from '../../../world.ts';
import { callerAt, clockOf } from './caller.ts';
import { ERROR_TEXTS, assertEmpty, assertErrorText, assertSession } from './answers.ts';

const { alice } = USERS;
const { K1, of_alice } = API_KEYS;

const server = await startServer({
  seed: tradovateSeed(),
  set: {
    'tradovate.max_sessions': 1,
    'tradovate.lifetimes': '{"session_token_s":600,"session_max_s":0}',
    'tradovate.danger_keyless_login': true,
    'tradovate.danger_limits_off': true,
  },
});
after(server.stop);
const here = callerAt(server.live);
const clock = clockOf(server.control);

test('AT-V33 with max_sessions 1 a second login closes the first', async () => {
  const first = assertSession(await here.login(alice)).accessToken;
  assert.equal((await here.me(first)).status, 200);
  const second = assertSession(await here.login(alice)).accessToken;
  assertEmpty(await here.me(first), 408);
  assert.equal((await here.me(second)).status, 200);
});

test('AT-V34 with max_sessions 1, 64 logins at once leave exactly one', async () => {
  const answers = await Promise.all(Array.from({ length: 64 }, () => here.login(alice)));
  const tokens = answers.map((answer) => assertSession(answer).accessToken);
  const statuses = await Promise.all(tokens.map(async (token) => (await here.me(token)).status));
  assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
});

test('AT-V39 with session_max_s 0 a chain of renewals never ends', async () => {
  let { accessToken, expires_at } = assertSession(await here.login(alice));
  assert.ok(Math.abs(expires_at - clock.now() - 600_000) < 2_000);
  for (let hours = 0; hours < 72; hours += 1) {
    await clock.moveTo(expires_at - 1_000);
    ({ accessToken, expires_at } = assertSession(await here.renew(accessToken)));
    await clock.advance(300);
  }
  await clock.moveTo(expires_at + 1_000);
  assertEmpty(await here.renew(accessToken), 401, 'Expired Access Token');
});

test('AT-V27 with danger_keyless_login no key is needed, and a wrong one no better', async () => {
  for (const cid of [undefined, 0, '0', '']) {
    for (const sec of [undefined, '', 'any']) {
      assertSession(await here.login(alice, { cid, sec, appId: 'Sample App' }));
    }
  }
  const keyless = { cid: undefined, sec: undefined };
  const wrong = await here.login(alice, { ...keyless, password: 'wrong' });
  assertErrorText(wrong, ERROR_TEXTS.password);
  assertErrorText(await here.login(alice, { cid: 4_711 }), ERROR_TEXTS.app);
  assertErrorText(await here.login(alice, { sec: 'wrong' }), ERROR_TEXTS.app);
  // A password for one key alone is none without it.
  const dedicated = await here.login(alice, { ...keyless, password: of_alice.password });
  assertErrorText(dedicated, ERROR_TEXTS.password);
});

test('AT-V25 where no API key exists the address is unknown', async () => {
  const without = await startServer({ seed: tradovateSeed({ api_keys: [] }) });
  const body = loginMembers(K1, alice);
  assertEmpty(await accessTokenRequest(without.live, body), 404);
  await without.control.seed({ api_keys: [K1] });
  assertSession(await accessTokenRequest(without.live, body));
  await without.stop();
});
