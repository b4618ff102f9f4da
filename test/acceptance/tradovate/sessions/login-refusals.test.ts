/** Logins that are refused: the key, the password, the user's status (contract §6). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import type { Members } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { ApiKey, User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { workOf } from '../../pages/door.ts';
import type { Work } from '../../pages/door.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf, spoil } from './caller.ts';
import {
  ERROR_TEXTS, STATUS_TEXTS, assertEmpty, assertErrorText, assertSession, bodyOf,
} from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { K1, of_alice } = API_KEYS;
const { alice, erin, bob_closed, bob_initiated, bob_locked, bob_unconfirmed } = USERS;

const GHOST = { login_name: 'ghost', name: 'Demo ghost', password: 'demo-password-of-ghost' };
await control.act('paper', 'customer.create', GHOST);
const ghost: User = { ...alice, ...GHOST };

/** A login from a subnet of its own. */
const ask = (user: User, members: Members = {}, key: ApiKey = K1): Promise<Answer> =>
  callerAt(live).login(user, members, key);

/** Frees the names from what earlier rows counted against them. */
const forget = (): Promise<void> => clock.advance(3_601);

test('AT-V27 a key that is unknown, wrong in any part, or not hers: one answer', async () => {
  const refused: { readonly [what: string]: Members } = {
    'unknown cid': { cid: 4_711 },
    'a client_id as cid': { cid: REGISTRATIONS.O1.id, sec: REGISTRATIONS.O1.secret },
    'another key\'s cid': { cid: of_alice.cid },
    'wrong sec': { sec: spoil(K1.sec) },
    'sec in capitals': { sec: K1.sec.toUpperCase() },
    'sec cut': { sec: K1.sec.slice(0, -1) },
    'no sec': { sec: undefined },
    'empty sec': { sec: '' },
    'wrong appId': { appId: 'Other' },
    'appId in capitals': { appId: 'AUTOTRADE' },
    'no appId': { appId: undefined },
    'cid 0': { cid: 0 },
    'cid "0"': { cid: '0' },
    'empty cid': { cid: '' },
    'no cid': { cid: undefined },
  };
  for (const [what, members] of Object.entries(refused)) {
    await test.test(what, async () =>
      assertErrorText(await ask(alice, members), ERROR_TEXTS.app));
  }
  // The key is judged first: of a wrong key nobody learns about a password.
  assertErrorText(await ask(alice, { cid: 4_711, password: 'wrong' }), ERROR_TEXTS.app);
});

test('AT-V27 a user\'s key: hers alone, which others learn after their own password', async () => {
  assertSession(await ask(alice, {}, of_alice));
  assertErrorText(await ask(erin, {}, of_alice), ERROR_TEXTS.app);
  assertErrorText(await ask(erin, { password: 'wrong' }, of_alice), ERROR_TEXTS.password);
  const narrow = assertSession(await ask(alice, {}, API_KEYS.narrow));
  const caller = callerAt(live);
  assertEmpty(await caller.call(narrow.accessToken, { path: '/v1/order/list' }), 401);
  const reads = await caller.call(narrow.accessToken, { path: '/v1/position/list' });
  assert.notEqual(reads.status, 401);
});

test('AT-V28 unknown name, wrong and missing password: identical bodies', async () => {
  await forget();
  const tries: { readonly [what: string]: readonly [User, Members] } = {
    'unknown name': [{ ...alice, login_name: 'zelda' }, {}],
    'of the other world': [ghost, {}],
    'wrong password': [alice, { password: 'wrong' }],
    'password in capitals': [alice, { password: alice.password.toUpperCase() }],
    'another user\'s': [alice, { password: erin.password }],
    'empty password': [alice, { password: '' }],
    'no password': [alice, { password: undefined }],
    'no name': [alice, { name: undefined }],
    'neither': [alice, { name: undefined, password: undefined }],
    'a long name': [alice, { name: 'a'.repeat(64) }],
    'the dedicated password of another key': [alice, { password: of_alice.password }],
  };
  for (const [what, [user, members]] of Object.entries(tries)) {
    await test.test(what, async () =>
      assertErrorText(await ask(user, members), ERROR_TEXTS.password));
  }
});

test('AT-V28 each of them costs one hash and the same work, so the same time', async () => {
  await forget();
  const costs: { [what: string]: Work } = {};
  const cost = async (what: string, user: User, members: Members): Promise<void> => {
    const caller = callerAt(live);
    costs[what] = await workOf(server, 'live', async () =>
      assertErrorText(await caller.login(user, members), ERROR_TEXTS.password));
  };
  await cost('unknown name', { ...alice, login_name: 'zelda' }, {});
  await cost('wrong password', alice, { password: 'wrong' });
  await cost('no password', erin, { password: undefined });
  await cost('no name', erin, { name: undefined });
  await cost('unknown e-mail address', { ...alice, login_name: 'zelda@example.com' }, {});
  await cost('e-mail address', { ...alice, login_name: alice.email }, { password: 'wrong' });
  await cost('locked', bob_locked, { password: 'wrong' });
  await cost('closed', bob_closed, { password: 'wrong' });
  assert.equal(costs['unknown name']?.hashes, 1);
  for (const [what, one] of Object.entries(costs)) {
    assert.deepEqual(one, costs['unknown name'], what);
  }
  const refused = await workOf(server, 'live', async () =>
    assertErrorText(await ask(bob_locked), STATUS_TEXTS.locked[0], {
      user_status: STATUS_TEXTS.locked[1],
    }));
  assert.equal(refused.hashes, 1);
  const key = await workOf(server, 'live', async () =>
    assertErrorText(await ask(alice, { sec: spoil(K1.sec) }), ERROR_TEXTS.app));
  assert.equal(key.hashes, 0, 'a wrong key reaches no password');
});

const BOBS = {
  closed: bob_closed, initiated: bob_initiated, locked: bob_locked, unconfirmed: bob_unconfirmed,
} as const;

test('AT-V29 a status is named to the right password and to nobody else', async () => {
  await forget();
  for (const [status, bob] of Object.entries(BOBS)) {
    await test.test(status, async () => {
      const [text, user_status] = STATUS_TEXTS[status as keyof typeof BOBS];
      assertErrorText(await ask(bob), text, { user_status });
      assertErrorText(await ask(bob, { password: 'wrong' }), ERROR_TEXTS.password);
      const checked = bodyOf(await ask(bob, { hibpCheck: true }));
      assert.deepEqual(Object.keys(checked).filter((name) => name !== 'hibpHint'), [
        'errorText', 'userStatus',
      ]);
    });
  }
});

test('AT-V29 a status holds in its own world and ends with it', async () => {
  await forget();
  const fields = { customer: 'erin', status: 'locked' };
  const [text, user_status] = STATUS_TEXTS.locked;
  await control.act('live', 'customer.set-status', fields);
  assertErrorText(await ask(erin), text, { user_status });
  assertSession(await callerAt(paper).login(erin));
  await control.act('live', 'customer.set-status', { ...fields, status: 'active' });
  assertSession(await ask(erin));
});

test('AT-V35 with login_failure_status 401 the same bodies come with 401', async () => {
  await forget();
  await control.config({ 'tradovate.login_failure_status': 401 });
  const wrong = await ask(alice, { password: 'wrong' });
  assertErrorText(wrong, ERROR_TEXTS.password, { status: 401 });
  assertErrorText(await ask({ ...alice, login_name: 'zelda' }), ERROR_TEXTS.password, {
    status: 401,
  });
  assertSession(await ask(alice));
  await control.config({ 'tradovate.login_failure_status': 200 });
  assertErrorText(await ask(alice, { password: 'wrong' }), ERROR_TEXTS.password);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
