/** One path, one decision: letter case changes nothing, tricks reach nothing (HP-11). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WorldSite } from '../../outside/fixtures.ts';
import {
  REGISTRATIONS, USERS, demoApiKey, tradovateSeed,
} from '../../outside/tradovate-fixtures.ts';
import { get, oauthPath, oauthToken, preflight } from '../../outside/tradovate.ts';
import { startServer } from '../../world.ts';
import { sendRaw } from '../http/raw.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { WRONG_CLIENT, assertWrongPage } from '../tradovate/answers.ts';
import { traderIn } from '../tradovate/trader.ts';
import { assertEmpty, assertPenalty, assertSession } from '../tradovate/sessions/answers.ts';
import {
  BEHIND_PROXY, assertLogTellsNothing, callerAt, freshAddress,
} from '../tradovate/sessions/caller.ts';
import { ALL, READERS, sendTo } from './endpoints.ts';

const READER = demoApiKey(21, { app_id: 'Reader', permissions: ['Orders:Read'] });
const TRADER = demoApiKey(22, { app_id: 'Trader', permissions: ['Orders:FullAccess'] });
const BLIND = demoApiKey(23, { app_id: 'Blind', permissions: ['Users:Read'] });

const server = await startServer({
  seed: tradovateSeed({ api_keys: [READER, TRADER, BLIND] }), set: BEHIND_PROXY,
});
after(server.stop);
const { live } = server;
const { O1 } = REGISTRATIONS;
const here = callerAt(live);
const { alice, erin } = USERS;

const tokenOf = async (key: typeof READER, user = alice): Promise<string> =>
  assertSession(await here.login(user, {}, key)).accessToken;

/** The same path as people, programs and attackers write it. */
function spellings(path: string): readonly string[] {
  const mixed = path.replaceAll(/(.)(.?)/g, (_, odd: string, even: string) =>
    odd.toUpperCase() + even);
  const plain = path.replace(/^\/v1/, '');
  const both = plain.startsWith('/order') ? [path] : [plain, `/v1${plain}`];
  return [...both.flatMap((one) => [one, one.toUpperCase()]), mixed, `${path}?`];
}

test('HP-11[B] in any letter case, with or without /v1, a path is one endpoint', async () => {
  const { access_token } = await traderIn(live, erin).link(O1);
  for (const { path, members } of READERS) {
    const [first, ...others] = await Promise.all(spellings(path).map(async (spelt) => {
      // Each from a network of its own: failed sign-ins are counted by network.
      const headers = [['X-Forwarded-For', freshAddress()]] as const;
      const body = { ...members, name: undefined, grant_type: 'string', cid: 0 };
      const { status, text } = await sendTo(live, { path: spelt }, body, { headers });
      return `${status} ${text}`;
    }));
    for (const other of others) assert.equal(other, first, path);
  }
  for (const path of ['/auth/me', '/oidcuserinfo', '/userinfo', '/auth/products', '/auth/jwks']) {
    const [first, ...others] = await Promise.all(spellings(path).map(async (spelt) => {
      const { status, text } = await here.call(access_token, { path: spelt });
      return `${status} ${text}`;
    }));
    assert.match(first ?? '', /^200 /);
    for (const other of others) assert.equal(other, first, path);
  }
  for (const [path, [method = 'GET']] of ALL) {
    for (const spelt of spellings(path)) {
      assert.equal((await preflight(live, spelt, method)).status, 200, spelt);
    }
  }
  for (const path of ['/oauth', '/OAuth', '/OAUTH']) {
    assertWrongPage(await get(live, `${path}?client_id=1&redirect_uri=x`), WRONG_CLIENT);
    const { answer } = await traderIn(live, erin).browser
      .open(oauthPath(O1).replace('/oauth', path));
    assert.equal(answer.status, 200, path);
  }
});

test('HP-11[B] the guard of permissions decides on the same path as the router', async () => {
  const tokens = {
    reads: await tokenOf(READER), trades: await tokenOf(TRADER),
    neither: await tokenOf(BLIND, erin),
  };
  const paths: readonly (readonly [string, number, number])[] = [
    ['/v1/order/list', 404, 404], ['/V1/ORDER/LIST', 404, 404], ['/v1/Order/List?', 404, 404],
    ['/v1/order/placeorder', 401, 404], ['/v1/order/placeOrder', 401, 404],
    ['/V1/ORDER/PLACEORDER', 401, 404], ['/v1/oRdEr/PlAcEoRdEr?list', 401, 404],
    // What nobody knows needs full access, as all that changes does.
    ['/v1/order/listx', 401, 404], ['/v1/order/Unknown', 401, 404],
  ];
  for (const [path, reading, trading] of paths) {
    for (const method of ['GET', 'POST']) {
      const answers = await Promise.all([tokens.reads, tokens.trades, tokens.neither, null]
        .map((token) => here.call(token, { path, method })));
      const statuses = answers.map(({ status }) => status);
      assert.deepEqual(statuses, [reading, trading, 401, 401], `${method} ${path}`);
      for (const { bytes } of answers) assert.equal(bytes.length, 0);
    }
  }
});

test('HP-11[B] penalties count an endpoint, not a spelling of it', async () => {
  const caller = callerAt(live);
  const paths = spellings('/auth/me');
  for (let count = 0; count < 10; count += 1) {
    assertEmpty(await caller.me('junk', { path: paths[count % paths.length] ?? '' }), 401);
  }
  for (const path of paths) assertPenalty(await caller.me('junk', { path }), 30);
  const signing = callerAt(live);
  const body = { cid: 0, 'p-ticket': undefined };
  const spelt = spellings('/auth/accesstokenrequest');
  const headers = [['X-Forwarded-For', signing.address]] as const;
  for (let count = 0; count < 5; count += 1) {
    const path = spelt[count % spelt.length] ?? '';
    const { text } = await oauthToken(live, body, { path, headers });
    assert.equal(text, '{"errorText":"The app is not registered"}');
  }
  for (const path of spelt) assertPenalty(await oauthToken(live, body, { path, headers }), 15);
});

const TRICKS = [
  '//auth/me', '/auth//me', '/./auth/me', '/auth/./me', '/auth/../auth/me', '/x/../auth/me',
  '/auth%2fme', '/auth%2Fme', '/auth%5cme', '/auth\\me', '/%61uth/me', '/auth/%6de', '/auth/me/',
  '/auth/me;x', '/auth/me;jsessionid=1', '/auth/me.', '/auth/me.json', '/auth/me%00', '/auth/me%20',
  '/auth/me%3f', '/v1/v1/auth/me', '/v2/auth/me', '/v1//auth/me', '/auth/v1/me', '/auth/%2e/me',
  '/auth/%2e%2e/auth/me', '/auth/..;/auth/me', '/auth/me%23', '/AUTH/ME/',
  '/auth/renewaccesstoken/', '/auth/RenewAccessToken%2f', '/oidcuserinfo/', '/v1/oidcuserinfo.',
  '/order/list', '/v1//order/list', '/v1/order//list', '/v1/order/./list', '/v1/order/../list',
  '/v1/position/../order/list', '/v1/order/%2e%2e/position/list', '/v1/order%2flist',
  '/v1/order/list/', '/v1/order/list;x', '/v1/order/list.', '/v1/order/list%20', '/v1/order/',
  '/v1/order', '/v1/order/..', '/v1/order/.', '/v1/order/list/..', '/v1/order\\list', '/v1/x/list',
  '/oauth/', '/oauth/x', '/oauth;x', '/%6fauth', '//oauth', '/v1/oauth',
];

/** The Kelvin sign, the long s and the dotless i: letters that fold to ours elsewhere. */
const FOLDING = ['/auth/jw\u212as', '/auth/jwk\u017f', '/oidcuser\u0131nfo', '/ｖ1/auth/me'];

/** Status and length of the body of a request line sent as it is, with a good token. */
async function trick({ origin }: WorldSite, path: string, token: string | null): Promise<string> {
  const bearer = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  const bytes = Buffer.from(path).toString('latin1');
  const head = `GET ${bytes} HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n`;
  const { text } = await sendRaw(origin, `${head}${bearer}Connection: close\r\n\r\n`);
  const [top = '', ...body] = text.split('\r\n\r\n');
  return `${top.split(' ')[1]} ${body.join('').length}`;
}

test('HP-11[B] path tricks reach no route, with a good token or without', async () => {
  const token = await tokenOf(TRADER);
  const events = await eventsOf(server, 'live', async () => {
    for (const path of TRICKS) {
      for (const bearer of [token, null]) {
        assert.equal(await trick(live, path, bearer), '404 0', path);
      }
    }
    // Bytes that no target holds (RFC 3986): the parser refuses them before there is a path.
    for (const path of FOLDING) assert.match(await trick(live, path, token), /^400 /, path);
    for (const path of FOLDING.map(encodeURI)) {
      assert.equal(await trick(live, path, token), '404 0', path);
    }
  });
  assert.deepEqual(actionsOf(events), []);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
