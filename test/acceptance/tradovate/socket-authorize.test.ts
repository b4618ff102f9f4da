/** The beginning of a socket, and operations on it (contract §11). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { refusedSocket } from '../../outside/socket.ts';
import { link, login, me, sessionOf } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { noteSecrets } from '../tradier/secrets.ts';
import { assertLogTellsNothing } from './sessions/caller.ts';
import { ask, authorized, isAnswer, openSocket, wordsOf } from './sockets.ts';

const HOSTS = {
  live: {
    api: ['live.example'], pages: ['trader.example'],
    market_data: ['md.example'], replay: ['replay.example'],
  },
};

const server = await startServer({
  seed: tradovateSeed(),
  set: {
    'tradovate.hosts': JSON.stringify(HOSTS),
    'tradovate.limit_exempt': '["127.0.0.0/24"]',
    'tradovate.max_sessions': 3,
  },
});
after(server.stop);
const { live, paper, control } = server;
const { K1, narrow } = API_KEYS;
const { alice, erin } = USERS;

async function tokensOf(user = alice, key = K1): Promise<{
  readonly access: string;
  readonly md: string;
  readonly user_id: number;
}> {
  const { accessToken, mdAccessToken = '', userId } = sessionOf(await login(live, key, user));
  noteSecrets(accessToken, mdAccessToken);
  return { access: accessToken, md: mdAccessToken, user_id: userId };
}

test('AT-V58 authorize in every form: the answer is the first a frame, behind one o', async () => {
  const { access: token } = await tokensOf();
  const forms: readonly (readonly [frame: string, id: number])[] = [
    [`authorize\n0\n\n${token}`, 0],
    [`authorize\n0\n\n"${token}"`, 0],
    [`authorize\n0\n\n"${token}"\n`, 0],
    [`authorize\n7\n\n${token}`, 7],
    [`Authorize\n1\nundefined\n${token}\n`, 1],
  ];
  for (const [frame, id] of forms) {
    for (const at_once of [true, false]) {
      const peer = await openSocket(live, at_once ? { first: [frame] } : {});
      if (!at_once) {
        await peer.frame((text) => text === 'o');
        peer.send(frame);
      }
      await peer.frame(isAnswer);
      assert.deepEqual(wordsOf(peer), ['o', `a[{"s":200,"i":${id}}]`]);
      peer.close();
    }
  }
});

test('AT-V58 any token on any socket: user, market data and replay, in any case', async () => {
  const { access, md } = await tokensOf();
  const { access_token } = await link(live, REGISTRATIONS.O1, alice);
  noteSecrets(access_token);
  const hosts = [undefined, 'live.example', 'md.example', 'MD.example:443', 'replay.example'];
  for (const host of hosts) {
    for (const token of [access, md, access_token]) {
      const peer = await openSocket(live, {
        path: '/V1/WebSocket?',
        headers: host === undefined ? {} : { Host: host },
        first: [`authorize\n0\n\n${token}`],
      });
      assert.equal(await peer.frame(isAnswer), 'a[{"s":200,"i":0}]', host);
      assert.equal((await ask(peer, 'auth/me\n1\n\n')).s, 200, 'with the full rights');
      peer.close();
    }
  }
});

test('AT-V58 no other host and no other path has a socket', async () => {
  const url = `${live.origin.replace('http', 'ws')}`;
  const status = async (path: string, host: string): Promise<number> =>
    (await refusedSocket(`${url}${path}`, { headers: { Host: host } })).status;
  assert.equal(await status('/v1/websocket', 'trader.example'), 404);
  assert.equal(await status('/v1/websocket', 'other.example'), 421);
  for (const path of ['/websocket', '/v1/websocket/', '/v1//websocket', '/v1/auth/me', '/']) {
    assert.equal(await status(path, 'live.example'), 404, path);
  }
});

/** Refused with id 0: the answer, `c`, and the end within a second. */
async function assertRefused(token: string, what: string): Promise<void> {
  const peer = await openSocket(live, { first: [`authorize\n0\n\n${token}`] });
  await peer.frame(isAnswer);
  const answered = performance.now();
  const { code } = await peer.ended;
  assert.ok(performance.now() - answered < 1_000, what);
  assert.deepEqual(wordsOf(peer),
    ['o', 'a[{"s":401,"i":0,"d":"Invalid access token"}]', 'c'], what);
  assert.equal(code, 1008, what);
}

test('AT-V59 junk, foreign, closed, ended, expired tokens: one text, c, the end', async () => {
  const evicted = await tokensOf();
  const sessions = [await tokensOf(), await tokensOf(), await tokensOf()];
  const { access: of_erin } = await tokensOf(erin);
  const in_demo = sessionOf(await login(paper, K1, alice)).accessToken;
  noteSecrets(in_demo);
  await control.act('live', 'customer.set-status', { customer: 'erin', status: 'locked' });
  await control.act('live', 'customer.set-status', { customer: 'erin', status: 'active' });
  const [first = assert.fail()] = sessions;
  const twisted = `${first.access.slice(0, -2)}${first.access.endsWith('AA') ? 'BB' : 'AA'}`;
  const rows = {
    'junk': 'junk',
    'nothing': '',
    'the word undefined': 'undefined',
    'the form of a token': 'a.b.c',
    'with another signature': twisted,
    'of the other world': in_demo,
    'of a session that a newer one closed': evicted.access,
    'for streams, of a session that a newer one closed': evicted.md,
    'of a session that has ended': of_erin,
    'longer than any': 'x'.repeat(8_193),
  };
  for (const [what, token] of Object.entries(rows)) await assertRefused(token, what);
  await control.advance(4_801);
  for (const { access, md } of sessions) {
    await assertRefused(access, 'expired');
    await assertRefused(md, 'expired, for streams');
  }
});

test('AT-V59 a frame behind a failing authorize is answered by nothing', async () => {
  const peer = await openSocket(live, {
    first: ['authorize\n0\n\njunk', 'auth/me\n1\n\n', 'order/list\n2\n\n'],
  });
  await peer.ended;
  assert.equal(wordsOf(peer).length, 3);
});

test('AT-V60 before authorize every operation is denied, and authorize still works', async () => {
  const { access } = await tokensOf();
  const peer = await openSocket(live);
  for (const name of ['auth/me', 'order/placeOrder', 'nonsense', 'auth/oauthtoken']) {
    assert.deepEqual(await ask(peer, `${name}\n5\n\n{}`),
      { s: 401, i: 5, d: 'Access is denied' }, name);
  }
  assert.deepEqual(await ask(peer, `authorize\n6\n\n${access}`), { s: 200, i: 6 });
  peer.close();
});

test('AT-V60 operations behind an authorize wait for its answer', async () => {
  const { access } = await tokensOf();
  const peer = await openSocket(live, {
    first: [`authorize\n0\n\n${access}`, 'auth/me\n1\n\n', 'order/list\n2\n\n', 'x\n\n\n'],
  });
  await peer.frame((text) => text.includes('"s":400'));
  const statuses = wordsOf(peer).slice(1).map((text) =>
    (JSON.parse(text.slice(1)) as readonly { s: number; i: number }[])
      .map(({ s, i }) => `${s} ${i}`).join());
  assert.deepEqual(statuses, ['200 0', '200 1', '404 2', '400 0']);
  peer.close();
});

test('AT-V60 auth/me and auth/renewAccessToken answer as REST does', async () => {
  const { access, user_id } = await tokensOf();
  const peer = await authorized(live, access);
  const { d: identity, ...said } = await ask(peer, 'auth/me\n2\n\n');
  assert.deepEqual(said, { s: 200, i: 2 });
  assert.deepEqual(identity, (await me(live, access)).json());
  const renewed = await ask(peer, 'auth/renewAccessToken\n3\n\n');
  assert.equal(renewed.s, 200);
  const { accessToken, mdAccessToken, userId, errorText } = renewed.d as {
    [member: string]: string;
  };
  noteSecrets(accessToken ?? '', mdAccessToken ?? '');
  assert.deepEqual([userId, errorText], [user_id, undefined]);
  assert.notEqual(accessToken, access);
  for (const token of [access, accessToken ?? '']) {
    assert.equal((await me(live, token)).status, 200, 'both tokens work');
  }
  assert.equal((await me(live, mdAccessToken ?? '')).status, 401, 'the one for streams does not');
  assert.equal((await ask(peer, 'auth/me\n4\n\n')).s, 200, 'the socket stays with its session');
  peer.close();
});

test('AT-V60 other auth operations and unknown ones are not found', async () => {
  const { access } = await tokensOf();
  const peer = await authorized(live, access);
  const names = [
    'auth/oauthtoken', 'auth/accessTokenRequest', 'auth/challenge', 'auth', 'nonsense',
    'nonsense/list', 'order', 'order/list/1', '/order/list',
  ];
  for (const name of names) {
    assert.deepEqual(await ask(peer, `${name}\n8\n\n{}`), { s: 404, i: 8, d: 'Not found' }, name);
  }
  peer.close();
});

test('AT-V60 a permission of the key decides about resources', async () => {
  const { access } = await tokensOf(alice, narrow);
  const peer = await authorized(live, access);
  assert.deepEqual(await ask(peer, 'position/list\n1\nundefined\nundefined'),
    { s: 404, i: 1, d: 'Not found' }, 'allowed, and not there');
  for (const name of ['position/create', 'order/list', 'md/subscribeQuote', 'user/syncRequest']) {
    assert.deepEqual(await ask(peer, `${name}\n2\n\n`),
      { s: 401, i: 2, d: 'Access is denied' }, name);
  }
  peer.close();
});

test('AT-V60 `undefined` is nothing, a body of many lines is one body', async () => {
  const { access } = await tokensOf();
  const peer = await authorized(live, access);
  const good = ['\n', 'undefined\nundefined', '\n{\n  "a": {\n\n    "b": []\n  }\n}\n'];
  for (const rest of good) assert.equal((await ask(peer, `auth/me\n9\n${rest}`)).s, 200, rest);
  for (const body of ['{\n  "a": 1\n', '[\n]', 'true', '{"p-ticket":"a","p-ticket":"b"}']) {
    const { s, d } = await ask(peer, `auth/me\n9\n\n${body}`);
    assert.deepEqual([s, typeof d], [400, 'string'], body);
  }
  peer.close();
});

test('AT-V60 a second authorize rebinds to the same user, and to no other', async () => {
  const first = await tokensOf();
  const second = await tokensOf();
  const { access: of_erin } = await tokensOf(erin);
  const peer = await authorized(live, first.access);
  assert.deepEqual(await ask(peer, `authorize\n2\n\n${of_erin}`),
    { s: 401, i: 2, d: 'Invalid access token' });
  assert.deepEqual(await ask(peer, 'authorize\n3\n\njunk'),
    { s: 401, i: 3, d: 'Invalid access token' });
  const { d } = await ask(peer, 'auth/me\n4\n\n');
  assert.equal((d as { userId: number }).userId, first.user_id, 'it stays with what it had');
  assert.deepEqual(await ask(peer, `authorize\n5\n\n${second.access}`), { s: 200, i: 5 });
  assert.equal((await ask(peer, 'auth/me\n6\n\n')).s, 200);
  peer.close();
});

test('the log of these rows holds no secret, and no word of a frame', () => {
  assertLogTellsNothing(server);
  assert.doesNotMatch(server.log(), /"message":"fault"|authorize\\n|nonsense/);
});
