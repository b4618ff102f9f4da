/** What ends a grant from outside: the customer, the brokerage, the operator (AT-T49). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { APPS } from '../../outside/fixtures.ts';
import type { App, CustomerName } from '../../outside/fixtures.ts';
import { exchange, profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { assertFault, assertTokenError } from './answers.ts';
import type { FaultId, TokenErrorId } from './answers.ts';
import { customerIn } from './customer.ts';
import { assertLogHoldsNoSecret } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const { A2, TI, B } = APPS;

type Held = { readonly app: App; readonly access_token: string; readonly refresh_token: string };

async function hold(name: CustomerName, app: App, world = live): Promise<Held> {
  const { access_token, refresh_token = '' } = await customerIn(world, name).link(app);
  assert.notEqual(refresh_token, '');
  return { app, access_token, refresh_token };
}

async function assertEnded(held: Held, token: TokenErrorId, api: FaultId): Promise<void> {
  assertTokenError(live, await refresh(live, held.app, held.refresh_token), token);
  assertFault(live, await profile(live, held.access_token), api);
}

async function assertLives(held: Held, world = live): Promise<void> {
  assert.equal((await refresh(world, held.app, held.refresh_token)).status, 200);
  assert.equal((await profile(world, held.access_token)).status, 200);
}

test('AT-T49 the customer removes the app: its grants end at once, others live', async () => {
  const u1 = customerIn(live, 'u1');
  const grants = [await hold('u1', A2), await hold('u1', A2), await hold('u1', A2)];
  const others = [await hold('u1', TI), await hold('u2', A2)];
  const in_paper = await hold('u1', A2, paper);
  const pending = await u1.allow(A2);
  await u1.connections();
  await u1.browser.submit(`end-${A2.id}`);
  for (const grant of grants) await assertEnded(grant, 'E4', 'F3');
  assertTokenError(live, await exchange(live, A2, pending.code), 'E3');
  for (const other of others) await assertLives(other);
  await assertLives(in_paper, paper);
  // She may let it in again; what ended stays ended.
  await assertLives(await hold('u1', A2));
  for (const grant of grants) await assertEnded(grant, 'E4', 'F3');
});

test('AT-T49 the customer is closed: her grants end at once, in this world', async () => {
  const grants = [await hold('bob', A2), await hold('bob', TI)];
  const other = await hold('u2', A2);
  const in_paper = await hold('bob', A2, paper);
  const pending = await customerIn(live, 'bob').allow(A2);
  await control.act('live', 'customer.set-status', { customer: 'bob', status: 'closed' });
  for (const grant of grants) await assertEnded(grant, 'E4', 'F3');
  assertTokenError(live, await exchange(live, A2, pending.code), 'E3');
  await assertLives(other);
  await assertLives(in_paper, paper);
});

test('AT-T49 a locked customer who is let in again gets nothing back', async () => {
  const grant = await hold('alice', A2);
  await control.act('live', 'customer.set-status', { customer: 'alice', status: 'locked' });
  await assertEnded(grant, 'E4', 'F3');
  await control.act('live', 'customer.set-status', { customer: 'alice', status: 'active' });
  await assertEnded(grant, 'E4', 'F3');
  await assertLives(await hold('alice', A2));
});

test('AT-T49 the app is disabled: it is nobody, and its tokens end at once', async () => {
  const grants = [await hold('u1', B), await hold('u2', B)];
  const other = await hold('u1', TI);
  const in_paper = await hold('u1', B, paper);
  const pending = await customerIn(live, 'u1').allow(B);
  await control.act('live', 'app.disable', { app: B.id });
  for (const grant of grants) await assertEnded(grant, 'E1', 'F3');
  assertTokenError(live, await exchange(live, B, pending.code), 'E1');
  await assertLives(other);
  await assertLives(in_paper, paper);
  // Approved again it may begin anew; what was born before stays dead.
  await control.act('live', 'app.approve', { app: B.id });
  for (const grant of grants) await assertEnded(grant, 'E4', 'F3');
  assertTokenError(live, await exchange(live, B, pending.code), 'E3');
  await assertLives(await hold('u1', B));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
