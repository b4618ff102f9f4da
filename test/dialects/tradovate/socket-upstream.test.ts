/** Resource operations that go to a server behind us. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TOKEN, type Script, no, talk, words } from './socket-talk.ts';

const URL = 'wss://gateway.internal/v1/websocket';

const authorized = async (script: Script = {}) => {
  const one = talk(script, { upstream: () => URL });
  await one.authorize();
  return one;
};

const PRETTY = 'order/placeOrder\n7\n\n{\n  "symbol": "ES\u00fc",\n\n  "orderQty": 1\n}\n';
const UNAVAILABLE = (id: number) =>
  `a[{"s":503,"i":${id},"d":"Service is unavailable. Please try again."}]`;

describe('a server behind the socket', () => {
  test('is connected to once, when it is needed, with the token', async () => {
    const one = await authorized();
    await one.say('auth/me\n1\n\n', 'nonsense/list\n2\n\n', 'auth/oauthtoken\n3\n\n');
    assert.equal(one.upstreams.length, 0);
    await one.say('order/list\n4\n\n', 'fill/list\n5\n\n');
    assert.deepEqual(one.upstreams.map(({ target }) => target), [{ url: URL, bearer: TOKEN }]);
  });

  test('gets the bytes unchanged and in order, also those that waited for it', async () => {
    const one = await authorized();
    await one.say(PRETTY, 'order/list\n8\nundefined\nundefined');
    const [upstream = assert.fail()] = one.upstreams;
    assert.deepEqual(upstream.sent, []);
    upstream.events.opened();
    await one.say('Fill/List\r\n9\r\n\r\n');
    assert.deepEqual(upstream.sent,
      [PRETTY, 'order/list\n8\nundefined\nundefined', 'Fill/List\r\n9\r\n\r\n']);
    assert.equal(words(one).length, 1, 'the answers are the server’s');
  });

  test('its answers and events pass as they are; o, h and c are ours to say', async () => {
    const one = await authorized();
    await one.say(PRETTY);
    const { events } = one.upstreams[0] ?? assert.fail();
    events.opened();
    const answer = 'a[ {"s":200, "i":7,"d":{"orderId":1}} ]';
    const event = 'a[{"e":"md","d":{}}]';
    for (const text of ['o', 'h', answer, '[]', event, 'c']) events.receive(text);
    assert.deepEqual(words(one).slice(1), [answer, event]);
  });

  test('hears heartbeats while it is connected', async () => {
    const one = await authorized();
    await one.pass(2_500);
    await one.say('order/list\n1\n\n');
    const upstream = one.upstreams[0] ?? assert.fail();
    await one.pass(2_500);
    assert.deepEqual(upstream.sent, []);
    upstream.events.opened();
    await one.pass(5_000);
    assert.deepEqual(upstream.sent, ['order/list\n1\n\n', '[]', '[]']);
  });

  test('gets nothing that is not allowed', async () => {
    const one = await authorized({ check_token: () => no('scope_missing') });
    await one.say('order/placeorder\n1\n\n{}');
    assert.deepEqual(words(one).slice(1), ['a[{"s":401,"i":1,"d":"Access is denied"}]']);
    assert.equal(one.upstreams.length, 0);
  });

  test('that cannot be reached is our fault, and is tried again', async () => {
    const one = await authorized();
    await one.say('order/list\n1\n\n', 'order/list\n2\n\n');
    one.upstreams[0]?.events.closed();
    assert.deepEqual(words(one).slice(1), [UNAVAILABLE(1), UNAVAILABLE(2)]);
    assert.deepEqual(one.closes, []);
    await one.say('order/list\n3\n\n');
    assert.equal(one.upstreams.length, 2);
  });

  test('holds a bounded number of operations', async () => {
    const one = await authorized();
    for (let id = 0; id < 257; id += 1) await one.say(`order/list\n${id}\n\n`);
    assert.deepEqual(words(one).slice(1), [UNAVAILABLE(256)]);
  });

  test('that goes away takes the socket with it: its subscriptions are gone', async () => {
    const one = await authorized();
    await one.say('md/subscribequote\n1\n\n{}');
    const { events } = one.upstreams[0] ?? assert.fail();
    events.opened();
    events.closed();
    assert.match(words(one).at(-2) ?? '', /"reasonCode":"Maintenance"/);
    assert.deepEqual([one.frames.at(-1), one.closes.map(({ code }) => code)], ['c', [1001]]);
  });

  test('is let go with the socket', async () => {
    for (const end of ['closed', 'stop'] as const) {
      const one = await authorized();
      await one.say('order/list\n1\n\n');
      const upstream = one.upstreams[0] ?? assert.fail();
      one.conversation[end]();
      assert.equal(upstream.closed, true);
      const said = one.frames.length;
      upstream.events.closed();
      upstream.events.receive('a[{"s":200,"i":1}]');
      assert.equal(one.frames.length, said);
    }
  });
});
