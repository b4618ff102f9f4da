/** Penalties of the login: five failures an hour and subnet are free (contract §10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Members } from '../../../outside/tradovate.ts';
import { USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import type { User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { workOf } from '../../pages/door.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import type { Caller } from './caller.ts';
import {
  ERROR_TEXTS, assertErrorText, assertNoPenalty, assertPenalty, assertSession,
} from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;

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

/** A caller in a fresh subnet that has spent what is free, and its first penalty. */
async function penalized(
  { world = live, user = alice as User, members = {} as Members } = {},
): Promise<{ readonly caller: Caller; readonly ticket: string }> {
  const caller = callerAt(world);
  await fail(caller, 5);
  const { ticket } = assertPenalty(await caller.login(user, members), 15);
  return { caller, ticket };
}

const withTicket = (ticket: string, members: Members = {}): Members =>
  ({ ...members, 'p-ticket': ticket });

test('AT-V41 the sixth login after five failures is a penalty of three members', async () => {
  const caller = callerAt(live);
  await fail(caller, 5);
  const work = await workOf(server, 'live', async () => {
    assertPenalty(await caller.login(alice), 15);
  });
  assert.equal(work.hashes, 0, 'a penalised login is not evaluated');
  const neighbour = callerAt(live, caller.address.replace(/\d+$/, '250'));
  assertPenalty(await neighbour.login(alice), 15);
  assertSession(await callerAt(live).login(alice));
  assertSession(await callerAt(paper, caller.address).login(alice));
});

test('AT-V41 every errorText counts; a user who mistypes is helped by her ticket', async () => {
  const caller = callerAt(live);
  assertErrorText(await caller.login(alice, { sec: 'wrong' }), ERROR_TEXTS.app);
  assertErrorText(await caller.login(alice, { appId: 'Other' }), ERROR_TEXTS.app);
  assertErrorText(await caller.login(alice, { enc: true }), ERROR_TEXTS.encoded);
  assertErrorText(await caller.login(alice, { password: 'wrong' }), ERROR_TEXTS.password);
  assertErrorText(await caller.login(alice, { password: undefined }), ERROR_TEXTS.password);
  const { ticket } = assertPenalty(await caller.login(alice), 15);
  await clock.advance(15);
  assertSession(await caller.login(alice, withTicket(ticket)));
});

test('AT-V41 five times her own wrong password, then the right one with its ticket', async () => {
  const caller = callerAt(live);
  for (let count = 1; count <= 5; count += 1) {
    assertErrorText(await caller.login(erin, { password: 'wrong' }), ERROR_TEXTS.password);
  }
  const { ticket } = assertPenalty(await caller.login(erin), 15);
  await clock.advance(15);
  assertSession(await caller.login(erin, withTicket(ticket)));
});

test('AT-V41 five and no more of 64 failures at once are evaluated', async () => {
  const caller = callerAt(live);
  const work = await workOf(server, 'live', async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => caller.login(stranger())),
    );
    const failures = answers.filter(({ text }) => text.includes('errorText'));
    assert.equal(failures.length, 5);
    for (const answer of failures) assertErrorText(answer, ERROR_TEXTS.password);
    for (const answer of answers) {
      if (!failures.includes(answer)) assertPenalty(answer, null);
    }
  });
  assert.equal(work.hashes, 5);
});

test('AT-V42 the ticket with the same body after the wait: processed normally', async () => {
  const { caller, ticket } = await penalized();
  await clock.advance(15);
  const answer = await caller.login(alice, withTicket(ticket));
  assertSession(answer);
  assertNoPenalty(answer);
});

test('AT-V42 password and secret may be corrected, and members may change places', async () => {
  const first = await penalized({ members: { password: 'mistyped' } });
  await clock.advance(15);
  assertSession(await first.caller.login(alice, withTicket(first.ticket)));
  const second = await penalized({ members: { sec: 'mistyped' } });
  await clock.advance(15);
  assertSession(await second.caller.login(alice, withTicket(second.ticket)));
  const third = await penalized();
  await clock.advance(15);
  const { name, deviceId } = { name: alice.login_name, deviceId: 'demo-device-1' };
  const moved = { name: undefined, deviceId: undefined };
  const body = withTicket(third.ticket, { ...moved, appVersion: '1.0' });
  assertSession(await third.caller.login(alice, { ...body, deviceId, name }));
});

test('AT-V42 too early, with or without it: the same ticket, the wait begins again', async () => {
  const { caller, ticket } = await penalized();
  await clock.advance(13);
  assert.equal(assertPenalty(await caller.login(alice, withTicket(ticket)), 15).ticket, ticket);
  await clock.advance(13);
  assert.equal(assertPenalty(await caller.login(alice), 15).ticket, ticket);
  await clock.advance(13);
  assert.equal(assertPenalty(await caller.login(alice, withTicket(ticket)), 15).ticket, ticket);
  await clock.advance(15);
  assertSession(await caller.login(alice, withTicket(ticket)));
});

test('AT-V42 another body: a penalty with a new ticket', async () => {
  const others: { readonly [what: string]: Members } = {
    'other name': { name: erin.login_name, password: erin.password },
    'other device': { deviceId: 'demo-device-2' },
    'other version': { appVersion: '2.0' },
    'one member more': { environment: 'demo' },
    'one member less': { deviceId: undefined },
  };
  for (const [what, members] of Object.entries(others)) {
    await test.test(what, async () => {
      const { caller, ticket } = await penalized();
      await clock.advance(15);
      const work = await workOf(server, 'live', async () => {
        const answer = await caller.login(alice, withTicket(ticket, members));
        assert.notEqual(assertPenalty(answer, 15).ticket, ticket);
      });
      assert.equal(work.hashes, 0);
    });
  }
});

test('AT-V42 another subnet, the other environment, no ticket: a new ticket', async () => {
  const { caller, ticket } = await penalized();
  const elsewhere = await penalized();
  const in_paper = callerAt(paper, caller.address);
  await fail(in_paper, 5);
  assertPenalty(await in_paper.login(alice), 15);
  await clock.advance(15);
  for (const other of [elsewhere.caller, in_paper]) {
    const again = assertPenalty(await other.login(alice, withTicket(ticket)), 15);
    assert.notEqual(again.ticket, ticket);
  }
  assert.notEqual(assertPenalty(await caller.login(alice), 15).ticket, ticket);
});

test('AT-V42 a ticket is used once, whatever came of it', async () => {
  const good = await penalized();
  await clock.advance(15);
  assertSession(await good.caller.login(alice, withTicket(good.ticket)));
  const again = assertPenalty(await good.caller.login(alice, withTicket(good.ticket)), 15);
  assert.notEqual(again.ticket, good.ticket);
  const user = stranger();
  const bad = await penalized({ user });
  await clock.advance(15);
  assertErrorText(await bad.caller.login(user, withTicket(bad.ticket)), ERROR_TEXTS.password);
  const next = assertPenalty(await bad.caller.login(user, withTicket(bad.ticket)), 30);
  assert.notEqual(next.ticket, bad.ticket);
});

test('AT-V42 a ticket used 64 times at once lets one through', async () => {
  const { caller, ticket } = await penalized();
  await clock.advance(15);
  const answers = await Promise.all(
    Array.from({ length: 64 }, () => caller.login(alice, withTicket(ticket))),
  );
  const through = answers.filter(({ text }) => text.includes('accessToken'));
  assert.equal(through.length, 1);
  for (const answer of answers) if (!through.includes(answer)) assertPenalty(answer, 15);
});

test('AT-V42 a ticket may wait for most of an hour', async () => {
  const { caller, ticket } = await penalized();
  await clock.advance(3_540);
  assertSession(await caller.login(alice, withTicket(ticket)));
});

test('AT-V42 waits double with each failure, and a success erases nothing', async () => {
  const { caller, ticket } = await penalized();
  await clock.advance(15);
  assertSession(await caller.login(alice, withTicket(ticket)));
  const user = stranger();
  let held = assertPenalty(await caller.login(user), 15);
  for (const wait_s of [30, 60]) {
    await clock.advance(held.wait_s);
    const failed = await caller.login(user, withTicket(held.ticket));
    assertErrorText(failed, ERROR_TEXTS.password);
    held = assertPenalty(await caller.login(user), wait_s);
  }
  await clock.advance(58);
  assertPenalty(await caller.login(user, withTicket(held.ticket)), 60);
});

test('AT-V45 twenty successful logins bring no penalty', async () => {
  const caller = callerAt(live);
  for (let count = 1; count <= 20; count += 1) {
    const answer = await caller.login(alice);
    assertSession(answer);
    assertNoPenalty(answer);
  }
});

test('AT-V45 twenty successful logins at once bring none either', async () => {
  const caller = callerAt(live);
  const answers = await Promise.all(Array.from({ length: 20 }, () => caller.login(alice)));
  for (const answer of answers) assertNoPenalty(answer);
  for (const answer of answers) assertSession(answer);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
