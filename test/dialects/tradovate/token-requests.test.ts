/** How a token request is read (contract §5.1): what reaches the core, and what never does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Commands } from '../../../src/core/commands.ts';
import type { Sent } from '../page-requests.ts';
import {
  API_HEADERS, type Exchange, type Scripted, exchange, json, objectOf, ok, post, refusal, TOKENS,
} from './exchange.ts';

const PATH = '/auth/oauthtoken';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const FIELDS = {
  grant_type: 'authorization_code', code: 'C', redirect_uri: 'https://app.example/cb',
  client_id: '40001', client_secret: 'demo-secret', code_verifier: 'v', resource: 'https://r/',
};
const GRANT = { grant_type: 'authorization_code', code: 'C' };
const O1 = { id: '40001', secret: 'demo-secret' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const BASIC = basic('40001:demo-secret');

async function readBy(sent: Sent, scripted: Scripted = {}): Promise<Commands['token']> {
  const result = refusal('code_unknown');
  const { command, response } = await exchange(sent, { result, ...scripted });
  assert.ok(command !== null && 'grant_type' in command, `it reaches the core: ${response.body}`);
  return command;
}

/** 400 with its three members, and the core has not seen it. */
async function malformed(sent: Sent, field: string, scripted: Scripted = {}): Promise<Exchange> {
  const answer = await exchange(sent, scripted);
  assert.equal(answer.command, null, `it does not reach the core: ${sent.body}`);
  assert.equal(answer.response.status, 400);
  const { errorText, error, error_description, ...rest } = objectOf(answer.response);
  assert.equal(errorText, field, sent.body);
  assert.equal(error, 'invalid_request');
  assert.match(String(error_description), new RegExp(`^${field} `));
  assert.deepEqual(rest, {});
  assert.equal(answer.response.log?.refusal, 'body_malformed');
  return answer;
}

describe('a body', () => {
  const asked = {
    client: O1, client_id_hint: null, grant_type: 'authorization_code', code: 'C',
    code_verifier: 'v', redirect_uri: 'https://app.example/cb', refresh_token: null,
    resource: 'https://r/', scope: null,
  };

  test('JSON, a form, or no type at all', async () => {
    const text = JSON.stringify(FIELDS);
    const form = new URLSearchParams(FIELDS).toString();
    const table: readonly Sent[] = [
      post(PATH, text, { 'content-type': 'application/json' }),
      post(PATH, text, { 'content-type': 'Application/JSON; charset=utf-8' }),
      post(PATH, `\r\n\t ${text}`, { 'content-type': 'application/vnd.x+json' }),
      post(PATH, text), post(PATH, ` ${text}`), post(PATH, form),
      post(PATH, text, { 'content-type': 'text/plain;charset=UTF-8' }),
      post(PATH, form, FORM),
      post(PATH, form, { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
      post('/v1/auth/oauthtoken', text), post('/V1/Auth/OAuthToken', form),
    ];
    for (const sent of table) {
      const { profile, ...command } = await readBy(sent);
      assert.deepEqual(command, asked, `${sent.path} ${sent.headers?.['content-type']}`);
      assert.equal(profile.dialect, 'tradovate');
    }
  });

  test('a client id may be an integer, in JSON', async () => {
    for (const client_id of [40001, '40001']) {
      assert.deepEqual((await readBy(json(PATH, { ...FIELDS, client_id }))).client, O1);
    }
    for (const client_id of [1.5, 1e300, true, null, [40001], {}, 2 ** 53]) {
      await malformed(json(PATH, { ...FIELDS, client_id }), 'client_id');
    }
  });

  test('every other field is a string of its length and nothing else', async () => {
    for (const name of ['grant_type', 'code', 'redirect_uri', 'client_secret', 'httpAuth',
      'refresh_token', 'code_verifier', 'resource', 'assertion']) {
      const max = name === 'grant_type' ? 64 : name === 'code_verifier' ? 128 : 8192;
      for (const value of [7, true, null, ['x'], { 0: 'x' }, 'x'.repeat(max + 1), '\ud800']) {
        await malformed(json(PATH, { grant_type: 'x', [name]: value }), name);
      }
      await readBy(json(PATH, { grant_type: 'x', [name]: 'x'.repeat(max) }));
      const form = `${name}=${'x'.repeat(max + 1)}`;
      await malformed(post(PATH, form, FORM), name);
      await readBy(post(PATH, `${name}=${'x'.repeat(max)}`, FORM));
    }
  });

  test('what cannot be read says which field, in JSON as in a form', async () => {
    const table: readonly (readonly [string, string])[] = [
      ['not JSON', 'body'], ['[]', 'body'], ['null', 'body'], ['"x"', 'body'], ['7', 'body'],
      ['', 'body'], [' \n', 'body'], ['{', 'body'], ['{}{}', 'body'], ['\ufeff{}', 'body'],
      ['{"code":"a","code":"a"}', 'code'], ['{"code":"a","c\\u006fde":"b"}', 'code'],
      ['{"unknown":1,"unknown":2}', 'body'], ['{"x":{"code":1,"code":2}}', 'body'],
      ['{"grant_type":NaN}', 'body'], [`{"x":${'['.repeat(10_000)}`, 'body'],
    ];
    for (const [body, field] of table) await malformed(json(PATH, body), field);
    await malformed(post(PATH, '{"code":"\xff"}', { 'content-type': 'application/json' }), 'body');
    await malformed(post(PATH, 'code=a&x=1&code=a', FORM), 'code');
    await malformed(post(PATH, 'code=%ff', FORM), 'code');
    await malformed(post(PATH, `${'a=1&'.repeat(101)}`, FORM), 'form');
    for (const body of ['', ' ', 'hello', '[]', '{']) await malformed(post(PATH, body), 'body');
    await malformed(post(PATH, '', FORM), 'body');
  });

  test('other content types, or two of them', async () => {
    for (const type of ['application/xml', 'multipart/form-data; boundary=x', 'text/html',
      'application/jsonx', 'xapplication/json']) {
      await malformed(post(PATH, JSON.stringify(FIELDS), { 'content-type': type }), 'Content-Type');
    }
    await malformed(json(PATH, FIELDS), 'Content-Type', { twice: ['content-type'] });
  });

  test('unknown members are ignored, and prototypes stay clean', async () => {
    const body = '{"__proto__":{"code":"P","polluted":1},"constructor":{"prototype":{}},' +
      '"p-ticket":1,"grant_type":"authorization_code","scope":["x"],"token_type_hint":null}';
    const { code, client, scope } = await readBy(json(PATH, body));
    assert.deepEqual([code, client, scope], [null, null, null]);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('an empty field counts as absent', async () => {
    const empty = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, '']));
    const form = new URLSearchParams(empty).toString();
    for (const sent of [json(PATH, empty), post(PATH, form, FORM)]) {
      const { profile: _, ...command } = await readBy(sent);
      for (const value of Object.values(command)) assert.equal(value, null);
    }
  });
});

describe('credentials', () => {
  const secret = { client_id: '40001', client_secret: 'demo-secret' };

  test('in the body, in httpAuth or in the header', async () => {
    const table: readonly (readonly [object, Sent['headers'], object | null, string | null])[] = [
      [secret, {}, O1, null],
      [{ ...secret, client_id: 40001 }, {}, O1, null],
      [{ httpAuth: BASIC }, {}, O1, null],
      [{ httpAuth: BASIC, client_id: '40001' }, {}, O1, '40001'],
      [{ httpAuth: BASIC, client_id: 40002 }, {}, O1, '40002'],
      [{}, { authorization: BASIC }, O1, null],
      [{ client_id: 40001 }, { authorization: BASIC }, O1, '40001'],
      [{}, { authorization: BASIC.slice('Basic '.length) }, O1, null],
      [{}, { authorization: basic('40001:demo%2Dsecret') }, O1, null],
      [{ httpAuth: basic('40001:demo%2Dsecret') }, {}, O1, null],
      [{ client_id: '40003' }, {}, { id: '40003', secret: null }, null],
      [{}, { authorization: basic('40003:') }, { id: '40003', secret: null }, null],
      [secret, { authorization: 'Bearer x' }, O1, null],
      [secret, { authorization: '' }, O1, null],
      [{}, {}, null, null],
      [{ client_secret: 'demo-secret' }, {}, null, null],
      [{ httpAuth: 'Basic !!!' }, {}, null, null],
      [{ httpAuth: 'Bearer x', client_id: '40001' }, {}, null, null],
      [{ client_id: '40001' }, { authorization: 'Basic !!!' }, null, null],
    ];
    for (const [members, headers, client, hint] of table) {
      const command = await readBy(json(PATH, { ...GRANT, ...members }, headers));
      const what = JSON.stringify([members, headers]);
      assert.deepEqual([command.client, command.client_id_hint], [client, hint], what);
    }
  });

  test('two ways at once are one too many', async () => {
    const table: readonly (readonly [object, Sent['headers'], Scripted])[] = [
      [{ ...secret, httpAuth: BASIC }, {}, {}],
      [secret, { authorization: BASIC }, {}],
      [{ httpAuth: BASIC }, { authorization: BASIC }, {}],
      [secret, { authorization: 'Basic !!!' }, {}],
      [{ client_secret: 'x' }, { authorization: BASIC }, {}],
      [{}, { authorization: BASIC }, { twice: ['authorization'] }],
    ];
    for (const [members, headers, scripted] of table) {
      const sent = json(PATH, { ...GRANT, ...members }, headers);
      const { command, response } = await exchange(sent, scripted);
      assert.equal(command, null);
      assert.equal(`${response.status} ${response.body}`, '200 {"error":"invalid_request",' +
        '"error_description":"More than one client authentication"}');
      assert.equal(response.log?.refusal, 'credentials_conflict');
    }
  });
});

describe('the query', () => {
  test('a secret there is handed on as leaked, and nothing else is read', async () => {
    for (const name of ['code', 'refresh_token', 'client_secret', 'code_verifier'] as const) {
      for (const query of [`${name}=x`, `a=b&${name}=%zz`, `${name}=1&${name}=2`, `${name}=`]) {
        const sent = { ...json(PATH, FIELDS, { authorization: BASIC }), query };
        const { leaked, client, code, grant_type } = await readBy(sent);
        const value = query.endsWith('=x') ? 'x' : '';
        assert.deepEqual(leaked, { parameter: name, value, client_id: '40001' }, query);
        assert.deepEqual([client, code, grant_type], [null, null, null]);
      }
    }
    const query = `httpAuth=${encodeURIComponent(BASIC)}`;
    assert.deepEqual((await readBy({ ...json(PATH, FIELDS), query })).leaked,
      { parameter: 'client_secret', value: 'demo-secret', client_id: '40001' });
    assert.deepEqual((await readBy({ ...json(PATH, FIELDS), query: 'httpAuth=junk' })).leaked,
      { parameter: 'client_secret', value: '', client_id: null });
  });

  test('what leaked is answered as malformed, and names it', async () => {
    const sent = { ...json(PATH, FIELDS), query: 'client_secret=demo-secret' };
    const result = refusal('credentials_in_query', { parameter: 'client_secret' });
    const { response } = await exchange(sent, { result });
    assert.equal(response.status, 400);
    assert.equal(response.body, '{"errorText":"client_secret","error":"invalid_request",' +
      '"error_description":"client_secret must not stand in the query"}');
  });

  test('other fields there are refused, strangers and a lone mark are not', async () => {
    for (const name of ['grant_type', 'client_id', 'redirect_uri', 'resource', 'assertion']) {
      await malformed({ ...json(PATH, FIELDS), query: `${name}=x` }, name);
    }
    const answered = { result: ok(TOKENS) };
    const { response } = await exchange({ ...json(PATH, FIELDS), query: 'state=x&a' }, answered);
    assert.equal(response.status, 200);
    assert.deepEqual(response.headers.slice(1), API_HEADERS);
  });
});
