/** Route × permission (contract §13), over REST and on the socket, and what is passed on. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { bearing, login, sessionOf } from '../../outside/tradovate.ts';
import {
  API_KEYS, USERS, demoApiKey, tradovateSeed,
} from '../../outside/tradovate-fixtures.ts';
import { AREA_ENTITIES, type AreaName } from '../../outside/tradovate-permissions.ts';
import { startServer } from '../../world.ts';
import { noteSecrets } from '../tradier/secrets.ts';
import { assertLogTellsNothing } from './sessions/caller.ts';
import { type SocketAnswer, authorized, isAnswer, wordsOf } from './sockets.ts';

const AREA_NAMES = Object.keys(AREA_ENTITIES) as AreaName[];
const ENTITIES = AREA_NAMES.flatMap((area) =>
  AREA_ENTITIES[area].map((entity) => ({ area, entity })));

/** One API key for each single permission: the read ones first. */
const SINGLE = (['Read', 'FullAccess'] as const).flatMap((level, at) =>
  AREA_NAMES.map((area, n) => ({
    area,
    level,
    key: demoApiKey(100 + 100 * at + n, {
      app_id: `Only ${area} ${level}`, permissions: [`${area}:${level}`],
    }),
  })));

const gateway = new WebSocketServer({ port: 0 });
const { port } = gateway.address() as AddressInfo;

const server = await startServer({
  seed: tradovateSeed({
    api_keys: [...Object.values(API_KEYS), ...SINGLE.map(({ key }) => key)],
  }),
  set: { 'tradovate.limit_exempt': '["127.0.0.0/24"]', 'tradovate.max_sessions': 100 },
});
const behind = await startServer({
  seed: tradovateSeed(),
  set: {
    'tradovate.limit_exempt': '["127.0.0.0/24"]',
    'tradovate.socket_upstream': `ws://127.0.0.1:${port}/v1/websocket`,
  },
});
after(async () => {
  await server.stop();
  await behind.stop();
  gateway.close();
});
const { live } = server;

/** Every entity, read and written. */
const OPERATIONS = ENTITIES.flatMap(({ area, entity }) => [
  { path: `${entity}/list`, area, reads: true },
  { path: `${entity}/create`, area, reads: false },
]);

for (const { area, level, key } of SINGLE) {
  test(`AT-V56 a token with ${area}:${level} alone, on every entity, REST and socket`, async () => {
    const { accessToken } = sessionOf(await login(live, key, USERS.alice));
    noteSecrets(accessToken);
    // What is allowed is, with nothing behind the server, not found.
    const expected = OPERATIONS.map((one) => {
      const allowed = one.area === area && (one.reads || level === 'FullAccess');
      return `${one.path} ${allowed ? 404 : 401}`;
    });
    const rest = await Promise.all(OPERATIONS.map(async ({ path }) => {
      const method = path.endsWith('list') ? 'GET' : 'POST';
      const { status, text } = await bearing(live, accessToken, { path: `/v1/${path}`, method });
      assert.equal(text, '', path);
      return `${path} ${status}`;
    }));
    assert.deepEqual(rest, expected);
    const peer = await authorized(live, accessToken);
    const socket: string[] = [];
    for (const [at, { path }] of OPERATIONS.entries()) {
      const from = peer.frames.length;
      peer.send(`${path}\n${at}\n\n{}`);
      const frame = await peer.frame(isAnswer, from);
      const [answer = assert.fail()] = JSON.parse(frame.slice(1)) as SocketAnswer[];
      const says = { 401: 'Access is denied', 404: 'Not found' }[answer.s];
      assert.deepEqual(answer, { s: answer.s, i: at, d: says });
      socket.push(`${path} ${answer.s}`);
    }
    assert.deepEqual(socket, expected);
    peer.close();
  });
}

test('what is allowed goes to the server behind the socket, byte for byte, and back', async () => {
  const { accessToken } = sessionOf(await login(behind.live, API_KEYS.narrow, USERS.alice));
  noteSecrets(accessToken);
  const heard: string[] = [];
  const tokens: (string | undefined)[] = [];
  gateway.on('connection', (ws, { headers }) => {
    tokens.push(headers.authorization);
    ws.send('o');
    ws.on('message', (data: Buffer) => {
      if (data.toString() === '[]') return;
      heard.push(data.toString());
      ws.send('h');
      ws.send('a[ {"s":200,"i":2,"d":["a position"]} ]');
    });
  });
  const peer = await authorized(behind.live, accessToken);
  const asked = 'Position/List\n2\nundefined\n{\n  "all": "\u00fc"\n}\n';
  peer.send('order/list\n1\n\n');
  peer.send(asked);
  await peer.frame((text) => text.includes('"i":2'));
  assert.deepEqual(wordsOf(peer).slice(2), [
    'a[{"s":401,"i":1,"d":"Access is denied"}]', 'a[ {"s":200,"i":2,"d":["a position"]} ]',
  ]);
  assert.deepEqual([heard, tokens], [[asked], [`Bearer ${accessToken}`]]);
  assert.equal(peer.frames.filter((text) => text === 'o').length, 1);
  for (const client of gateway.clients) client.close();
  await peer.ended;
  assert.match(wordsOf(peer).at(-2) ?? '', /"reasonCode":"Maintenance"/);
});

test('the log of these rows holds no secret', () => {
  assertLogTellsNothing(server);
  assertLogTellsNothing(behind);
});
