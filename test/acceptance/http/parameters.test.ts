/** Parameters and bodies as attackers write them (HP-05…08, HP-14, DS-01). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, encodeForm, post } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { sendRaw, statuses } from './raw.ts';
import { assertFault, assertTokenError } from '../tradier/answers.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;
const { A1, A2 } = APPS;
const u1 = customerIn(live, 'u1');
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
const AUTH = ['Authorization', A2.basic] as const;
const host = new URL(live.origin).host;

const TOKEN_PATHS = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'];

test('HP-05 a parameter twice is refused, bracketed names are unknown ones', async () => {
  const { code } = await u1.allow(A2);
  const base = [
    ['grant_type', 'authorization_code'], ['code', code], ['client_id', A2.id],
    ['client_secret', A2.secret], ['redirect_uri', 'https://x.example'], ['scope', 'read'],
    ['refresh_token', 'x'], ['code_verifier', 'x'.repeat(43)],
  ] as const;
  for (const path of TOKEN_PATHS) {
    for (const [name] of base) {
      const twice = [...base, [name, 'again'] as const];
      assertTokenError(live, await post(live.origin, path, twice), 'E2', name);
    }
    // In the query too: secrets are refused there, harmless names are not read.
    for (const name of ['code', 'client_secret', 'refresh_token']) {
      const inQuery = await post(live.origin, `${path}?${name}=x`, base.slice(0, 4));
      assertTokenError(live, inQuery, 'E2', name);
    }
  }
  const bracketed = await post(live.origin, '/v1/oauth/accesstoken', [
    ...base.slice(0, 4), ['code[]', 'y'], ['code[a]', 'y'], ['grant_type.b', 'y'],
  ]);
  assert.equal(bracketed.status, 200, 'and the code is still good');
  for (const name of ['state', 'scope', 'response_type', 'code_challenge']) {
    const { error } = await errorCallback(live, A1, `${name}=code&${name}=code`);
    assert.equal(error, 'invalid_request', name);
  }
  for (const name of ['client_id', 'redirect_uri']) {
    const path = `/v1/oauth/authorize?client_id=${A1.id}&${name}=a&${name}=b`;
    const answer = await call(live.origin, { path });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.location, undefined);
  }
});

test('HP-06 an empty parameter counts as absent, only state is remembered as empty', async () => {
  const empties = 'scope=&redirect_uri=&response_type=&code_challenge=&code_challenge_method=';
  const { code, url } = await u1.allow(A2, `${empties}&state=`);
  assert.match(url, /&state=$/, 'state= comes back as state=');
  const answer = tokens(await post(live.origin, '/v1/oauth/accesstoken', [
    ['grant_type', 'authorization_code'], ['code', code], ['scope', ''], ['code_verifier', ''],
    ['redirect_uri', ''],
  ], [AUTH]));
  assert.equal(answer.scope, 'read write trade market stream');
  const missing = await post(live.origin, '/v1/oauth/accesstoken', [
    ['grant_type', ''], ['code', 'x'],
  ], [AUTH]);
  assertTokenError(live, missing, 'E2', 'grant_type');
});

test('HP-07 unknown parameters are ignored', async () => {
  const { code } = await u1.allow(A2, 'foo=1&type=web_server&foo=2&prompt=none&nonce=n');
  const answer = await post(live.origin, '/v1/oauth/accesstoken', [
    ['foo', '1'], ['foo', '2'], ['grant_type', 'authorization_code'], ['code', code],
    ['resource', 'x'], ['resource', 'y'],
  ], [AUTH]);
  assert.equal(answer.status, 200);
});

test('HP-08 JSON and broken text at form endpoints are invalid_request', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const bodies: readonly (string | Buffer)[] = [
    '{"grant_type":"authorization_code","code":"x"}', '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}', deep, '{"a":1,"a":2}', '\ufeff{}',
    Buffer.from('{"a":"b"}', 'utf16le'), Buffer.from([0xff, 0xfe, 0x00]), 'NaN', '',
  ];
  for (const path of TOKEN_PATHS) {
    for (const body of bodies) {
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
        const answer = await call(live.origin, {
          method: 'POST', path, body, headers: [['Content-Type', type], AUTH],
        });
        assertTokenError(live, answer, 'E2', 'Content-Type');
      }
    }
    const invalid = await call(live.origin, {
      method: 'POST', path, headers: [FORM, AUTH],
      body: Buffer.from('grant_type=authorization_code&code=\xff\xfe', 'latin1'),
    });
    assertTokenError(live, invalid, 'E2', 'code');
    const escaped = await call(live.origin, {
      method: 'POST', path, headers: [FORM, AUTH], body: 'grant_type=refresh_token&code=%ff%zz',
    });
    assertTokenError(live, escaped, 'E2', 'code');
    const proto = await call(live.origin, {
      method: 'POST', path, headers: [FORM, AUTH], body: '__proto__[polluted]=1&constructor=1',
    });
    assertTokenError(live, proto, 'E2', 'grant_type');
  }
  assert.equal((await call(live.origin, { path: '/healthz' })).status, 200);
});

test('HP-14 a token in query or body counts as none and is never logged', async () => {
  const { access_token } = await u1.link(A2);
  const inQuery = await call(live.origin, {
    path: `/v1/user/profile?access_token=${access_token}`,
  });
  assertFault(live, inQuery, 'F1', { bare: true });
  const inBody = await call(live.origin, {
    method: 'GET', path: '/v1/user/profile', headers: [FORM], body: `access_token=${access_token}`,
  });
  assert.ok(inBody.status === 401 || inBody.status === 413);
  assert.ok(!server.log().includes(access_token));
});

test('DS-01 what is too large is refused without work', async () => {
  const counts = async () => {
    const { reads, commits, bumps, hashes } =
      (await control.counts())['live'] as { [name: string]: number };
    return { reads, commits, bumps, hashes };
  };
  const { refresh_token = '' } = await u1.link(A2);
  const before = await counts();
  for (const path of TOKEN_PATHS) {
    const send = (body: string) =>
      call(live.origin, { method: 'POST', path, body, headers: [FORM, AUTH] });
    assertTokenError(live, await send(`code=${'a'.repeat(65_600)}`), 'E9');
    assertTokenError(live, await send(`code=${'a'.repeat(8_193)}`), 'E2', 'code');
    const many = encodeForm(Array.from({ length: 101 }, (_, i) => [`p${i}`, 'x'] as const));
    assert.equal((await send(many)).status, 400);
  }
  const long = await call(live.origin, { path: `/v1/oauth/authorize?state=${'a'.repeat(16_400)}` });
  assert.equal(long.status, 414);
  const shapes = [
    ['/v1/oauth/refreshtoken', /"fault"/], ['/auth/oauthtoken', /\r\n\{"errorText":"[^"]+"\}$/],
    ['/', /<h1/],
  ] as const;
  for (const [path, shape] of shapes) {
    const heavy = await sendRaw(live.origin,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Big: ${'a'.repeat(33_000)}\r\n\r\n`);
    assert.deepEqual(statuses(heavy.text), [431]);
    assert.match(heavy.text, shape, 'in the shape of the dialect whose path it is');
  }
  const login = await call(live.origin, {
    method: 'POST', path: '/login', headers: [FORM], body: `name=${'a'.repeat(70_000)}`,
  });
  assert.equal(login.status, 413);
  assert.deepEqual(await counts(), before, 'no query, no hash');
  assert.equal((await refresh(live, A2, refresh_token)).status, 200, 'nothing was lost');
});
