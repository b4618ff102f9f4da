/** Operations of an authorized socket: what is asked, what is answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readFrame } from '../../../src/dialects/tradovate/socket/frames.ts';
import { PROFILE, type Script, type Talk, no, talk, words } from './socket-talk.ts';

const CHECK = {
  profile: PROFILE, bearer: null, socket: 'S1', scopes: [], bucket: 'standard', account: null,
};

const authorized = async (script: Script = {}, options: Parameters<typeof talk>[1] = {}) => {
  const one = talk(script, options);
  await one.authorize();
  return one;
};

/** The answers since `authorize`. */
const answers = (one: Talk) => words(one).slice(1);

describe('auth operations', () => {
  test('auth/me and auth/renewaccesstoken ask for the socket, not for a token', async () => {
    const one = await authorized();
    await one.say('auth/me\n1\n\n', 'Auth/renewAccessToken\n2\n\n');
    assert.deepEqual(answers(one), [
      'a[{"s":200,"i":1,"d":{"userId":1840217}}]',
      'a[{"s":200,"i":2,"d":{"accessToken":"demo.renewed"}}]',
    ]);
    const asked = { ...CHECK, penalized: true, ticket: null };
    assert.deepEqual(one.commands.slice(1), [
      { name: 'read_identity', command: asked, from: '203.0.113.7 S1.2' },
      { name: 'renew_token', command: asked, from: '203.0.113.7 S1.3' },
    ]);
  });

  test('logging in is for REST', async () => {
    const one = await authorized();
    const names = [
      'auth/oauthtoken', 'auth/accesstokenrequest', 'auth/me/more', 'auth/', 'auth',
    ];
    await one.say(...names.map((name, id) => `${name}\n${id}\n\n{}`));
    assert.deepEqual(answers(one), names.map((_, id) => `a[{"s":404,"i":${id},"d":"Not found"}]`));
    assert.equal(one.commands.length, 1);
  });

  test('a ticket comes in the query or the body', async () => {
    const rows = [
      ['p-ticket=T1', '', 'T1'],
      ['', '{"p-ticket":"T2"}', 'T2'],
      ['', '{\n  "p-ticket": "T\u00fc",\n  "other": [1]\n}\n', 'T\u00fc'],
      ['p-ticket=T1', '{"p-ticket":""}', 'T1'],
      ['p-ticket=', '', null],
      ['undefined', 'undefined', null],
      [' ', '\n', null],
      ['other=1', '{}', null],
    ] as const;
    for (const [query, body, ticket] of rows) {
      const one = await authorized();
      await one.say(`auth/me\n1\n${query}\n${body}`);
      assert.deepEqual(one.commands[1]?.command, { ...CHECK, penalized: true, ticket }, body);
    }
  });

  test('what cannot be read is malformed, and is not asked', async () => {
    const rows = [
      ['', '{', 'body'],
      ['', '[]', 'body'],
      ['', '"text"', 'body'],
      ['', '{"p-ticket":1}', 'p-ticket'],
      ['', '{"p-ticket":"a","p-ticket":"b"}', 'p-ticket'],
      ['p-ticket=a&p-ticket=b', '', 'query'],
      ['p-ticket=%ff', '', 'query'],
    ] as const;
    for (const [query, body, which] of rows) {
      const one = await authorized();
      await one.say(`auth/me\n1\n${query}\n${body}`);
      assert.deepEqual(answers(one), [`a[{"s":400,"i":1,"d":"${which} is malformed"}]`]);
      assert.equal(one.commands.length, 1);
    }
  });

  const penalty = { ticket: 'T9', wait_s: 15, captcha: false };
  type Row = readonly [answer: () => unknown, expected: string];
  const refusals: { readonly [says: string]: Row } = {
    'a penalty': [() => no('penalty', { penalty }), '{"s":200,"i":1,"d":{"p-ticket":"T9"}}'],
    'a business failure':
      [() => no('customer_inactive'), '{"s":200,"i":1,"d":{"errorText":"inactive"}}'],
    'the user limit': [() => no('quota_exceeded'), '{"s":429,"i":1}'],
    'an ended session': [() => no('token_ended'), '{"s":401,"i":1,"d":"Access is denied"}'],
    'a full queue': [
      () => no('overloaded'),
      '{"s":503,"i":1,"d":"Service is unavailable. Please try again."}',
    ],
    'a fault': [
      () => assert.fail('broken'),
      '{"s":503,"i":1,"d":"Service is unavailable. Please try again."}',
    ],
  };
  for (const [says, [answer, expected]] of Object.entries(refusals)) {
    test(`${says}: ${expected}, and the socket goes on`, async () => {
      const one = await authorized({ renew_token: answer });
      await one.say('auth/renewaccesstoken\n1\n\n', 'auth/me\n2\n\n');
      assert.deepEqual(answers(one),
        [`a[${expected}]`, 'a[{"s":200,"i":2,"d":{"userId":1840217}}]']);
      assert.deepEqual(one.closes, []);
    });
  }

  test('an evicted session is shut down at once', async () => {
    const one = await authorized({ renew_token: () => no('session_evicted') });
    await one.say('auth/renewaccesstoken\n1\n\n', 'auth/me\n2\n\n');
    assert.deepEqual(answers(one), [
      'a[{"e":"shutdown","d":{"reasonCode":"ConnectionQuotaReached",' +
        '"reason":"A newer sign-in has closed this session."}}]',
      'c',
    ]);
    assert.deepEqual(one.closes.map(({ code }) => code), [1008]);
  });
});

describe('resource operations', () => {
  test('need the permission of the table, and are not found then', async () => {
    const one = await authorized();
    await one.say('order/list\n1\n\n', 'Order/placeOrder\n2\n\n{}', 'MD/subscribeQuote\n3\n\n{}');
    assert.deepEqual(answers(one), [1, 2, 3].map((id) => `a[{"s":404,"i":${id},"d":"Not found"}]`));
    assert.deepEqual(one.commands.slice(1).map(({ name, command }) => [name, command]), [
      ['check_token', { ...CHECK, scopes: ['Orders:Read'] }],
      ['check_token', { ...CHECK, scopes: ['Orders:FullAccess'] }],
      ['check_token', { ...CHECK, scopes: ['Prices:Read'] }],
    ]);
  });

  test('without the permission access is denied', async () => {
    const one = await authorized({ check_token: () => no('scope_missing') });
    await one.say('order/placeorder\n1\n\n{}');
    assert.deepEqual(answers(one), ['a[{"s":401,"i":1,"d":"Access is denied"}]']);
  });

  test('what is no operation on a known entity is not found, and not asked', async () => {
    const names = ['nonsense/list', 'order', 'order/', '/order/list', 'order/list/1',
      'order/../list', 'order//list', 'order%2flist', '__proto__/list', 'constructor/list'];
    const one = await authorized();
    await one.say(...names.map((name, id) => `${name}\n${id}\n\n`));
    assert.deepEqual(answers(one), names.map((_, id) => `a[{"s":404,"i":${id},"d":"Not found"}]`));
    assert.equal(one.commands.length, 1);
  });

  test('an example is answered to those who may read it', async () => {
    const example = (name: string) => (name === 'account/list'
      ? ({ number }: { readonly number: number }) => [{ userId: number }]
      : null);
    const one = await authorized({}, { example });
    await one.say('account/list\n1\n\n', 'userproperty/deps\n2\nmasterid=1\n');
    assert.deepEqual(answers(one), [
      'a[{"s":200,"i":1,"d":[{"userId":1840217}]}]', 'a[{"s":404,"i":2,"d":"Not found"}]',
    ]);
    assert.deepEqual(one.commands[1], {
      name: 'read_profile',
      command: { ...CHECK, scopes: ['Accounting:Read'] },
      from: '203.0.113.7 S1.2',
    });
    const other = await authorized({ read_profile: () => no('scope_missing') }, { example });
    await other.say('account/list\n1\n\n');
    assert.deepEqual(answers(other), ['a[{"s":401,"i":1,"d":"Access is denied"}]']);
  });
});

describe('frames', () => {
  test('that are no operations are malformed', async () => {
    const rows = [
      ['', 0, 'operation is missing'],
      ['auth/me', 0, 'id is not a whole number'],
      ['auth/me\n\n\n', 0, 'id is not a whole number'],
      ['auth/me\n-1\n\n', 0, 'id is not a whole number'],
      ['auth/me\n1.5\n\n', 0, 'id is not a whole number'],
      ['auth/me\n1e3\n\n', 0, 'id is not a whole number'],
      ['auth/me\n 1\n\n', 0, 'id is not a whole number'],
      ['auth/me\n9999999999999999\n\n', 0, 'id is not a whole number'],
      ['\n12\n\n', 12, 'operation is missing'],
    ] as const;
    const one = await authorized();
    for (const [text] of rows) await one.say(text);
    assert.deepEqual(answers(one),
      rows.map(([, id, says]) => `a[{"s":400,"i":${id},"d":"${says}"}]`));
    assert.deepEqual(one.closes, []);
  });

  test('are read whatever is in them, and the body keeps its line feeds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const frame = readFrame(text);
      return frame.is === 'heartbeat' || frame.id >= 0;
    }));
    const plain = fc.string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/[\r\n]/.test(text) && text.trim() !== '' && text.trim() !== 'undefined');
    const body = fc.string({ unit: 'grapheme-ascii', minLength: 1 })
      .map((text) => `{\n"${text}"\n\n}`);
    fc.assert(fc.property(plain, fc.nat(), plain, body, (name, id, query, sent) => {
      const text = `${name}\n${id}\n${query}\n${sent}`;
      assert.deepEqual(readFrame(text), {
        is: 'operation', name: name.trim().toLowerCase(), id, query, body: sent, text,
      });
    }));
  });

  test('a peer that asks without waiting for answers is sent away', async () => {
    const waits = { read_identity: () => new Promise(() => undefined) };
    const one = await authorized(waits);
    await one.say(...Array.from({ length: 257 }, (_, id) => `auth/me\n${id}\n\n`));
    assert.deepEqual(one.closes, [], '256 may wait behind the one under way');
    await one.say('auth/me\n300\n\n');
    assert.deepEqual([one.frames.at(-1), one.closes],
      ['c', [{ code: 1008, reason: 'too many operations at once' }]]);
    const other = await authorized(waits);
    const large = `auth/me\n1\n\n${' '.repeat(65_000)}{}`;
    await other.say(...Array.from({ length: 18 }, () => large));
    assert.equal(other.closes[0]?.code, 1008);
  });
});
