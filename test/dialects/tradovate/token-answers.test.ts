/** Golden transcripts of contract §5.2 and §5.4: every byte of a body counts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REFUSALS, type Refusal, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import {
  API_HEADERS, HOSTS, HOSTS_TEXT, JSON_HEADERS, TOKENS, exchange, json, ok, refusal,
} from './exchange.ts';

const SENT = json('/auth/oauthtoken', { grant_type: 'x' });

describe('a token answer', () => {
  const bodyOf = async (answer: object, settings = {}): Promise<string> => {
    const { response } = await exchange(SENT, { result: ok({ ...TOKENS, ...answer }), settings });
    assert.equal(response.status, 200);
    assert.deepEqual(response.headers, JSON_HEADERS);
    assert.deepEqual(response.log, { outcome: 'ok' });
    return response.body;
  };
  const CODE = '{"access_token":"eyJ.demo.access","refresh_token":"cs_demo_rt",' +
    '"token_type":"Bearer","expires_in":4800,"refresh_token_expires_in":93600,' +
    '"id_token":"eyJ.demo.id"';

  test('the members of the contract in their order', async () => {
    assert.equal(await bodyOf({}), `${CODE}}`);
    assert.equal(await bodyOf({}, { api_hosts: HOSTS }), `${CODE},${HOSTS_TEXT}}`);
  });

  test('what has no value is left out', async () => {
    assert.equal(await bodyOf({ id_token: null }), `${CODE.replace(/,"id_token":"[^"]*"/, '')}}`);
    assert.equal(await bodyOf({ refresh_lifetime_s: null, id_token: null }),
      '{"access_token":"eyJ.demo.access","refresh_token":"cs_demo_rt","token_type":"Bearer",' +
      '"expires_in":4800}');
    assert.equal(await bodyOf({ refresh_token: null, id_token: null }),
      '{"access_token":"eyJ.demo.access","token_type":"Bearer","expires_in":4800}');
  });
});

const ROWS = {
  client: ['invalid_client',
    'client_id, redirect_uri and client_secret do not match existing setup'],
  code: ['invalid_grant', 'The authorization code is invalid or expired'],
  refresh: ['invalid_token', 'The refresh token is invalid or expired'],
  grant_type: ['unsupported_grant_type', 'Unsupported grant_type'],
  needed: ['invalid_request', 'code is required'],
  conflict: ['invalid_request', 'More than one client authentication'],
  resource: ['invalid_target', 'Unknown resource'],
} as const;

const SPOKEN: { readonly [C in RefusalCode]?: keyof typeof ROWS } = {
  client_authentication_failed: 'client',
  client_unknown: 'client',
  client_not_approved: 'client',
  code_redirect_mismatch: 'client',
  code_unknown: 'code',
  code_foreign: 'code',
  code_expired: 'code',
  code_pkce_mismatch: 'code',
  code_replayed: 'code',
  code_ended: 'code',
  customer_inactive: 'code',
  refresh_unknown: 'refresh',
  refresh_foreign: 'refresh',
  refresh_ended: 'refresh',
  refresh_replayed: 'refresh',
  refresh_not_approved: 'refresh',
  scope_exceeds_grant: 'refresh',
  grant_type_unsupported: 'grant_type',
  request_malformed: 'needed',
  credentials_conflict: 'conflict',
  resource_unknown: 'resource',
};

describe('a refused token request', () => {
  const refused = async (code: RefusalCode, more: Partial<Refusal> = {}, settings = {}) => {
    const { response } = await exchange(SENT, { result: refusal(code, more), settings });
    assert.equal(response.log?.refusal, code);
    assert.equal(response.log.reason, 'a private reason');
    return response;
  };

  for (const [code, id] of Object.entries(SPOKEN)) {
    test(`${code}: status 200 and exactly two members`, async () => {
      const settings = { api_hosts: HOSTS };
      const response = await refused(code as RefusalCode, { parameter: 'code' }, settings);
      const [error, description] = ROWS[id];
      assert.equal(`${response.status} ${response.body}`,
        `200 {"error":"${error}","error_description":"${description}"}`);
      assert.deepEqual(response.headers, JSON_HEADERS);
    });
  }

  test('limits have no body, and no penalty that would be read as tokens', async () => {
    const penalty = { ticket: 'demo', wait_s: 15, captcha: false };
    for (const code of ['client_limited', 'refresh_limited', 'quota_exceeded', 'sign_in_limited',
      'penalty'] as const) {
      const response = await refused(code, { retry_after_s: 60, penalty });
      assert.equal(`${response.status} ${response.body}`, '429 ');
      assert.deepEqual(response.headers, API_HEADERS);
    }
  });

  test('an overload is 503 and says when to come back', async () => {
    const response = await refused('overloaded', { retry_after_s: 1.2 });
    assert.equal(`${response.status} ${response.body}`, '503 {"errorText":"Try again"}');
    assert.deepEqual(response.headers, [...JSON_HEADERS, ['Retry-After', '2']]);
  });

  test('no refusal tells its private reason, its rule, or anything like a token', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const response = await refused(code);
      const text = JSON.stringify([response.headers, response.body]);
      assert.ok(!/a private reason|a\.rule|access_token|refresh_token"|p-ticket/.test(text), text);
      assert.ok(response.status < 500 || code === 'overloaded', code);
      assert.match(response.body, /^[\x20-\x7e]*$/);
      if (response.status !== 200) continue;
      const body = JSON.parse(response.body) as object;
      assert.deepEqual(Object.keys(body), ['error', 'error_description'], code);
    }
  });
});
