/** What an app can be granted, what a token was granted, and how to look it up (§12.5–12.7). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { get, link, oauthToken } from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { noteSecrets } from '../../tradier/secrets.ts';
import { assertLogTellsNothing, callerAt } from './caller.ts';
import {
  assertEmpty, assertErrorText, assertMalformed, assertSession, assertUnstoredJson,
} from './answers.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper, control } = server;
const { alice } = USERS;
const here = callerAt(live);

type Product = {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly levels: readonly string[];
  readonly granted?: string;
};

const READ = ['Denied', 'Read'];
const FULL = ['Denied', 'Read', 'FullAccess'];
/** Names in the order of their ids, from 1, with their levels (§12.7). */
const PRODUCTS = [
  ['Accounting', READ], ['Alerts', FULL], ['Chat', FULL], ['Configuration', READ],
  ['ContractLibrary', READ], ['Fees', READ], ['Orders', FULL], ['Positions', READ],
  ['Prices', READ], ['Risks', FULL], ['Users', READ],
] as const;

const MEMBERS = ['id', 'name', 'description', 'levels', 'environments', 'active'];
const ORDERS = {
  id: 7, name: 'Orders', description: 'Place, change and cancel orders; see orders and fills',
  levels: FULL, environments: ['live', 'demo'], active: true,
};

function listOf(answer: Answer): readonly Product[] {
  assert.equal(answer.status, 200, answer.text);
  assertUnstoredJson(answer);
  const list = answer.json<readonly Product[]>();
  assert.ok(Array.isArray(list), answer.text);
  return list;
}

const namesOf = (answer: Answer): string[] => listOf(answer).map(({ name }) => name);

const products = (token: string | null, path = '/auth/products'): Promise<Answer> =>
  here.call(token, { path });

async function grantedTo(token: string): Promise<{ readonly [name: string]: string }> {
  const list = listOf(await products(token));
  for (const one of list) assert.deepEqual(Object.keys(one), [...MEMBERS, 'granted']);
  return Object.fromEntries(list.map(({ name, granted = '' }) => [name, granted]));
}

const all = (level: string): { readonly [name: string]: string } =>
  Object.fromEntries(PRODUCTS.map(([name]) => [name, level]));

test('AT-V55 eleven products in the order of their ids, to anybody', async () => {
  for (const world of [live, paper]) {
    for (const path of ['/auth/products', '/v1/auth/Products']) {
      const list = listOf(await get(world, path));
      assert.deepEqual(
        list.map(({ id, name, levels }) => [id, name, levels]),
        PRODUCTS.map(([name, levels], at) => [at + 1, name, levels]),
      );
      for (const one of list) {
        assert.deepEqual(Object.keys(one), MEMBERS);
        assert.ok(one.description.length > 10, one.name);
      }
      assert.deepEqual(list[6], ORDERS);
    }
  }
});

test('AT-V55 with a token each product says what that token was granted', async () => {
  const grant = await link(live, REGISTRATIONS.O1, alice);
  noteSecrets(grant.access_token, grant.refresh_token);
  const granted = { Users: 'Read', Positions: 'Read', Orders: 'FullAccess' };
  assert.deepEqual(await grantedTo(grant.access_token), { ...all('Denied'), ...granted });
  const session = assertSession(await here.login(alice));
  assert.deepEqual(await grantedTo(session.accessToken), all('FullAccess'));
  const narrow = assertSession(await here.login(alice, {}, API_KEYS.narrow));
  assert.deepEqual(await grantedTo(narrow.accessToken), { ...all('Denied'), Positions: 'Read' });
  assertEmpty(await products('junk'), 401);
  assertEmpty(await callerAt(paper).call(session.accessToken, { path: '/auth/products' }), 401);
});

test('AT-V55 lowered at the registration, a level is lowered for old tokens too', async () => {
  const { O2 } = REGISTRATIONS;
  const grant = await link(live, O2, alice);
  noteSecrets(grant.access_token, grant.refresh_token);
  assert.equal((await grantedTo(grant.access_token))['Prices'], 'Read');
  await control.act('live', 'app.change', { app: O2.id, scopes: ['Users:Read'] });
  assert.deepEqual(await grantedTo(grant.access_token), all('Denied'));
  await control.act('live', 'app.change', { app: O2.id, scopes: O2.permissions });
});

/** POST, whose manner `oauthToken` has, at this path. */
const ask = (path: string, body: Members | string, how: How = {}): Promise<Answer> =>
  oauthToken(live, body, { path, ...how });

test('AT-V55 getproduct finds one by id or by name in any case', async () => {
  for (const path of ['/auth/getproduct', '/v1/auth/getProduct']) {
    const bodies = [{ id: 7 }, { name: 'Orders' }, { name: 'oRDERS' }, { id: 7, unknown: true }];
    for (const body of bodies) {
      const answer = await ask(path, body);
      assert.equal(answer.text, JSON.stringify(ORDERS));
      assertUnstoredJson(answer);
    }
  }
  for (const [at, [name]] of PRODUCTS.entries()) {
    assert.equal((await ask('/auth/getproduct', { id: at + 1 })).json()['name'], name);
    assert.equal((await ask('/auth/getproduct', { name })).json()['id'], at + 1);
  }
});

test('AT-V55 getproduct: unknown is 404, neither, both and nonsense are 400', async () => {
  const unknown: readonly Members[] = [
    { id: 0 }, { id: 12 }, { id: -1 }, { name: 'Authentication' }, { name: 'Order' },
    { name: '__proto__' }, { name: 'Orders ' },
  ];
  for (const body of unknown) assertEmpty(await ask('/auth/getproduct', body), 404);
  const malformed: readonly (Members | string)[] = [
    {}, { id: 7, name: 'Orders' }, { id: '7' }, { id: 7.5 }, { id: [7] }, { name: 7 }, '', '[]',
    '{"id":7,"id":8}',
  ];
  for (const body of malformed) assertMalformed(await ask('/auth/getproduct', body));
  assertMalformed(await here.call(null, { path: '/auth/getproduct' }), 405);
});

/** POST `/auth/search` with a session's token, or without one. */
async function search(token: string | null, body: Members | string): Promise<Answer> {
  const headers = token === null ? [] : [['Authorization', `Bearer ${token}`]] as const;
  return ask('/auth/search', body, { headers });
}

const SHORT = 'Search text is too short';

test('AT-V55 search finds products by name and description, for token holders', async () => {
  const { accessToken } = assertSession(await here.login(alice));
  for (const text of ['ord', 'ORD', ' ord ', 'orders']) {
    assert.ok(namesOf(await search(accessToken, { text })).includes('Orders'), text);
  }
  assert.deepEqual(namesOf(await search(accessToken, { text: 'fills' })), ['Orders']);
  assert.deepEqual(namesOf(await search(accessToken, { text: 'no such thing' })), []);
  for (const short of ['or', '*', '', '  o  ', ' or ', undefined]) {
    assertErrorText(await search(accessToken, { text: short }), SHORT);
  }
  for (const wildcard of ['o*s', 'o%s', 'o_d', '***', '%%%', '...', 'o.d', '[a-z]']) {
    assert.deepEqual(namesOf(await search(accessToken, { text: wildcard })), [], wildcard);
  }
  for (const token of [null, 'junk']) {
    assertEmpty(await search(token, { text: 'ord' }), 401);
    assertEmpty(await search(token, { text: '*' }), 401);
  }
});

test('AT-V55 search shows ten at most, or as many as asked for up to 25', async () => {
  const { accessToken } = assertSession(await here.login(alice));
  const everything = namesOf(await search(accessToken, { text: 'and', limit: 25 }));
  assert.ok(everything.length >= 2 && everything.length <= 11, String(everything));
  const names = PRODUCTS.map(([name]) => name as string);
  assert.deepEqual(everything, names.filter((name) => everything.includes(name)));
  const first = namesOf(await search(accessToken, { text: 'and', limit: 1 }));
  assert.deepEqual(first, everything.slice(0, 1));
  const usual = namesOf(await search(accessToken, { text: 'and' }));
  assert.deepEqual(usual, everything.slice(0, 10));
  const malformed: readonly (Members | string)[] = [
    { text: 7 }, { text: 'ord', limit: 0 }, { text: 'ord', limit: 26 },
    { text: 'ord', limit: '5' }, { text: 'ord', limit: 1.5 }, { text: ['ord'] }, '',
  ];
  for (const body of malformed) assertMalformed(await search(accessToken, body));
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
