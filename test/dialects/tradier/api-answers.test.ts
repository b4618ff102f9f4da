/** Golden transcripts of contract §8: faults, quota, the profile in JSON and XML. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Commands, ProfileAnswer } from '../../../src/core/commands.ts';
import type { Account } from '../../../src/core/kinds/account.ts';
import { REFUSALS, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import type { WireResponse } from '../../../src/core/wire.ts';
import { apiRefusal } from '../../../src/dialects/tradier/api-errors.ts';
import { wireRequest } from '../page-requests.ts';
import { DEFAULTS, exchange, headerOf, ok, refusal } from './exchange.ts';

const PATH = '/v1/user/profile';
const REALM = 'Bearer realm="api.broker.example"';

async function refused(code: RefusalCode, more = {}, settings = {}): Promise<WireResponse> {
  const { response } = await exchange({ path: PATH }, { result: refusal(code, more), settings });
  return response;
}

describe('faults', () => {
  const fault = (faultstring: string, errorcode: string): string =>
    `{"fault":{"faultstring":"${faultstring}","detail":{"errorcode":"${errorcode}"}}}`;
  const challenge = (text: string): string =>
    `${REALM}, error="invalid_token", error_description="${text}"`;
  const F1 = fault('Invalid Access Token', 'keymanagement.service.invalid_access_token');

  const rows: readonly (readonly [RefusalCode, number, string, string | undefined])[] = [
    ['token_missing', 401, F1, REALM],
    ['token_unknown', 401, F1, challenge('Invalid Access Token')],
    ['token_expired', 401,
      fault('Access Token expired', 'keymanagement.service.access_token_expired'),
      challenge('Access Token expired')],
    ['token_ended', 401,
      fault('Access Token not approved', 'keymanagement.service.access_token_not_approved'),
      challenge('Access Token not approved')],
    ['scope_missing', 403,
      fault('Required scope(s): trade', 'steps.oauth.v2.InsufficientScope'),
      `${REALM}, error="insufficient_scope", scope="trade"`],
    ['overloaded', 503,
      fault('Datastore Error', 'steps.servicecallout.ExecutionFailed'), undefined],
  ];
  for (const [code, status, body, authenticate] of rows) {
    test(`${code}: ${status}, byte for byte, JSON whatever Accept says`, async () => {
      const sent = { path: PATH, headers: { accept: 'application/xml' } };
      const result = refusal(code, { scopes: ['trade'], retry_after_s: 4 });
      const { response } = await exchange(sent, { result });
      assert.equal(response.status, status);
      assert.equal(response.body, body);
      assert.equal(headerOf(response, 'content-type'), 'application/json');
      assert.equal(headerOf(response, 'www-authenticate'), authenticate);
      assert.equal(headerOf(response, 'cache-control'), 'no-store');
      assert.equal(headerOf(response, 'retry-after'), status === 503 ? '4' : undefined);
    });
  }

  test('an account that is not covered is named from the path, when it is a plain word', () => {
    const request = (path: string) =>
      ({ ...wireRequest({ path }), authority: 'api.broker.example' });
    const result = refusal('account_not_covered');
    assert.ok(!result.ok);
    const say = (path: string) => apiRefusal(result.refusal, request(path), DEFAULTS).body;
    assert.equal(say('/v1/accounts/6YA00001/orders'),
      fault('Unauthorized Account: 6YA00001', 'account.Unauthorized'));
    assert.equal(say('/v1/accounts/<b>/orders'),
      fault('Unauthorized Account: unknown', 'account.Unauthorized'));
  });

  test('api_errors=text: one text for every bad token, scopes stay a fault', async () => {
    const codes = ['token_missing', 'token_unknown', 'token_expired', 'token_ended'] as const;
    for (const code of codes) {
      const response = await refused(code, {}, { api_errors: 'text' });
      assert.deepEqual([response.status, response.body], [401, 'Invalid access token']);
      assert.equal(headerOf(response, 'content-type'), 'text/plain');
      assert.ok(headerOf(response, 'www-authenticate')?.startsWith(REALM));
    }
    const missing = await refused('scope_missing', { scopes: ['read'] }, { api_errors: 'text' });
    assert.ok(missing.body.startsWith('{"fault"'));
  });

  test('quota is bare text that ends in the window end, with all its headers', async () => {
    const quota = { allowed: 120, used: 121, ends_at: 1369168800001 };
    const response = await refused('quota_exceeded', { quota, retry_after_s: 9 });
    assert.equal(response.status, 429);
    assert.equal(response.body,
      'Quota Violation: 120 requests per minute allowed. Window ends at 1369168800001');
    assert.match(response.body, /^Quota Violation.* \d{13}$/);
    assert.deepEqual(response.headers, [
      ['Content-Type', 'text/plain'], ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'],
      ['X-Ratelimit-Allowed', '120'], ['X-Ratelimit-Used', '121'],
      ['X-Ratelimit-Available', '0'], ['X-Ratelimit-Expiry', '1369168800001'],
      ['Retry-After', '9'],
    ]);
  });

  test('no refusal tells its private reason', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const response = await refused(code);
      assert.ok(!JSON.stringify([response.headers, response.body]).includes('private reason'));
      assert.ok(response.status >= 400 && (response.status < 500 || code === 'overloaded'), code);
    }
  });
});

const ACCOUNT: Account = {
  number: 'VA000001',
  customer: 'id-gcostanza',
  classification: 'individual',
  type: 'margin',
  status: 'active',
  day_trader: false,
  option_level: 6,
  created_at: Date.parse('2016-08-01T21:08:55.000Z'),
  updated_at: Date.parse('2016-08-01T21:08:55.000Z'),
};

const PROFILE: ProfileAnswer = {
  customer: 'id-gcostanza',
  app: 'A1',
  scopes: 1,
  expires_at: null,
  quota: { allowed: 120, used: 1, ends_at: 1369168800001 },
  name: 'George Costanza',
  number: 1840217,
  accounts: [ACCOUNT],
};

describe('the profile', () => {
  const show = async (profile: Partial<ProfileAnswer>, accept?: string, settings = {}) => {
    const headers = accept === undefined ? {} : { accept };
    const result = ok({ ...PROFILE, ...profile });
    return (await exchange({ path: PATH, headers }, { result, settings })).response;
  };
  const MEMBERS = '{"account_number":"VA000001","classification":"individual",' +
    '"date_created":"2016-08-01T21:08:55.000Z","day_trader":false,"option_level":6,' +
    '"status":"active","type":"margin","last_update_date":"2016-08-01T21:08:55.000Z"}';

  test('one account is an object: the documented bytes', async () => {
    const response = await show({}, 'application/json');
    assert.equal(response.body,
      `{"profile":{"account":${MEMBERS},"id":"id-gcostanza","name":"George Costanza"}}`);
    assert.deepEqual(response.headers, [
      ['Content-Type', 'application/json'], ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'],
      ['Vary', 'Accept'],
      ['X-Ratelimit-Allowed', '120'], ['X-Ratelimit-Used', '1'],
      ['X-Ratelimit-Available', '119'], ['X-Ratelimit-Expiry', '1369168800001'],
    ]);
  });

  test('more are an array, none is the text null', async () => {
    const two = await show({ accounts: [ACCOUNT, ACCOUNT] }, 'application/json');
    assert.ok(two.body.startsWith(`{"profile":{"account":[${MEMBERS},${MEMBERS}],"id"`));
    const none = await show({ accounts: [] }, 'application/json');
    assert.ok(none.body.startsWith('{"profile":{"account":"null","id"'));
  });

  test('XML unless Accept lists JSON anywhere', async () => {
    for (const accept of [undefined, '*/*', 'application/xml', 'text/html']) {
      const response = await show({}, accept);
      assert.equal(headerOf(response, 'content-type'), 'application/xml');
      assert.equal(response.body, '<?xml version="1.0" encoding="UTF-8"?><profile><account>' +
        '<account_number>VA000001</account_number><classification>individual</classification>' +
        '<date_created>2016-08-01T21:08:55.000Z</date_created><day_trader>false</day_trader>' +
        '<option_level>6</option_level><status>active</status><type>margin</type>' +
        '<last_update_date>2016-08-01T21:08:55.000Z</last_update_date></account>' +
        '<id>id-gcostanza</id><name>George Costanza</name></profile>');
    }
    for (const accept of ['application/json', 'application/json, text/plain, */*',
      'text/xml;q=0.1,Application/JSON;q=0.2']) {
      assert.equal(headerOf(await show({}, accept), 'content-type'), 'application/json');
    }
  });

  test('a name cannot break out of XML or JSON', async () => {
    const name = `<a>&"'\u0001\u2028\ud800]]>`;
    const xml = await show({ name });
    assert.ok(xml.body.includes(
      '<name>&lt;a&gt;&amp;&quot;&apos;\ufffd\u2028\ufffd]]&gt;</name>'));
    const json = await show({ name }, 'application/json');
    const read = JSON.parse(json.body) as { profile: { name: string } };
    assert.equal(read.profile.name, name);
  });

  test('with limits off no limit is announced', async () => {
    const response = await show({}, 'application/json', { danger_limits_off: true });
    assert.equal(headerOf(response, 'x-ratelimit-allowed'), undefined);
  });

  test('the token comes from the header alone, once', async () => {
    const bearerOf = async (sent: object): Promise<string | null> => {
      const { command } = await exchange({ path: PATH, ...sent }, { result: ok(PROFILE) });
      return (command as Commands['read_profile']).bearer;
    };
    assert.equal(await bearerOf({ headers: { authorization: 'bearer abc' } }), 'abc');
    assert.equal(await bearerOf({ query: 'access_token=abc', body: 'access_token=abc' }), null);
    assert.equal(await bearerOf({ headers: { authorization: 'Basic abc' } }), null);
  });
});
