/** Login by a challenge instead of the key's secret, for first-party programs (§12.3). */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import type { Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import type { ApiKey } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import type { Caller } from './caller.ts';
import {
  ERROR_TEXTS, assertErrorText, assertMalformed, assertPenalty, assertSession, bodyOf,
} from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;
const { K1, first_party, challenged } = API_KEYS;
const DEVICE = 'demo-device-1';

async function challengeOf(caller: Caller, device?: string): Promise<string> {
  const query = device === undefined ? '' : `?deviceId=${device}`;
  const answer = await caller.call(null, { path: `/auth/challenge${query}` });
  const { chl, expirationTime, ...rest } = bodyOf(answer);
  assert.deepEqual(Object.keys(answer.json()), ['chl', 'expirationTime']);
  assert.deepEqual(rest, {});
  assert.match(String(chl), /^\d{20}$/);
  assert.match(String(expirationTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const in_s = (Date.parse(String(expirationTime)) - clock.now()) / 1000;
  assert.ok(in_s > 118 && in_s <= 121, `${in_s} s`);
  return String(chl);
}

/** `sec` of a challenged login; `of` replaces what the text is made of. */
function answerTo(
  chl: string,
  key: ApiKey,
  { device = DEVICE, user = alice, password = user.password as string } = {},
): Members {
  const secret = createHash('sha256').update(key.sec).digest();
  const text = JSON.stringify([chl, device, user.login_name, password, key.app_id]);
  return { chl, sec: createHmac('sha256', secret).update(text).digest('hex'), deviceId: device };
}

const logIn = (caller: Caller, key: ApiKey, members: Members): Promise<Answer> =>
  caller.login(alice, members, key);

test('AT-V53 a first-party key logs in by the answer to a challenge', async () => {
  const caller = callerAt(live);
  for (const key of [first_party, challenged]) {
    for (const device of [undefined, DEVICE]) {
      const chl = await challengeOf(caller, device);
      assertSession(await logIn(caller, key, answerTo(chl, key)));
    }
  }
  const paths = ['/v1/auth/challenge', '/AUTH/Challenge'];
  for (const path of paths) {
    const { chl } = bodyOf(await caller.call(null, { path }));
    assertSession(await logIn(caller, first_party, answerTo(String(chl), first_party)));
  }
});

test('AT-V53 a challenge is used once, also by 64 at once', async () => {
  const caller = callerAt(live);
  const chl = await challengeOf(caller);
  const members = answerTo(chl, first_party);
  assertSession(await logIn(caller, first_party, members));
  assertErrorText(await logIn(caller, first_party, members), ERROR_TEXTS.challenge);
  await control.config({ 'tradovate.limit_exempt': [`${caller.address}/24`] });
  const raced = answerTo(await challengeOf(caller), first_party);
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => logIn(caller, first_party, raced)),
  );
  await control.config({ 'tradovate.limit_exempt': [] });
  const opened = answers.filter(({ text }) => text.includes('accessToken'));
  assert.equal(opened.length, 1);
  for (const answer of answers) {
    if (!opened.includes(answer)) assertErrorText(answer, ERROR_TEXTS.challenge);
  }
});

test('AT-V53 after 121 s, unknown, of another subnet, device or environment', async () => {
  const late = callerAt(live);
  const expired = answerTo(await challengeOf(late), first_party);
  await clock.advance(121);
  assertErrorText(await logIn(late, first_party, expired), ERROR_TEXTS.challenge);
  const unknown = answerTo('12345678901234567890', first_party);
  assertErrorText(await logIn(late, first_party, unknown), ERROR_TEXTS.challenge);
  const here = callerAt(live);
  const mine = answerTo(await challengeOf(here), first_party);
  assertErrorText(await logIn(callerAt(live), first_party, mine), ERROR_TEXTS.challenge);
  const other_device = answerTo(
    await challengeOf(here, DEVICE), first_party, { device: 'demo-device-2' },
  );
  assertErrorText(await logIn(here, first_party, other_device), ERROR_TEXTS.challenge);
  const demo = answerTo(await challengeOf(callerAt(paper, here.address)), first_party);
  assertErrorText(await logIn(here, first_party, demo), ERROR_TEXTS.challenge);
  const neighbour = callerAt(live, here.address.replace(/\d+$/, '9'));
  const shared = answerTo(await challengeOf(here), first_party);
  assertSession(await logIn(neighbour, first_party, shared));
});

test('AT-V53 an answer made of anything else opens nothing', async () => {
  const wrong: { readonly [what: string]: (chl: string) => Members } = {
    'another key\'s secret': (chl) => answerTo(chl, { ...first_party, sec: K1.sec }),
    'another name': (chl) => answerTo(chl, first_party, { user: erin, password: alice.password }),
    'another password': (chl) => answerTo(chl, first_party, { password: 'wrong' }),
    'another app name': (chl) => answerTo(chl, { ...first_party, app_id: 'Other' }),
    'another challenge': (chl) => ({ ...answerTo(`${chl}0`, first_party), chl }),
    'upper case': (chl) => {
      const { sec, ...rest } = answerTo(chl, first_party);
      return { ...rest, sec: String(sec).toUpperCase() };
    },
    'nothing': (chl) => ({ ...answerTo(chl, first_party), sec: undefined }),
  };
  for (const [what, make] of Object.entries(wrong)) {
    await test.test(what, async () => {
      const caller = callerAt(live);
      const members = make(await challengeOf(caller));
      assertErrorText(await logIn(caller, first_party, members), ERROR_TEXTS.app);
    });
  }
});

test('AT-V53 third-party keys: chl is ignored; others may send their secret', async () => {
  const caller = callerAt(live);
  assertSession(await logIn(caller, K1, { chl: '12345678901234567890' }));
  const chl = await challengeOf(caller);
  assertSession(await logIn(caller, K1, { chl }));
  assertErrorText(await logIn(caller, K1, answerTo(chl, K1)), ERROR_TEXTS.app);
  assertSession(await logIn(caller, first_party, {}));
  assertSession(await logIn(caller, first_party, answerTo(chl, first_party)));
});

test('AT-V53 a key that must answer a challenge opens nothing with its plain secret', async () => {
  const caller = callerAt(live);
  const chl = await challengeOf(caller);
  for (const members of [{}, { chl }]) {
    const answer = await logIn(caller, challenged, members);
    const { errorText } = bodyOf(answer);
    assert.ok([ERROR_TEXTS.app, ERROR_TEXTS.challenge].includes(String(errorText) as never));
    assert.deepEqual(Object.keys(bodyOf(answer)), ['errorText']);
  }
});

test('AT-V53 a challenge replaces no password, and its failures count', async () => {
  const caller = callerAt(live);
  const wrong = answerTo(await challengeOf(caller), first_party, { password: 'wrong' });
  const answer = await logIn(caller, first_party, { ...wrong, password: 'wrong' });
  assertErrorText(answer, ERROR_TEXTS.password);
  const used = answerTo(await challengeOf(caller), first_party);
  assertSession(await logIn(caller, first_party, used));
  for (let count = 2; count <= 5; count += 1) {
    assertErrorText(await logIn(caller, first_party, used), ERROR_TEXTS.challenge);
  }
  assertPenalty(await logIn(caller, first_party, used), 15);
});

test('AT-V53 a challenge is asked for by GET alone', async () => {
  const caller = callerAt(live);
  for (const method of ['POST', 'PUT']) {
    assertMalformed(await caller.call(null, { path: '/auth/challenge', method }), 405);
  }
  const path = `/auth/challenge?deviceId=${'d'.repeat(65)}`;
  assertMalformed(await caller.call(null, { path }));
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
