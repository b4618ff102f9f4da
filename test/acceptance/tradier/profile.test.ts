/** The profile, and what the API says about bearer tokens (contract §7.4, §8). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import { exchange, profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { assertFault, assertTokenError } from './answers.ts';
import { customerIn } from './customer.ts';
import { assertLogHoldsNoSecret, linesOf } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const u1 = customerIn(live, 'u1');
const u1_paper = customerIn(paper, 'u1');
const { A1, A2 } = APPS;

const PATH = '/v1/user/profile';
type Headers = readonly (readonly [string, string])[];
type Account = { readonly [member: string]: string | number | boolean };
type Profile = {
  readonly profile: { readonly account: Account | Account[]; readonly id: string };
};

const bearer = (token: string): Headers => [['Authorization', `Bearer ${token}`]];

function get(world: WorldSite, headers: Headers, path = PATH): Promise<Answer> {
  return call(world.origin, { path, headers });
}

const MEMBERS = {
  account_number: 'string', classification: 'string', date_created: 'string',
  day_trader: 'boolean', option_level: 'number', status: 'string', type: 'string',
  last_update_date: 'string',
} as const;

function assertAccount(account: Account, number: string): void {
  assert.deepEqual(Object.keys(account), Object.keys(MEMBERS));
  for (const [name, type] of Object.entries(MEMBERS)) {
    assert.equal(typeof account[name], type, name);
  }
  const { account_number, classification, status, type } = account;
  assert.deepEqual([account_number, classification, status, type], [
    number, 'individual', 'active', 'margin',
  ]);
  for (const name of ['date_created', 'last_update_date']) {
    assert.match(String(account[name]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
}

test('AT-T52 one account is an object, two are an array, members in order and native', async () => {
  const one = await profile(live, (await u1.link(A1)).access_token);
  assert.equal(one.status, 200);
  assert.equal(one.headers['content-type'], 'application/json');
  const single = one.json<Profile>().profile;
  assert.deepEqual(Object.keys(one.json()), ['profile']);
  assert.deepEqual(Object.keys(single), ['account', 'id', 'name']);
  assert.ok(!Array.isArray(single.account));
  assertAccount(single.account, 'VA000001');
  assert.ok(one.text.endsWith(`,"name":"${CUSTOMERS.u1.name}"}}`), one.text);

  const { access_token } = await u1_paper.link(A1);
  const two = await profile(paper, access_token);
  const several = two.json<Profile>().profile;
  assert.ok(Array.isArray(several.account));
  const [first = {}, second = {}] = several.account;
  assert.equal(several.account.length, 2);
  assertAccount(first, 'VB000001');
  assertAccount(second, 'VB000002');

  // The id stays the same from app to app and day to day, and is not another customer's.
  await control.advance(3_600);
  const later = await profile(live, (await u1.link(A2)).access_token);
  assert.equal(later.json<Profile>().profile.id, single.id);
  const u2 = await profile(live, (await customerIn(live, 'u2').link(A1)).access_token);
  assert.notEqual(u2.json<Profile>().profile.id, single.id);
  assert.ok(typeof single.id === 'string' && single.id !== '');
});

test('AT-T52 every answer counts against the limit of its token and says so', async () => {
  const { access_token } = await u1.link(A1);
  const { access_token: other } = await u1_paper.link(A1);
  for (const used of [1, 2, 3]) {
    const { headers } = await profile(live, access_token);
    assert.equal(headers['x-ratelimit-allowed'], '120');
    assert.equal(headers['x-ratelimit-used'], String(used));
    assert.equal(headers['x-ratelimit-available'], String(120 - used));
    assert.match(String(headers['x-ratelimit-expiry']), /^\d{13}$/);
  }
  const { headers } = await profile(paper, other);
  assert.deepEqual(
    [headers['x-ratelimit-allowed'], headers['x-ratelimit-available']], ['60', '59'],
  );
});

test('AT-T53 XML unless Accept lists JSON anywhere', async () => {
  const token = bearer((await u1_paper.link(A1)).access_token);
  const in_json = [
    'application/json', 'application/json, text/plain, */*', 'text/html, application/json;q=0.1',
  ];
  for (const accept of in_json) {
    const answer = await get(paper, [...token, ['Accept', accept]]);
    assert.equal(answer.headers['content-type'], 'application/json', accept);
  }
  const { profile: json } = (await get(paper, [...token, ['Accept', 'application/json']]))
    .json<{ profile: { account: Account[]; id: string; name: string } }>();
  const element = (name: string, value: unknown): string => `<${name}>${String(value)}</${name}>`;
  const accounts = json.account.map((account) => {
    const members = Object.entries(account).map(([name, value]) => element(name, value));
    return element('account', members.join(''));
  });
  const inner = `${accounts.join('')}${element('id', json.id)}${element('name', json.name)}`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?>${element('profile', inner)}`;
  const in_xml: Headers[] = [
    [], [['Accept', 'application/xml']], [['Accept', '*/*']], [['Accept', 'text/html']],
  ];
  for (const accept of in_xml) {
    const answer = await get(paper, [...token, ...accept]);
    assert.match(String(answer.headers['content-type']), /^application\/xml(;|$)/);
    assert.equal(answer.text, xml);
  }
});

test('AT-T54 no, junk, foreign, expired and ended tokens each get their own 401', async () => {
  const json = ['Accept', 'application/json'] as const;
  const grant = await u1.link(A2);
  const { access_token } = grant;
  const none: Headers[] = [[], [json], [['Accept', 'application/xml']]];
  for (const headers of none) assertFault(live, await get(live, headers), 'F1', { bare: true });
  const last = access_token.at(-1) === 'A' ? 'B' : 'A';
  const junk = ['junk', 'x'.repeat(5_000), access_token.slice(0, -1), access_token.toUpperCase(),
    `${access_token.slice(0, -1)}${last}`, `${access_token}A`, grant.refresh_token ?? ''];
  for (const text of junk) assertFault(live, await get(live, bearer(text)), 'F1');
  const malformed = ['Bearer', `Basic ${access_token}`, access_token, `Bearer ${access_token} x`];
  for (const text of malformed) {
    assert.equal((await get(live, [['Authorization', text]])).status, 401, text.slice(0, 10));
  }
  const misplaced = [`?access_token=${access_token}`, `?bearer=${access_token}`];
  for (const query of misplaced) assert.equal((await get(live, [], PATH + query)).status, 401);

  const { access_token: of_paper } = await u1_paper.link(A2);
  const logged = await linesOf(
    server,
    async () => assertFault(live, await profile(live, of_paper), 'F1'),
    (line) => line['reason'] === 'env_mismatch',
  );
  assert.equal(logged.length, 1);
  assert.equal((await profile(paper, of_paper)).status, 200);

  const { code } = await u1.allow(A2);
  const ended = (await exchange(live, A2, code)).json<{ access_token: string }>();
  await exchange(live, A2, code);
  assertFault(live, await profile(live, ended.access_token), 'F3');

  for (const scheme of ['bearer', 'BEARER']) {
    const answer = await get(live, [['Authorization', `${scheme} ${access_token}`]]);
    assert.equal(answer.status, 200);
  }
  await control.advance(86_401);
  assertFault(live, await profile(live, access_token), 'F2');
});

test('AT-T59 with text errors a bad token gets the bare sentence', async () => {
  const { access_token } = await u1.link(A1);
  await control.config({ 'tradier.api_errors': 'text' });
  for (const token of ['junk', null]) {
    const answer = await profile(live, token);
    assert.equal(answer.status, 401);
    assert.equal(answer.text, 'Invalid access token');
    assert.match(String(answer.headers['content-type']), /^text\/plain(;|$)/);
    assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="/);
  }
  assert.equal((await profile(live, access_token)).status, 200);
  await control.advance(86_401);
  assert.equal((await profile(live, access_token)).text, 'Invalid access token');
  await control.config({ 'tradier.api_errors': 'fault' });
  assertFault(live, await profile(live, access_token), 'F2');
});

test('AT-T60 a personal token works at the API alone and dies when it is replaced', async () => {
  const first = await u1.newPersonalToken();
  const answer = await profile(live, first);
  assert.equal(answer.status, 200);
  assert.ok(answer.text.includes('"account_number":"VA000001"'));
  for (const app of [A1, A2]) {
    assertTokenError(live, await exchange(live, app, first), 'E3');
    assertTokenError(live, await refresh(live, app, first), 'E4');
  }
  assertFault(paper, await profile(paper, first), 'F1');
  assert.equal((await profile(live, first)).status, 200);
  const page = await u1.connections();
  assert.ok(!page.answer.text.includes(first), 'it was shown once');

  const second = await u1.newPersonalToken();
  assert.notEqual(second, first);
  const old = await profile(live, first);
  assertFault(live, old, old.text.includes('not approved') ? 'F3' : 'F1');
  assert.equal((await profile(live, second)).status, 200);
  await control.advance(400 * 86_400);
  assert.equal((await profile(live, second)).status, 200, 'it has no expiry');

  await u1.connections();
  await u1.browser.submit('personal-token', { change: 'delete' });
  assert.equal((await profile(live, second)).status, 401);
  const in_paper = await u1_paper.newPersonalToken();
  assert.equal((await profile(paper, in_paper)).status, 200);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
