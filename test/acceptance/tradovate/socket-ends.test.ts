/** How sockets end: limits, revocation, expiry, the server's end (contract §11). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createBrowser } from '../../outside/browser.ts';
import type { Peer } from '../../outside/socket.ts';
import {
  link, login, me, refresh, renew, sessionOf, signInAs, tokensOf,
} from '../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, demoUser, tradovateSeed,
} from '../../outside/tradovate-fixtures.ts';
import type { User } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { noteSecrets } from '../tradier/secrets.ts';
import { BEHIND_PROXY, assertLogTellsNothing } from './sessions/caller.ts';
import {
  assertOpen, ask, authorized, isAnswer, openSocket, shutdownOf, wordsOf,
} from './sockets.ts';

const SOCKETS_MAX = 50;
const TOKEN_S = 4_800;

// Each row has a user of its own, so that the limits of one do not meet another's sockets.
const people = Array.from({ length: 9 }, (_, n) => demoUser(`trader-${n}`));
const [two_sessions, one_token, wanderer, of_grant, seller, leaver, expiring, renewing, at_end] =
  people as [User, User, User, User, User, User, User, User, User];

const server = await startServer({
  seed: tradovateSeed({ users: [...Object.values(USERS), ...people] }),
  set: { 'tradovate.limit_exempt': '["127.0.0.0/24"]', ...BEHIND_PROXY },
});
let stopped = false;
after(async () => {
  if (!stopped) await server.stop();
});
const { live, control } = server;
const { O1 } = REGISTRATIONS;

async function session(user: User): Promise<string> {
  const { accessToken, mdAccessToken = '' } = sessionOf(await login(live, API_KEYS.K1, user));
  noteSecrets(accessToken, mdAccessToken);
  return accessToken;
}

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

const statusOf = async (token: string): Promise<number> => (await me(live, token)).status;

function closeAll(peers: readonly Peer[]): void {
  for (const peer of peers) peer.close();
}

test('AT-V62 51 sockets over two sessions: the oldest closes, its session ends', async () => {
  const [s1, s2] = [await session(two_sessions), await session(two_sessions)];
  const oldest = await authorized(live, s1);
  const beside = await authorized(live, s1);
  const more: Peer[] = [];
  for (let n = 2; n < SOCKETS_MAX; n += 1) more.push(await authorized(live, s2));
  await assertOpen(oldest);
  const since = performance.now();
  const events = await eventsOf(server, 'live', async () => {
    more.push(await authorized(live, s2));
  });
  assert.deepEqual(actionsOf(events), ['session.ended']);
  assert.equal(await shutdownOf(oldest, since), 'ConnectionQuotaReached');
  assert.equal(await shutdownOf(beside, since), 'ConnectionQuotaReached');
  assert.deepEqual([await statusOf(s1), await statusOf(s2)], [401, 200]);
  for (const peer of [more[0], more.at(-1)]) await assertOpen(peer ?? assert.fail());
  closeAll(more);
});

test('AT-V62 51 sockets over one token: the oldest closes, the token works', async () => {
  const token = await session(one_token);
  const peers: Peer[] = [];
  for (let n = 0; n < SOCKETS_MAX; n += 1) peers.push(await authorized(live, token));
  const [oldest = assert.fail(), second = assert.fail(), ...more] = peers;
  await assertOpen(oldest);
  const since = performance.now();
  const newest = await authorized(live, token);
  assert.equal(await shutdownOf(oldest, since), 'ConnectionQuotaReached');
  assert.equal(await statusOf(token), 200);
  await assertOpen(second);
  await assertOpen(newest);
  closeAll([second, newest, ...more]);
});

test('AT-V62 six addresses: the oldest closes with IPQuotaReached', async () => {
  const [s1, s2] = [await session(wanderer), await session(wanderer)];
  const oldest = await authorized(live, s1, from('10.9.0.1'));
  const peers: Peer[] = [];
  for (let n = 2; n <= 5; n += 1) peers.push(await authorized(live, s2, from(`10.9.0.${n}`)));
  peers.push(await authorized(live, s2, from('10.9.0.5')));
  await assertOpen(oldest);
  const since = performance.now();
  peers.push(await authorized(live, s2, from('10.9.0.6')));
  assert.equal(await shutdownOf(oldest, since), 'IPQuotaReached');
  assert.deepEqual([await statusOf(s1), await statusOf(s2)], [401, 200]);
  for (const peer of peers) await assertOpen(peer);
  closeAll(peers);
});

test('AT-V62 of a grant only the token of the oldest ends', async () => {
  const { access_token, refresh_token } = await link(live, O1, of_grant);
  const token = await session(of_grant);
  const oldest = await authorized(live, access_token, from('10.9.1.1'));
  const peers: Peer[] = [];
  const since = performance.now();
  for (let n = 2; n <= 6; n += 1) peers.push(await authorized(live, token, from(`10.9.1.${n}`)));
  assert.equal(await shutdownOf(oldest, since), 'IPQuotaReached');
  assert.deepEqual([await statusOf(access_token), await statusOf(token)], [401, 200]);
  const next = tokensOf(await refresh(live, O1, refresh_token));
  noteSecrets(access_token, refresh_token, next.access_token, next.refresh_token);
  assert.equal(await statusOf(next.access_token), 200, 'the app goes on');
  closeAll(peers);
});

test('AT-V63 a session ended at the user’s page: shutdown within 5 s, REST 401', async () => {
  const [ended, kept] = [await session(seller), await session(seller)];
  const sockets = [await authorized(live, ended), await authorized(live, ended)];
  const other = await authorized(live, kept);
  const browser = createBrowser(live);
  await browser.open('/connections');
  await signInAs(browser, seller);
  await browser.open('/connections');
  const forms = browser.forms().map(({ id }) => id ?? '')
    .filter((id) => id.startsWith('end-session-'));
  assert.equal(forms.length, 2);
  // Newest first.
  const since = performance.now();
  await browser.submit(forms[1] ?? '');
  assert.equal(await statusOf(ended), 401);
  for (const peer of sockets) assert.equal(await shutdownOf(peer, since), 'Maintenance');
  await assertOpen(other);
  other.close();
  noteSecrets(...browser.cookies.values());
});

test('AT-V63 an app removed at the user’s page: shutdown within 5 s, REST 401', async () => {
  const { access_token, refresh_token } = await link(live, O1, leaver);
  noteSecrets(access_token, refresh_token);
  const own = await authorized(live, await session(leaver));
  const peer = await authorized(live, access_token);
  const browser = createBrowser(live);
  await browser.open('/connections');
  await signInAs(browser, leaver);
  await browser.open('/connections');
  const since = performance.now();
  await browser.submit(`end-${O1.id}`);
  assert.equal(await statusOf(access_token), 401);
  assert.equal(await shutdownOf(peer, since), 'Maintenance');
  await assertOpen(own);
  own.close();
  noteSecrets(...browser.cookies.values());
});

test('BR-21 a customer locked: her sockets end, others’ stay', async () => {
  const locked = await authorized(live, await session(USERS.erin));
  const other = await authorized(live, await session(USERS.alice));
  const since = performance.now();
  await control.act('live', 'customer.set-status', { customer: 'erin', status: 'locked' });
  assert.equal(await shutdownOf(locked, since), 'Maintenance');
  await assertOpen(other);
  other.close();
});

test('BR-21 expiry ends a socket, renewal keeps it: as long as its session', async () => {
  const { access_token, refresh_token } = await link(live, O1, expiring);
  const kept_grant = await link(live, O1, renewing);
  const expired = await authorized(live, await session(expiring));
  const expired_grant = await authorized(live, access_token);
  const token = await session(renewing);
  const renewed = await authorized(live, token);
  const by_socket = await authorized(live, await session(renewing));
  const grant = await authorized(live, kept_grant.access_token);
  noteSecrets(access_token, refresh_token, kept_grant.access_token, kept_grant.refresh_token);
  const all = [expired, expired_grant, renewed, by_socket, grant];
  await control.advance(TOKEN_S - 60);
  await pause(2_500);
  for (const peer of all) assert.equal(peer.ws.readyState, peer.ws.OPEN, 'a token is alive');
  // Elsewhere, on the socket itself, and by the refresh of its app.
  sessionOf(await renew(live, token));
  assert.equal((await ask(by_socket, 'auth/renewaccesstoken\n9\n\n')).s, 200);
  tokensOf(await refresh(live, O1, kept_grant.refresh_token));
  let since = performance.now();
  await control.advance(120);
  for (const peer of [expired, expired_grant]) {
    assert.equal(await shutdownOf(peer, since), 'Maintenance');
  }
  await pause(2_500);
  for (const peer of [renewed, by_socket, grant]) await assertOpen(peer);
  await control.advance(TOKEN_S);
  since = performance.now();
  for (const peer of [renewed, by_socket, grant]) {
    assert.equal(await shutdownOf(peer, since), 'Maintenance');
  }
});

test('BR-21 the end of the server: shutdown with Maintenance, in good order', async () => {
  const known = await authorized(live, await session(at_end));
  const stranger = await openSocket(live);
  await stranger.frame((text) => text === 'o');
  const since = performance.now();
  stopped = true;
  const stopping = server.stop();
  assert.equal(await shutdownOf(known, since), 'Maintenance');
  await stranger.ended;
  assert.deepEqual(wordsOf(stranger), ['o', 'c']);
  assert.equal(stranger.frames.some(isAnswer), false);
  await stopping;
  assert.ok(performance.now() - since < 5_000);
});

test('the log of these rows holds no secret', () => {
  assertLogTellsNothing(server);
});
