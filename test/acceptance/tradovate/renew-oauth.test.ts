/** Renewing the access token of a grant, in place (contract §7). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { claimsOf } from '../../outside/jwt.ts';
import {
  login, me, refresh, renew, serverTime, sessionOf, tokensOf,
} from '../../outside/tradovate.ts';
import type { SessionTokens } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';
import { assertErrorText, assertJsonUnstored, assertUnauthorized } from './answers.ts';
import { assertAlive, assertDead, noted, traderIn } from './trader.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

async function renewed(token: string, method = 'GET'): Promise<SessionTokens> {
  const answer = await renew(live, token, { method });
  assertJsonUnstored(answer);
  const body = sessionOf(answer);
  noteSecrets(body.accessToken, body.mdAccessToken ?? '');
  return body;
}


test('AT-V38 a grant without prices is renewed, with no token for market data', async () => {
  const { access_token } = await alice.link(O1);
  for (const method of ['GET', 'POST']) {
    const body = await renewed(access_token, method);
    assert.deepEqual(Object.keys(body), [
      'accessToken', 'expirationTime', 'userStatus', 'userId', 'name', 'hasLive', 'hasSimPlus',
      'hasFunded', 'hasMarketData', 'outdatedTaC', 'outdatedLiquidationPolicy', 'showKIDs',
    ]);
    assert.notEqual(body.accessToken, access_token);
    assert.match(body.expirationTime, TIME);
    const left_ms = Date.parse(body.expirationTime) - await serverTime(live);
    assert.ok(Math.abs(left_ms - 4_800_000) <= 2_000, `${left_ms} ms`);
    assert.equal(body.userStatus, 'Active');
    assert.equal(body.name, 'alice');
    assert.equal(String(body.userId), claimsOf(access_token).sub);
    assert.equal(claimsOf(body.accessToken).sub, claimsOf(access_token).sub);
    assert.equal(claimsOf(body.accessToken)['client_id'], O1.id);
    await assertAlive(live, body.accessToken);
  }
});

test('AT-V38 with Prices: Read there is one, for streams alone', async () => {
  const { access_token } = await alice.link(O2);
  const body = await renewed(access_token);
  assert.deepEqual(Object.keys(body).slice(0, 3),
    ['accessToken', 'mdAccessToken', 'expirationTime']);
  const stream = body.mdAccessToken ?? '';
  assert.ok(stream !== '' && stream !== body.accessToken);
  await assertDead(live, stream);
  assertUnauthorized(await renew(live, stream));
  assertUnauthorized(await me(live, stream));
  await assertAlive(live, body.accessToken);
});

test('AT-V38 the presented token lives to its own expiry, the new one to its own', async () => {
  const { access_token } = await alice.link(O1);
  await control.advance(4_000);
  const { accessToken } = await renewed(access_token);
  await control.advance(799);
  await assertAlive(live, access_token);
  await control.advance(2);
  assertUnauthorized(await renew(live, access_token), 'expired');
  await assertAlive(live, accessToken);
  await control.advance(3_998);
  await assertAlive(live, accessToken);
  await control.advance(2);
  assertUnauthorized(await me(live, accessToken), 'expired');
});

test('AT-V38 renewals go on for a day after the exchange or the last refresh', async () => {
  const grant = await alice.link(O1);
  let current = grant.access_token;
  for (let hour = 1; hour <= 23; hour += 1) {
    await control.advance(3_600);
    current = (await renewed(current)).accessToken;
  }
  await control.advance(3_595);
  current = (await renewed(current)).accessToken;
  await control.advance(10);
  assertUnauthorized(await renew(live, current));
  const next = noted(tokensOf(await refresh(live, O1, grant.refresh_token)));
  await control.advance(3_600);
  await renewed(next.access_token);
});

test('RP-31 a lost answer to a renewal is repeated: of a grant and of a session', async () => {
  const { access_token } = await alice.link(O1);
  const session = sessionOf(await login(live, API_KEYS.K1, USERS.alice));
  noteSecrets(session.accessToken, session.mdAccessToken ?? '');
  for (const token of [access_token, session.accessToken]) {
    // The first answer is dropped.
    assert.equal((await renew(live, token)).status, 200);
    const again = await renewed(token);
    await assertAlive(live, token);
    await assertAlive(live, again.accessToken);
    assert.equal(claimsOf(again.accessToken)['sid'], claimsOf(token)['sid']);
  }
  // Sixty-four at once are one session still: a second login closes nothing.
  await Promise.all(Array.from({ length: 64 }, () => renewed(session.accessToken)));
  sessionOf(await login(live, API_KEYS.K1, USERS.alice, { deviceId: 'demo-device-2' }));
  await assertAlive(live, session.accessToken);
});

test('AT-V38 no token, a wrong one, or one outside its header renews nothing', async () => {
  const { access_token, refresh_token, id_token = '' } = await alice.link(O1);
  assertUnauthorized(await renew(live, null), 'none');
  for (const token of ['junk', refresh_token, id_token, `${access_token}x`]) {
    assertUnauthorized(await renew(live, token));
  }
  const in_query = `/auth/renewaccesstoken?access_token=${access_token}`;
  assertUnauthorized(await renew(live, null, { path: in_query }), 'none');
  const cookie = [['Cookie', `access_token=${access_token}`]] as const;
  assertUnauthorized(await renew(live, null, { headers: cookie }), 'none');
  const { status, headers } = await renew(live, access_token, { method: 'HEAD' });
  assert.equal(status, 405);
  assert.match(String(headers.allow), /GET/);
});

test('AT-V38 the user\'s status is looked at again', async () => {
  const { access_token } = await traderIn(live, USERS.erin).link(O1);
  const customer = USERS.erin.login_name;
  await control.act('live', 'customer.set-status', { customer, status: 'locked' });
  const text = 'User is temporarily locked';
  assertErrorText(await renew(live, access_token), text, { userStatus: 'TemporaryLocked' });
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
