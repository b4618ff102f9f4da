/** Who somebody is, which keys verify it, and where everything is (contract §1.3, §8, §12). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WorldSite } from '../../outside/fixtures.ts';
import { headerOf, keysOf, verify } from '../../outside/jwt.ts';
import {
  bearing, exchange, get, login, me, oauthPath, preflight, refresh, renew, tokensOf, userinfo,
} from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertJsonUnstored, assertUnauthorized } from './answers.ts';
import { noted, traderIn } from './trader.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;

test('AT-V48 me is the identity of a token, whatever its permissions', async () => {
  for (const app of [O1, O2]) {
    const { access_token } = await alice.link(app);
    for (const path of ['/auth/me', '/v1/auth/ME', '/AUTH/Me?']) {
      const answer = await me(live, access_token, { path });
      assertJsonUnstored(answer);
      const { userId, ...rest } = answer.json<{ userId: number }>();
      assert.ok(Number.isSafeInteger(userId) && userId > 0);
      assert.deepEqual(rest, {
        name: 'alice', fullName: 'Alice Example', email: 'alice@example.com',
        emailVerified: true, isTrial: false,
      });
      assert.deepEqual(Object.keys(answer.json()),
        ['userId', 'name', 'fullName', 'email', 'emailVerified', 'isTrial']);
    }
  }
  const { access_token } = await traderIn(live, USERS.erin).link(O2);
  const body = (await me(live, access_token)).json();
  assert.deepEqual([body['emailVerified'], body['isTrial']], [false, true]);
});

test('AT-V48 without a token, or with one outside its header, 401 and nothing', async () => {
  const { access_token } = await alice.link(O1);
  for (const path of ['/auth/me', '/v1/auth/ME', `/auth/me?access_token=${access_token}`]) {
    assertUnauthorized(await me(live, null, { path }), 'none');
  }
  const scheme = (value: string) =>
    me(live, null, { headers: [['Authorization', value]] });
  assert.equal((await scheme(`bEaReR ${access_token}`)).status, 200);
  assertUnauthorized(await scheme(`Bearer ${access_token}x`));
  assert.equal((await scheme(access_token)).status, 401);
  assert.equal((await me(live, access_token, { method: 'POST' })).status, 405);
  assert.equal((await me(live, access_token, { method: 'HEAD' })).status, 405);
});

test('AT-V52 userinfo has the claims of the ID token, by GET and POST', async () => {
  const { code } = await alice.allow(O1, { nonce: 'demo-nonce' });
  const { access_token, id_token = '' } = noted(tokensOf(await exchange(live, O1, code)));
  const claims = await verify(id_token, await keysOf(live));
  const { alg, typ } = headerOf(id_token);
  assert.deepEqual([alg, typ], ['RS256', 'JWT']);
  const { iss, sub, aud, exp, iat, auth_time, nonce, ...who } = claims;
  const told = { name: 'Alice Example', preferred_username: 'alice', email: 'alice@example.com',
    email_verified: true };
  assert.deepEqual(who, told);
  assert.equal(aud, O1.id);
  assert.equal(nonce, 'demo-nonce');
  assert.ok(Number(exp) > Number(iat) && Number(auth_time) <= Number(iat));
  assert.ok(typeof iss === 'string');
  for (const path of ['/oidcuserinfo', '/v1/oidcuserinfo', '/userinfo', '/v1/OIDCUserInfo']) {
    for (const method of ['GET', 'POST']) {
      const answer = await userinfo(live, access_token, { path, method });
      assertJsonUnstored(answer);
      assert.deepEqual(answer.json(), { sub, ...told });
    }
  }
  const access = await verify(access_token, await keysOf(live));
  assert.equal(access.sub, sub);
  assert.equal(access.iss, iss);
  assertUnauthorized(await userinfo(live, null), 'none');
  assertUnauthorized(await userinfo(live, id_token));
  const plain = noted(await alice.link(O1)).id_token ?? '';
  assert.equal('nonce' in await verify(plain, await keysOf(live)), false);
});

test('AT-V52 the keys of each world verify its own tokens and no other\'s', async () => {
  const sets = [await keysOf(live), await keysOf(paper)];
  const kids = sets.flatMap(({ keys }) => keys.map(({ kid }) => kid));
  assert.equal(new Set(kids).size, kids.length, 'no key is in both worlds');
  for (const [at, world] of [live, paper].entries()) {
    const tokens = await traderIn(world, USERS.alice).link(O1);
    for (const token of [tokens.access_token, tokens.id_token ?? '']) {
      await verify(token, sets[at] ?? { keys: [] });
      await assert.rejects(verify(token, sets[1 - at] ?? { keys: [] }));
    }
  }
  for (const path of ['/auth/jwks', '/v1/auth/jwks', '/AUTH/JWKS']) {
    assert.deepEqual((await get(live, path)).json(), sets[0]);
  }
});

const DOCUMENTS = [
  '/.well-known/openid-configuration', '/v1/.well-known/openid-configuration',
  '/auth/.well-known/openid-configuration', '/v1/auth/.well-known/openid-configuration',
  '/auth/wellknownopenidconfiguration', '/v1/auth/WellKnownOpenIdConfiguration',
  '/.well-known/oauth-authorization-server', '/v1/.well-known/oauth-authorization-server',
];

test('AT-V52 every discovery path has the document of its world', async () => {
  for (const world of [live, paper]) {
    const base = world.origin;
    const document = {
      issuer: base,
      authorization_endpoint: `${base}/oauth`,
      token_endpoint: `${base}/auth/oauthtoken`,
      userinfo_endpoint: `${base}/v1/oidcuserinfo`,
      jwks_uri: `${base}/auth/jwks`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'none'],
      code_challenge_methods_supported: ['S256'],
    };
    for (const path of DOCUMENTS) {
      const answer = await get(world, path);
      assert.equal(`${answer.status} ${answer.text}`, `200 ${JSON.stringify(document)}`, path);
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(answer.headers['cache-control'], 'public, max-age=300');
    }
    const { access_token } = await traderIn(world, USERS.alice).link(O1);
    const { iss } = await verify(access_token, await keysOf(world));
    assert.equal(iss, base);
  }
  // Nobody is handed a shared client.
  const register = await bearing(live, null, { path: '/auth/register', method: 'POST' });
  assert.equal(`${register.status} ${register.text}`, '404 ');
});

const HOSTS = {
  live: 'live.api.example', demo: 'demo.api.example', mdLive: 'md.api.example',
  mdDemo: 'md-demo.api.example', replay: 'replay.api.example',
  reportingLive: 'live.api.example', reportingDemo: 'demo.api.example',
};

/** Answers that carry the host names, and ones that must not. */
async function hostsIn(world: WorldSite): Promise<{
  readonly carriers: readonly unknown[];
  readonly others: readonly string[];
}> {
  const { code } = await alice.allow(O1);
  const linked = await exchange(world, O1, code);
  const { refresh_token, access_token } = noted(tokensOf(linked));
  const carriers = [
    linked, await refresh(world, O1, refresh_token), await renew(world, access_token),
    await login(world, API_KEYS.K1, USERS.alice),
  ];
  const others = [
    await exchange(world, O1, 'unknown'), await refresh(world, O1, 'unknown'),
    await login(world, API_KEYS.K1, USERS.alice, { password: 'demo-wrong' }),
    await me(world, access_token), await userinfo(world, access_token), await renew(world, 'junk'),
    await login(world, API_KEYS.K1, USERS.bob_locked),
  ];
  return {
    carriers: carriers.map((answer) => answer.json()['apiHosts']),
    others: others.map(({ text }) => text),
  };
}

test('AT-V50 seven bare host names beside tokens alone, and none where none are set', async () => {
  const without = await hostsIn(live);
  assert.deepEqual(without.carriers, [undefined, undefined, undefined, undefined]);
  await control.config({ 'tradovate.api_hosts': HOSTS });
  const { carriers, others } = await hostsIn(live);
  for (const hosts of carriers) {
    assert.deepEqual(hosts, HOSTS);
    assert.deepEqual(Object.keys(hosts as object), Object.keys(HOSTS));
  }
  for (const text of others) assert.doesNotMatch(text, /apiHosts|api\.example/);
  // The penalty that follows so many failures has its three members and no more.
  let penalty: object = {};
  for (let count = 0; count < 8 && !('p-ticket' in penalty); count += 1) {
    const wrong = { password: 'demo-wrong', deviceId: `demo-device-${count}` };
    penalty = (await login(live, API_KEYS.K1, USERS.alice, wrong)).json<object>();
  }
  assert.deepEqual(Object.keys(penalty).sort(), ['p-captcha', 'p-ticket', 'p-time']);
  await control.config({ 'tradovate.api_hosts': {} });
});

const AUTH_PATHS: readonly (readonly [string, string])[] = [
  ['/auth/oauthtoken', 'POST'], ['/auth/accesstokenrequest', 'POST'],
  ['/auth/renewaccesstoken', 'GET'], ['/auth/me', 'GET'], ['/auth/jwks', 'GET'],
  ['/auth/products', 'GET'], ['/auth/getproduct', 'POST'], ['/auth/search', 'POST'],
  ['/auth/challenge', 'GET'], ['/auth/countryisbanned', 'POST'],
  ['/auth/wellknownopenidconfiguration', 'GET'], ['/v1/auth/oauthtoken', 'POST'],
  ['/V1/AUTH/Me', 'GET'],
];

test('AT-V64 pages of any origin may call, and never with cookies', async () => {
  for (const [path, method] of AUTH_PATHS) {
    const { status, headers, text } = await preflight(live, path, method);
    assert.ok((status === 204 || status === 200) && text === '', `${path}: ${status} ${text}`);
    assert.equal(headers['access-control-allow-origin'], '*', path);
    const list = (value: unknown): string[] => String(value).toLowerCase().split(/,\s*/).sort();
    assert.deepEqual(list(headers['access-control-allow-methods']), ['get', 'options', 'post']);
    assert.deepEqual(list(headers['access-control-allow-headers']),
      ['accept', 'authorization', 'content-type']);
    assert.equal(headers['access-control-max-age'], '600');
    assert.equal(headers['access-control-allow-credentials'], undefined);
  }
  const origin = [['Origin', 'https://tutorial.example']] as const;
  const { access_token } = await alice.link(O1);
  const answers = [
    await me(live, access_token, { headers: origin }), await me(live, 'junk', { headers: origin }),
    await get(live, '/auth/jwks', origin),
  ];
  for (const { headers } of answers) {
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['access-control-allow-credentials'], undefined);
  }
  // Pages are no such endpoint: other origins may not read them.
  const page = await get(live, oauthPath(O1), origin);
  assert.equal(page.headers['access-control-allow-origin'], undefined);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
