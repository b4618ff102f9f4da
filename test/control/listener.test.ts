/** The control listener: who may use it, the clock, records, settings, what it shows. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../outside/call.ts';
import { createControl } from '../outside/control.ts';
import { APPS, demoApp, demoCustomer } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import { exchange, link, profile, refresh, approve } from '../outside/tradier.ts';
import { startServer } from '../world.ts';

const server = await startServer();
after(server.stop);
const { control } = server;

test('it answers the bearer of its token only, and on no public port', async () => {
  const { url, token } = control.address;
  const stranger = createControl({ url, token: `${token.slice(0, -1)}-` });
  await assert.rejects(stranger.act('live', 'app.list', {}), /401/);
  assert.equal((await call(url, { path: '/clock' })).status, 401);
  for (const world of [server.live, server.paper]) {
    const path = '/act';
    const headers = [['Authorization', `Bearer ${token}`]] as const;
    const answer = await call(world.origin, { method: 'POST', path, headers, body: '{}' });
    assert.equal(answer.status, 404);
  }
});

test('what it does not know or understand is a 4xx that says what to send', async () => {
  const { url, token } = control.address;
  const post = async (path: string, body: string) => {
    const headers = [['Authorization', `Bearer ${token}`]] as const;
    return await call(url, { method: 'POST', path, headers, body });
  };
  assert.equal((await post('/nothing', '{}')).status, 404);
  for (const path of ['/clock', '/act', '/seed', '/config']) {
    const answer = await post(path, '{"a":');
    assert.equal(answer.status, 400, path);
    assert.match(answer.text, /reason/);
  }
  for (const body of ['{}', '[]', '{"set":"yesterday"}', '{"advance_s":"1"}', 'null', '7']) {
    assert.equal((await post('/clock', body)).status, 400, body);
  }
  for (const body of ['{}', '[]', 'null', '{"world":"live"}', '{"world":1,"act":"app.list"}']) {
    assert.equal((await post('/act', body)).status, 400, body);
  }
  assert.equal((await control.tryAct('live', 'app.explode', {})).status, 404);
  for (const body of ['[]', 'null', '"x"']) {
    assert.equal((await post('/seed', body)).status, 400, body);
    assert.equal((await post('/config', body)).status, 400, body);
  }
});

const SEASONS = [
  { time: '2027-07-15T12:00:00Z', offset: '-04:00' },
  { time: '2027-01-15T12:00:00Z', offset: '-05:00' },
] as const;

test('the clock moves both worlds, forward and back', async () => {
  const before = [await link(server.live, APPS.A1, 'u1'), await link(server.paper, APPS.A1, 'u1')];
  await control.advance(86_401);
  for (const [i, world] of [server.live, server.paper].entries()) {
    const token = before[i]?.access_token ?? '';
    assert.equal((await profile(world, token)).status, 401);
  }
  for (const { time, offset } of SEASONS) {
    await control.setClock(time);
    const { issued_at } = await link(server.live, APPS.A1, 'u1');
    assert.ok(issued_at.endsWith(offset), issued_at);
    const last = (await control.audit('live')).filter(({ action }) => action === 'code.redeemed');
    const late_ms = (last.at(-1)?.at ?? 0) - Date.parse(time);
    assert.ok(late_ms >= 0 && late_ms < 30_000, 'events follow the clock');
  }
});

test('a seed is stored whole or not at all', async () => {
  const app = demoApp('Later', { redirect_uris: ['https://later.example/cb'] });
  const person = demoCustomer('later', { live: ['LATER001'], paper: [] });
  const taken = demoCustomer('u1', { live: ['LATER002'], paper: [] });
  const shown = () => control.tryAct('live', 'app.show', { app: app.id });
  const wrong = [
    seedRecords([app], [person, taken]),
    seedRecords([app], [person, person]),
    seedRecords([app, app], [person]),
    { ...seedRecords([app], [person]), users: [] },
    { ...seedRecords([app], []), customers: [{ login_name: 'later' }] },
  ];
  for (const records of wrong) {
    assert.equal((await control.seed(records)).status, 400);
    assert.equal((await shown()).status, 404);
    const missing = await control.tryAct('live', 'customer.show', { customer: 'later' });
    assert.equal(missing.status, 404);
  }
  const seeded = await control.seed(seedRecords([app], [person]));
  assert.equal(seeded.status, 200);
  assert.deepEqual(Object.keys(seeded.body).sort(), ['live', 'paper']);
  assert.equal((await shown()).body['status'], 'approved');
  const { accounts } = await control.act('live', 'customer.show', { customer: 'later' });
  assert.deepEqual(accounts, ['LATER001']);
});

test('a seed declares everything that the contract asks of an app and a customer', async () => {
  const app = demoApp('Full', {
    redirect_uris: ['https://full.example/a', 'https://full.example/b?x=1'],
    scopes: 'read stream',
    worlds: ['paper'],
    status: 'disabled',
    redirect_uri_mode: 'ignore',
    response_iss: false,
  });
  const { apps } = seedRecords([app], []) as { apps: readonly object[] };
  const more = { type: 'advisor', home_page: 'https://full.example/', publisher_verified: true };
  const account = {
    number: 'FULL0001', type: 'cash', classification: 'roth_ira', status: 'closed',
    day_trader: true, option_level: 3,
  };
  const customer = {
    login_name: 'Full', name: 'Full', password: 'demo-password-of-full', status: 'locked',
    accounts: { paper: [account] },
  };
  const records = { apps: apps.map((one) => ({ ...one, ...more })), customers: [customer] };
  assert.equal((await control.seed(records)).status, 200);
  const shown = await control.act('paper', 'app.show', { app: app.id });
  const { redirect_uris, redirect_uri_mode, response_iss, type, status, scopes } = shown;
  assert.deepEqual(
    { redirect_uris, redirect_uri_mode, response_iss, type, status, scopes },
    {
      redirect_uris: app.redirect_uris, redirect_uri_mode: 'ignore', response_iss: false,
      type: 'advisor', status: 'disabled', scopes: ['read', 'stream'],
    },
  );
  assert.equal((await control.tryAct('live', 'app.show', { app: app.id })).status, 404);
  const her = await control.act('paper', 'account.show', { account: 'FULL0001' });
  assert.equal(her['classification'], 'roth_ira');
  assert.equal(her['status'], 'closed');
  assert.equal(her['option_level'], 3);
  const she = { customer: 'full' };
  assert.equal((await control.act('paper', 'customer.show', she))['status'], 'locked');
  assert.equal((await control.tryAct('live', 'customer.show', she)).status, 404);
});

test('run-time settings take effect at once and leave an event; no others', async () => {
  const issued = await link(server.live, APPS.A2, 'u1');
  const again = async () =>
    (await refresh(server.live, APPS.A2, issued.refresh_token ?? '')).json();
  await control.config({ 'tradier.token_type': 'off', 'tradier.refresh_echo': true });
  const changed = await again();
  assert.equal(changed['token_type'], undefined);
  assert.equal(changed['refresh_token'], issued.refresh_token);
  await control.config({ 'tradier.token_type': 'Bearer', 'tradier.refresh_echo': false });
  assert.equal((await again())['token_type'], 'Bearer');
  await assert.rejects(control.config({ 'live.port': 1 }), /restart/);
  await assert.rejects(control.config({ 'tradier.token_type': 'bearer' }), /tradier\.token_type/);
  await assert.rejects(control.config({ nothing: 1 }), /unknown setting/);
  const events = await control.audit('paper');
  assert.ok(events.some(({ action, detail }) =>
    action === 'config.changed' && String(detail).includes('tradier.token_type')));
});

test('a seed may set lifetimes, for what is issued from then on', async () => {
  const before = await link(server.paper, APPS.A1, 'u1');
  const lifetimes = { code_lifetime_s: 30, access_token_lifetime_s: 61 };
  assert.equal((await control.seed({ lifetimes })).status, 200);
  const after_it = await link(server.paper, APPS.A1, 'u1');
  assert.equal(before.expires_in, 86_399);
  assert.equal(after_it.expires_in, 60);
  const { code } = await approve(server.paper, APPS.A1, 'u1');
  await control.advance(62);
  assert.equal((await exchange(server.paper, APPS.A1, code)).status, 400);
  assert.equal((await profile(server.paper, after_it.access_token)).status, 401);
  assert.equal((await profile(server.paper, before.access_token)).status, 200);
  assert.equal((await control.seed({ lifetimes: { code_lifetime_s: 0 } })).status, 400);
  await control.seed({ lifetimes: { code_lifetime_s: 600, access_token_lifetime_s: 86_400 } });
});

test('counts tell the work done: a hash for a sign-in, no read for a forged code', async () => {
  type Counts = {
    readonly hashes: number;
    readonly store_reads: number;
    readonly commands: { readonly [name: string]: number };
    readonly refusals: { readonly [code: string]: number };
  };
  const live = async () => (await control.counts())['live'] as Counts;
  const before = await live();
  await approve(server.live, APPS.A1, 'u1');
  const signed_in = await live();
  assert.equal(signed_in.hashes - before.hashes, 1);
  const forged = `cs_live_code_${'0'.repeat(90)}`;
  assert.equal((await exchange(server.live, APPS.A1, forged)).status, 400);
  const refused = await live();
  assert.equal(refused.store_reads, signed_in.store_reads);
  assert.equal(refused.commands['token'], (signed_in.commands['token'] ?? 0) + 1);
  const { code_unknown = 0 } = signed_in.refusals;
  assert.equal(refused.refusals['code_unknown'], code_unknown + 1);
  assert.deepEqual(await control.mail(), { messages: [] });
});

test('acts leave events with who, what, and digests before and after', async () => {
  const app = APPS.TX.id;
  await control.act('live', 'app.change', { app, name: 'Renamed' });
  await control.tryAct('live', 'app.change', { app, redirect_uris: ['*'] });
  const events = await control.audit('live');
  const changed = events.filter((event) => event.action === 'app.changed' && event['app'] === app);
  const last = changed.at(-1);
  assert.equal(last?.['actor'], 'operator');
  assert.match(String(last?.['before']), /^[A-Za-z0-9_-]{43}$/);
  assert.match(String(last?.['after']), /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(last?.['before'], last?.['after']);
  const refused = events.filter(({ action }) => action === 'act.refused').at(-1);
  assert.equal(refused?.['detail'], 'callback.wildcard');
});
