/** Heartbeats in real time, and limits as a socket meets them: nobody is exempt here. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { login, sessionOf } from '../../outside/tradovate.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { ask, authorized, openSocket, wordsOf } from './sockets.ts';

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

test('AT-V40 the 16th renewal on a socket is a penalty, as d of a good answer', async () => {
  const { accessToken: token } = sessionOf(await login(live, API_KEYS.K1, USERS.alice));
  const peer = await authorized(live, token);
  for (let n = 0; n < 15; n += 1) {
    const { s, d } = await ask(peer, `auth/renewAccessToken\n${n}\n\n`);
    assert.deepEqual([s, Object.keys(d as object).filter((name) => name.startsWith('p-'))],
      [200, []]);
  }
  const { s, d } = await ask(peer, 'auth/renewAccessToken\n15\n\n');
  const { 'p-ticket': ticket, ...more } = d as { readonly [name: string]: unknown };
  assert.deepEqual([s, typeof ticket, more], [200, 'string', { 'p-time': 15, 'p-captcha': false }]);
  assert.equal((await ask(peer, 'auth/me\n16\n\n')).s, 200, 'the socket goes on');
  peer.close();
});

test('AT-V47 beyond the limit of an address a socket is told 429, without more', async () => {
  const { accessToken: token } = sessionOf(await login(live, API_KEYS.K1, USERS.alice));
  const peer = await authorized(live, token);
  for (let n = 0; n < 150; n += 1) peer.send(`authorize\n${n}\n\njunk`);
  await peer.frame((text) => text.includes('"i":149'));
  const answers = wordsOf(peer).slice(2);
  assert.equal(answers[0], 'a[{"s":401,"i":0,"d":"Invalid access token"}]');
  assert.equal(answers.at(-1), 'a[{"s":429,"i":149}]');
  const judged = answers.filter((text) => text.includes('"s":401')).length;
  // The sign-in was a call of the address as well.
  assert.ok(judged > 90 && judged <= 100, `${judged} were judged in one second`);
  assert.equal((await ask(peer, 'auth/me\n150\n\n')).s, 200, 'her own calls are counted apart');
  peer.close();
});
