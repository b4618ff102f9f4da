/** Who answers: the issuer in callbacks and metadata is the configured one, or there is none. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readCallback } from '../../../outside/browser.ts';
import { call } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { claimsOf } from '../../../outside/jwt.ts';
import { get, oauthPath } from '../../../outside/tradovate.ts';
import {
  REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { traderIn } from '../../tradovate/trader.ts';
import { ask } from './oauth-page.ts';
import { proof } from './proof.ts';

const PUBLIC = demoRegistration('public with issuer', {
  id: '40041', redirect_uri: 'https://public.example/cb', response_iss: true, public: true,
});
const QUIET = demoRegistration('switched', {
  id: '40042', redirect_uri: 'https://quiet.example/cb', response_iss: true,
});
const server = await startServer({
  seed: tradovateSeed({
    registrations: [...Object.values<Registration>(REGISTRATIONS), PUBLIC, QUIET],
  }),
});
after(server.stop);
const { live, paper, control } = server;
const { VO, O2, with_query } = REGISTRATIONS;

/** Queries that are sent back, with the error each gets. */
const ERRORS: readonly (readonly [string, string])[] = [
  ['response_type=token', 'invalid_request'], // beside the one of the path: sent twice
  ['code_challenge=x', 'invalid_request'],
  ['resource=https://evil.test/', 'invalid_target'],
  ['code_challenge_method=S256', 'invalid_request'],
  [`nonce=${'n'.repeat(600)}`, 'invalid_request'],
];

async function callbacksOf(world: WorldSite, app: Registration): Promise<string[]> {
  const trader = traderIn(world, USERS.alice);
  const asked = app === PUBLIC ? proof().asked : {};
  const urls: string[] = [];
  for (const state of ['s1', '', undefined]) {
    urls.push((await trader.allow(app, { ...asked, state })).url);
    urls.push((await trader.deny(app, { ...asked, state })).url);
    const path = oauthPath(app, { ...asked, state });
    for (const [query, error] of ERRORS) {
      const { headers } = await ask(world, `${path}&${query}`);
      const url = String(headers.location);
      assert.equal(readCallback(url).error, error, query);
      urls.push(url);
    }
  }
  return urls;
}

test('MX-01[B] every callback, success or error, ends with the issuer of its world', async () => {
  for (const world of [live, paper]) {
    const metadata = await get(world, '/.well-known/openid-configuration');
    const { issuer } = metadata.json<{ issuer: string }>();
    assert.equal(issuer, world.origin);
    for (const app of [VO, O2, with_query, PUBLIC]) {
      for (const url of await callbacksOf(world, app)) {
        assert.ok(url.startsWith(app.redirect_uri), url);
        const pairs = [...new URL(url).searchParams];
        const names = pairs.map(([name]) => name);
        const registered = new URL(app.redirect_uri).searchParams.size;
        assert.match(names.slice(registered).join(' '), /^(code|error) (state )?iss$/, url);
        assert.deepEqual(pairs.at(-1), ['iss', issuer], url);
        assert.ok(!url.includes('#'));
      }
    }
  }
});

test('MX-01[B] a registration may leave it out, and nothing else changes', async () => {
  await control.act('live', 'app.change', { app: QUIET.id, response_iss: false });
  for (const url of await callbacksOf(live, QUIET)) {
    assert.match(url, /^https:\/\/quiet\.example\/cb\?(code|error)=[^&]+(&state=(s1)?)?$/);
  }
  for (const url of await callbacksOf(paper, QUIET)) {
    assert.equal(readCallback(url).iss, paper.origin, 'its record of the other world is another');
  }
});

const DOCUMENTS = [
  '/.well-known/openid-configuration', '/auth/.well-known/openid-configuration',
  '/auth/wellknownopenidconfiguration', '/.well-known/oauth-authorization-server',
].flatMap((path) => [path, `/v1${path}`]);

/** Members of the metadata that are addresses, and the issuer. */
const ADDRESSES = [
  'issuer', 'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri',
];

test('MX-04[B] metadata names the configured issuer whatever Host says', async () => {
  for (const world of [live, paper]) {
    const { port } = new URL(world.origin);
    const loopback = ['localhost', `${world.name}.localhost`, 'LOCALHOST']
      .map((name) => `${name}:${port}`);
    for (const path of DOCUMENTS) {
      const good = (await get(world, path)).json();
      assert.equal(good['issuer'], world.origin);
      for (const host of loopback) {
        const answer = await call(world.origin, { path, headers: [['Host', host]] });
        if (answer.status === 421) continue;
        assert.deepEqual(answer.json(), good, `${host} ${path}`);
      }
      for (const name of ADDRESSES) {
        assert.ok(String(good[name]).startsWith(world.origin), `${name} ${String(good[name])}`);
      }
    }
  }
});

test('MX-04[B] a host of nobody gets 421 and is not repeated', async () => {
  const { port } = new URL(live.origin);
  const evil = 'evil.example';
  const hosts = [evil, `${evil}:${port}`, `127.0.0.1.${evil}:${port}`, '127.0.0.1', '[::1]:1', ''];
  for (const path of [...DOCUMENTS, '/auth/jwks', oauthPath(VO), oauthPath(VO, { state: 's' })]) {
    for (const host of hosts) {
      const answer = await call(live.origin, { path, headers: [['Host', host]] });
      assert.ok([400, 421].includes(answer.status), `${answer.status} ${host} ${path}`);
      if (host !== '') assert.equal(answer.status, 421, `${host} ${path}`);
      assert.equal(answer.headers.location, undefined);
      assert.equal(answer.headers['cache-control'], 'no-store');
      const all = `${answer.raw_headers.join('\n')}${answer.text}`;
      assert.ok(!all.includes(evil) && !all.includes('issuer'), all.slice(0, 200));
    }
  }
});

test('MX-04[B] the other world\'s authority at this port is that world, or nobody', async () => {
  for (const [world, other] of [[live, paper], [paper, live]] as const) {
    const headers = [['Host', new URL(other.origin).host]] as const;
    for (const path of DOCUMENTS) {
      const answer = await call(world.origin, { path, headers });
      if (answer.status !== 421) assert.equal(answer.json()['issuer'], other.origin);
    }
    const path = oauthPath(VO, { response_type: 'token' });
    const { status, headers: { location } } = await call(world.origin, { path, headers });
    if (status !== 421) assert.equal(readCallback(String(location)).iss, other.origin);
  }
});

test('MX-04[B] nor do headers of a proxy that is not trusted choose it', async () => {
  const spoofed = [
    ['X-Forwarded-Host', 'evil.example'], ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'host=evil.example;proto=https'], ['X-Original-Host', 'evil.example'],
    ['X-Forwarded-Port', '1'], ['X-Host', 'evil.example'],
  ] as const;
  for (const path of DOCUMENTS) {
    const plain = (await get(live, path)).text;
    assert.equal((await get(live, path, spoofed)).text, plain);
    assert.equal((await get(live, `${path}?issuer=https://evil.example`)).text, plain);
  }
  const path = oauthPath(VO, { response_type: 'token', iss: 'https://evil.example' });
  const { headers } = await call(live.origin, { path, headers: spoofed });
  const iss = encodeURIComponent(live.origin);
  const expected = `${VO.redirect_uri}?error=unsupported_response_type&iss=${iss}`;
  assert.equal(headers.location, expected);
  const { access_token, id_token = '' } = await traderIn(live, USERS.alice).link(VO);
  for (const token of [access_token, id_token]) assert.equal(claimsOf(token).iss, live.origin);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
