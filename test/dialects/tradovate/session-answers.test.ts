/** Golden transcripts of contract §6–§10: tokens, identity, and every way to say no. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CUSTOMER_STATUS } from '../../../src/core/kinds/customer.ts';
import { REFUSALS, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import type { WireResponse } from '../../../src/core/wire.ts';
import {
  ALICE, API_HEADERS, HOSTS, HOSTS_TEXT, JSON_HEADERS, SESSION, exchange, headerOf, json, objectOf,
  ok, refusal,
} from './exchange.ts';

const SIGN_IN = json('/auth/accesstokenrequest', { name: 'alice' });
const RENEW = { path: '/auth/renewaccesstoken' };
const ME = { path: '/auth/me' };

describe('a session answer', () => {
  const GOLDEN = '"accessToken":"eyJ.demo.access","mdAccessToken":"eyJ.demo.stream",' +
    '"expirationTime":"2026-11-22T10:50:00Z","userStatus":"Active","userId":1840217,' +
    '"name":"alice","hasLive":true,"hasSimPlus":false,"hasFunded":false,"hasMarketData":true,' +
    '"outdatedTaC":false,"outdatedLiquidationPolicy":false,"showKIDs":false';

  test('the members of the contract in their order, for sign-in and renewal alike', async () => {
    for (const sent of [SIGN_IN, RENEW, { ...RENEW, method: 'POST' }]) {
      const { response } = await exchange(sent, { result: ok(SESSION) });
      assert.equal(`${response.status} ${response.body}`, `200 {${GOLDEN}}`);
      assert.deepEqual(response.headers, JSON_HEADERS);
      const told = await exchange(sent, { result: ok(SESSION), settings: { api_hosts: HOSTS } });
      assert.equal(told.response.body, `{${GOLDEN},${HOSTS_TEXT}}`);
    }
  });

  test('a hint comes first, a missing stream token not at all', async () => {
    const words = {
      name_and_password: 'EmailAndPasswordCompromised', password: 'PasswordCompromised',
    } as const;
    for (const breach of ['name_and_password', 'password'] as const) {
      const { response } = await exchange(SIGN_IN, { result: ok({ ...SESSION, breach }) });
      assert.ok(response.body.startsWith(`{"hibpHint":"${words[breach]}","accessToken"`));
    }
    const { response } = await exchange(RENEW, { result: ok({ ...SESSION, stream_token: null }) });
    assert.equal(response.body, `{${GOLDEN.replace(/"mdAccessToken":"[^"]*",/, '')}}`);
  });

  test('each feature is its own member', async () => {
    const features = { is_trial: true, sim_plus: true, funded: true, market_data: false };
    const identity = { ...ALICE, features, has_accounts: false };
    const { response } = await exchange(SIGN_IN, { result: ok({ ...SESSION, identity }) });
    const { hasLive, hasSimPlus, hasFunded, hasMarketData } = objectOf(response);
    assert.deepEqual([hasLive, hasSimPlus, hasFunded, hasMarketData], [false, true, true, false]);
  });
});

describe('an identity', () => {
  test('me: the members of the contract, an address only when there is one', async () => {
    const { response, command } = await exchange(ME, { result: ok(ALICE) });
    assert.equal(response.body, '{"userId":1840217,"name":"alice","fullName":"Alice Example",' +
      '"email":"alice@example.com","emailVerified":true,"isTrial":false}');
    assert.deepEqual(response.headers, JSON_HEADERS);
    assert.ok(command !== null && 'penalized' in command && command.penalized);
    const none = await exchange(ME, { result: ok({ ...ALICE, email: null }) });
    assert.ok(!none.response.body.includes('"email"'));
  });

  test('userinfo: OpenID claims, by either method, and never a penalty', async () => {
    for (const path of ['/oidcuserinfo', '/userinfo', '/v1/oidcuserinfo', '/V1/UserInfo']) {
      for (const method of ['GET', 'POST']) {
        const { response, command } = await exchange({ path, method }, { result: ok(ALICE) });
        assert.equal(response.body, '{"sub":"1840217","name":"Alice Example",' +
          '"preferred_username":"alice","email":"alice@example.com","email_verified":true}');
        assert.ok(command !== null && 'penalized' in command && !command.penalized);
      }
    }
  });
});

describe('no', () => {
  const refused = async (code: RefusalCode, more = {}, settings = {}): Promise<WireResponse> =>
    (await exchange(SIGN_IN, { result: refusal(code, more), settings })).response;
  const says = async (code: RefusalCode, more = {}, settings = {}): Promise<string> => {
    const { status, body } = await refused(code, more, settings);
    return `${status} ${body}`;
  };

  test('business failures are status 200 with one text', async () => {
    const texts: { readonly [C in RefusalCode]?: string } = {
      api_key_refused: 'The app is not registered',
      sign_in_failed: 'Incorrect username or password. Please try again.',
      challenge_refused: 'Challenge is invalid or expired',
      password_form: 'Encoded passwords are not supported',
    };
    for (const [code, text] of Object.entries(texts)) {
      const settings = { api_hosts: HOSTS };
      const response = await refused(code as RefusalCode, {}, settings);
      assert.equal(`${response.status} ${response.body}`, `200 {"errorText":"${text}"}`);
      assert.deepEqual(response.headers, JSON_HEADERS);
    }
  });

  test('a customer is told why she may not sign in', async () => {
    const rows = {
      closed: ['User account is closed', 'Closed'],
      initiated: ['User registration is not complete', 'Initiated'],
      locked: ['User is temporarily locked', 'TemporaryLocked'],
      unconfirmed: ['E-mail address is not confirmed', 'UnconfirmedEmail'],
    } as const;
    for (const status of CUSTOMER_STATUS) {
      if (status === 'active') continue;
      const [text, word] = rows[status];
      const said = `200 {"errorText":"${text}","userStatus":"${word}"}`;
      assert.equal(await says('customer_inactive', { customer_status: status }), said);
    }
    assert.ok(!(await says('customer_inactive')).includes('userStatus'));
  });

  test('a wrong password may be 401 by a setting, and nothing else is', async () => {
    const settings = { login_failure_status: 401 } as const;
    assert.equal(await says('sign_in_failed', {}, settings),
      '401 {"errorText":"Incorrect username or password. Please try again."}');
    assert.ok((await says('api_key_refused', {}, settings)).startsWith('200 '));
  });

  test('a bad token is 401 with nothing, and a header that says which kind', async () => {
    const bad = (text: string) => `Bearer error="invalid_token", error_description="${text}"`;
    const rows: { readonly [C in RefusalCode]?: string } = {
      token_missing: 'Bearer',
      token_expired: bad('Expired Access Token'),
      token_unknown: bad('Access is denied'),
      token_ended: bad('Access is denied'),
      scope_missing: bad('Access is denied'),
      account_not_covered: bad('Access is denied'),
    };
    for (const [code, challenge] of Object.entries(rows)) {
      for (const sent of [RENEW, ME, { path: '/oidcuserinfo' }]) {
        const { response } = await exchange(sent, { result: refusal(code as RefusalCode) });
        assert.equal(`${response.status} ${response.body}`, '401 ');
        assert.deepEqual(response.headers, [...API_HEADERS, ['WWW-Authenticate', challenge]]);
      }
    }
  });

  test('a session that a newer one closed is 408, or 401 by a setting', async () => {
    const response = await refused('session_evicted');
    assert.equal(`${response.status} ${response.body}`, '408 ');
    assert.deepEqual(response.headers, API_HEADERS);
    const other = await refused('session_evicted', {}, { evicted_status: 401 });
    assert.equal(`${other.status} ${other.body}`, '401 ');
    assert.match(headerOf(other, 'www-authenticate') ?? '', /"Access is denied"$/);
  });

  test('a penalty has three members of three types, and no other answer has one', async () => {
    const penalty = { ticket: '3f0c', wait_s: 15, captcha: false };
    assert.equal(await says('penalty', { penalty }),
      '200 {"p-ticket":"3f0c","p-time":15,"p-captcha":false}');
    assert.equal(await says('penalty', { penalty: { ticket: 't', wait_s: 0.2, captcha: true } }),
      '200 {"p-ticket":"t","p-time":1,"p-captcha":true}');
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      if (code !== 'penalty') assert.ok(!(await says(code)).includes('"p-'), code);
    }
  });

  test('limits are 429 with nothing: no rate headers, no time', async () => {
    const quota = { allowed: 5000, used: 5001, ends_at: 0 };
    for (const code of ['quota_exceeded', 'sign_in_limited', 'client_limited'] as const) {
      const response = await refused(code, { quota, retry_after_s: 60 });
      assert.equal(`${response.status} ${response.body}`, '429 ');
      assert.deepEqual(response.headers, API_HEADERS);
    }
  });

  test('an overload is 503 with the time to come back', async () => {
    const response = await refused('overloaded');
    assert.equal(`${response.status} ${response.body}`, '503 {"errorText":"Try again"}');
    assert.equal(headerOf(response, 'retry-after'), '1');
  });

  test('no refusal tells its private reason, and none is a token', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const response = await refused(code);
      const text = JSON.stringify([response.headers, response.body]);
      assert.ok(!/a private reason|a\.rule|accessToken/.test(text), text);
      assert.ok(response.status < 500 || code === 'overloaded', code);
      if (response.body !== '') assert.equal('errorText' in objectOf(response), true, code);
    }
  });
});
