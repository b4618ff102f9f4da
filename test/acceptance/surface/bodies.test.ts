/** Bodies of every wrong form and type, content types and methods (HP-08, HP-09). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { credentials, exchange, get, oauthToken, refresh } from '../../outside/tradovate.ts';
import type { How } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertTokenAnswer } from '../tradovate/answers.ts';
import { traderIn } from '../tradovate/trader.ts';
import { ERROR_TEXTS, assertErrorText, assertSession } from '../tradovate/sessions/answers.ts';
import { callerAt } from '../tradovate/sessions/caller.ts';
import { ALL, READERS, assertNothingGiven, assertUnread, sendTo } from './endpoints.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;
const { O1 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const here = callerAt(live);

/** POSTs exactly these bytes as JSON: what no text can say. */
function sendBytes(path: string, body: string | Buffer): Promise<Answer> {
  const headers = [['Content-Type', 'application/json']] as const;
  return call(live.origin, { method: 'POST', path, body, headers });
}

const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const within = (text: string): string => `{"unknown":${text}}`;

/** Bodies that are no JSON object, or no good text. */
const BROKEN: { readonly [what: string]: string | Buffer } = {
  'a member twice': '{"unknown":1,"unknown":1}',
  'a member twice, below': within('{"a":1,"a":1}'),
  deep: DEEP,
  'deep within': within(DEEP),
  'deep objects': `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  NaN: within('NaN'),
  Infinity: within('-Infinity'),
  hexadecimal: within('0x10'),
  'leading zero': within('007'),
  comment: '{/* */}',
  'trailing comma': '{"unknown":1,}',
  'single quotes': '{\'unknown\':1}',
  'two values': '{}{}',
  array: '[{"grant_type":"string"}]',
  'byte order mark': '\ufeff{}',
  'UTF-16': Buffer.from('{"name":"x"}', 'utf16le'),
  'UTF-16 with mark': Buffer.from('\ufeff{"name":"x"}', 'utf16le'),
  'invalid UTF-8': Buffer.from('{"unknown":"\xff\xfe"}', 'latin1'),
  'UTF-8 of a surrogate': Buffer.from('{"unknown":"\xed\xa0\x80"}', 'latin1'),
  'overlong UTF-8': Buffer.from('{"unknown":"\xc0\xaf"}', 'latin1'),
  'control character': '{"unknown":"a\u0001b"}',
  empty: '',
  blank: ' \n\t',
};

test('HP-08[B] what is no JSON object is 400 at every endpoint', async () => {
  const events = await eventsOf(server, 'live', async () => {
    for (const reader of READERS) {
      for (const [what, body] of Object.entries(BROKEN)) {
        const answer = await sendBytes(reader.path, body);
        assert.equal(answer.status, 400, `${what} at ${reader.path}: ${answer.text}`);
        assertUnread(reader, answer);
      }
    }
  });
  assert.deepEqual(actionsOf(events), []);
});

test('HP-08[B] nothing stands in for a string, a number or a flag', async () => {
  for (const reader of READERS) {
    for (const [name, value] of Object.entries(reader.members)) {
      const is_id = name === 'client_id' || name === 'cid';
      const numbers = typeof value === 'number' ? ['7', '7.5', [7], { 0: 7 }, true]
        : is_id ? [7.5, 1e300, 2 ** 53, -0.5, ['8'], { 0: '8' }, true]
          : [7, [value], { 0: value }, null];
      const flags = typeof value === 'boolean' ? ['true', 1, 0, [true]] : numbers;
      for (const wrong of flags) {
        const body = { ...reader.members, [name]: wrong };
        const answer = await sendTo(live, reader, body);
        assert.equal(answer.status, 400, `${name}: ${JSON.stringify(wrong)}: ${answer.text}`);
        assertUnread(reader, answer, name);
      }
      if (typeof value !== 'string') continue;
      for (const lone of ['\\ud800', 'a\\udc00b', '\\udc00\\ud800']) {
        const text = JSON.stringify({ ...reader.members, [name]: '@' }).replace('"@"', `"${lone}"`);
        assertUnread(reader, await sendTo(live, reader, text), name);
      }
    }
  }
});

test('HP-08[B] an id may be a number or digits, and nothing else is made equal', async () => {
  for (const cid of [8, '8', 8.0]) assertSession(await here.login(USERS.alice, { cid }));
  for (const cid of ['08', ' 8', '8 ', '+8', '8.0', '0x8', '８', '8e0', '-8', -8]) {
    // Each from a network of its own: five such failures and a network has to wait.
    const answer = await callerAt(live).login(USERS.alice, { cid });
    assertErrorText(answer, ERROR_TEXTS.app);
    await server.control.advance(3_700);
  }
  const { code } = await alice.allow(O1);
  for (const client_id of ['040001', ' 40001', '40001.0', '４０００１', '4.0001e4', -40001]) {
    const answer = await exchange(live, O1, code, { client_id });
    assert.match(answer.text, /^\{"error":"invalid_client"/, String(client_id));
  }
  assertTokenAnswer(await exchange(live, O1, code, { client_id: 40001 }), 'code');
});

test('HP-08[B] __proto__ and constructor are unknown names, and pollute nothing', async () => {
  const { K1 } = API_KEYS;
  const inherited = JSON.stringify({
    name: 'alice', password: USERS.alice.password, cid: 8, sec: K1.sec, appId: K1.app_id,
    ...credentials(O1), grant_type: 'refresh_token', refresh_token: 'x', polluted: true,
    country: 'DE', text: 'ord', id: 7, status: 200, headers: [],
  });
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const polluting = `{${names.map((name) => `"${name}":${inherited}`).join(',')},` +
    `"constructor2":{"prototype":${inherited}}}`;
  const nested = `{"__proto__":{"__proto__":${inherited}}}`;
  const answers = [];
  for (const body of [polluting, nested]) {
    for (const reader of READERS) answers.push(await sendTo(live, reader, body));
  }
  for (const answer of answers) assertNothingGiven(answer);
  const texts = answers.map(({ status, text }) => `${status} ${text}`);
  const plain = [];
  for (const reader of READERS) plain.push(await sendTo(live, reader, '{}'));
  // Each is answered as the empty object is, now and after it.
  const expected = plain.map(({ status, text }) => `${status} ${text}`);
  assert.deepEqual(texts, [...expected, ...expected]);
  assert.equal((await get(live, '/auth/products')).status, 200);
});

test('HP-09[B] other content types are 400, charsets and none are harmless', async () => {
  const { refresh_token } = await alice.link(O1);
  const refused = [
    'multipart/form-data; boundary=x', 'application/xml', 'text/html', 'application/x-json2',
    'application/octet-stream', 'application/jsonp', 'text/json5', 'image/png', '*/*', 'json',
  ];
  const members = { ...credentials(O1), grant_type: 'refresh_token', refresh_token };
  for (const reader of READERS) {
    for (const type of refused) {
      const how: How = { headers: [['Content-Type', type]] };
      assertUnread(reader, await sendTo(live, reader, reader.members, how));
    }
    if (reader.forms) continue;
    const text = 'name=alice&country=DE&text=ord&id=7';
    assertUnread(reader, await sendTo(live, reader, text, { as: 'form' }));
  }
  for (const type of ['application/json; charset=iso-8859-1', 'application/json;charset="UTF-8"',
    'APPLICATION/JSON', 'application/json ; odd=1', 'text/plain; charset=utf-8']) {
    const answer = await oauthToken(live, members, { headers: [['Content-Type', type]] });
    assertTokenAnswer(answer, 'refresh');
  }
  assertTokenAnswer(await oauthToken(live, members, { as: 'none' }), 'refresh');
  // UTF-7 is not read as what it would say: its text is ASCII, and no member of ours.
  const utf7 = '{"grant+AF8-type":"refresh_token"}';
  const how: How = { headers: [['Content-Type', 'application/json; charset=utf-7']] };
  const answer = await oauthToken(live, utf7, how);
  assert.match(answer.text, /"error":"invalid_request"/);
  assertNothingGiven(answer);
});

test('HP-09[B] no Accept is refused, and a GET\'s content type is not read', async () => {
  const { access_token, refresh_token } = await alice.link(O1);
  for (const accept of ['text/html', 'application/xml', 'image/*', '', '*/*;q=0', 'nonsense']) {
    const answer = await here.me(access_token, {
      headers: [['Accept', accept], ['Content-Type', 'application/xml; charset=utf-7']],
    });
    assert.equal(`${answer.status} ${answer.headers['content-type']}`, '200 application/json');
    const asked = { ...credentials(O1), grant_type: 'refresh_token', refresh_token };
    assertTokenAnswer(await oauthToken(live, asked, { headers: [['Accept', accept]] }), 'refresh');
  }
});

test('HP-09[B] other methods are 405, and no header names another one', async () => {
  const { access_token, refresh_token } = await alice.link(O1);
  const bearer = ['Authorization', `Bearer ${access_token}`] as const;
  const events = await eventsOf(server, 'live', async () => {
    for (const [path, methods] of ALL) {
      for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
        if (methods.includes(method)) continue;
        const answer = await call(live.origin, { method, path, headers: [bearer] });
        assert.equal(`${answer.status} ${answer.headers.allow}`, `405 ${methods.join(', ')}`,
          `${method} ${path}`);
        assert.equal(answer.headers['cache-control'], 'no-store');
        assertNothingGiven(answer);
      }
    }
    const overriding = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];
    for (const name of overriding) {
      const by_get = await here.call(access_token, {
        path: '/auth/oauthtoken?_method=POST', headers: [[name, 'POST']],
      });
      assert.equal(by_get.status, 405);
      const told = await here.me(access_token, { headers: [[name, 'DELETE']] });
      assert.equal(told.status, 200);
    }
  });
  assert.deepEqual(actionsOf(events), []);
  assertTokenAnswer(await refresh(live, O1, refresh_token), 'refresh');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
