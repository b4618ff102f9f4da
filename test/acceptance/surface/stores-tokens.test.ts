/** No store keeps an answer, and only a header carries a token (HP-12, HP-14). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { exchange, get, oauthToken, refresh, tokensOf } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertUnauthorized } from '../tradovate/answers.ts';
import { noted, traderIn } from '../tradovate/trader.ts';
import { assertEmpty, assertSession } from '../tradovate/sessions/answers.ts';
import { callerAt } from '../tradovate/sessions/caller.ts';
import { OF_A_TOKEN, sendTo } from './endpoints.ts';

const server = await startServer({
  seed: tradovateSeed(), set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live } = server;
const { O1 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const here = callerAt(live);

const CONDITIONS = [
  ['If-None-Match', '*'], ['If-Modified-Since', 'Fri, 01 Jan 2038 00:00:00 GMT'],
  ['Range', 'bytes=0-1'], ['Cache-Control', 'only-if-cached'],
] as const;

/** Not to be kept, and whole. */
function assertFresh(answer: Answer): void {
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers.pragma, 'no-cache');
  for (const name of ['etag', 'last-modified', 'expires', 'age', 'accept-ranges']) {
    assert.equal(answer.headers[name], undefined, name);
  }
  assert.ok(![206, 304, 412, 416].includes(answer.status), String(answer.status));
}

test('HP-12[B] renew and me are never stored nor answered from a store, errors too', async () => {
  const hers = assertSession(await here.login(USERS.alice)).accessToken;
  const theirs = assertSession(await here.login(USERS.erin)).accessToken;
  const seen = new Set<string>();
  for (const headers of [[], CONDITIONS]) {
    for (const [token, name] of [[hers, 'alice'], [theirs, 'erin'], [hers, 'alice']] as const) {
      const who = await here.me(token, { headers });
      assertFresh(who);
      assert.equal(who.json()['name'], name);
      for (const method of ['GET', 'POST']) {
        const renewed = await here.renew(token, { method, headers });
        assertFresh(renewed);
        const body = assertSession(renewed);
        assert.equal(body.name, name);
        seen.add(body.accessToken);
      }
    }
    for (const token of [null, 'junk', `${hers}x`]) {
      for (const path of OF_A_TOKEN) assertFresh(await here.call(token, { path, headers }));
    }
  }
  assert.equal(seen.size, 12, 'each renewal was one');
});

test('HP-12[B] neither are tokens, refusals of them, nor what is no route', async () => {
  const { code } = await alice.allow(O1);
  const linked = await exchange(live, O1, code);
  const { refresh_token } = noted(tokensOf(linked));
  const answers = [
    linked, await refresh(live, O1, refresh_token), await refresh(live, O1, 'x'),
    await exchange(live, O1, 'x'), await here.login(USERS.alice),
    await here.login(USERS.alice, { password: 'demo-wrong' }),
    await here.login(USERS.alice, { name: 7 }), await here.call(null, { path: '/auth/challenge' }),
    await here.call(null, { path: '/auth/products' }), await here.call(null, { path: '/auth/no' }),
    await here.me(null, { method: 'PUT' }),
    await sendTo(live, { path: '/auth/search' }, { text: 'x'.repeat(70_000) }),
  ];
  for (const answer of answers) assertFresh(answer);
  assert.deepEqual(answers.slice(-3).map(({ status }) => status), [404, 405, 413]);
  // What belongs to nobody may be kept, and is told to be unchanged.
  for (const path of ['/auth/jwks', '/.well-known/openid-configuration']) {
    assert.equal((await get(live, path)).headers['cache-control'], 'public, max-age=300');
  }
  const { etag = '' } = (await get(live, '/auth/jwks')).headers;
  assert.equal((await get(live, '/auth/jwks', [['If-None-Match', etag]])).status, 304);
});

test('HP-14[B] a token in query, form, JSON or cookie is none, and is not logged', async () => {
  const { access_token: token } = await alice.link(O1);
  const names = [
    'access_token', 'accessToken', 'token', 'bearer', 'Authorization', 'authorization',
  ];
  const query = names.map((name) => `${name}=${token}`).join('&');
  const cookie = ['Cookie', names.map((name) => `${name}=${token}`).join('; ')] as const;
  const members = Object.fromEntries(names.map((name) => [name, token]));
  const events = await eventsOf(server, 'live', async () => {
    for (const path of OF_A_TOKEN) {
      assertUnauthorized(await here.call(null, { path: `${path}?${query}` }), 'none');
      assertUnauthorized(await here.call(null, { path, headers: [cookie] }), 'none');
      for (const as of ['form', 'json'] as const) {
        if (path === '/auth/me') continue;
        assertUnauthorized(await oauthToken(live, members, { path, as }), 'none');
      }
    }
    const search = { path: `/auth/search?${query}` };
    assertUnauthorized(await sendTo(live, search, { ...members, text: 'order' }), 'none');
    const products = await here.call(null, { path: `/auth/products?${query}`, headers: [cookie] });
    assert.ok(products.status === 200 && !products.text.includes('granted'), 'as a stranger');
    // A body of a GET is not read either.
    const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
    const with_body = await call(live.origin, { path: '/auth/me', headers, body: query });
    assertUnauthorized(with_body, 'none');
  });
  assert.deepEqual(actionsOf(events), []);
  // The header alone decides, whatever stands beside it.
  const erin = assertSession(await here.login(USERS.erin)).accessToken;
  const both = await here.me(erin, { path: `/auth/me?${query}`, headers: [cookie] });
  assert.equal(both.json()['name'], 'erin');
  assertEmpty(await here.me('junk', { path: `/auth/me?${query}` }), 401);
  assert.ok(!server.log().includes(token.slice(-40)));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
