/** What else the registry refuses: names, secrets, logins, unknown fields, ids used before. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { APPS, CUSTOMERS } from '../outside/fixtures.ts';
import { exchange, approve, link, profile, refresh } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import { appIds, createArgs, freshApp, refusedThreeWays, seedWith } from './registration.ts';

const server = await startServer();
after(server.stop);
const { control } = server;

/** Direction and zero-width characters by number: they must not hide in this file either. */
const HIDDEN = [0x200b, 0x202e, 0x2066, 0xfeff, 0x7f, 0x1b].map((c) => String.fromCharCode(c));

test('XS-02 names are limited in length and hold nothing invisible', async () => {
  for (const name of [...HIDDEN.map((c) => `Acme${c}Charts`), '', ' ', ' Acme', 'A'.repeat(81)]) {
    await refusedThreeWays(server, { name }, /name/);
    const customer = { login_name: 'xs02', name, password: 'demo-password-of-xs02' };
    const made = await control.tryAct('live', 'customer.create', customer);
    assert.equal(made.status, 400);
    assert.equal((await control.tryAct('live', 'customer.show', { customer: 'xs02' })).status, 404);
  }
});

test('XS-02 markup in a name is stored as it is and shown as text', async () => {
  const app = freshApp();
  const name = '<img src=x onerror=alert(1)> & "Sons"';
  const args = { ...createArgs(app), name };
  assert.equal((await control.act('live', 'app.create', args))['name'], name);
});

test('DR-03 imported secrets below 112 bits are refused', async () => {
  const weak = ['s3cr3t', 'demo-secret-of-39-characters-1234567890', 'a'.repeat(64),
    'ab'.repeat(32), 'abc'.repeat(16), `${'0123456789abcdef'.repeat(3)} `, 'ü'.repeat(48)];
  for (const secret of weak) {
    const app = freshApp();
    const before = await appIds(server);
    const args = { ...createArgs(app), secret };
    const made = await control.tryAct('live', 'app.create', args);
    assert.equal(made.status, 400, secret);
    const seeded = await control.seed(seedWith(app, { secret }));
    assert.equal(seeded.status, 400, secret);
    assert.match(String(seeded.body['reason']), /apps\[0\]\.secret/);
    assert.deepEqual(await appIds(server), before);
    const rotated = await control.tryAct('live', 'app.rotate-secret', { app: APPS.B.id, secret });
    assert.equal(rotated.status, 400, secret);
    assert.ok(!JSON.stringify([made, seeded, rotated]).includes(secret), 'it is not repeated');
  }
});

test('AD-06 unknown fields are refused and nothing is stored', async () => {
  for (const fields of [{ epoch: 9 }, { secrets: [] }, { is_admin: true }, { __proto: 1 }]) {
    await refusedThreeWays(server, fields, /unknown/);
  }
  const seeded = await control.seed({ apps: [], admins: [] });
  assert.equal(seeded.status, 400);
  const login = { login_name: 'ad06', name: 'Ad', password: 'demo-password-of-ad06' };
  const made = await control.tryAct('live', 'customer.create', { ...login, id: '00000000001' });
  assert.equal(made.status, 400);
  assert.equal((await control.tryAct('live', 'customer.show', { customer: 'ad06' })).status, 404);
});

test('AD-06 arguments of the wrong type are refused by name', async () => {
  const app = freshApp();
  const wrong = [{ name: 5 }, { redirect_uris: 'https://a.example/' }, { response_iss: 'yes' },
    { redirect_uri_mode: 'lax' }, { scopes: ['admin'] }, { scopes: [1] }, { type: null }];
  for (const fields of wrong) {
    const args = { ...createArgs(app), ...fields };
    const answer = await control.tryAct('live', 'app.create', args);
    assert.equal(answer.status, 400, JSON.stringify(fields));
    assert.equal(answer.body['parameter'], Object.keys(fields)[0]);
  }
});

test('HP-13 login names that look the same are one name', async () => {
  const { login_name } = CUSTOMERS.alice;
  const same = ['ALICE', 'ａｌｉｃｅ', ' alice ', 'Alice'];
  for (const name of same) {
    const made = await control.tryAct('live', 'customer.create', {
      login_name: name, name: 'Twin', password: 'demo-password-of-twin',
    });
    assert.equal(made.status, 409, name);
  }
  const kelvin = { login_name: '\u212Aim', name: 'Kim', password: 'demo-password-of-him' };
  await control.act('live', 'customer.create', kelvin);
  const ligature = { login_name: 'kim', name: 'Kim', password: 'demo-password-of-him' };
  assert.equal((await control.tryAct('live', 'customer.create', ligature)).status, 409);
  const shown = await control.act('live', 'customer.show', { customer: 'ALICE' });
  assert.equal(shown['login_name'], login_name);
});

test('HP-13 login names with invisible characters are refused', async () => {
  for (const hidden of HIDDEN) {
    const made = await control.tryAct('live', 'customer.create', {
      login_name: `al${hidden}ice`, name: 'Twin', password: 'demo-password-of-twin',
    });
    assert.equal(made.status, 400);
  }
});

test('MX-07 client ids are drawn, or 32 characters that no customer id can be', async () => {
  const { customer } = await control.act('live', 'customer.show', { customer: 'u1' });
  for (const client_id of [customer, 'short', 'x'.repeat(33), `${'x'.repeat(31)}-`]) {
    const args = { ...createArgs(freshApp()), client_id };
    assert.equal((await control.tryAct('live', 'app.create', args)).status, 400);
  }
  const { client_id: _id, ...unnamed } = createArgs(freshApp());
  const made = await control.act('live', 'app.create', unnamed);
  assert.match(String(made['client_id']), /^[A-Za-z0-9]{32}$/);
});

test('AD-07 an id or login name is never given out again', async () => {
  const customer = { login_name: 'ad07', name: 'First', password: 'demo-password-of-first' };
  const first = await control.act('live', 'customer.create', customer);
  await control.act('live', 'customer.set-status', { customer: 'ad07', status: 'closed' });
  const again = await control.tryAct('live', 'customer.create', { ...customer, name: 'Second' });
  assert.equal(again.status, 409);
  const other = await control.act('live', 'customer.create', { ...customer, login_name: 'ad07b' });
  assert.notEqual(other['customer'], first['customer']);
  await control.act('live', 'app.disable', { app: APPS.Q.id });
  const app = await control.tryAct('live', 'app.create', createArgs(APPS.Q));
  assert.equal(app.status, 409);
});

test('CA-11 both secrets work in the overlap, the old one not after it', async () => {
  const issued = await link(server.live, APPS.A2, 'u1');
  const token = issued.refresh_token ?? '';
  const rotated = await control.act('live', 'app.rotate-secret', {
    app: APPS.A2.id, overlap_s: 3600,
  });
  const secret = String(rotated['secret']);
  const basic = `Basic ${Buffer.from(`${APPS.A2.id}:${secret}`).toString('base64')}`;
  const renewed = { ...APPS.A2, secret, basic };
  assert.equal((await refresh(server.live, APPS.A2, token)).status, 200);
  assert.equal((await refresh(server.live, renewed, token)).status, 200);
  await control.advance(3599);
  assert.equal((await refresh(server.live, APPS.A2, token)).status, 200);
  await control.advance(2);
  assert.equal((await refresh(server.live, APPS.A2, token)).status, 401);
  assert.equal((await refresh(server.live, renewed, token)).status, 200);
});

test('CA-15 a secret is shown in the answer that made it and nowhere else', async () => {
  const { client_id: _id, secret: _secret, ...args } = createArgs(freshApp());
  const made = await control.act('live', 'app.create', args);
  const secret = String(made['secret']);
  assert.match(secret, /^[A-Za-z0-9_-]{40,}$/);
  const app = made['client_id'];
  const rotated = String((await control.act('live', 'app.rotate-secret', { app }))['secret']);
  const person = await control.act('live', 'customer.create', { login_name: 'ca15', name: 'C' });
  const password = String(person['password']);
  const shown = JSON.stringify(await Promise.all([
    control.act('live', 'app.list', {}),
    control.act('live', 'app.show', { app }),
    control.act('live', 'app.approve', { app }),
    control.act('live', 'customer.show', { customer: 'ca15' }),
    control.act('live', 'customer.list', { limit: 500 }),
    control.act('live', 'key.list', {}),
    control.audit('live'),
  ]));
  for (const value of [secret, rotated, password, APPS.A.secret]) {
    assert.ok(!shown.includes(value));
    assert.ok(!shown.includes(createHash('sha256').update(value).digest('base64url')), 'digest');
    assert.ok(!server.log().includes(value), 'nor in the log');
  }
  assert.ok(!/argon2|digest|sealed/.test(shown));
});

test('KM-05 a rotated key takes over at its time and the old one goes on checking', async () => {
  const issued = await link(server.live, APPS.A1, 'u1');
  const consent = await approve(server.live, APPS.A1, 'u1');
  for (const purpose of ['token', 'handle', 'request', 'browser']) {
    await control.act('live', 'key.rotate', { purpose, announce_s: 600 });
  }
  const keyStates = async (): Promise<readonly string[]> => {
    const { keys } = await control.act('live', 'key.list', {});
    const list = keys as readonly { purpose: string; number: number; state: string }[];
    return list.filter(({ purpose }) => purpose === 'token')
      .map(({ number, state }) => `${number} ${state}`);
  };
  assert.deepEqual(await keyStates(), ['1 active', '2 next']);
  const early = await link(server.live, APPS.A1, 'u1');
  assert.match(early.access_token, /^cs_live_at_01/);
  await control.advance(601);
  assert.deepEqual(await keyStates(), ['1 retired', '2 active']);
  const late = await link(server.live, APPS.A1, 'u1');
  assert.match(late.access_token, /^cs_live_at_02/);
  for (const { access_token } of [issued, early, late]) {
    assert.equal((await profile(server.live, access_token)).status, 200);
  }
  // Issued before the switch, and older than ten minutes by now.
  assert.equal((await exchange(server.live, APPS.A1, consent.code)).status, 400);
  const events = await control.audit('live');
  const rotated = events.filter(({ action, object }) =>
    action === 'key.rotated' && String(object).endsWith('.2'));
  assert.equal(rotated.length, 4);
  await control.advance(3 * 86_400);
  assert.deepEqual(await keyStates(), ['1 removed', '2 active']);
});
