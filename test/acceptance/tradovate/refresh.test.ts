/** Refreshing with tokens that rotate (contract §5.3). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { refresh, tokensOf } from '../../outside/tradovate.ts';
import type { OAuthTokens } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertOAuthError, assertTokenAnswer } from './answers.ts';
import { assertAlive, assertDead, noted, traderIn } from './trader.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;
const DAY_S = 86_400;

type Held = Pick<OAuthTokens, 'access_token' | 'refresh_token'>;

const link = (): Promise<Held> => alice.link(O1);

/** Presents a refresh token that must be good. */
async function use(refresh_token: string): Promise<Held> {
  const answer = await refresh(live, O1, refresh_token);
  assertTokenAnswer(answer, 'refresh');
  return noted(tokensOf(answer));
}

async function refused(refresh_token: string): Promise<void> {
  assertOAuthError(await refresh(live, O1, refresh_token), 'refresh');
}

test('RP-04 two refreshes give two different tokens, each with a whole window', async () => {
  const first = await link();
  const second = await use(first.refresh_token);
  const third = await use(second.refresh_token);
  const all = [first, second, third];
  assert.equal(new Set(all.map(({ refresh_token }) => refresh_token)).size, 3);
  assert.equal(new Set(all.map(({ access_token }) => access_token)).size, 3);
  for (const { access_token } of all) await assertAlive(live, access_token);
});

test('AT-V13 a lost answer within half a minute is repeated; an old token ends all', async () => {
  const r1 = await link();
  const r2 = await use(r1.refresh_token);
  await control.advance(5);
  const again = await use(r1.refresh_token);
  assert.equal(again.refresh_token, r2.refresh_token);
  assert.notEqual(again.access_token, r2.access_token);
  const r3 = await use(r2.refresh_token);
  assert.notEqual(r3.refresh_token, r2.refresh_token);
  await refused(r1.refresh_token);
  await refused(r3.refresh_token);
  await assertDead(live, r1.access_token, r2.access_token, again.access_token, r3.access_token);
});

test('AT-V14 a lost answer after a minute is replaced; the displaced token ends all', async () => {
  const r1 = await link();
  const lost = await use(r1.refresh_token);
  await control.advance(60);
  const r2 = await use(r1.refresh_token);
  assert.notEqual(r2.refresh_token, lost.refresh_token);
  const r3 = await use(r2.refresh_token);
  await refused(lost.refresh_token);
  await refused(r3.refresh_token);
  await assertDead(live, r3.access_token);
});

test('AT-V15 a refresh token waits 93 600 seconds, counted anew at each refresh', async () => {
  const first = await link();
  const idle = await link();
  await control.advance(93_599);
  const second = await use(first.refresh_token);
  await control.advance(2);
  await refused(idle.refresh_token);
  await control.advance(93_590);
  const third = await use(second.refresh_token);
  await control.advance(93_601);
  await refused(third.refresh_token);
});

/** Refreshes once a day; the age of the family at the end, days. */
async function daily(held: Held, days: number): Promise<Held> {
  let current = held;
  for (let day = 1; day <= days; day += 1) {
    await control.advance(DAY_S);
    current = await use(current.refresh_token);
  }
  return current;
}

test('AT-V15 a family lives 90 days, however often it refreshes', async () => {
  const held = await daily(await link(), 89);
  await control.advance(DAY_S - 60);
  const last = await use(held.refresh_token);
  await control.advance(61);
  await refused(last.refresh_token);
  await assertDead(live, last.access_token);
  await control.advance(DAY_S);
  await refused(last.refresh_token);
});

test('AT-V16 another app or a wrong secret gets nothing and harms nothing', async () => {
  const r1 = await link();
  assertOAuthError(await refresh(live, O2, r1.refresh_token), 'refresh');
  const wrong = { client_secret: 'demo-wrong-secret-of-more-than-forty-characters' };
  assertOAuthError(await refresh(live, O1, r1.refresh_token, wrong), 'client');
  const none = { client_secret: undefined };
  assertOAuthError(await refresh(live, O1, r1.refresh_token, none), 'client');
  await assertAlive(live, r1.access_token);
  const r2 = await use(r1.refresh_token);
  // Nor once it was used: no alarm is raised by those who are not its client.
  assertOAuthError(await refresh(live, O2, r1.refresh_token), 'refresh');
  assertOAuthError(await refresh(live, O1, r1.refresh_token, wrong), 'client');
  await use(r2.refresh_token);
});

test('AT-V17 a locked user or a removed app refreshes no more, and for good', async () => {
  const erin = traderIn(live, USERS.erin);
  const customer = USERS.erin.login_name;
  const of_locked = await erin.link(O1);
  await control.act('live', 'customer.set-status', { customer, status: 'locked' });
  await refused(of_locked.refresh_token);
  await assertDead(live, of_locked.access_token);
  await control.act('live', 'customer.set-status', { customer, status: 'active' });
  await refused(of_locked.refresh_token);
  const removed = await erin.link(O1);
  await erin.browser.open('/connections');
  await erin.browser.submit(`end-${O1.id}`);
  await refused(removed.refresh_token);
  await assertDead(live, removed.access_token);
  await use((await erin.link(O1)).refresh_token);
});

test('AT-V17 the former access token lives on to its own expiry', async () => {
  const r1 = await link();
  await control.advance(2_000);
  const r2 = await use(r1.refresh_token);
  await control.advance(2_799);
  await assertAlive(live, r1.access_token);
  await control.advance(2);
  await assertDead(live, r1.access_token);
  await assertAlive(live, r2.access_token);
});

test('the 21st live grant of one user and app ends the oldest (contract §4)', async () => {
  const user = traderIn(live, USERS.bob_active);
  const grants: Held[] = [];
  // A code that nobody redeems counts for nothing.
  await user.allow(O1);
  for (let count = 1; count <= 20; count += 1) grants.push(await user.link(O1));
  const [oldest, next] = grants as [Held, Held];
  await assertAlive(live, oldest.access_token);
  const pending = await user.allow(O1);
  assert.ok(pending.code);
  await assertAlive(live, oldest.access_token);
  grants.push(await user.link(O1));
  await assertDead(live, oldest.access_token);
  await refused(oldest.refresh_token);
  await assertAlive(live, next.access_token);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
