/** What ends a rotating refresh token for good: somebody's will, idleness, and its absolute end. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { exchange, me, renew, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertOAuthError, assertUnauthorized } from '../../tradovate/answers.ts';
import { assertAlive, assertDead, noted, traderIn } from '../../tradovate/trader.ts';
import { alertsIn, grantOf, present, refuse, toldBy, use } from '../rotation/family.ts';
import type { Held } from '../rotation/family.ts';
import { detailsOf } from '../told.ts';

/** The contract's window; the absolute end is nearer than by default. */
const IDLE_S = 93_600;
const FAMILY_S = 400_000;

const server = await startServer({
  seed: tradovateSeed(),
  set: {
    'tradovate.danger_limits_off': true,
    'tradovate.lifetimes': JSON.stringify({ family_s: FAMILY_S }),
  },
});
after(server.stop);
const { live, control } = server;
const { O1 } = REGISTRATIONS;
const erin = traderIn(live, USERS.erin);
const alice = traderIn(live, USERS.alice);
const customer = USERS.erin.login_name;
const act = (name: string, args: object) => control.act('live', name, args);

type Ending = {
  readonly end: (grant: string) => Promise<unknown>;
  readonly back?: () => Promise<unknown>;
  /** The grant stands and what it rests on is gone. */
  readonly detail?: string;
};

const onErin = (status: string) => act('customer.set-status', { customer, status });

const ENDINGS: { readonly [how: string]: Ending } = {
  'by herself': {
    end: async () => {
      await erin.browser.open('/connections');
      await erin.browser.submit(`end-${O1.id}`);
    },
  },
  'all by herself': {
    end: async () => {
      await erin.browser.open('/connections');
      await erin.browser.submit('end-all');
    },
  },
  'by an operator': { end: (grant) => act('grant.end', { grant }) },
  'all of her by an operator': { end: () => act('grant.end', { customer, app: O1.id }) },
  'by locking her': {
    end: () => onErin('locked'), back: () => onErin('active'), detail: 'refresh.standing',
  },
};

/** Id of the grant that a token is of, as the operator's list has it. */
async function listedGrant(pair: Held): Promise<string> {
  const { grants } = await act('grant.list', { customer, app: O1.id });
  const ids = (grants as readonly { readonly grant: string }[]).map(({ grant }) => grant);
  const sid = String(grantOf(pair));
  const found = ids.find((id) => id.endsWith(sid) || sid.endsWith(id));
  return found ?? assert.fail(`${sid} in ${ids.join()}`);
}

test('RT-06[B] ended on purpose, a token inside its grace window is dead, no theft', async () => {
  const alices = await alice.link(O1);
  for (const [how, { end, back, detail = 'use_after_end' }] of Object.entries(ENDINGS)) {
    const first = await erin.link(O1);
    // The answer is lost: within half a minute the same token would be answered again.
    const lost = await use(live, first.refresh_token);
    await control.advance(5);
    assert.equal((await use(live, first.refresh_token)).refresh_token, lost.refresh_token, how);
    await end(await listedGrant(first));
    const tokens = [first.refresh_token, lost.refresh_token, first.refresh_token];
    const events = await toldBy(server, () => refuse(live, ...tokens));
    assert.deepEqual(alertsIn(events), [], how);
    const told = Array<string>(tokens.length).fill(`refresh.refused refused ${detail}`);
    assert.deepEqual(detailsOf(events), told, how);
    await assertDead(live, first.access_token, lost.access_token);
    // Neither setting back nor a new consent to the same app nor time revives it.
    await back?.();
    await refuse(live, ...tokens);
    const again = await erin.link(O1);
    await control.advance(61);
    await refuse(live, ...tokens);
    await assertDead(live, first.access_token, lost.access_token);
    await use(live, again.refresh_token);
  }
  await use(live, alices.refresh_token);
});

test('RT-12[B] a refresh token that nobody used for its window is dead for good', async () => {
  const idle = await alice.link(O1);
  const used = await alice.link(O1);
  await control.advance(IDLE_S - 1);
  const second = await use(live, used.refresh_token);
  await control.advance(2);
  const events = await toldBy(server, () => refuse(live, idle.refresh_token));
  assert.deepEqual(detailsOf(events), ['refresh.refused refused refresh.window']);
  // Each refresh begins the window anew; the answer to a lost one as well.
  await control.advance(IDLE_S - 3);
  const third = await use(live, second.refresh_token);
  await control.advance(20);
  assert.equal((await use(live, second.refresh_token)).refresh_token, third.refresh_token);
  await control.advance(IDLE_S - 1);
  const fourth = await use(live, third.refresh_token);
  await control.advance(IDLE_S + 1);
  await refuse(live, fourth.refresh_token, idle.refresh_token);
});

/** Refreshes just within the window until so much time has gone by. */
async function keepOn(pair: Held, for_s: number): Promise<Held> {
  let held = pair;
  for (let left_s = for_s; left_s > 0; left_s -= IDLE_S - 1) {
    await control.advance(Math.min(left_s, IDLE_S - 1));
    held = await use(live, held.refresh_token);
  }
  return held;
}

test('RT-12[B] no rotation moves the absolute end, which consent began', async () => {
  // A hundred seconds pass between consent and exchange, and count.
  const { code } = await alice.allow(O1);
  await control.advance(100);
  const began = noted(tokensOf(await exchange(live, O1, code)));
  const minute_before = await keepOn(began, FAMILY_S - 100 - 60);
  await control.advance(59);
  const last = await use(live, minute_before.refresh_token);
  assert.equal((await me(live, last.access_token)).status, 200);
  await control.advance(2);
  const events = await toldBy(server, () => refuse(live, last.refresh_token));
  assert.deepEqual(detailsOf(events), ['refresh.refused refused refresh.standing']);
  assert.deepEqual(alertsIn(events), []);
  // The access token of a second before ends with it, and no renewal leads past it.
  await assertDead(live, last.access_token);
  assertUnauthorized(await renew(live, last.access_token));
  assertOAuthError(await present(live, minute_before.refresh_token), 'refresh');
  await control.advance(IDLE_S);
  await refuse(live, last.refresh_token, began.refresh_token);
  const anew = await alice.link(O1);
  await assertAlive(live, anew.access_token);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
