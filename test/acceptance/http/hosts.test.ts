/** Hosts, proxies, paths and caches (HP-01, HP-02, HP-11, HP-12 and their standards). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call, post } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { sendRaw, statuses } from './raw.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer();
after(server.stop);
const { live, paper } = server;
const { A, A2 } = APPS;
const host = new URL(live.origin).host;

const FORGED = [
  ['X-Forwarded-Host', 'evil.test'], ['X-Forwarded-Proto', 'gopher'], ['X-Forwarded-Port', '1'],
  ['Forwarded', 'host=evil.test;proto=http'], ['X-Original-URL', '/evil'],
  ['X-Rewrite-URL', '/evil'], ['X-HTTP-Method-Override', 'DELETE'],
] as const;

test('HP-01 forged host headers change nothing, an unknown host is 421', async () => {
  const path = `/v1/oauth/authorize?client_id=${A.id}&scope=zzz&state=s`;
  const plain = await call(live.origin, { path });
  const forged = await call(live.origin, { path, headers: FORGED });
  assert.equal(forged.headers.location, plain.headers.location);
  assert.match(plain.headers.location ?? '', /^https:\/\/app\.example\/cb\?error=invalid_scope/);
  assert.ok(plain.headers.location?.endsWith(encodeURIComponent(`${live.origin}/as`)), 'iss');
  const browser = createBrowser(live);
  await browser.authorize(A);
  const page = await browser.open(browser.page().url, FORGED);
  assert.ok(!page.answer.text.includes('evil'));
  for (const name of ['evil.test', `evil.test:${new URL(live.origin).port}`, '127.0.0.1', '',
    `${host}.`, new URL(paper.origin).host]) {
    const answer = await call(live.origin, { path, headers: [['Host', name]] });
    const foreign = name === new URL(paper.origin).host;
    // The other world's authority is that world, whatever port carried it.
    assert.equal(answer.status, foreign ? 302 : 421, `Host: ${name}`);
    if (!foreign) {
      assert.equal(answer.headers.location, undefined);
      const { error, fault } = answer.json<{ error: string; fault: { faultstring: string } }>();
      assert.ok(error.length > 0 && fault.faultstring.length > 0, 'the dialect\'s own shape');
    }
  }
  const absolute = await sendRaw(live.origin,
    `GET http://evil.test/v1/user/profile HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  assert.deepEqual(statuses(absolute.text), [421], 'an absolute target names its own host');
});

test('HP-02 forwarded addresses count only from listed proxies', async () => {
  const wrong = { ...A2, basic: `Basic ${btoa(`${A2.id}:wrong`)}` };
  const from = (origin: string, address: string) => post(origin, '/v1/oauth/accesstoken', [
    ['grant_type', 'authorization_code'], ['code', 'x'],
  ], [
    ['Authorization', wrong.basic], ['X-Forwarded-For', address], ['X-Real-IP', address],
    ['Forwarded', `for=${address}`],
  ]);
  for (let i = 0; i < 60; i++) await from(live.origin, `203.0.${i}.1`);
  assert.equal((await from(live.origin, '198.51.100.1')).status, 429, 'a client cannot dodge');

  const behind = await startServer({ set: { trusted_proxies: '["127.0.0.1"]' } });
  after(behind.stop);
  for (let i = 0; i < 60; i++) await from(behind.live.origin, '203.0.113.9');
  assert.equal((await from(behind.live.origin, '203.0.113.77')).status, 429, 'the same subnet');
  assert.equal((await from(behind.live.origin, '198.51.100.1')).status, 401, 'another one');
  // The rightmost hop that is not ours is the client; what it wrote itself is not believed.
  const chained = await from(behind.live.origin, '198.51.100.1, 203.0.113.9');
  assert.equal(chained.status, 429, 'the left part is the client\'s own invention');
});

test('ASVS-4.1.3 a proxy header of a client changes no address in the log', async () => {
  await call(live.origin, { path: '/healthz' });
  await call(live.origin, { path: '/v1/user/profile', headers: [['X-Forwarded-For', '9.9.9.9']] });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(!server.log().includes('9.9.9.9'));
});

test('ASVS-15.3.4 the address comes from the connection or the trusted hop', async () => {
  const behind = await startServer({ set: { trusted_proxies: '["127.0.0.1"]' } });
  after(behind.stop);
  await profile(behind.live, 'x');
  await call(behind.live.origin, {
    path: '/v1/user/profile', headers: [['X-Forwarded-For', '1.1.1.1, 9.9.9.9']],
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(behind.log().includes('"address":"9.9.9.9"'));
  assert.ok(!behind.log().includes('1.1.1.1'));
});

test('HP-11 path tricks reach no route', async () => {
  const tricks = [
    '//v1/oauth/accesstoken', '/v1//oauth/accesstoken', '/./v1/oauth/accesstoken',
    '/v1/./oauth/accesstoken', '/v1/x/../oauth/accesstoken', '/v1/oauth%2faccesstoken',
    '/%761/oauth/accesstoken', '/v1/oauth/accesstoken/', '/V1/oauth/accesstoken',
    '/v1/oauth/AccessToken', '/v1/oauth/accesstoken;x', '/v1/oauth/accesstoken.',
    '/v1/oauth/accesstoken%00', '/v1/oauth/accesstoken%20', '/connections/', '/Connections',
    '/%63onnections', '/connections;x', '/login/', '/oauth/authorize/', '/assets/../connections',
  ];
  for (const path of tricks) {
    const line = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const [status] = statuses((await sendRaw(live.origin, line)).text);
    assert.equal(status, 404, path);
  }
});

test('HP-12 nothing with a credential may be cached, errors included', async () => {
  const u1 = customerIn(live, 'u1');
  const { code } = await u1.allow(A2);
  const good = await exchange(paper, A2, 'x');
  const answers = [
    good, await exchange(live, A2, code), await refresh(live, A2, 'x'), await profile(live, 'x'),
    await profile(live, null), await call(live.origin, { path: '/v1/oauth/accesstoken' }),
    await call(live.origin, { path: `/v1/oauth/authorize?client_id=${A2.id}` }),
    await call(live.origin, { path: '/login' }), await call(live.origin, { path: '/connections' }),
    (await u1.connections()).answer, await call(live.origin, { path: '/v1/oauth/nothing' }),
    await call(live.origin, { path: '/', headers: [['Host', 'evil.test']] }),
    await call(live.origin, {
      path: '/v1/user/profile', headers: [['If-None-Match', '*'], ['Range', 'bytes=0-1']],
    }),
  ];
  for (const answer of answers) {
    assert.match(answer.headers['cache-control'] ?? '', /no-store/);
    assert.notEqual(answer.status, 304);
    assert.notEqual(answer.status, 206);
    assert.equal(answer.headers.etag, undefined);
  }
  for (const answer of answers.slice(0, 5)) assert.equal(answer.headers.pragma, 'no-cache');
});
