/** Guesses at the API's sign-in: limits for everybody, for one user, for one network (EN). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LIMITS } from '../../../src/core/rules/profile.ts';
import type { Answer } from '../../outside/call.ts';
import { refresh, tokensOf } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, demoUser, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertLimited, openDoor, workOf } from '../pages/door.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { traderIn } from '../tradovate/trader.ts';
import {
  ERROR_TEXTS, assertEmpty, assertErrorText, assertPenalty, assertSession,
} from '../tradovate/sessions/answers.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt } from '../tradovate/sessions/caller.ts';

const directory = mkdtempSync(join(tmpdir(), 'countersign-breached-'));
const file = join(directory, 'breached.txt');
const { alice, erin } = USERS;
const LEAKED = ['password1', alice.password, erin.password];
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
writeFileSync(file, `${LEAKED.map(sha1).join('\n')}\n`);

const people = ['burst', 'spread', 'other', 'address'].map((name) => demoUser(name));
const server = await startServer({
  seed: tradovateSeed({ users: [...Object.values(USERS), ...people] }),
  set: { ...BEHIND_PROXY, 'password.breached_file': file },
});
after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});
const { live, paper, control } = server;
const [burst, spread, other, single] = people as [typeof alice, typeof alice, typeof alice,
  typeof alice];

const wrong = { password: 'password1', hibpCheck: true };

/** Refused with 429 and no word, before anything costs. */
async function assertShut(knock: () => Promise<Answer>): Promise<void> {
  const work = await workOf(server, 'live', async () => assertEmpty(await knock(), 429));
  assert.equal(`${work.hashes} ${work.reads}`, '0 0');
}

const AT_ONCE = 64;

test('EN-07[B] of 64 wrong logins at once five reach the hash, exactly', async () => {
  const caller = callerAt(live);
  const answers: Answer[] = [];
  const work = await workOf(server, 'live', async () => {
    answers.push(...await Promise.all(Array.from({ length: AT_ONCE }, (_, at) =>
      caller.login(at % 2 === 0 ? burst : spread, wrong))));
  });
  assert.equal(work.hashes, 5);
  const failed = answers.filter(({ text }) => text.includes('errorText'));
  assert.equal(failed.length, 5);
  for (const answer of failed) assertErrorText(answer, ERROR_TEXTS.password);
  for (const answer of answers) if (!failed.includes(answer)) assertPenalty(answer, 15);
  // The right password does not pass either: an answer would tell the next guess.
  assertPenalty(await caller.login(burst), 15);
  assertSession(await callerAt(live).login(burst));
  assertSession(await callerAt(paper, caller.address).login(burst));
  await control.advance(3_700);
  assertSession(await caller.login(burst));
});

test('EN-07[B] of 64 bad tokens at once at me ten are 401, and only me counts', async () => {
  const good = assertSession(await callerAt(live).login(other)).accessToken;
  const caller = callerAt(live);
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => caller.me('junk')));
  const failed = answers.filter(({ status }) => status === 401);
  assert.equal(failed.length, 10);
  for (const answer of failed) assertEmpty(answer, 401);
  for (const answer of answers) if (!failed.includes(answer)) assertPenalty(answer, 30);
  assertPenalty(await caller.me(good), 30);
  // The count is of one endpoint: the others of this network go on.
  assertSession(await caller.renew(good));
  assertEmpty(await caller.call('junk', { path: '/oidcuserinfo' }), 401);
  assertSession(await caller.login(other));
  assert.equal((await callerAt(live).me(good)).status, 200);
  for (let times = 0; times < 20; times += 1) {
    assert.equal((await callerAt(live, '192.0.2.7').me(good)).status, 200, 'successes are free');
  }
});

test('EN-07[B] twenty failures an hour for one user, from wherever, then 429', async () => {
  const events = await eventsOf(server, 'live', async () => {
    for (let network = 0; network < 4; network += 1) {
      const caller = callerAt(live);
      // The stricter limit wins: after five the network has a penalty, not a further guess.
      for (let times = 0; times < 5; times += 1) {
        assertErrorText(await caller.login(spread, wrong), ERROR_TEXTS.password);
      }
      assertPenalty(await caller.login(spread, wrong), 15);
    }
    await assertShut(() => callerAt(live).login(spread));
    await assertShut(() => callerAt(live).login(spread, { name: ' SPREAD ' }));
    // At the page it is the same user and the same count.
    const door = await openDoor(live);
    const page = { name: 'spread', password: spread.password, address: '198.51.100.9' };
    assertLimited(await door.knock(page), 3_600);
  });
  const actions = actionsOf(events);
  assert.equal(actions.filter((action) => action === 'session.refused').length, 20);
  const in_vain = ['session.opened', 'session.evicted', 'login.succeeded'];
  assert.deepEqual(actions.filter((action) => in_vain.includes(action)), []);
  // Others are not held to it, nor is she in the other environment.
  const here = callerAt(live);
  assertSession(await here.login(other));
  assertSession(await callerAt(paper).login(spread));
  await control.advance(3_601);
  assertSession(await here.login(spread));
});

test('EN-07[B] a hundred logins a minute from one address, right ones too', async () => {
  const caller = callerAt(live);
  for (let times = 0; times < 100; times += 10) {
    const ten = Array.from({ length: 10 }, () => caller.login(single));
    for (const answer of await Promise.all(ten)) assertSession(answer);
  }
  await assertShut(() => caller.login(single));
  await assertShut(() => caller.login(other));
  assertSession(await callerAt(live).login(single));
  await control.advance(61);
  assertSession(await caller.login(single));
});

test('EN-06[B] guesses over names and networks meet one limit, and no hint', async () => {
  await control.advance(3_700);
  const { count, window_s } = LIMITS.sign_in_failures_everyone;
  const trader = traderIn(live, alice);
  const { access_token, refresh_token } = await trader.link(REGISTRATIONS.O1);
  const session = assertSession(await callerAt(live).login(erin)).accessToken;
  const guess = (at: number): Promise<Answer> =>
    callerAt(live, `172.${16 + (at >> 8)}.${at % 250}.1`)
      .login({ ...alice, login_name: `user-${at}` }, wrong);
  const answers: Answer[] = [];
  const spent = await workOf(server, 'live', async () => {
    for (let at = 0; at < count; at += 25) {
      answers.push(...await Promise.all(Array.from({ length: 25 }, (_, i) => guess(at + i))));
    }
  });
  assert.equal(spent.hashes, count);
  for (const answer of answers) assertErrorText(answer, ERROR_TEXTS.password);
  // A listed password tells nothing while nobody's: neither now, nor when nobody is let in.
  await assertShut(() => guess(count));
  await assertShut(() => callerAt(live).login(alice, { hibpCheck: true }));
  await assertShut(() => callerAt(live).login(erin, { ...wrong, password: alice.password }));
  // Who is in stays in, and the other environment is another door.
  assert.equal((await callerAt(live).me(session)).status, 200);
  assert.equal((await callerAt(live).me(access_token)).status, 200);
  tokensOf(await refresh(live, REGISTRATIONS.O1, refresh_token));
  assert.ok((await trader.allow(REGISTRATIONS.O1)).code);
  assertSession(await callerAt(paper).login(alice));
  await control.advance(window_s + 1);
  const { also } = { also: ['hibpHint'] };
  const body = assertSession(await callerAt(live).login(alice, { hibpCheck: true }), { also });
  assert.equal(body['hibpHint'], 'PasswordCompromised');
});

test('EN-06[B] the hint needs the right password, whoever the leaked one is of', async () => {
  const caller = callerAt(live);
  const nobody = { ...alice, login_name: 'nobody' };
  for (const [user, password] of [
    [alice, 'password1'], [alice, erin.password], [nobody, 'password1'], [nobody, alice.password],
  ] as const) {
    const answer = await caller.login(user, { password, hibpCheck: true });
    assertErrorText(answer, ERROR_TEXTS.password);
  }
  // Nor does a wrong key, with the right password.
  const answer = await caller.login(alice, { hibpCheck: true, sec: 'demo-wrong-secret' });
  assertErrorText(answer, ERROR_TEXTS.app);
  assertPenalty(await caller.login(alice, { hibpCheck: true }), 15);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
