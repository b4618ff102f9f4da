/** A flood of password logins meets a bounded queue, and nothing else slows down (DS-05). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { loginMembers, refresh, tokensOf } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import type { User } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { workOf } from '../pages/door.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { noted, traderIn } from '../tradovate/trader.ts';
import {
  ERROR_TEXTS, assertErrorText, assertPenalty, assertSession, bodyOf,
} from '../tradovate/sessions/answers.ts';
import {
  BEHIND_PROXY, assertLogTellsNothing, callerAt, freshAddress,
} from '../tradovate/sessions/caller.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { ...BEHIND_PROXY, 'password.concurrency': 1, 'password.queue': 2 },
});
after(server.stop);
const { live } = server;
const { O1 } = REGISTRATIONS;
const { alice, erin } = USERS;

/** 503 in the dialect's form, with a wait; nobody was let in or turned away by it. */
function assertShed(answer: Answer): void {
  assert.deepEqual(Object.keys(bodyOf(answer, 503)), ['errorText']);
  assert.match(String(answer.headers['retry-after']), /^[1-5]$/);
}

const FLOOD = 24;

/** One login of the flood, whatever comes of it. */
function knock(user: User, address = freshAddress(), password = 'demo-wrong'): Promise<Answer> {
  const { origin } = live;
  const body = JSON.stringify({ ...loginMembers(API_KEYS.K1, user), password });
  return call(origin, {
    method: 'POST',
    path: '/auth/accesstokenrequest',
    body,
    headers: [['Content-Type', 'application/json'], ['X-Forwarded-For', address]],
  });
}

/** Names that nobody has; from as many networks. */
const strangers = (word: string) => Array.from({ length: FLOOD }, (_, at) => ({
  user: { ...alice, login_name: `${word}-${at}` }, address: freshAddress(),
}));

test('DS-05[B] excess logins get 503 and a wait, tokens and renewals go on', async () => {
  const grant = await traderIn(live, alice).link(O1);
  const session = assertSession(await callerAt(live).login(erin)).accessToken;
  const caller = callerAt(live);
  const answers: Answer[] = [];
  const work = await workOf(server, 'live', async () => {
    const flood = strangers('nobody').map(({ user, address }) => knock(user, address));
    noted(tokensOf(await refresh(live, O1, grant.refresh_token)));
    assertSession(await caller.renew(session));
    assert.equal((await caller.me(session)).status, 200);
    answers.push(...await Promise.all(flood));
  });
  const shed = answers.filter(({ status }) => status === 503);
  assert.ok(shed.length > 0 && shed.length < FLOOD, `${shed.length} were shed`);
  for (const answer of answers) {
    if (shed.includes(answer)) assertShed(answer);
    else assertErrorText(answer, ERROR_TEXTS.password);
  }
  assert.equal(work.hashes, FLOOD - shed.length, 'what is shed was never hashed');
});

test('DS-05[B] what was shed is no failure of a network, and no event', async () => {
  const guests = strangers('guest');
  const shed: string[] = [];
  const events = await eventsOf(server, 'live', async () => {
    await Promise.all(guests.map(async ({ user, address }) => {
      const { status } = await knock(user, address);
      if (status === 503) shed.push(address);
    }));
  });
  assert.ok(shed.length > 0);
  assert.deepEqual(new Set(actionsOf(events)), new Set(['session.refused']));
  assert.equal(events.length, FLOOD - shed.length);
  const caller = callerAt(live, shed[0]);
  for (let times = 0; times < 5; times += 1) {
    const answer = await caller.login(erin, { password: 'demo-wrong' });
    assertErrorText(answer, ERROR_TEXTS.password);
  }
  assertPenalty(await caller.login(erin), 15);
  assertSession(await callerAt(live).login(erin));
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
