/** When no program can go on: `p-captcha` of the login (contract §10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import type { User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { workOf } from '../../pages/door.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import type { Caller } from './caller.ts';
import type { Penalty } from './answers.ts';
import { ERROR_TEXTS, assertErrorText, assertPenalty, assertSession } from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, control } = server;
const clock = clockOf(control);
const { alice } = USERS;

let strangers = 0;

/** Somebody whom nobody knows and who never came before: names have limits of their own. */
function stranger(): User {
  strangers += 1;
  return { ...alice, login_name: `stranger-${strangers}` };
}

async function fail(caller: Caller, count: number): Promise<void> {
  for (let at = 1; at <= count; at += 1) {
    assertErrorText(await caller.login(stranger()), ERROR_TEXTS.password);
  }
}

/** Fails five times in a fresh subnet, and once more after each of these waits. */
async function failOn(...waits_s: readonly number[]): Promise<Caller> {
  const caller = callerAt(live);
  await fail(caller, 5);
  for (const wait_s of waits_s) {
    const user = stranger();
    const { ticket } = assertPenalty(await caller.login(user), wait_s);
    await clock.advance(wait_s);
    assertErrorText(await caller.login(user, { 'p-ticket': ticket }), ERROR_TEXTS.password);
  }
  return caller;
}

async function stillShut(caller: Caller, ticket: string): Promise<Penalty> {
  let seen: Penalty | undefined;
  const work = await workOf(server, 'live', async () => {
    seen = assertPenalty(await caller.login(alice, { 'p-ticket': ticket }), null, true);
  });
  assert.equal(work.hashes, 0);
  assert.ok(seen !== undefined);
  return seen;
}

test('AT-V43 from eight failures p-captcha is true and tickets are of no use', async () => {
  const caller = await failOn(15, 30, 60);
  const shut = assertPenalty(await caller.login(alice), null, true);
  // Below five again when four of the five first failures have left the hour.
  assert.ok(shut.wait_s > 3_300 && shut.wait_s <= 3_600, `${shut.wait_s} s`);
  await stillShut(caller, shut.ticket);
  await clock.advance(120);
  const later = await stillShut(caller, shut.ticket);
  assert.ok(later.wait_s < shut.wait_s, 'asking does not put it off');
  assertSession(await callerAt(live).login(alice));
  await clock.advance(later.wait_s - 60);
  await stillShut(caller, later.ticket);
  await clock.advance(61);
  assertSession(await caller.login(alice));
});

test('AT-V43 an hour after the last failure all is forgotten', async () => {
  const caller = await failOn(15, 30, 60);
  assertPenalty(await caller.login(alice), null, true);
  await clock.advance(3_601);
  assertSession(await caller.login(alice));
  await fail(caller, 5);
  assertPenalty(await caller.login(alice), 15);
});

test('AT-V43 other subnets and endpoints are not touched', async () => {
  const caller = await failOn(15, 30, 60);
  const { accessToken } = assertSession(await callerAt(live).login(alice));
  assert.equal((await caller.me(accessToken)).status, 200);
  assertSession(await caller.renew(accessToken));
});

test('AT-V44 always: the sixth request already says true, and no ticket helps', async () => {
  await control.config({ 'tradovate.login_captcha': 'always' });
  const caller = callerAt(live);
  await fail(caller, 5);
  const shut = assertPenalty(await caller.login(alice), null, true);
  await clock.advance(60);
  await stillShut(caller, shut.ticket);
  await clock.advance(3_601);
  assertSession(await caller.login(alice));
});

test('AT-V44 never: the wait doubles and stays false', async () => {
  await control.config({ 'tradovate.login_captcha': 'never' });
  const caller = await failOn(15, 30, 60, 120, 240, 480);
  const { ticket } = assertPenalty(await caller.login(alice), 960);
  await clock.advance(960);
  assertSession(await caller.login(alice, { 'p-ticket': ticket }));
  await control.config({ 'tradovate.login_captcha': 'escalate' });
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
