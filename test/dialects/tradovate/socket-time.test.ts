/** Heartbeats, silence, and looking whether what a socket speaks for is still good. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SocketState } from '../../../src/core/commands.ts';
import { accepted } from '../../../src/core/rules/refusals.ts';
import { type Talk, no, talk, words } from './socket-talk.ts';

const beats = ({ frames }: Talk) => frames.filter((text) => text === 'h').length;
const watches = ({ commands }: Talk) =>
  commands.filter(({ name }) => name === 'watch_socket').length;

describe('heartbeats', () => {
  test('are sent every 2.5 s, from the beginning', async () => {
    const one = talk();
    await one.pass(2_250);
    assert.deepEqual(one.frames, ['o']);
    await one.pass(250);
    assert.deepEqual(one.frames, ['o', 'h']);
    await one.pass(7_500);
    assert.equal(beats(one), 4);
  });

  test('a socket that is silent for 30 s is closed, whether it authorized or not', async () => {
    for (const authorize of [false, true]) {
      const one = talk();
      if (authorize) await one.authorize();
      await one.pass(250);
      await one.pass(authorize ? 29_750 : 29_500);
      assert.deepEqual(one.closes, [], 'not yet');
      await one.pass(250);
      assert.equal(one.frames.at(-1), 'c');
      assert.deepEqual(one.closes, [{ code: 1000, reason: 'nothing was heard' }]);
      await one.pass(10_000);
      assert.equal(one.frames.at(-1), 'c', 'nothing comes after the goodbye');
    }
  });

  test('one that sends [] stays, and is not answered', async () => {
    const one = talk();
    await one.authorize();
    for (let n = 0; n < 48; n += 1) {
      await one.pass(2_500);
      await one.say('[]', ' []\n');
    }
    assert.deepEqual(one.closes, []);
    assert.equal(beats(one), 48);
    assert.deepEqual(words(one), ['a[{"s":200,"i":0}]']);
  });

  test('any frame is a sign of life', async () => {
    const one = talk();
    for (let n = 0; n < 4; n += 1) {
      await one.pass(20_000);
      await one.say('auth/me\n1\n\n');
    }
    assert.deepEqual(one.closes, []);
  });

  test('a process that stood still takes nobody for silent', async () => {
    const one = talk();
    await one.authorize();
    await one.pass(1_000);
    one.conversation.tick(600_000);
    await one.settle();
    assert.deepEqual(one.closes, []);
    assert.equal(watches(one), 1, 'but looks at once');
  });
});

describe('looking after the session', () => {
  test('begins with authorize, every 2 s, one at a time', async () => {
    const one = talk();
    await one.pass(10_000);
    assert.equal(watches(one), 0);
    await one.authorize();
    await one.pass(10_000);
    assert.equal(watches(one), 5);
    assert.deepEqual(one.commands.at(-1)?.command, { socket: 'S1' });
    const slow = talk({ watch_socket: () => new Promise(() => undefined) });
    await slow.authorize();
    await slow.pass(8_000);
    assert.equal(watches(slow), 1);
  });

  const states: { readonly [S in Exclude<SocketState, 'open'>]: string } = {
    session_evicted: 'ConnectionQuotaReached',
    sockets_full: 'ConnectionQuotaReached',
    addresses_full: 'IPQuotaReached',
    ended: 'Maintenance',
  };
  for (const [state, code] of Object.entries(states)) {
    test(`${state}: shutdown with ${code}, c, the end, within 5 s`, async () => {
      let now = 'open';
      const one = talk({ watch_socket: () => accepted({ state: now }) });
      await one.authorize();
      await one.pass(4_000);
      now = state;
      await one.pass(2_250);
      const [, shutdown = '', goodbye, ...more] = words(one);
      assert.deepEqual([goodbye, more], ['c', []]);
      const [event] = JSON.parse(shutdown.slice(1)) as [{ e: string; d: Record<string, string> }];
      assert.deepEqual(Object.keys(event), ['e', 'd']);
      assert.deepEqual([event.e, event.d['reasonCode'], typeof event.d['reason']],
        ['shutdown', code, 'string']);
      assert.deepEqual(one.closes.map((close) => close.code), [1008]);
      await one.pass(10_000);
      assert.equal(one.frames.at(-1), 'c');
    });
  }

  test('a look that fails changes nothing, for ten seconds', async () => {
    for (const fails of [() => assert.fail('broken'), () => no('overloaded')]) {
      let broken = true;
      const one = talk({
        watch_socket: () => (broken ? fails() : accepted({ state: 'open' })),
      });
      await one.authorize();
      await one.pass(7_500);
      assert.deepEqual(one.closes, []);
      broken = false;
      await one.pass(9_500);
      broken = true;
      await one.pass(7_000);
      assert.deepEqual(one.closes, [], 'one good look begins the time anew');
      await one.pass(5_000);
      assert.match(words(one).at(-2) ?? '', /"reasonCode":"Maintenance"/);
      assert.deepEqual(one.closes.map(({ code }) => code), [1013]);
    }
  });

  test('an answer that comes after the end is no matter', async () => {
    let answer = (): void => undefined;
    const later = new Promise<void>((resolve) => (answer = resolve));
    const one = talk({ watch_socket: () => later.then(() => accepted({ state: 'ended' })) });
    await one.authorize();
    await one.pass(2_000);
    one.conversation.closed();
    answer();
    await one.settle();
    assert.deepEqual([words(one).length, one.closes], [1, []]);
  });
});

describe('the end of the server', () => {
  test('is said as Maintenance, once', async () => {
    const one = talk();
    await one.authorize();
    one.conversation.stop();
    one.conversation.stop();
    assert.deepEqual(words(one).slice(1), [
      'a[{"e":"shutdown","d":{"reasonCode":"Maintenance",' +
        '"reason":"The server is stopping. Please connect again."}}]',
      'c',
    ]);
    assert.deepEqual(one.closes.map(({ code }) => code), [1001]);
  });
});
