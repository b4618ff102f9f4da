/** Golden transcripts of contract §12 and of the entities of §13. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProfileAnswer } from '../../../src/core/commands.ts';
import { AREAS, ALL_AREAS } from '../../../src/core/rules/scopes/areas.ts';
import { scopeMask } from '../../../src/core/rules/scopes/scopes.ts';
import type { Sent } from '../page-requests.ts';
import {
  API_HEADERS, JSON_HEADERS, type Scripted, WORLDS, exchange, json, objectOf, ok, refusal,
} from './exchange.ts';

const NOW = Date.parse('2026-11-22T09:30:00.123Z');
const COUNTED = { result: ok({ now: NOW }) };

const says = async (sent: Sent, scripted: Scripted = COUNTED): Promise<string> => {
  const { response } = await exchange(sent, scripted);
  return `${response.status} ${response.body}`;
};

const versions = (path: string): string[] => [path, `/v1${path}`, `/V1${path.toUpperCase()}`];

describe('time', () => {
  test('the clock in milliseconds, under both names', async () => {
    for (const path of [...versions('/gettimestamp'), ...versions('/timestamp')]) {
      const { response, name } = await exchange({ path }, COUNTED);
      assert.equal(response.body, '{"timestamp":"2026-11-22T09:30:00.123Z"}');
      assert.deepEqual(response.headers, JSON_HEADERS);
      assert.equal(name, 'count_call');
    }
    assert.equal(await says({ path: '/timestamp' }, { result: refusal('quota_exceeded') }), '429 ');
  });
});

describe('challenge', () => {
  const path = '/auth/challenge';
  const result = ok({ challenge: '59382017465520938174', expires_at: NOW + 120_000 });

  test('digits and their end, for a device or for none', async () => {
    for (const [query, device] of [['', null], ['deviceId=', null], ['deviceId=d%201', 'd 1'],
      [`deviceId=${'x'.repeat(64)}`, 'x'.repeat(64)]] as const) {
      const { response, command } = await exchange({ path, query }, { result });
      assert.equal(response.body,
        '{"chl":"59382017465520938174","expirationTime":"2026-11-22T09:32:00Z"}');
      assert.ok(command !== null && 'device' in command);
      assert.equal(command.device, device);
    }
    for (const query of ['deviceId=a&deviceId=a', 'deviceId=%ff', `deviceId=${'x'.repeat(65)}`]) {
      assert.equal(await says({ path, query }, { result }), '400 {"errorText":"deviceId"}');
    }
  });
});

describe('countryisbanned', () => {
  const path = '/auth/countryisbanned';
  const settings = { banned_countries: ['KP', 'ir'] };
  const ask = (body: unknown): Promise<string> => says(json(path, body), { ...COUNTED, settings });

  test('the answer is that of the list, in any case', async () => {
    for (const country of ['KP', 'kp', 'Kp']) {
      assert.equal(await ask({ country }), '200 {"country":"KP","banned":true}');
    }
    assert.equal(await ask({ countryCode: 'IR' }), '200 {"country":"IR","banned":true}');
    assert.equal(await ask({ country: 'DE', countryCode: 'KP' }),
      '200 {"country":"DE","banned":false}');
  });

  test('what is no country is a failure, what is no body is malformed', async () => {
    for (const body of [{ country: 'KPX' }, {}, { country: '' }, { country: 'XX' },
      { country: 'K P' }, { country: 'ＫＰ' }, { other: 'KP' }]) {
      assert.equal(await ask(body), '200 {"errorText":"Unknown country"}');
    }
    assert.equal(await ask({ country: ['KP'] }), '400 {"errorText":"country"}');
    assert.equal(await ask({ countryCode: 1 }), '400 {"errorText":"countryCode"}');
    assert.equal(await ask(''), '400 {"errorText":"body"}');
    const { command } = await exchange(json(path, []), { ...COUNTED, settings });
    assert.equal(command, null);
  });
});

const ORDERS = '"id":7,"name":"Orders",' +
  '"description":"Place, change and cancel orders; see orders and fills",' +
  '"levels":["Denied","Read","FullAccess"],"environments":["live","demo"],"active":true';

describe('products', () => {
  const list = async (scopes: number | null, headers = {}) => {
    const answer = await exchange({ path: '/auth/products', headers },
      { result: ok({ scopes, now: NOW }) });
    const products = JSON.parse(answer.response.body) as
      { id: number; name: string; levels: string[]; granted?: string }[];
    return { ...answer, products };
  };

  test('eleven areas by id; levels as they can be granted', async () => {
    const { response, products, command } = await list(null);
    assert.deepEqual(products.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.deepEqual(products.filter(({ levels }) => levels.includes('FullAccess'))
      .map(({ name }) => name), ['Alerts', 'Chat', 'Orders', 'Risks']);
    assert.ok(response.body.includes(`{${ORDERS}}`));
    assert.ok(!response.body.includes('granted'));
    assert.ok(command !== null && 'token_needed' in command);
    assert.deepEqual([command.token_needed, command.bearer], [false, null]);
  });

  test('with a token each says what was granted', async () => {
    const mask = scopeMask(['Orders:FullAccess', 'Users:Read']);
    const { products, command } = await list(mask, { authorization: 'Bearer abc' });
    assert.deepEqual(products.filter(({ granted }) => granted !== 'Denied')
      .map(({ name, granted }) => `${name} ${granted}`), ['Orders FullAccess', 'Users Read']);
    assert.ok(command !== null && 'bearer' in command);
    assert.equal(command.bearer, 'abc');
    assert.ok((await list(ALL_AREAS)).products.every(({ granted }) => granted === 'FullAccess'));
  });

  test('a broken token is a bad token, another scheme is none', async () => {
    const bearerOf = async (authorization: string): Promise<string | null> => {
      const { command } = await list(null, { authorization });
      assert.ok(command !== null && 'bearer' in command);
      return command.bearer;
    };
    for (const header of ['Bearer', 'Bearer ', 'bearer !!!', ' Bearer a b']) {
      assert.equal(await bearerOf(header), '', header);
    }
    assert.equal(await bearerOf('Basic abc'), null);
  });

  test('a world that is not served is not named', async () => {
    const { response } = await exchange({ path: '/auth/products' },
      { result: ok({ scopes: null, now: NOW }), worlds: { live: WORLDS.live } });
    assert.ok(response.body.includes('"environments":["live"]'));
  });

  test('getproduct: one by id or by name', async () => {
    const ask = (body: unknown) => says(json('/auth/getproduct', body));
    for (const body of [{ id: 7 }, { name: 'Orders' }, { name: 'oRDERS' }, { id: 7, name: '' }]) {
      assert.equal(await ask(body), `200 {${ORDERS}}`);
    }
    for (const body of [{ id: 0 }, { id: 12 }, { id: -1 }, { name: 'Authentication' },
      { name: 'Order' }, { name: '__proto__' }]) assert.equal(await ask(body), '404 ');
    for (const body of [{}, { id: 7, name: 'Orders' }, { id: '7' }, { id: 7.5 }, { id: null }]) {
      assert.equal(await ask(body), '400 {"errorText":"id"}');
    }
    assert.equal(await ask({ name: 7 }), '400 {"errorText":"name"}');
  });

  test('search: part of a name or description, so many, and only with a token', async () => {
    const result = ok({ scopes: 0, now: NOW });
    const ask = (body: unknown) => exchange(json('/auth/search', body), { result });
    const names = async (body: unknown): Promise<string[]> =>
      (JSON.parse((await ask(body)).response.body) as { name: string }[]).map(({ name }) => name);
    assert.ok((await names({ text: 'ord' })).includes('Orders'));
    assert.deepEqual(await names({ text: ' SUPPORT ' }), ['Chat']);
    assert.deepEqual(await names({ text: 'see', limit: 2 }), ['Accounting', 'Alerts']);
    assert.equal((await names({ text: 'see' })).length <= 10, true);
    assert.deepEqual(await names({ text: '***' }), []);
    assert.deepEqual(await names({ text: '.*.' }), []);
    for (const body of [{ text: 'or' }, { text: '*' }, { text: '  or  ' }, {}, { text: '' }]) {
      assert.equal((await ask(body)).response.body, '{"errorText":"Search text is too short"}');
    }
    for (const limit of [0, 26, -1, 1.5, '5']) {
      assert.equal(await says(json('/auth/search', { text: 'ord', limit })),
        '400 {"errorText":"limit"}');
    }
    const { command } = await ask({ text: 'ord' });
    assert.ok(command !== null && 'token_needed' in command && command.token_needed);
    assert.equal(await says(json('/auth/search', { text: 'ord' }),
      { result: refusal('token_missing') }), '401 ');
  });
});

describe('keys and metadata', () => {
  const PUBLIC = [['Content-Type', 'application/json'],
    ['Cache-Control', 'public, max-age=300'], ['Access-Control-Allow-Origin', '*']];

  test('keys: public members in their order, whatever the core has', async () => {
    const key = { n: 'N', e: 'AQAB', d: 'private', p: 'private', kid: 'k1', alg: 'RS256',
      use: 'sig', kty: 'RSA' };
    const result = ok({ keys: [key], tag: 'k1' });
    const { response } = await exchange({ path: '/auth/jwks' }, { result });
    assert.equal(response.body, '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"k1",' +
      '"n":"N","e":"AQAB"}]}');
    assert.deepEqual(response.headers, [...PUBLIC, ['ETag', '"k1"']]);
    const failed = await exchange({ path: '/auth/jwks' }, { result: refusal('overloaded') });
    assert.deepEqual(failed.response.headers.slice(0, 4), JSON_HEADERS);
  });

  test('keys: who has them is told so, and only then', async () => {
    const result = ok({ keys: [{ kid: 'k1' }, { kid: 'k2' }], tag: 'k1.k2' });
    const statusOf = async (tag: string): Promise<string> => {
      const { response } = await exchange(
        { path: '/auth/jwks', headers: { 'if-none-match': tag } }, { result });
      return `${response.status} ${response.body}`;
    };
    for (const tag of ['"k1.k2"', 'W/"k1.k2"', '"k0", "k1.k2"']) {
      assert.equal(await statusOf(tag), '304 ');
    }
    for (const tag of ['', '"k1"', 'k1.k2', '*']) {
      assert.match(await statusOf(tag), /^200 \{"keys":\[/);
    }
  });

  const documentOf = (issuer: string, pages: string): string => `{"issuer":"${issuer}",` +
    `"authorization_endpoint":"${pages}/oauth","token_endpoint":"${issuer}/auth/oauthtoken",` +
    `"userinfo_endpoint":"${issuer}/v1/oidcuserinfo","jwks_uri":"${issuer}/auth/jwks",` +
    '"response_types_supported":["code"],' +
    '"grant_types_supported":["authorization_code","refresh_token"],' +
    '"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"],' +
    '"scopes_supported":["openid"],"token_endpoint_auth_methods_supported":' +
    '["client_secret_post","client_secret_basic","none"],' +
    '"code_challenge_methods_supported":["S256"]}';

  test('one document an environment, under every name', async () => {
    for (const path of ['/.well-known/openid-configuration',
      '/auth/.well-known/openid-configuration', '/auth/wellknownopenidconfiguration',
      '/.well-known/oauth-authorization-server'].flatMap(versions)) {
      const { response } = await exchange({ path }, COUNTED);
      assert.equal(response.body, documentOf('https://live.example', 'https://trader.example'));
      assert.deepEqual(response.headers, PUBLIC);
      const demo = await exchange({ path, world: 'paper' }, COUNTED);
      assert.equal(demo.response.body,
        documentOf('https://demo.example', 'https://trader-demo.example'));
    }
  });
});

const PROFILE: ProfileAnswer = {
  customer: 'c', app: null, scopes: 0, expires_at: null,
  quota: { allowed: 1, used: 0, ends_at: 0 }, name: 'Alice Example', number: 1_840_217,
  accounts: [{
    number: 'DEMO501', customer: 'c', classification: 'individual', type: 'margin',
    status: 'active', day_trader: false, option_level: 1,
    created_at: Date.parse('2026-01-05T09:30:00Z'), updated_at: 0,
  }],
};

describe('entities', () => {
  const example_resources = { example_resources: true };

  test('the permission is checked, and behind it is nothing', async () => {
    for (const [path, scope] of [['/v1/order/list', 'Orders:Read'],
      ['/v1/Order/placeOrder', 'Orders:FullAccess'], ['/v1/order/unheard', 'Orders:FullAccess'],
      ['/v1/user/syncrequest', 'Users:Read'], ['/v1/account/list', 'Accounting:Read']] as const) {
      for (const method of ['GET', 'POST']) {
        const { response, command } = await exchange({ path, method }, { result: ok(PROFILE) });
        assert.equal(`${response.status} ${response.body}`, '404 ');
        assert.ok(command !== null && 'scopes' in command);
        assert.deepEqual(command.scopes, [scope]);
        assert.equal(await says({ path, method }, { result: refusal('scope_missing') }), '401 ');
      }
    }
  });

  test('what is no operation of a known entity is not even asked about', async () => {
    for (const path of ['/v1/orders/list', '/v1/order', '/v1/order/', '/v1/order/a/b',
      '/order/list', '/v1/order/..', '/v1/order/%6cist', '/v1//order/list', '/v1/order//list',
      '/v1/auth/list', '/v1/order/list%00', '/v1/order/l.ist', '/v1/__proto__/list']) {
      const { response, command } = await exchange({ path }, { result: ok(PROFILE) });
      assert.equal(`${response.status} ${response.body}`, '404 ', path);
      assert.deepEqual(response.headers, API_HEADERS);
      assert.equal(command, null);
    }
    assert.equal((await exchange({ path: '/v1/order/list', method: 'PUT' })).response.status, 405);
  });

  test('examples: her accounts as the contract shows them, and no settings', async () => {
    const scripted = { result: ok(PROFILE), settings: example_resources };
    assert.equal(await says({ path: '/v1/Account/List' }, scripted), '200 [{"id":501,' +
      '"name":"DEMO501","userId":1840217,"accountType":"Customer","active":true,' +
      '"legalStatus":"Individual","marginAccountType":"Speculator",' +
      '"timestamp":"2026-01-05T09:30:00Z"}]');
    const { response, command } = await exchange(
      { path: '/v1/userProperty/deps', query: 'masterid=1' }, scripted);
    assert.equal(response.body, '[]');
    assert.ok(command !== null && 'scopes' in command);
    assert.deepEqual(command.scopes, ['Users:Read']);
    const off = await says({ path: '/v1/account/list' }, { result: ok(PROFILE) });
    assert.equal(off, '404 ');
  });

  test('every area has a product', () => assert.equal(AREAS.length, 11));
});

test('a body of another form reaches no command', async () => {
  for (const path of ['/auth/getproduct', '/auth/search', '/auth/countryisbanned']) {
    for (const body of ['', '[]', 'x', '{"a":1,"a":2}', '{']) {
      const { response, command } = await exchange(json(path, body), COUNTED);
      assert.equal(command, null);
      assert.deepEqual(objectOf(response), { errorText: 'body' });
      assert.equal(response.status, 400);
      assert.equal(response.log?.refusal, 'body_malformed');
    }
  }
});
