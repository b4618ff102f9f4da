/** Opening a session: what it answers, and how the request may be written (contract §6). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { claimsOf } from '../../../outside/jwt.ts';
import { accessTokenRequest, loginMembers } from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf, freshAddress } from './caller.ts';
import {
  ERROR_TEXTS, assertEmpty, assertErrorText, assertMalformed, assertSession, bodyOf,
} from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper } = server;
const clock = clockOf(server.control);
const { alice, erin } = USERS;
const BODY = loginMembers(API_KEYS.K1, alice);

/** A login from a subnet of its own, so that no row pays for another's failures. */
function ask(body: Members | string, how: How = {}) {
  const headers = [['X-Forwarded-For', freshAddress()] as const, ...(how.headers ?? [])];
  return accessTokenRequest(live, body, { ...how, headers });
}

test('AT-V25 a login answers the members of the contract, typed and in order', async () => {
  const before = clock.now();
  const answer = await callerAt(live).login(alice);
  const body = assertSession(answer);
  const earliest = Math.floor(before / 1000) * 1000 + 4_800_000;
  assert.ok(body.expires_at >= earliest && body.expires_at <= clock.now() + 4_801_000);
  assert.equal(body.name, 'alice');
  const { hasLive, hasSimPlus, hasFunded, hasMarketData, outdatedTaC, showKIDs } = body;
  assert.deepEqual(
    [hasLive, hasSimPlus, hasFunded, hasMarketData, outdatedTaC, showKIDs],
    [true, false, false, true, false, false],
  );
  assert.equal(body['outdatedLiquidationPolicy'], false);
  assert.doesNotMatch(answer.text, /errorText|passwordExpirationTime|hibpHint|"p-|""/);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.equal(answer.headers['set-cookie'], undefined);
  const { iat, exp } = claimsOf(body.accessToken);
  assert.equal(Number(exp) - Number(iat), 4_800);
  assert.equal(Number(exp) * 1000, body.expires_at);
  const other = assertSession(await callerAt(live).login(erin));
  assert.notEqual(other.userId, body.userId);
  assert.equal(other['hasMarketData'], false);
});

test('AT-V25 the stream token is of the same session and is refused on REST', async () => {
  const caller = callerAt(live);
  const { accessToken, mdAccessToken = '' } = assertSession(await caller.login(alice));
  assert.notEqual(mdAccessToken, accessToken);
  assert.equal(claimsOf(mdAccessToken)['sid'], claimsOf(accessToken)['sid']);
  assert.equal(claimsOf(mdAccessToken)['exp'], claimsOf(accessToken)['exp']);
  for (const path of ['/auth/me', '/auth/renewaccesstoken', '/oidcuserinfo', '/v1/order/list']) {
    assertEmpty(await caller.call(mdAccessToken, { path }), 401);
  }
  assert.equal((await caller.me(accessToken)).status, 200);
});

test('AT-V25 what needs no meaning is ignored; the e-mail address is a name too', async () => {
  const extras = {
    chl: '12345678901234567890', enc: false, organization: '', environment: 'demo',
    'p-captcha': true, unknown: [{ deep: null }],
  };
  const first = assertSession(await ask({ ...BODY, ...extras }));
  const polluting = `${JSON.stringify(BODY).slice(0, -1)},"__proto__":{"appId":"other"}}`;
  assert.equal(assertSession(await ask(polluting)).userId, first.userId);
  const headers = [['Authorization', 'Bearer junk']] as const;
  assert.equal(assertSession(await ask(BODY, { headers })).userId, first.userId);
  const by_mail = await ask({ ...BODY, name: alice.email });
  assert.equal(assertSession(by_mail).userId, first.userId);
  assert.equal(assertSession(by_mail).name, 'alice');
  for (const deviceId of [undefined, 'd'.repeat(64)]) {
    assertSession(await ask({ ...BODY, deviceId, appVersion: undefined }));
  }
  assertErrorText(await ask({ ...BODY, enc: true }), ERROR_TEXTS.encoded);
});

test('AT-V26 path in any case, with or without /v1, and cid as number or digits', async () => {
  const paths = [
    '/auth/accesstokenrequest', '/v1/auth/accessTokenRequest', '/AUTH/ACCESSTOKENREQUEST',
    '/V1/Auth/AccessTokenRequest', '/v1/auth/accesstokenrequest?',
  ];
  const seen = new Set<number>();
  for (const path of paths) {
    for (const cid of [8, '8']) {
      seen.add(assertSession(await ask({ ...BODY, cid }, { path })).userId);
    }
  }
  assert.equal(seen.size, 1);
  for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON']) {
    assertSession(await ask(BODY, { headers: [['Content-Type', type]] }));
  }
  assertSession(await ask(BODY, { as: 'none' }));
  const { userId } = assertSession(await callerAt(paper).login(alice));
  assert.ok(userId > 0);
});

test('AT-V26 other paths and methods are none of this endpoint', async () => {
  const { login: _, ...caller } = callerAt(live);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const answer = await caller.call(null, { path: '/auth/accesstokenrequest', method });
    assert.equal(answer.status, 405, method);
    assert.match(String(answer.headers.allow), /\bPOST\b/);
    if (method !== 'HEAD') assertMalformed(answer, 405);
  }
  const elsewhere = [
    '/auth/accesstokenrequest/', '/auth//accesstokenrequest', '/auth%2faccesstokenrequest',
    '/v1/v1/auth/accesstokenrequest', '/auth/x/../accesstokenrequest',
    '/v2/auth/accesstokenrequest',
  ];
  for (const path of elsewhere) assertEmpty(await ask(BODY, { path }), 404);
});

const text = JSON.stringify(BODY);

/** Bodies that are no request at all. */
const MALFORMED: { readonly [what: string]: string } = {
  'nothing': '',
  'no JSON': 'name=alice&password=x',
  'a list': '[]',
  'a text': '"alice"',
  'null': 'null',
  'a list as name': JSON.stringify({ ...BODY, name: ['alice'] }),
  'a number as name': JSON.stringify({ ...BODY, name: 7 }),
  'an object as password': JSON.stringify({ ...BODY, password: {} }),
  'null as password': JSON.stringify({ ...BODY, password: null }),
  'a number as appId': JSON.stringify({ ...BODY, appId: 1 }),
  'a number as sec': JSON.stringify({ ...BODY, sec: 1 }),
  'a list as cid': JSON.stringify({ ...BODY, cid: [8] }),
  'a flag as cid': JSON.stringify({ ...BODY, cid: true }),
  'a fraction as cid': JSON.stringify({ ...BODY, cid: 8.5 }),
  'a text as hibpCheck': JSON.stringify({ ...BODY, hibpCheck: 'true' }),
  'a number as ticket': JSON.stringify({ ...BODY, 'p-ticket': 1 }),
  'a device of 65': JSON.stringify({ ...BODY, deviceId: 'd'.repeat(65) }),
  'a password of 8193': JSON.stringify({ ...BODY, password: 'p'.repeat(8_193) }),
  'a name twice': `{"name":"erin",${text.slice(1)}`,
  'an unknown member twice': `{"x":1,"x":1,${text.slice(1)}`,
  'cut off': text.slice(0, -1),
  'more after the end': `${text}}`,
};

test('AT-V25 a malformed body is a 400 that says which field, and opens nothing', async () => {
  const caller = callerAt(live);
  const held = [assertSession(await caller.login(erin)), assertSession(await caller.login(erin))];
  for (const [what, body] of Object.entries(MALFORMED)) {
    await test.test(what, async () => assertMalformed(await ask(body)));
  }
  const large = { ...BODY, unknown: 'x'.repeat(65 * 1024) };
  assertMalformed(await ask(large), 413);
  for (const { accessToken } of held) assert.equal((await caller.me(accessToken)).status, 200);
  const named = bodyOf(await ask({ ...BODY, deviceId: 'd'.repeat(65) }), 400)['errorText'];
  assert.match(String(named), /deviceId/);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
