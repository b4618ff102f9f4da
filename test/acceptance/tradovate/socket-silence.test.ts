/** Heartbeats in real time, in a file of its own: thirty seconds are thirty seconds. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { login, sessionOf } from '../../outside/tradovate.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { authorized, openSocket, wordsOf } from './sockets.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;

test('AT-V61 a silent socket is closed after 30 s; one that sends [] stays', async () => {
  const { accessToken: token } = sessionOf(await login(live, API_KEYS.K1, USERS.alice));
  const began = performance.now();
  const silent = [await openSocket(live), await authorized(live, token)];
  const living = await openSocket(live);
  const known = await authorized(live, token);
  const beating = setInterval(() => [living, known].forEach((peer) => peer.send('[]')), 2_500);
  for (const peer of silent) {
    await peer.ended;
    const took = performance.now() - began;
    assert.ok(took >= 29_500 && took < 32_000, `closed after ${took} ms`);
    assert.equal(wordsOf(peer).at(-1), 'c');
  }
  await pause(1_000);
  clearInterval(beating);
  for (const peer of [living, known]) {
    assert.equal(peer.ws.readyState, peer.ws.OPEN);
    const beats = peer.frames.filter((text) => text === 'h').length;
    assert.ok(beats >= 11 && beats <= 13, `${beats} heartbeats`);
  }
  assert.deepEqual([wordsOf(living), wordsOf(known)], [['o'], ['o', 'a[{"s":200,"i":1}]']]);
  for (const peer of [living, known]) peer.close();
});
