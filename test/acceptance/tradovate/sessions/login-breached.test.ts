/** The hint that a password stood in a leak (contract §6, `hibpCheck`). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { API_KEYS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt } from './caller.ts';
import {
  ERROR_TEXTS, STATUS_TEXTS, assertErrorText, assertSession, bodyOf,
} from './answers.ts';

const { alice, erin, bob_locked } = USERS;
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** alice's password is listed, erin's with her name, the locked bob's as well. */
const directory = mkdtempSync(join(tmpdir(), 'countersign-breached-'));
const file = join(directory, 'breached.txt');
writeFileSync(file, [
  sha1('password'),
  `${sha1(alice.password).toUpperCase()}:4711`,
  sha1(erin.password),
  sha1(`${erin.login_name}:${erin.password}`),
  sha1(bob_locked.password),
  '',
].join('\n'));

const server = await startServer({
  seed: tradovateSeed(), set: { ...BEHIND_PROXY, 'password.breached_file': file },
});
after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});
const { live, paper } = server;

const HINT = { also: ['hibpHint'] } as const;
const asked = { hibpCheck: true };

test('AT-V30 a listed password is hinted at and the login goes on', async () => {
  for (const world of [live, paper]) {
    const body = assertSession(await callerAt(world).login(alice, asked), HINT);
    assert.equal(body['hibpHint'], 'PasswordCompromised');
    const both = assertSession(await callerAt(world).login(erin, asked), HINT);
    assert.equal(both['hibpHint'], 'EmailAndPasswordCompromised');
    assert.equal((await callerAt(world).me(both.accessToken)).status, 200);
  }
});

test('AT-V30 no hint where none was asked for, nor of a password that is not listed', async () => {
  const caller = callerAt(live);
  for (const hibpCheck of [undefined, false]) {
    assertSession(await caller.login(alice, { hibpCheck }));
  }
  const own = API_KEYS.of_alice;
  assertSession(await caller.login(alice, { ...asked, password: own.password }, own));
  const session = assertSession(await caller.login(alice, asked), HINT);
  assertSession(await caller.renew(session.accessToken));
});

test('AT-V30 a wrong password gets no hint, listed or not', async () => {
  const caller = callerAt(live);
  for (const password of ['password', erin.password, 'not listed']) {
    assertErrorText(await caller.login(alice, { ...asked, password }), ERROR_TEXTS.password);
  }
  const { hibpHint, ...rest } = bodyOf(await callerAt(live).login(bob_locked, asked));
  const [errorText, userStatus] = STATUS_TEXTS.locked;
  assert.deepEqual(rest, { errorText, userStatus });
  assert.ok(hibpHint === undefined || hibpHint === 'PasswordCompromised');
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
