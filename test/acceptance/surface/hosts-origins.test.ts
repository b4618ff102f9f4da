/** Forged hosts and foreign origins: what is configured counts, not what is said (HP-01, XS-10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { keysOf, verify } from '../../outside/jwt.ts';
import { refusedSocket } from '../../outside/socket.ts';
import {
  accessTokenRequest, codeMembers, credentials, get, loginMembers, oauthPath, oauthToken, refresh,
  tokensOf,
} from '../../outside/tradovate.ts';
import type { How } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { sendRaw, statuses } from '../http/raw.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertUnauthorized } from '../tradovate/answers.ts';
import { noted, traderIn } from '../tradovate/trader.ts';
import { callerAt } from '../tradovate/sessions/caller.ts';
import { ALL, assertNothingGiven } from './endpoints.ts';

const server = await startServer({
  seed: tradovateSeed(), set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, paper, control } = server;
const { O1, O2 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const here = callerAt(live);
const host = new URL(live.origin).host;

const HOSTS = {
  live: 'live.api.example', demo: 'demo.api.example', mdLive: 'md.api.example',
  mdDemo: 'md-demo.api.example', replay: 'replay.api.example',
  reportingLive: 'live.api.example', reportingDemo: 'demo.api.example',
};

const FORGED = [
  ['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'gopher'], ['X-Forwarded-Port', '1'],
  ['X-Forwarded-Server', 'evil.test'], ['Forwarded', 'host=evil.test;proto=http'],
  ['X-Original-URL', '/evil.test'], ['X-Rewrite-URL', '/evil.test'], ['X-Host', 'evil.test'],
] as const;

test('HP-01[B] apiHosts, issuer, metadata and redirects are configured, never asked', async () => {
  await control.config({ 'tradovate.api_hosts': HOSTS });
  const forged: How = { headers: FORGED };
  const { code } = await alice.allow(O2);
  const linked = await oauthToken(live, codeMembers(O2, code), forged);
  const { access_token, refresh_token, id_token = '' } = noted(tokensOf(linked));
  const refreshing = { ...credentials(O2), grant_type: 'refresh_token', refresh_token };
  const carriers = [
    linked, await oauthToken(live, refreshing, forged), await here.renew(access_token, forged),
    await accessTokenRequest(live, loginMembers(API_KEYS.K1, USERS.alice), forged),
  ];
  for (const answer of carriers) assert.deepEqual(answer.json()['apiHosts'], HOSTS);
  const keys = await keysOf(live);
  for (const token of [access_token, id_token]) {
    assert.equal((await verify(token, keys)).iss, live.origin);
  }
  for (const path of ['/.well-known/openid-configuration', '/auth/wellknownopenidconfiguration']) {
    assert.equal((await get(live, path, FORGED)).text, (await get(live, path)).text);
  }
  // The signpost to the other environment and the error at the callback.
  for (const path of [oauthPath(O2, { env: 'demo' }), oauthPath(O2, { response_type: 'token' })]) {
    const [plain, other] = [await get(live, path), await get(live, path, FORGED)];
    assert.equal(other.headers.location, plain.headers.location);
    assert.match(String(plain.headers.location),
      path.includes('env') ? new RegExp(`^${paper.origin}/oauth\\?`) : /^https:\/\/o2\.example\//);
  }
  const browser = createBrowser(live);
  await browser.open(oauthPath(O2), FORGED);
  assert.equal(browser.form('sign-in').action.startsWith('/'), true);
  for (const answer of [...carriers, browser.page().answer, ...browser.page().hops]) {
    assert.ok(!`${answer.text}${String(answer.raw_headers)}`.includes('evil.test'));
  }
  await control.config({ 'tradovate.api_hosts': {} });
});

test('HP-01[B] an unknown host is 421 at every endpoint, and nothing is done', async () => {
  const { access_token, refresh_token } = await alice.link(O1);
  const names = ['evil.test', `evil.test:${new URL(live.origin).port}`, `${host}.`,
    `${host}@evil.test`, '127.0.0.1', ''];
  const events = await eventsOf(server, 'live', async () => {
    for (const name of names) {
      for (const [path, [method = 'GET']] of [...ALL, [oauthPath(O1), ['GET']] as const]) {
        const answer = await call(live.origin, {
          method, path, headers: [['Host', name], ['Authorization', `Bearer ${access_token}`]],
        });
        assert.equal(answer.status, 421, `${path} at "${name}"`);
        assert.deepEqual(Object.keys(answer.json()), ['errorText']);
        assert.equal(answer.headers.location, undefined);
        assert.equal(answer.headers['cache-control'], 'no-store');
      }
    }
  });
  assert.deepEqual(actionsOf(events), []);
  const line = `GET http://evil.test/auth/me HTTP/1.1\r\nHost: ${host}\r\n`;
  const raw = `${line}Authorization: Bearer ${access_token}\r\nConnection: close\r\n\r\n`;
  assert.deepEqual(statuses((await sendRaw(live.origin, raw)).text), [421]);
  const socket = await refusedSocket(`${live.origin.replace('http', 'ws')}/v1/websocket`, {
    headers: { Host: 'evil.test' },
  });
  assert.equal(socket.status, 421);
  // The other world's authority is that world, whatever port carried it.
  const abroad = [['Host', new URL(paper.origin).host]] as const;
  assertUnauthorized(await here.me(access_token, { headers: abroad }));
  tokensOf(await refresh(live, O1, refresh_token));
});

/** Who asks, as a browser or a liar would say it. */
const ORIGINS = ['null', 'https://evil.test', 'https://app.example', 'file://', live.origin];

/** Reads nobody's token: unsigned, and says whose origin to trust. */
const UNVERIFIED = [{ alg: 'none' }, {
  azp: 'https://evil.test', 'allowed-origins': ['https://evil.test'], sub: '1',
}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.').concat('.');

function assertOpenWithoutCredentials({ headers }: Answer, what: string): void {
  assert.equal(headers['access-control-allow-origin'], '*', what);
  assert.equal(headers['access-control-allow-credentials'], undefined, what);
  assert.equal(headers['access-control-expose-headers'], undefined, what);
}

test('XS-10[B] any origin may read, none with credentials, whatever it claims', async () => {
  const cookies = [...alice.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const origin of ORIGINS) {
    const headers = [['Origin', origin], ['Cookie', cookies]] as const;
    for (const [path, [method = 'GET']] of ALL) {
      for (const token of [null, UNVERIFIED]) {
        const answer = await here.call(token, { method, path, headers });
        assertOpenWithoutCredentials(answer, `${method} ${path} of ${origin}`);
        assertNothingGiven(answer);
      }
      for (const asked of [method, 'PUT', 'DELETE', origin]) {
        const preflight = await call(live.origin, { method: 'OPTIONS', path, headers: [
          ...headers, ['Access-Control-Request-Method', asked],
          ['Access-Control-Request-Headers', 'x-evil, cookie, authorization'],
          ['Access-Control-Request-Credentials', 'true'],
        ] });
        assertOpenWithoutCredentials(preflight, `preflight of ${path}`);
        assert.equal(preflight.text, '');
        assert.equal(preflight.headers['access-control-allow-methods'], 'GET, POST, OPTIONS');
        assert.equal(preflight.headers['access-control-allow-headers'],
          'Authorization, Content-Type, Accept');
      }
    }
  }
});

test('XS-10[B] errors can be read too, and pages by no other origin at all', async () => {
  const { access_token } = await alice.link(O1);
  const headers = [['Origin', 'https://evil.test']] as const;
  const errors = [
    await here.me('junk', { headers }), await here.me(access_token, { method: 'PUT', headers }),
    await here.call(null, { path: '/auth/no', headers }),
    await oauthToken(live, 'no JSON', { headers }), await oauthToken(live, {}, { headers }),
    await oauthToken(live, { code: 'x'.repeat(70_000) }, { headers }),
  ];
  assert.deepEqual(errors.map(({ status }) => status), [401, 405, 404, 400, 200, 413]);
  for (const answer of errors) assertOpenWithoutCredentials(answer, String(answer.status));
  await alice.browser.open(oauthPath(O1));
  for (const path of [oauthPath(O1), alice.browser.page().url, '/oauth', '/login', '/connections',
    '/oauth?client_id=x', '/OAuth']) {
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { pathname, search } = new URL(path, live.origin);
      const answer = await call(live.origin, { method, path: `${pathname}${search}`, headers: [
        ...headers, ['Accept', 'text/html'], ['Access-Control-Request-Method', 'GET'],
      ] });
      const named = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
      assert.deepEqual(named, [], `${method} ${pathname}`);
    }
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
