/** Attacks on trading sessions: renewal by trick, eviction, statuses, absolute ends (BR). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../outside/call.ts';
import { claimsOf } from '../../outside/jwt.ts';
import { exchange, approve, link, oauthToken, refresh } from '../../outside/tradovate.ts';
import type { How } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import type { User } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { noteSecrets } from '../tradier/secrets.ts';
import { assertOAuthError } from '../tradovate/answers.ts';
import {
  ERROR_TEXTS, STATUS_TEXTS, assertEmpty, assertErrorText, assertSession,
} from '../tradovate/sessions/answers.ts';
import { assertLogTellsNothing, callerAt, clockOf } from '../tradovate/sessions/caller.ts';

const server = await startServer({
  seed: tradovateSeed(),
  // The limits raised for the test, as the rows say.
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;
const { O1 } = REGISTRATIONS;
const here = callerAt(live);
const AT_ONCE = 64;
const DAY_S = 86_400;

type Held = ReturnType<typeof assertSession>;

const logIn = async (user: User = alice): Promise<Held> => assertSession(await here.login(user));

async function statusesOf(tokens: readonly string[]): Promise<readonly number[]> {
  return Promise.all(tokens.map(async (token) => (await here.me(token)).status));
}

test('BR-08 only the Authorization header renews: no query, cookie, body, HEAD, link', async () => {
  const { accessToken: token } = await logIn();
  const path = '/auth/renewaccesstoken';
  const cookie = ['Cookie', `token=${token}; access_token=${token}; accessToken=${token}`] as const;
  const prefetch = [['Sec-Purpose', 'prefetch'], ['Purpose', 'prefetch'], cookie] as const;
  const navigation = [
    ['Sec-Fetch-Site', 'cross-site'], ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'], ['Referer', 'https://evil.test/'], cookie,
  ] as const;
  const tricks: { readonly [what: string]: How } = {
    query: { path: `${path}?access_token=${token}&accessToken=${token}&token=${token}` },
    'query as a header': { path: `${path}?Authorization=Bearer%20${token}` },
    cookie: { headers: [cookie] },
    prefetch: { headers: prefetch },
    'prefetch with a query': { path: `${path}?token=${token}`, headers: prefetch },
    'a link of another site': { headers: navigation },
    'a form of another site': { method: 'POST', headers: navigation },
    'an unknown header': { headers: [['X-Access-Token', token]] },
    'a proxy\'s header': { headers: [['Proxy-Authorization', `Bearer ${token}`]] },
  };
  const events = await eventsOf(server, 'live', async () => {
    for (const how of Object.values(tricks)) assertEmpty(await here.renew(null, how), 401);
    const head = await here.renew(token, { method: 'HEAD' });
    assert.equal(`${head.status} ${head.headers['cache-control']}`, '405 no-store');
    const in_body = { access_token: token, accessToken: token };
    for (const as of ['json', 'form'] as const) {
      assertEmpty(await oauthToken(live, in_body, { path, as }), 401);
    }
  });
  assert.deepEqual(actionsOf(events).filter((action) => action === 'token.renewed'), []);
  const renewed = await eventsOf(server, 'live', async () =>
    assertSession(await here.renew(token)));
  assert.deepEqual(actionsOf(renewed), ['token.renewed']);
});

/** Never a token, whatever else it says. */
function refusedWith(answer: Answer, status: 401 | 408): void {
  assertEmpty(answer, status);
  assert.doesNotMatch(answer.text, /ccessToken/);
}

test('BR-09 expired, revoked, other-environment and evicted tokens renew nothing', async () => {
  const expired = await logIn(erin);
  await clock.moveTo(expired.expires_at + 1_000);
  refusedWith(await here.renew(expired.accessToken), 401);
  const demo = assertSession(await callerAt(paper).login(alice));
  refusedWith(await here.renew(demo.accessToken), 401);
  const evicted = await logIn();
  const second = await logIn();
  const third = await logIn();
  refusedWith(await here.renew(evicted.accessToken), 408);
  refusedWith(await callerAt(paper).renew(evicted.accessToken), 401);
  const session = String(claimsOf(second.accessToken)['sid']).slice(-11);
  await control.act('live', 'session.end', { customer: 'alice', session });
  refusedWith(await here.renew(second.accessToken), 401);
  assertSession(await here.renew(third.accessToken));
  await control.act('live', 'session.end', { customer: 'alice' });
  refusedWith(await here.renew(third.accessToken), 401);
  await clock.moveTo(evicted.expires_at + 1_000);
  refusedWith(await here.renew(evicted.accessToken), 401);
});

test('BR-10 64 renewals at once: two sessions as before, every token works', async () => {
  for (const method of ['GET', 'POST']) {
    const other = await logIn();
    const { accessToken } = await logIn();
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () => here.renew(accessToken, { method })),
    );
    const tokens = answers.map((answer) => assertSession(answer).accessToken);
    assert.equal(new Set(tokens).size, AT_ONCE);
    const all = [other.accessToken, accessToken, ...tokens];
    assert.deepEqual([...new Set(await statusesOf(all))], [200]);
  }
});

/** Renews as often as it takes for `seconds` to go by; the last token comes back. */
async function chain(first: string, seconds: number): Promise<string> {
  let token = first;
  for (let left = seconds; left > 0; left -= 4_500) {
    await clock.advance(Math.min(left, 4_500));
    token = assertSession(await here.renew(token)).accessToken;
  }
  return token;
}

test('BR-11 a chain of renewals ends a day after the login, whatever is tried', async () => {
  const { accessToken } = await logIn();
  const late = await chain(accessToken, DAY_S - 60);
  const siblings = await Promise.all(
    Array.from({ length: 8 }, async () => assertSession(await here.renew(late)).accessToken),
  );
  await clock.advance(61);
  for (const token of [late, ...siblings]) {
    refusedWith(await here.renew(token), 401);
    refusedWith(await here.renew(token, { method: 'POST' }), 401);
  }
  await logIn();
});

test('ASVS-7.3.2 a session has an absolute end, and its place is free after it', async () => {
  const first = await logIn(erin);
  const last = await chain(first.accessToken, DAY_S - 60);
  await clock.advance(61);
  refusedWith(await here.renew(last), 401);
  const again = await logIn(erin);
  assert.equal(again.userId, first.userId);
  const more = await logIn(erin);
  assert.deepEqual(await statusesOf([again.accessToken, more.accessToken]), [200, 200]);
});

test('BR-12 64 logins at once leave the two newest; the others are closed at once', async () => {
  const before = [await logIn(), await logIn()];
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => here.login(alice)));
  const tokens = answers.map((answer) => assertSession(answer).accessToken);
  const statuses = await statusesOf(tokens);
  assert.deepEqual(statuses.filter((status) => status !== 408), [200, 200]);
  assert.deepEqual(await statusesOf(before.map((held) => held.accessToken)), [408, 408]);
  const newest = await logIn();
  const left = (await statusesOf(tokens)).filter((status) => status === 200);
  assert.equal(left.length, 1);
  assert.deepEqual(await statusesOf([newest.accessToken]), [200]);
});

test('BR-13 without the password nobody closes a session', async () => {
  const held = [(await logIn(erin)).accessToken, (await logIn(erin)).accessToken];
  const events = await eventsOf(server, 'live', async () => {
    for (const password of ['wrong', '', undefined, alice.password, `${erin.password} `]) {
      await here.login(erin, { password });
      await here.login(erin, { password, name: erin.email });
    }
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) =>
      here.login(erin, { password: `guess ${at}` })));
    assertErrorText(await here.login(erin, { sec: 'wrong' }), ERROR_TEXTS.app);
    await callerAt(paper).login(erin);
    await callerAt(paper).login(erin);
    await callerAt(paper).login(erin);
  });
  const actions = actionsOf(events);
  for (const action of ['session.opened', 'session.evicted', 'session.ended']) {
    assert.equal(actions.includes(action), false, action);
  }
  assert.deepEqual(await statusesOf(held), [200, 200]);
  await clock.advance(3_601);
  assert.deepEqual(await statusesOf(held), [200, 200]);
});

const STATUSES = Object.entries(STATUS_TEXTS);

test('BR-14 a status is named at login and renewal, and refuses codes and refreshes', async () => {
  for (const [status, [text, user_status]] of STATUSES) {
    await test.test(status, async () => {
      const { accessToken } = await logIn();
      const grant = await link(live, O1, alice);
      const { code } = await approve(live, O1, alice);
      noteSecrets(grant.access_token, grant.refresh_token, code);
      const set = (to: string) =>
        control.act('live', 'customer.set-status', { customer: 'alice', status: to });
      await set(status);
      assertErrorText(await here.login(alice), text, { user_status });
      assertErrorText(await here.login(alice, { password: 'wrong' }), ERROR_TEXTS.password);
      assertErrorText(await here.renew(accessToken), text, { user_status });
      assertErrorText(await here.renew(accessToken, { method: 'POST' }), text, { user_status });
      assertOAuthError(await exchange(live, O1, code), 'code');
      assertOAuthError(await refresh(live, O1, grant.refresh_token), 'refresh');
      const seen = await here.me(accessToken);
      assert.doesNotMatch(seen.text, /fullName|@example|hasLive/);
      await set('active');
      // What stood open before has ended for good.
      refusedWith(await here.renew(accessToken), 401);
      assertOAuthError(await refresh(live, O1, grant.refresh_token), 'refresh');
      assertOAuthError(await exchange(live, O1, code), 'code');
      await logIn();
    });
  }
});

test('BR-14 what a wrong password learns is the same for every status', async () => {
  await clock.advance(3_601);
  for (const user of Object.values(USERS)) {
    const answer = await here.login(user, { password: 'wrong', hibpCheck: true });
    assertErrorText(answer, ERROR_TEXTS.password);
  }
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
