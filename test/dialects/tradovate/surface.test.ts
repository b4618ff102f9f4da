/** What all endpoints have in common (contract §1.2, §2): paths, methods, problems, origins. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HttpProblem } from '../../../src/core/routes.ts';
import { tradovateDialect } from '../../../src/dialects/tradovate/dialect.ts';
import { wireRequest } from '../page-requests.ts';
import {
  ALICE, API_HEADERS, JSON_HEADERS, exchange, headerOf, objectOf, ok, optionsWith, refusal,
} from './exchange.ts';

const DIALECT = tradovateDialect(optionsWith({ example_resources: true }));

const problem = (status: HttpProblem['status'], path: string, more: Partial<HttpProblem> = {}) =>
  DIALECT.problem({ status, ...more }, wireRequest({ path }));

describe('routes', () => {
  test('every endpoint of the contract, with and without a version', () => {
    const rows = DIALECT.routes.filter(({ path }) => !path.endsWith('/*'))
      .map(({ methods, path }) => `${methods.join(' ')} ${path}`);
    const both = ['POST OPTIONS /auth/oauthtoken', 'POST OPTIONS /auth/accesstokenrequest',
      'GET POST OPTIONS /auth/renewaccesstoken', 'GET OPTIONS /auth/me',
      'GET OPTIONS /auth/challenge', 'POST OPTIONS /auth/countryisbanned',
      'GET OPTIONS /auth/products', 'POST OPTIONS /auth/getproduct', 'POST OPTIONS /auth/search',
      'GET OPTIONS /gettimestamp', 'GET OPTIONS /timestamp', 'GET POST OPTIONS /oidcuserinfo',
      'GET POST OPTIONS /userinfo', 'GET OPTIONS /auth/jwks',
      'GET OPTIONS /.well-known/openid-configuration',
      'GET OPTIONS /auth/.well-known/openid-configuration',
      'GET OPTIONS /auth/wellknownopenidconfiguration',
      'GET OPTIONS /.well-known/oauth-authorization-server'];
    const versioned = both.map((row) => row.replace(' /', ' /v1/'));
    const pages = ['GET /oauth', 'GET /oauth/authorize'];
    assert.deepEqual(rows.toSorted(), [...both, ...versioned, ...pages].toSorted());
    for (const { fold_case, dialect } of DIALECT.routes) {
      assert.deepEqual([fold_case, dialect], [true, 'tradovate']);
    }
    const ids = DIALECT.routes.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(DIALECT.socket_routes?.map(({ path }) => path), ['/v1/websocket']);
    assert.equal(rows.some((row) => row.includes('register')), false);
  });

  test('no spelling but its letter case leads to an endpoint', async () => {
    for (const path of ['/auth/me/', '//auth/me', '/auth//me', '/auth%2fme', '/auth/%6de',
      '/auth/./me', '/auth/x/../me', '/v2/auth/me', '/v1/v1/auth/me', '/auth/me;x', '/auth/me.',
      '/me', '/v1/me', '/auth/register', '/v1/oauth', '/oauth/', '/auth', '/']) {
      const { command, response } = await exchange({ path }, { result: ok(ALICE) });
      assert.equal(command, null, path);
      assert.equal(`${response.status} ${response.body}`, '404 ', path);
    }
    const { response } = await exchange({ path: '/v1/AUTH/Me' }, { result: ok(ALICE) });
    assert.equal(response.status, 200);
  });

  test('another method is 405; HEAD is no GET; a preflight is not told of', async () => {
    for (const [path, allow] of [['/auth/oauthtoken', 'POST'], ['/auth/me', 'GET'],
      ['/auth/renewaccesstoken', 'GET, POST'], ['/oauth', 'GET']] as const) {
      for (const method of ['HEAD', 'PUT', 'DELETE']) {
        const { response, command } = await exchange({ path, method });
        assert.equal(command, null);
        assert.equal(`${response.status} ${response.body}`,
          '405 {"errorText":"Method not allowed"}');
        assert.deepEqual(response.headers, [...JSON_HEADERS, ['Allow', allow]]);
      }
    }
  });
});

describe('other origins', () => {
  test('a preflight is allowed at every endpoint and reaches no command', async () => {
    for (const { path, role } of DIALECT.routes) {
      if (role !== 'api') continue;
      const sent = { method: 'OPTIONS', path: path.replace('*', 'list'), headers: { origin: 'x' } };
      const { response, command } = await exchange(sent,
        { settings: { elsewhere: { '/auth/me': 'other.example' } } });
      assert.equal(command, null);
      assert.equal(`${response.status} ${response.body}`, '200 ', path);
      assert.deepEqual(response.headers, [
        ...API_HEADERS, ['Access-Control-Allow-Methods', 'GET, POST, OPTIONS'],
        ['Access-Control-Allow-Headers', 'Authorization, Content-Type, Accept'],
        ['Access-Control-Max-Age', '600'],
      ]);
    }
    assert.equal((await exchange({ method: 'OPTIONS', path: '/oauth' })).response.status, 405);
    assert.equal((await exchange({ method: 'OPTIONS', path: '/auth/x' })).response.status, 404);
  });

  test('every answer may be read, credentials are never asked for', async () => {
    const answers = [
      (await exchange({ path: '/auth/me' }, { result: ok(ALICE) })).response,
      (await exchange({ path: '/auth/me' }, { result: refusal('token_missing') })).response,
      (await exchange({ path: '/auth/nothing' })).response,
      problem(500, '/auth/me'), problem(431, ''),
    ];
    for (const response of answers) {
      assert.equal(headerOf(response, 'access-control-allow-origin'), '*');
      assert.equal(headerOf(response, 'access-control-allow-credentials'), undefined);
    }
  });
});

describe('problems', () => {
  test('the status with one text, and a time to come back', () => {
    for (const status of [400, 405, 413, 414, 421, 431, 500, 503] as const) {
      for (const path of ['/auth/me', '/v1/order/list', '']) {
        const response = problem(status, path);
        assert.equal(response.status, status);
        assert.deepEqual(Object.keys(objectOf(response)), ['errorText']);
        assert.deepEqual(response.headers, JSON_HEADERS);
      }
    }
    assert.equal(headerOf(problem(503, '/auth/me', { retry_after_s: 3 }), 'retry-after'), '3');
  });

  test('a body that is too large is said to token clients in their form', () => {
    for (const path of ['/auth/oauthtoken', '/V1/auth/OAuthToken']) {
      assert.deepEqual(objectOf(problem(413, path)), {
        errorText: 'Request too large', error: 'invalid_request',
        error_description: 'Request too large',
      });
    }
  });

  test('a browser gets a page wherever no program calls', () => {
    for (const path of ['/oauth', '/OAuth', '/oauth/x', '/nothing']) {
      const browser = wireRequest({ path, headers: { accept: 'text/html' } });
      const response = DIALECT.problem({ status: 405, allow: ['GET'] }, browser);
      assert.equal(response.status, 405);
      assert.match(headerOf(response, 'content-type') ?? '', /^text\/html/);
      assert.equal(headerOf(response, 'allow'), 'GET');
      assert.match(DIALECT.problem({ status: 404 }, browser).body, /^404/);
      assert.equal(problem(404, path).body, '', 'a program gets nothing');
    }
    for (const path of ['/auth/me', '/V1/Order/x', '/userinfo', '/v1/gettimestamp/']) {
      const api = wireRequest({ path, headers: { accept: 'text/html' } });
      assert.match(DIALECT.problem({ status: 500 }, api).body, /^\{/);
      assert.equal(DIALECT.problem({ status: 404 }, api).body, '');
    }
  });
});

describe('elsewhere', () => {
  const settings = { elsewhere: { '/auth/me': 'live.example', '/order/list': 'live.example' } };
  const SAID = '200 {"errorText":"This endpoint should be called on live.example"}';

  test('is told before any token is looked at, for any spelling of the path', async () => {
    for (const path of ['/auth/me', '/v1/auth/ME', '/V1/Auth/Me', '/v1/order/list']) {
      for (const headers of [{}, { authorization: 'Bearer x' }]) {
        const { command, response } = await exchange({ path, headers },
          { settings, authority: 'demo.example' });
        assert.equal(command, null);
        assert.equal(`${response.status} ${response.body}`, SAID);
        assert.deepEqual(response.headers, JSON_HEADERS);
      }
    }
    const scripted = { settings, authority: 'demo.example' };
    const unrouted = await exchange({ path: '/order/list' }, scripted);
    assert.equal(`${unrouted.response.status} ${unrouted.response.body}`, SAID);
  });

  test('is nowhere else, and not at the host that is named', async () => {
    for (const [path, authority] of [['/auth/me', 'live.example'], ['/auth/me', 'LIVE.example:443'],
      ['/oidcuserinfo', 'demo.example']] as const) {
      const { command } = await exchange({ path }, { settings, authority, result: ok(ALICE) });
      assert.notEqual(command, null);
    }
    const none = await exchange({ path: '/auth/me/' }, { settings, authority: 'demo.example' });
    assert.equal(none.response.status, 404);
    for (const path of ['/__proto__', '/constructor', '/v1/toString']) {
      assert.equal((await exchange({ path }, { settings })).response.status, 404);
    }
  });
});
