/** Live and demo never mix, nor do dialects, and a user's number opens nothing (contract §1.2). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WorldSite } from '../../outside/fixtures.ts';
import { APPS } from '../../outside/fixtures.ts';
import { claimsOf } from '../../outside/jwt.ts';
import { seedRecords } from '../../outside/seed.ts';
import { connectSocket } from '../../outside/socket.ts';
import * as tradier from '../../outside/tradier.ts';
import {
  bearing, codeMembers, exchange, login, me, oauthToken, refresh, renew, sessionOf, tokensOf,
  userinfo,
} from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertFault, assertTokenError } from '../tradier/answers.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';
import {
  assertErrorText, assertOAuthError, assertTokenAnswer, assertUnauthorized,
} from './answers.ts';
import { assertAlive, traderIn } from './trader.ts';

const { apps } = seedRecords(Object.values(APPS), []) as { readonly apps: readonly object[] };
const server = await startServer({
  seed: tradovateSeed({ apps }),
  set: { 'tradovate.danger_limits_off': true, 'tradovate.example_resources': true },
});
after(server.stop);
const { live, paper, control } = server;
const { O1 } = REGISTRATIONS;
const { A2 } = APPS;
const WORLDS = [live, paper] as const;
const otherOf = (world: WorldSite): WorldSite => (world === live ? paper : live);

/** The first `a` frame after `authorize`, parsed. */
async function authorizeSocket(world: WorldSite, token: string, id = 0): Promise<unknown> {
  const url = `${world.origin.replace('http', 'ws')}/v1/websocket`;
  const peer = await connectSocket(url, { first: [`authorize\n${id}\n\n${token}`] });
  const frame = await peer.frame((text) => text.startsWith('a'));
  peer.close();
  return JSON.parse(frame.slice(1));
}

/** Every kind of token that a world's bearer may be, with the code and refresh token beside. */
async function everythingOf(world: WorldSite): Promise<{
  readonly bearers: readonly string[];
  readonly session: string;
  readonly code: string;
  readonly refresh_token: string;
}> {
  const trader = traderIn(world, USERS.alice);
  const { access_token, refresh_token } = await trader.link(O1);
  const { code } = await trader.allow(O1);
  const { accessToken } = sessionOf(await login(world, API_KEYS.K1, USERS.alice));
  noteSecrets(accessToken);
  return { bearers: [access_token, accessToken], session: accessToken, code, refresh_token };
}

test('AT-V49 what one world gave is, in the other, nothing at all', async () => {
  for (const world of WORLDS) {
    const other = otherOf(world);
    const { bearers, session, code, refresh_token } = await everythingOf(world);
    for (const token of bearers) {
      assertUnauthorized(await me(other, token));
      assertUnauthorized(await renew(other, token));
      assertUnauthorized(await userinfo(other, token));
      assertUnauthorized(await bearing(other, token, { path: '/v1/account/list' }));
      assert.deepEqual(await authorizeSocket(other, token),
        [{ s: 401, i: 0, d: 'Invalid access token' }]);
    }
    assertOAuthError(await exchange(other, O1, code), 'code');
    assertOAuthError(await refresh(other, O1, refresh_token), 'refresh');
    for (const token of bearers) {
      assert.equal((await me(world, token)).status, 200, 'served in its own world, demo too');
      assert.deepEqual(await authorizeSocket(world, token, 7), [{ s: 200, i: 7 }]);
    }
    const accounts = await bearing(world, session, { path: '/v1/account/list?' });
    assert.equal(accounts.status, 200, accounts.text);
    assert.equal(accounts.json<readonly object[]>().length, USERS.alice.accounts.live.length);
    assertTokenAnswer(await exchange(world, O1, code), 'code');
    assertTokenAnswer(await refresh(world, O1, refresh_token), 'refresh');
  }
});

test('AT-V49 the answer of the other world is told from that for junk by nothing', async () => {
  const { bearers, code, refresh_token } = await everythingOf(paper);
  const same = (a: { text: string; status: number }, b: { text: string; status: number }) =>
    assert.equal(`${a.status} ${a.text}`, `${b.status} ${b.text}`);
  same(await me(live, bearers[0] ?? ''), await me(live, 'junk'));
  same(await exchange(live, O1, code), await exchange(live, O1, 'junk'));
  same(await refresh(live, O1, refresh_token), await refresh(live, O1, 'junk'));
});

test('AT-V49 a path that lives elsewhere says where, before any token is looked at', async () => {
  const { host } = new URL(live.origin);
  await control.config({ 'tradovate.elsewhere': { '/auth/me': host } });
  const { bearers } = await everythingOf(paper);
  const text = `This endpoint should be called on ${host}`;
  for (const token of [bearers[0] ?? '', 'junk', null]) {
    for (const path of ['/auth/me', '/v1/auth/Me']) {
      assertErrorText(await me(paper, token, { path }), text);
    }
  }
  await assertAlive(paper, bearers[0] ?? '');
  const { bearers: at_live } = await everythingOf(live);
  assert.equal((await me(live, at_live[0] ?? '')).json()['name'], 'alice', 'it lives there');
  await control.config({ 'tradovate.elsewhere': {} });
  assert.equal((await me(paper, bearers[0] ?? '')).json()['name'], 'alice');
});

test('BR-17 a code or token of one dialect is unknown at the other\'s endpoints', async () => {
  const alice = traderIn(live, USERS.alice);
  const { code: ours } = await alice.allow(O1);
  const { refresh_token: our_refresh, access_token } = await alice.link(O1);
  const { code: theirs } = await tradier.approve(live, A2, 'alice');
  const linked = await tradier.link(live, A2, 'alice');
  const { refresh_token: their_refresh = '' } = linked;
  noteSecrets(theirs, their_refresh, linked.access_token);

  assertOAuthError(await exchange(live, O1, theirs), 'code');
  assertOAuthError(await refresh(live, O1, their_refresh), 'refresh');
  // The other dialect's app is no client here, whatever secret it has.
  const as_a2 = { ...codeMembers(O1, theirs), client_id: A2.id, client_secret: A2.secret };
  const [redirect_uri] = A2.redirect_uris;
  assertOAuthError(await oauthToken(live, { ...as_a2, redirect_uri }), 'client');
  assertUnauthorized(await me(live, linked.access_token));
  assertUnauthorized(await renew(live, linked.access_token));
  assertUnauthorized(await userinfo(live, linked.access_token));

  assertTokenError(live, await tradier.exchange(live, A2, ours), 'E3');
  assertTokenError(live, await tradier.refresh(live, A2, our_refresh), 'E4');
  const basic = `Basic ${Buffer.from(`${O1.id}:${O1.secret}`).toString('base64')}`;
  const as_o1 = { ...A2, id: O1.id, secret: O1.secret ?? '', basic };
  assertTokenError(live, await tradier.exchange(live, as_o1, ours), 'E1');
  assertTokenError(live, await tradier.refresh(live, as_o1, our_refresh), 'E1');
  assertFault(live, await tradier.profile(live, access_token), 'F1');

  // Nothing was spent or ended on the way.
  await assertAlive(live, access_token);
  assert.equal((await tradier.profile(live, linked.access_token)).status, 200);
  assertTokenAnswer(await exchange(live, O1, ours), 'code');
  assertTokenAnswer(await refresh(live, O1, our_refresh), 'refresh');
  tradier.tokens(await tradier.exchange(live, A2, theirs));
  tradier.tokens(await tradier.refresh(live, A2, their_refresh));
});

test('EN-05 user numbers are no counter, the same nowhere, and open nothing', async () => {
  const users = [USERS.alice, USERS.erin, USERS.bob_active];
  const numbers: number[] = [];
  const sids = new Set<unknown>();
  for (const world of WORLDS) {
    for (const user of users) {
      const { access_token } = await traderIn(world, user).link(O1);
      numbers.push(Number(claimsOf(access_token).sub));
      sids.add(claimsOf(access_token)['sid']);
    }
  }
  assert.ok(numbers.every((number) => Number.isSafeInteger(number) && number > 0));
  assert.equal(new Set(numbers).size, numbers.length, 'a user has another number in each world');
  const sorted = [...numbers].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((number, at) => number - (sorted[at] ?? 0));
  assert.ok(gaps.every((gap) => gap > 1_000), `drawn at random: ${sorted.join(' ')}`);
  assert.equal(sids.size, numbers.length);
  assert.ok([...sids].every((sid) => typeof sid === 'string' && !/^\d{1,12}$/.test(sid)));

  const erin = tokensOf(await exchange(
    live, O1, (await traderIn(live, USERS.erin).allow(O1)).code,
  ));
  const [of_alice] = numbers;
  for (const name of ['userId', 'id', 'sub', 'masterid', 'name', 'user']) {
    const value = name === 'name' || name === 'user' ? 'alice' : String(of_alice);
    const asked = await me(live, erin.access_token, { path: `/auth/me?${name}=${value}` });
    assert.equal(asked.json()['name'], 'erin', name);
    const info = await userinfo(live, erin.access_token, {
      path: `/oidcuserinfo?${name}=${value}`,
    });
    assert.equal(info.json()['preferred_username'], 'erin', name);
  }
  const { accessToken } = sessionOf(await login(live, API_KEYS.K1, USERS.erin));
  for (const path of ['/v1/account/list', `/v1/account/list?userId=${of_alice}`]) {
    const accounts = (await bearing(live, accessToken, { path })).json<readonly object[]>();
    assert.ok(JSON.stringify(accounts).includes(USERS.erin.accounts.live[0] ?? '?'));
    assert.ok(!JSON.stringify(accounts).includes(USERS.alice.accounts.live[0] ?? '?'));
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
