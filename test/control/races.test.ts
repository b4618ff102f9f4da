/** Acts at once: one name, one id, one number go to exactly one of them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { APPS } from '../outside/fixtures.ts';
import { createBrowser } from '../outside/browser.ts';
import { textById } from '../outside/forms.ts';
import { link, profile, refresh } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import { createArgs, freshApp } from './registration.ts';

const server = await startServer();
after(server.stop);
const { control } = server;

const AT_ONCE = 64;

async function statuses(act: string, args: (i: number) => object): Promise<number[]> {
  const calls = Array.from({ length: AT_ONCE }, (_, i) => control.tryAct('live', act, args(i)));
  return (await Promise.all(calls)).map(({ status }) => status);
}

function onlyOneWon(found: readonly number[]): void {
  assert.equal(found.filter((status) => status === 200).length, 1);
  assert.equal(found.filter((status) => status === 409).length, AT_ONCE - 1);
}

test('64 apps of one client_id: one is registered', async () => {
  const app = createArgs(freshApp());
  onlyOneWon(await statuses('app.create', (i) => ({ ...app, name: `Racer ${i}` })));
});

test('64 customers of one login name, written differently: one is registered', async () => {
  const spell = (i: number): string => (i % 2 === 0 ? 'Racing' : 'rAciNG');
  const password = 'demo-password-of-racing';
  onlyOneWon(await statuses('customer.create', (i) => ({
    login_name: spell(i), name: `Racer ${i}`, password,
  })));
});

test('64 accounts of one number for two customers: one is opened and listed once', async () => {
  const owner = (i: number): string => (i % 2 === 0 ? 'u1' : 'u2');
  const account = 'RACE0001';
  onlyOneWon(await statuses('account.create', (i) => ({ account, customer: owner(i) })));
  const lists = await Promise.all(['u1', 'u2'].map(async (customer) =>
    (await control.act('live', 'customer.show', { customer }))['accounts'] as string[]));
  assert.equal(lists.flat().filter((number) => number === account).length, 1);
});

test('64 accounts of one customer at once are all listed', async () => {
  const found = await statuses('account.create', (i) => ({ account: `MANY${i}X`, customer: 'u2' }));
  assert.deepEqual(new Set(found), new Set([200]));
  const { accounts } = await control.act('live', 'customer.show', { customer: 'u2' });
  const many = (accounts as string[]).filter((number) => number.startsWith('MANY'));
  assert.equal(new Set(many).size, AT_ONCE);
  assert.equal(many.length, AT_ONCE);
});

test('rotations at once: every key has its number and one is active', async () => {
  const calls = Array.from({ length: 8 }, () =>
    control.tryAct('live', 'key.rotate', { purpose: 'token' }));
  const won = (await Promise.all(calls)).filter(({ status }) => status === 200);
  assert.ok(won.length >= 1);
  const numbers = won.map(({ body }) => body['number']);
  assert.equal(new Set(numbers).size, won.length);
  const { keys } = await control.act('live', 'key.list', {});
  const active = (keys as readonly { purpose: string; state: string }[])
    .filter(({ purpose, state }) => purpose === 'token' && state === 'active');
  assert.equal(active.length, 1);
  assert.equal((await link(server.live, APPS.A1, 'alice')).status, 'approved');
});

test('withdrawn among refreshes: after the answer no refresh succeeds', async () => {
  const { refresh_token = '' } = await link(server.live, APPS.A2, 'u1');
  const calls = Array.from({ length: 16 }, () => refresh(server.live, APPS.A2, refresh_token));
  await control.act('live', 'approval.withdraw', { app: APPS.A2.id });
  assert.equal((await refresh(server.live, APPS.A2, refresh_token)).status, 400);
  for (const { status } of await Promise.all(calls)) assert.ok(status === 200 || status === 400);
  await control.act('live', 'approval.grant', { app: APPS.A2.id });
  assert.equal((await refresh(server.live, APPS.A2, refresh_token)).status, 400);
});

test('a status set back revives nothing: grants, sign-in, personal token', async () => {
  const { refresh_token = '' } = await link(server.live, APPS.TI, 'bob');
  const browser = createBrowser(server.live);
  await browser.open('/login');
  await browser.signIn('bob');
  const page = await browser.submit('personal-token', { change: 'replace' });
  const token = textById(page.answer.text, 'personal-token-value');
  assert.equal((await profile(server.live, token)).status, 200);
  for (const status of ['locked', 'active']) {
    await control.act('live', 'customer.set-status', { customer: 'bob', status });
    assert.equal((await profile(server.live, token)).status, 401, status);
  }
  assert.equal((await refresh(server.live, APPS.TI, refresh_token)).status, 400);
  const { logins } = await control.act('live', 'login.list', { customer: 'bob' });
  assert.ok((logins as readonly { live: boolean }[]).every(({ live }) => !live));
  const again = await link(server.live, APPS.TI, 'bob');
  await control.act('live', 'app.disable', { app: APPS.TI.id });
  await control.act('live', 'app.approve', { app: APPS.TI.id });
  assert.equal((await refresh(server.live, APPS.TI, again.refresh_token ?? '')).status, 400);
});
