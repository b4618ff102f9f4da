/** Renewal in place (contract §7): a new token of the same session, and for how long. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { claimsOf } from '../../../outside/jwt.ts';
import { link, refresh, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { noteSecrets } from '../../tradier/secrets.ts';
import { assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import type { SessionBody } from './answers.ts';
import { assertEmpty, assertMalformed, assertSession } from './answers.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.limit_exempt': '["127.0.0.0/24"]' },
});
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;
const { O1, O2 } = REGISTRATIONS;
const here = callerAt(live);

const DAY_S = 86_400;
const EXPIRED = 'Expired Access Token';
const DENIED = 'Access is denied';

type Held = SessionBody & { readonly expires_at: number };

const logIn = async (user = alice): Promise<Held> => assertSession(await here.login(user));
const renewed = async (token: string): Promise<Held> => assertSession(await here.renew(token));

async function works(...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const { status, text } = await here.me(token);
    assert.equal(status, 200, text);
  }
}

test('AT-V36 renewing answers a new token and time of the same session', async () => {
  const other = await logIn();
  const first = await logIn();
  await clock.advance(600);
  const before = clock.now();
  const second = await renewed(first.accessToken);
  assert.notEqual(second.accessToken, first.accessToken);
  assert.notEqual(second.mdAccessToken, first.mdAccessToken);
  assert.equal(second.userId, first.userId);
  assert.equal(second.name, 'alice');
  assert.equal(claimsOf(second.accessToken)['sid'], claimsOf(first.accessToken)['sid']);
  assert.ok(second.expires_at >= Math.floor(before / 1000) * 1000 + 4_800_000);
  assert.ok(second.expires_at <= clock.now() + 4_801_000);
  const third = assertSession(await here.renew(first.accessToken, { method: 'POST' }));
  const fourth = await renewed(third.accessToken);
  assert.equal(new Set([first, second, third, fourth].map((one) => one.accessToken)).size, 4);
  await works(
    other.accessToken, first.accessToken, second.accessToken, third.accessToken,
    fourth.accessToken,
  );
});

test('AT-V36 the old token stays valid to its own expiry and no longer', async () => {
  const first = await logIn();
  await clock.advance(1_800);
  const second = await renewed(first.accessToken);
  await clock.moveTo(first.expires_at - 1_000);
  await works(first.accessToken, second.accessToken);
  const third = await renewed(first.accessToken);
  await clock.moveTo(first.expires_at + 1_000);
  assertEmpty(await here.me(first.accessToken), 401, EXPIRED);
  await works(second.accessToken, third.accessToken);
  await clock.moveTo(second.expires_at + 1_000);
  assertEmpty(await here.me(second.accessToken), 401, EXPIRED);
  await works(third.accessToken);
});

test('AT-V36 64 renewals at once: one session, every token works', async () => {
  const other = await logIn();
  const { accessToken } = await logIn();
  const answers = await Promise.all(Array.from({ length: 64 }, () => here.renew(accessToken)));
  const tokens = answers.map((answer) => assertSession(answer).accessToken);
  assert.equal(new Set(tokens).size, 64);
  await works(other.accessToken, accessToken, ...tokens);
  // Still two sessions: one more login closes the older of them, and this one stays.
  const next = await logIn();
  assertEmpty(await here.me(other.accessToken), 408);
  await works(next.accessToken, accessToken, ...tokens);
});

test('AT-V36 the old token stays valid however often it is renewed', async () => {
  const { accessToken } = await logIn(erin);
  const tokens: string[] = [];
  for (let count = 1; count <= 150; count += 1) {
    tokens.push((await renewed(accessToken)).accessToken);
  }
  await works(accessToken, ...tokens);
});

test('AT-V36 path in any case, with or without /v1, and with a content type', async () => {
  const { accessToken, userId } = await logIn(erin);
  const paths = [
    '/auth/renewAccessToken', '/v1/auth/RENEWACCESSTOKEN', '/V1/auth/renewaccesstoken?',
  ];
  for (const path of paths) {
    const headers = [['Content-Type', 'application/json']] as const;
    const answer = await here.renew(accessToken, { path, headers });
    assert.equal(assertSession(answer).userId, userId);
  }
});

test('AT-V37 no token, junk, expired by a second, token elsewhere: 401 and empty', async () => {
  const { accessToken, expires_at } = await logIn();
  for (const method of ['GET', 'POST']) {
    assertEmpty(await here.renew(null, { method }), 401, '');
    const spoiled = [`${accessToken}x`, accessToken.slice(0, -1), accessToken.slice(1)];
    for (const junk of ['junk', 'a.b.c', ...spoiled, 'x'.repeat(8_000)]) {
      assertEmpty(await here.renew(junk, { method }), 401, DENIED);
    }
    const query = `?access_token=${accessToken}&token=${accessToken}`;
    const path = `/auth/renewaccesstoken${query}`;
    assertEmpty(await here.renew(null, { method, path }), 401, '');
    const cookie = [['Cookie', `access_token=${accessToken}; token=${accessToken}`]] as const;
    assertEmpty(await here.renew(null, { method, headers: cookie }), 401, '');
  }
  for (const scheme of ['Basic', 'Token', 'DPoP']) {
    const headers = [['Authorization', `${scheme} ${accessToken}`]] as const;
    assertEmpty(await here.renew(null, { headers }), 401);
  }
  for (const scheme of ['bearer', 'BEARER']) {
    const headers = [['Authorization', `${scheme} ${accessToken}`]] as const;
    assertSession(await here.renew(null, { headers }));
  }
  assertEmpty(await callerAt(paper).renew(accessToken), 401, DENIED);
  await clock.moveTo(expires_at + 1_000);
  assertEmpty(await here.renew(accessToken), 401, EXPIRED);
  assertEmpty(await here.renew(accessToken, { method: 'POST' }), 401, EXPIRED);
});

test('AT-V37 HEAD and other methods are 405 and renew nothing', async () => {
  const { accessToken } = await logIn();
  for (const method of ['HEAD', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await here.renew(accessToken, { method });
    if (method !== 'HEAD') assertMalformed(answer, 405);
    assert.equal(answer.status, 405);
    assert.match(String(answer.headers.allow), /GET/);
    assert.match(String(answer.headers.allow), /POST/);
  }
});

test('AT-V38 OAuth tokens are renewed too; a stream token comes with Prices alone', async () => {
  const held = [await logIn(), await logIn()];
  const o1 = await link(live, O1, alice);
  const o2 = await link(live, O2, alice);
  noteSecrets(o1.access_token, o1.refresh_token, o2.access_token, o2.refresh_token);
  const without = assertSession(await here.renew(o1.access_token), { stream_token: false });
  const with_stream = assertSession(await here.renew(o2.access_token));
  assert.equal(without.name, 'alice');
  assert.equal(without.userId, with_stream.userId);
  assert.equal(claimsOf(without.accessToken)['client_id'], O1.id);
  assert.equal(claimsOf(without.accessToken)['sid'], claimsOf(o1.access_token)['sid']);
  assertEmpty(await here.me(with_stream.mdAccessToken ?? ''), 401);
  await works(o1.access_token, without.accessToken, o2.access_token, with_stream.accessToken);
  await works(...held.map(({ accessToken }) => accessToken));
  // What may be refreshed is untouched by it.
  const pair = tokensOf(await refresh(live, O1, o1.refresh_token));
  noteSecrets(pair.access_token, pair.refresh_token);
  await works(pair.access_token, without.accessToken);
});

/** Renews about every hour until `seconds` have passed; the last token comes back. */
async function renewFor(first: string, seconds: number, stream_token = true): Promise<string> {
  let token = first;
  for (let left = seconds; left > 0; left -= 4_000) {
    await clock.advance(Math.min(left, 4_000));
    token = assertSession(await here.renew(token), { stream_token }).accessToken;
  }
  return token;
}

test('AT-V39 a chain of renewals ends a day after the login; a login begins anew', async () => {
  const { accessToken } = await logIn();
  const last = await renewFor(accessToken, DAY_S - 600);
  await clock.advance(590);
  const latest = await renewed(last);
  await clock.advance(11);
  for (const token of [last, latest.accessToken]) assertEmpty(await here.renew(token), 401);
  await works((await logIn()).accessToken);
});

test('AT-V39 a renewal near the end names a time until which its token works', async () => {
  const { accessToken } = await logIn();
  const last = await renewFor(accessToken, DAY_S - 600);
  const { accessToken: latest, expires_at } = await renewed(last);
  await clock.moveTo(expires_at - 1_000);
  await works(latest);
  await clock.moveTo(expires_at + 1_000);
  assertEmpty(await here.me(latest), 401);
});

test('AT-V39 a grant may renew for a day from its code and from each refresh', async () => {
  const grant = await link(live, O1, erin);
  noteSecrets(grant.access_token, grant.refresh_token);
  const last = await renewFor(grant.access_token, DAY_S - 600, false);
  const pair = tokensOf(await refresh(live, O1, grant.refresh_token));
  noteSecrets(pair.access_token, pair.refresh_token);
  await clock.advance(700);
  const on = await renewFor(pair.access_token, DAY_S - 1_300, false);
  await clock.advance(700);
  assertEmpty(await here.renew(on), 401);
  assertEmpty(await here.renew(last), 401);
  const again = tokensOf(await refresh(live, O1, pair.refresh_token));
  noteSecrets(again.access_token, again.refresh_token);
  await works(again.access_token);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
