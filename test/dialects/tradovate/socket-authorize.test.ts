/** The beginning of a conversation: nothing but `o` and `h` before the answer to `authorize`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accepted } from '../../../src/core/rules/refusals.ts';
import { PROFILE, type Script, TOKEN, no, talk, words } from './socket-talk.ts';

describe('authorize, in every form that clients send it', () => {
  const forms: { readonly [says: string]: readonly [frame: string, id: number] } = {
    'bare': [`authorize\n0\n\n${TOKEN}`, 0],
    'as a JSON string': [`authorize\n1\n\n"${TOKEN}"`, 1],
    'as a JSON string with a line feed': [`authorize\n0\n\n"${TOKEN}"\n`, 0],
    'with a line feed': [`authorize\n2\n\n${TOKEN}\n`, 2],
    'with a large id': [`authorize\n999999999999999\n\n${TOKEN}`, 999_999_999_999_999],
    'in another case': [`Authorize\n7\n\n${TOKEN}`, 7],
    'with `undefined` for the query': [`authorize\n7\nundefined\n${TOKEN}`, 7],
    'with carriage returns': [`authorize\r\n7\r\n\r\n${TOKEN}\r\n`, 7],
  };
  for (const [says, [frame, id]] of Object.entries(forms)) {
    test(`${says}: exactly one o, then the answer`, async () => {
      const one = talk();
      await one.say(frame);
      assert.deepEqual(one.frames, ['o', `a[{"s":200,"i":${id}}]`]);
      assert.deepEqual(one.commands, [{
        name: 'open_socket',
        command: { profile: PROFILE, socket: 'S1', bearer: TOKEN },
        from: '203.0.113.7 S1.1',
      }]);
      assert.equal(one.authorized(), true);
      assert.deepEqual(one.closes, []);
    });
  }

  const none: { readonly [says: string]: string } = {
    'no body': 'authorize\n0\n\n',
    'fewer line feeds': 'authorize\n0',
    '`undefined`': 'authorize\n0\n\nundefined',
    'an empty JSON string': 'authorize\n0\n\n""',
    'half a JSON string': 'authorize\n0\n\n"abc',
    'more than a JSON string': 'authorize\n0\n\n"abc" "def"',
    'more than 8 192 characters': `authorize\n0\n\n${'x'.repeat(8193)}`,
  };
  for (const [says, frame] of Object.entries(none)) {
    test(`${says} is no token`, async () => {
      const one = talk({ open_socket: () => no('token_missing') });
      await one.say(frame);
      assert.deepEqual(one.commands.map(({ command }) => 'bearer' in command && command.bearer),
        [null]);
      assert.equal(one.frames[1], 'a[{"s":401,"i":0,"d":"Invalid access token"}]');
    });
  }
});

describe('a first authorize that fails', () => {
  type Row = readonly [answer: () => unknown, frame: string, code: number];
  const rows: { readonly [says: string]: Row } = {
    'for an unknown token':
      [() => no('token_unknown'), '{"s":401,"i":5,"d":"Invalid access token"}', 1008],
    'for an expired token':
      [() => no('token_expired'), '{"s":401,"i":5,"d":"Invalid access token"}', 1008],
    'for the token of a closed session':
      [() => no('session_evicted'), '{"s":401,"i":5,"d":"Invalid access token"}', 1008],
    'for any other reason':
      [() => no('customer_inactive'), '{"s":401,"i":5,"d":"Invalid access token"}', 1008],
    'by a limit': [() => no('quota_exceeded'), '{"s":429,"i":5}', 1013],
    'by a full queue': [
      () => no('overloaded'),
      '{"s":503,"i":5,"d":"Service is unavailable. Please try again."}', 1013,
    ],
    'by a fault': [
      () => assert.fail('the store is broken'),
      '{"s":503,"i":5,"d":"Service is unavailable. Please try again."}', 1013,
    ],
  };
  for (const [says, [open_socket, answer, code]] of Object.entries(rows)) {
    test(`${says}: the answer, c, the end`, async () => {
      const one = talk({ open_socket });
      await one.authorize(5);
      assert.deepEqual(one.frames, ['o', `a[${answer}]`, 'c']);
      assert.deepEqual(one.closes.map((close) => close.code), [code]);
      assert.equal(one.authorized(), false);
      await one.say('auth/me\n6\n\n', `authorize\n7\n\n${TOKEN}`);
      assert.equal(one.frames.length, 3, 'nothing more is said');
      assert.equal(one.commands.length, 1, 'nor asked');
    });
  }
});

describe('before authorize', () => {
  test('an operation is denied, and authorize still works', async () => {
    const one = talk();
    await one.say('auth/me\n3\n\n', 'order/list\n4\n\n', 'nonsense\n5\n\n');
    await one.authorize();
    assert.deepEqual(words(one), [
      'a[{"s":401,"i":3,"d":"Access is denied"}]',
      'a[{"s":401,"i":4,"d":"Access is denied"}]',
      'a[{"s":401,"i":5,"d":"Access is denied"}]',
      'a[{"s":200,"i":0}]',
    ]);
    assert.deepEqual(one.commands.map(({ name }) => name), ['open_socket']);
  });

  test('operations behind an authorize wait for it, and are answered in their order', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const one = talk({ open_socket: () => opened.then(() => accepted({ customer: 'c' })) });
    await one.say(
      `authorize\n0\n\n${TOKEN}`, 'auth/me\n1\n\n', 'no id\nx\n\n',
      'auth/renewaccesstoken\n2\n\n', '[]',
    );
    await one.pass(2_500);
    assert.deepEqual(one.frames, ['o', 'h'], 'nothing but heartbeats');
    open();
    await one.settle();
    assert.deepEqual(words(one), [
      'a[{"s":200,"i":0}]',
      'a[{"s":200,"i":1,"d":{"userId":1840217}}]',
      'a[{"s":400,"i":0,"d":"id is not a whole number"}]',
      'a[{"s":200,"i":2,"d":{"accessToken":"demo.renewed"}}]',
    ]);
  });

  test('operations behind a failing authorize are never answered', async () => {
    const one = talk({ open_socket: () => no('token_unknown') });
    await one.say(`authorize\n0\n\njunk`, 'auth/me\n1\n\n');
    assert.deepEqual(one.frames,
      ['o', 'a[{"s":401,"i":0,"d":"Invalid access token"}]', 'c']);
    assert.deepEqual(one.commands.map(({ name }) => name), ['open_socket']);
  });

  test('the end of the server is said without a frame that nobody could read', async () => {
    const one = talk();
    one.conversation.stop();
    assert.deepEqual([one.frames, one.closes.map(({ code }) => code)], [['o', 'c'], [1001]]);
  });
});

describe('a second authorize', () => {
  const second = async (answer: () => unknown) => {
    let first = true;
    const open_socket: Script['open_socket'] = () => {
      if (!first) return answer();
      first = false;
      return accepted({ customer: 'c' });
    };
    const one = talk({ open_socket });
    await one.authorize();
    await one.say('authorize\n8\n\ndemo.other', 'auth/me\n9\n\n');
    return one;
  };

  test('rebinds the socket', async () => {
    const one = await second(() => accepted({ customer: 'c' }));
    assert.deepEqual(words(one).slice(1), [
      'a[{"s":200,"i":8}]', 'a[{"s":200,"i":9,"d":{"userId":1840217}}]',
    ]);
    assert.deepEqual(one.closes, []);
  });

  const failures: { readonly [says: string]: readonly [() => unknown, string] } = {
    'of another user': [() => no('token_unknown'), '{"s":401,"i":8,"d":"Invalid access token"}'],
    'over a limit': [() => no('quota_exceeded'), '{"s":429,"i":8}'],
    'at a fault': [
      () => assert.fail('broken'),
      '{"s":503,"i":8,"d":"Service is unavailable. Please try again."}',
    ],
  };
  for (const [says, [answer, expected]] of Object.entries(failures)) {
    test(`${says} is answered, and the socket stays with what it had`, async () => {
      const one = await second(answer);
      assert.deepEqual(words(one).slice(1), [
        `a[${expected}]`, 'a[{"s":200,"i":9,"d":{"userId":1840217}}]',
      ]);
      assert.deepEqual(one.closes, []);
    });
  }
});

describe('a connection that goes away', () => {
  const names = (one: ReturnType<typeof talk>) => one.commands.map(({ name }) => name);

  test('gives back what it bound, once', async () => {
    const one = talk();
    await one.authorize();
    one.conversation.closed();
    one.conversation.closed();
    await one.settle();
    assert.deepEqual(names(one), ['open_socket', 'close_socket']);
    assert.deepEqual(one.commands[1]?.command, { socket: 'S1' });
  });

  test('has nothing to give back when it never authorized', async () => {
    const one = talk();
    await one.say('auth/me\n1\n\n');
    one.conversation.closed();
    await one.settle();
    assert.deepEqual(names(one), []);
  });

  test('while it authorizes is given back after that, and gets no answer', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const one = talk({ open_socket: () => opened.then(() => accepted({ customer: 'c' })) });
    await one.say(`authorize\n0\n\n${TOKEN}`, 'auth/me\n1\n\n');
    one.conversation.closed();
    await one.settle();
    assert.deepEqual(names(one), ['open_socket']);
    open();
    await one.settle();
    assert.deepEqual(names(one), ['open_socket', 'close_socket']);
    assert.deepEqual(words(one), []);
    assert.equal(one.authorized(), false);
  });

  test('is no fault when that cannot be given back', async () => {
    const one = talk({ close_socket: () => assert.fail('broken') });
    await one.authorize();
    one.conversation.closed();
    await one.settle();
    assert.deepEqual(names(one), ['open_socket', 'close_socket']);
  });
});
