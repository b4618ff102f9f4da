/** Rotation that survives a lost answer and finds a thief (RP-10…RP-19, RT-04, RT-05, RT-07). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { exchange, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertOAuthError, assertTokenAnswer } from '../../tradovate/answers.ts';
import { assertAlive, assertDead, traderIn } from '../../tradovate/trader.ts';
import { detailsOf } from '../told.ts';
import { alertsIn, costOf, grantOf, present, refuse, toldBy, use } from './family.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1 } = REGISTRATIONS;
const W_S = 30;
const WIDE_S = 7 * 3_600;

const link = () => alice.link(O1);

async function grantCount(): Promise<number> {
  const { grants } = await control.act('live', 'grant.list', { customer: 'alice', app: O1.id });
  return (grants as readonly object[]).length;
}

test('RP-10 a live token gives its successor and an access token, in one commit', async () => {
  const r1 = await link();
  const r2 = await use(live, r1.refresh_token);
  let r3 = r2;
  const cost = await costOf(server, async () => {
    r3 = await use(live, r2.refresh_token);
  });
  assert.equal(cost['commits'], 1);
  assert.equal(cost['lists'], 0);
  assert.equal(new Set([r1, r2, r3].map(({ refresh_token }) => refresh_token)).size, 3);
  for (const held of [r1, r2, r3]) {
    assert.equal(grantOf(held), grantOf(r1));
    await assertAlive(live, held.access_token);
  }
  const told = await toldBy(server, () => use(live, r3.refresh_token));
  assert.deepEqual(detailsOf(told), ['token.refreshed ok undefined']);
});

test('RP-11 within the window the same successor comes again, with a fresh token', async () => {
  const r1 = await link();
  const r2 = await use(live, r1.refresh_token);
  const grants = await grantCount();
  const seen = new Set([r2.access_token]);
  for (const wait_s of [0, 5, 20]) {
    await control.advance(wait_s);
    const again = await use(live, r1.refresh_token);
    assert.equal(again.refresh_token, r2.refresh_token);
    assert.equal(grantOf(again), grantOf(r1));
    seen.add(again.access_token);
    await assertAlive(live, again.access_token);
  }
  assert.equal(seen.size, 4);
  assert.equal(await grantCount(), grants, 'no grant more');
  // Using an access token of its successor does not count as using the successor.
  await assertAlive(live, r2.access_token);
  assert.equal((await use(live, r1.refresh_token)).refresh_token, r2.refresh_token);
  await use(live, r2.refresh_token);
});

test('RP-11 the window is 30 seconds from the first use, not from the last', async () => {
  const r1 = await link();
  const r2 = await use(live, r1.refresh_token);
  await control.advance(W_S - 4);
  assert.equal((await use(live, r1.refresh_token)).refresh_token, r2.refresh_token);
  await control.advance(6);
  assert.notEqual((await use(live, r1.refresh_token)).refresh_token, r2.refresh_token);
});

test('RP-12 after the window the unused successor is displaced by a new one', async () => {
  const r1 = await link();
  const lost = await use(live, r1.refresh_token);
  await control.advance(W_S + 1);
  const told = await toldBy(server, async () => {
    const next = await use(live, r1.refresh_token);
    assert.notEqual(next.refresh_token, lost.refresh_token);
    // The window begins anew: now this one is repeated.
    await control.advance(W_S - 4);
    assert.equal((await use(live, r1.refresh_token)).refresh_token, next.refresh_token);
    await control.advance(WIDE_S);
    const third = await use(live, r1.refresh_token);
    assert.notEqual(third.refresh_token, next.refresh_token);
    await use(live, third.refresh_token);
  });
  assert.deepEqual(alertsIn(told), [], 'lost answers wake nobody');
});

/** A family that must be dead, with these access tokens. */
async function assertFamilyDead(
  refresh_tokens: readonly string[],
  access_tokens: readonly string[],
): Promise<void> {
  await refuse(live, ...refresh_tokens);
  await assertDead(live, ...access_tokens);
}

const ONE_ALERT = /^refresh\.replayed alert/;

for (const [id, wait_s] of [['RP-13', 0], ['RT-07', WIDE_S]] as const) {
  test(`${id} a displaced token ends the family, ${wait_s} s later, with one alert`, async () => {
    const r1 = await link();
    const lost = await use(live, r1.refresh_token);
    await control.advance(W_S + 1);
    const next = await use(live, r1.refresh_token);
    await control.advance(wait_s);
    const current = wait_s === 0 ? next : await use(live, next.refresh_token);
    const told = await toldBy(server, () => refuse(live, lost.refresh_token));
    assert.equal(alertsIn(told).length, 1);
    assert.match(detailsOf(alertsIn(told))[0] ?? '', ONE_ALERT);
    const all = [r1, lost, next, current];
    await assertFamilyDead(
      all.map(({ refresh_token }) => refresh_token),
      wait_s === 0 ? all.map(({ access_token }) => access_token) : [current.access_token],
    );
  });
}

for (const [id, wait_s] of [['RP-14', 1], ['RT-04', WIDE_S]] as const) {
  test(`${id} a token whose successor was used ends the family, after ${wait_s} s`, async () => {
    const r1 = await link();
    const r2 = await use(live, r1.refresh_token);
    await control.advance(wait_s);
    const r3 = await use(live, r2.refresh_token);
    const told = await toldBy(server, () => refuse(live, r1.refresh_token));
    assert.equal(alertsIn(told).length, 1, 'exactly one alert');
    assert.match(detailsOf(alertsIn(told))[0] ?? '', ONE_ALERT);
    assert.ok(detailsOf(told).some((line) => line.startsWith('grant.ended ok')));
    await assertFamilyDead([r3.refresh_token, r2.refresh_token, r1.refresh_token],
      [r3.access_token, ...wait_s === 1 ? [r1.access_token, r2.access_token] : []]);
  });
}

for (const id of ['RP-15', 'RT-05']) {
  test(`${id} an older ancestor ends the family, inside the window too`, async () => {
    const tokens = [await link()];
    for (let count = 0; count < 4; count += 1) {
      tokens.push(await use(live, tokens.at(-1)?.refresh_token ?? ''));
    }
    const [first, second] = tokens;
    const ancestor = id === 'RP-15' ? first : second;
    const told = await toldBy(server, () => refuse(live, ancestor?.refresh_token ?? ''));
    assert.equal(alertsIn(told).length, 1);
    await assertFamilyDead(tokens.map(({ refresh_token }) => refresh_token),
      tokens.map(({ access_token }) => access_token));
  });
}

test('RP-14 another family of the same user and app is not touched', async () => {
  const [mine, other] = [await link(), await link()];
  const r2 = await use(live, mine.refresh_token);
  await use(live, r2.refresh_token);
  await refuse(live, mine.refresh_token);
  await assertAlive(live, other.access_token);
  await use(live, other.refresh_token);
});

const ENDINGS: { readonly [how: string]: () => Promise<unknown> } = {
  'the user removes the app': async () => {
    await alice.browser.open('/connections');
    await alice.browser.submit(`end-${O1.id}`);
  },
  'an operator ends the grants': () =>
    control.act('live', 'grant.end', { customer: 'alice', app: O1.id }),
};

for (const [how, end] of Object.entries(ENDINGS)) {
  test(`RP-16 after ${how} nothing revives, and nobody is called a thief`, async () => {
    const r1 = await link();
    const r2 = await use(live, r1.refresh_token);
    const idle = await link();
    await end();
    const told = await toldBy(server, () =>
      refuse(live, r1.refresh_token, r2.refresh_token, idle.refresh_token, r1.refresh_token));
    assert.deepEqual(alertsIn(told), []);
    assert.deepEqual(detailsOf(told),
      Array<string>(4).fill('refresh.refused refused use_after_end'));
    await assertDead(live, r1.access_token, r2.access_token, idle.access_token);
    await control.advance(W_S + 1);
    await refuse(live, r1.refresh_token, r2.refresh_token);
  });
}

test('RP-16 after the code was replayed nothing revives either', async () => {
  const { code } = await alice.allow(O1);
  const r1 = tokensOf(await exchange(live, O1, code));
  const r2 = await use(live, r1.refresh_token);
  assertOAuthError(await exchange(live, O1, code), 'code');
  const told = await toldBy(server, () => refuse(live, r1.refresh_token, r2.refresh_token));
  assert.deepEqual(alertsIn(told), []);
});

test('RP-17 of 64 at once each gets the same successor, and one token is live', async () => {
  const r1 = await link();
  const told = await toldBy(server, async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => present(live, r1.refresh_token)),
    );
    for (const answer of answers) assertTokenAnswer(answer, 'refresh');
    const pairs = answers.map(tokensOf);
    assert.equal(new Set(pairs.map(({ refresh_token }) => refresh_token)).size, 1);
    assert.equal(new Set(pairs.map(({ access_token }) => access_token)).size, 64);
    for (const { access_token } of pairs) await assertAlive(live, access_token);
    const [first] = pairs;
    const r3 = await use(live, first?.refresh_token ?? '');
    await use(live, r3.refresh_token);
  });
  assert.deepEqual(alertsIn(told), []);
});

test('RP-17 after the window 64 at once displace once and agree again', async () => {
  const r1 = await link();
  const lost = await use(live, r1.refresh_token);
  await control.advance(W_S + 1);
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => present(live, r1.refresh_token)),
  );
  const successors = new Set(answers.map((answer) => tokensOf(answer).refresh_token));
  assert.equal(successors.size, 1);
  assert.ok(!successors.has(lost.refresh_token));
});

test('RP-18 a string without a right tag is unknown, asks no store and ends nothing', async () => {
  const r1 = await link();
  const r2 = await use(live, r1.refresh_token);
  const text = r1.refresh_token;
  const last = text.endsWith('0') ? '1' : '0';
  const middle = Math.floor(text.length / 2);
  const other = text[middle] === 'a' ? 'b' : 'a';
  const sid = String(grantOf(r1));
  const forged = [
    `${text.slice(0, -1)}${last}`, `${text.slice(0, middle)}${other}${text.slice(middle + 1)}`,
    text.slice(0, -1), `${text}0`, text.toUpperCase(), sid, `cs_live_rt_${sid}`,
    `${text.slice(0, 20)}${r2.refresh_token.slice(20, -16)}${text.slice(-16)}`,
  ];
  const told = await toldBy(server, async () => {
    const cost = await costOf(server, () => refuse(live, ...forged));
    assert.deepEqual(cost, { reads: 0, commits: 0, lists: 0 });
  });
  assert.deepEqual(detailsOf(told), []);
  await assertAlive(live, r2.access_token);
  await use(live, r2.refresh_token);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
