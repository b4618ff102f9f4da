/** What a dump of the store gives away: nothing that works (DR-01, DR-07, AU-07). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { call, post } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import { profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { dumpWorld, rawBytes, rowCount, textsWithin, trailEvents } from './dump.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer({ set: { 'tradier.danger_limits_off': true } });
after(server.stop);
const { live, control } = server;
const u1 = customerIn(live, 'u1');
const { A2 } = APPS;

/** A day's worth of every kind of secret: a spent and an unspent code, tokens, cookies. */
async function everySecret(): Promise<readonly string[]> {
  const { code: spent } = await u1.allow(A2);
  const redeemed = tokens(await post(live.origin, '/v1/oauth/accesstoken', [
    ['grant_type', 'authorization_code'], ['code', spent],
  ], [['Authorization', A2.basic]]));
  const { code: unspent } = await u1.allow(A2);
  const personal = await u1.newPersonalToken();
  const { fields } = u1.browser.form('sign-out');
  const csrf = fields.find(([name]) => name === 'csrf')?.[1] ?? '';
  const again = tokens(await refresh(live, A2, redeemed.refresh_token ?? ''));
  return [
    spent, unspent, personal, csrf, redeemed.access_token, redeemed.refresh_token ?? '',
    again.access_token, ...u1.browser.cookies.values(), A2.secret, CUSTOMERS.u1.password,
  ];
}

test('DR-01 handles leave digests, junk costs no query, a refresh leaves no row', async () => {
  const secrets = await everySecret();
  assert.ok(secrets.every((secret) => secret.length > 10), 'every kind of secret was there');
  const texts = textsWithin(dumpWorld(server.data, 'live'));
  const bytes = rawBytes(server.data);
  for (const secret of secrets) {
    assert.ok(!texts.has(secret), `a column holds ${secret.slice(0, 14)}…`);
    assert.ok(!bytes.includes(secret), `the files hold ${secret.slice(0, 14)}…`);
  }
  const digest = createHash('sha256').update(secrets[1] ?? '').digest('base64url');
  assert.ok(texts.has(digest), 'what is kept of a code is its SHA-256');

  const { refresh_token = '' } = await u1.link(A2);
  const before = await control.counts();
  const forged = `${refresh_token.slice(0, -1)}${refresh_token.endsWith('0') ? '1' : '0'}`;
  assert.equal((await refresh(live, A2, forged)).status, 400);
  assert.equal((await profile(live, `cs_live_at_${'A'.repeat(70)}`)).status, 401);
  const after_junk = await control.counts();
  const asked = (counts: typeof before) => {
    const { reads, commits, lists, bumps } = counts['live'] as { [name: string]: number };
    return { reads, commits, lists, bumps };
  };
  assert.deepEqual(asked(after_junk), asked(before), 'a wrong tag touches no store');

  const rows = () =>
    ['grant_', 'code', 'link'].map((table) => rowCount(server.data, 'live', table));
  const rows_before = rows();
  for (let i = 0; i < 100; i++) {
    assert.equal((await refresh(live, A2, refresh_token)).status, 200);
  }
  assert.deepEqual(rows(), rows_before, 'no row per token');
  assert.ok(rows_before.every((count) => count > 0), 'the tables are the right ones');
});

test('DR-07 no value of a full dump is a credential anywhere', async () => {
  await everySecret();
  const texts = [...textsWithin(dumpWorld(server.data, 'live'))]
    .filter((text) => text.length >= 8 && text.length <= 4096 && !/[\r\n]/.test(text));
  assert.ok(texts.length > 300, `a dump with ${texts.length} values`);
  for (const text of texts) {
    for (const [what, status] of await tryEverywhere(text)) {
      assert.ok(status >= 300, `${what} answered ${status} to ${text.slice(0, 30)}…`);
    }
  }
});

/** One value as every credential at every endpoint. */
async function tryEverywhere(text: string): Promise<readonly (readonly [string, number])[]> {
  const ascii = text.replace(/[^\x21-\x7e]/g, '_');
  const form = (fields: readonly (readonly [string, string])[]) =>
    post(live.origin, '/v1/oauth/accesstoken', fields, [['Authorization', A2.basic]]);
  const cookies = ['cs_live_login-dev', 'cs_live_flow-dev'].map((name) => `${name}=${ascii}`);
  const answers = await Promise.all([
    form([['grant_type', 'authorization_code'], ['code', text]]),
    form([['grant_type', 'refresh_token'], ['refresh_token', text]]),
    post(live.origin, '/v1/oauth/accesstoken', [
      ['client_id', A2.id], ['client_secret', text], ['grant_type', 'refresh_token'],
    ]),
    call(live.origin, {
      path: '/v1/user/profile', headers: [['Authorization', `Bearer ${ascii}`]],
    }),
    call(live.origin, { path: '/connections', headers: [['Cookie', cookies.join('; ')]] }),
    post(live.origin, '/login', [
      ['name', 'u1'], ['password', text], ['csrf', text],
    ], [['Cookie', cookies.join('; ')]]),
    call(live.origin, {
      path: `/oauth/authorize?client_id=${A2.id}&request=${encodeURIComponent(text)}`,
      headers: [['Cookie', cookies.join('; ')]],
    }).then((answer) => answer.headers.location?.endsWith('&c=1') === true
      ? { status: 302 }
      : answer),
  ]);
  const names = ['code', 'refresh token', 'client secret', 'bearer', 'sign-in cookie',
    'password', 'request handle'];
  return answers.map((answer, i) => [names[i] ?? '', answer.status] as const);
}

test('AU-07 the trail names tokens by a piece of their digest only', async () => {
  const secrets = await everySecret();
  const { refresh_token = '' } = await u1.link(A2);
  await control.act('live', 'approval.withdraw', { app: A2.id });
  assert.equal((await refresh(live, A2, refresh_token)).status, 400);
  await control.act('live', 'approval.grant', { app: A2.id });
  assert.equal((await refresh(live, A2, refresh_token)).status, 400);
  const events = trailEvents(server.data, 'live');
  const text = JSON.stringify(events);
  for (const secret of [...secrets, refresh_token]) {
    assert.ok(!text.includes(secret.slice(-40)), `an event holds ${secret.slice(0, 14)}…`);
  }
  const digest = createHash('sha256').update(refresh_token).digest('base64url');
  const refused = events.filter(({ action }) => action === 'refresh.refused');
  assert.equal(refused.at(-1)?.object, digest.slice(0, 11), '8 bytes of the digest, no more');
  assert.ok(!text.includes(digest), 'never the whole digest');
});
