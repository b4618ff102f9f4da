/** Golden transcripts of contract §5 and §6: every byte of a body counts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TokenAnswer } from '../../../src/core/commands.ts';
import type { HttpProblem } from '../../../src/core/routes.ts';
import { REFUSALS, type Refusal, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import { ALL_SCOPES, scopeMask } from '../../../src/core/rules/scopes/scopes.ts';
import {
  dialectWith, exchange, headerOf, ok, problemRequest, refusal, tokenRequest,
} from './exchange.ts';

const ANSWER: TokenAnswer = {
  access_token: 'oG8RUzo33zKy3gghjkGh2au2LEWA8',
  issued_at: Date.parse('2014-05-28T13:33:35.999Z'),
  lifetime_s: 86_400,
  scopes: ALL_SCOPES,
  refresh_token: null,
  presented_refresh_token: 'cs_live_rt_presented',
  refresh_lifetime_s: null,
  id_token: null,
};

const HEADERS = [
  ['Content-Type', 'application/json'], ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'],
];

describe('a token answer', () => {
  const bodyOf = async (answer: Partial<TokenAnswer>, settings = {}): Promise<string> => {
    const result = ok({ ...ANSWER, ...answer });
    const { response } = await exchange(tokenRequest('grant_type=x'), { result, settings });
    assert.equal(response.status, 200);
    assert.deepEqual(response.headers, HEADERS);
    return response.body;
  };

  test('the documented bytes', async () => {
    assert.equal(await bodyOf({}),
      '{"access_token":"oG8RUzo33zKy3gghjkGh2au2LEWA8","expires_in":86399,' +
      '"issued_at":"2014-05-28T09:33:35-04:00","scope":"read write trade market stream",' +
      '"status":"approved","token_type":"Bearer"}');
  });

  test('a refresh token stands between issued_at and scope', async () => {
    assert.equal(await bodyOf({ refresh_token: 'cs_live_rt_new', scopes: scopeMask(['read']) }),
      '{"access_token":"oG8RUzo33zKy3gghjkGh2au2LEWA8","expires_in":86399,' +
      '"issued_at":"2014-05-28T09:33:35-04:00","refresh_token":"cs_live_rt_new",' +
      '"scope":"read","status":"approved","token_type":"Bearer"}');
  });

  test('token_type=off leaves five members', async () => {
    const body = await bodyOf({}, { token_type: 'off' });
    assert.deepEqual(Object.keys(JSON.parse(body) as object),
      ['access_token', 'expires_in', 'issued_at', 'scope', 'status']);
  });

  test('refresh_echo repeats the presented token, and only then', async () => {
    assert.ok(!(await bodyOf({})).includes('refresh_token'));
    const echoed = await bodyOf({}, { refresh_echo: true });
    assert.ok(echoed.includes('"refresh_token":"cs_live_rt_presented"'));
    const exchanged = await bodyOf({ presented_refresh_token: null }, { refresh_echo: true });
    assert.ok(!exchanged.includes('refresh_token'));
  });
});

/** The table of §6. */
const ROWS = {
  E1: [401, 'invalid_client', 'Client authentication failed.', 'ClientId is Invalid',
    'oauth.v2.InvalidClientIdentifier'],
  E2: [400, 'invalid_request', 'The request is missing a parameter or is malformed: code.',
    'Required param : code', 'oauth.v2.InvalidRequest'],
  E3: [400, 'invalid_grant', 'The authorization code is invalid, expired or already used.',
    'Invalid Authorization Code', 'oauth.v2.InvalidAuthorizationCode'],
  E4: [400, 'invalid_grant', 'The refresh token is invalid or was revoked.',
    'Invalid Refresh Token', 'oauth.v2.InvalidRefreshToken'],
  E5: [400, 'unauthorized_client', 'This application is not approved for this grant.',
    'Application not approved', 'oauth.v2.UnauthorizedClient'],
  E6: [400, 'unsupported_grant_type', 'The grant type is not supported.',
    'Unsupported grant type', 'oauth.v2.UnsupportedGrantType'],
  E7: [400, 'invalid_scope', 'The requested scope exceeds the grant.', 'Invalid Scope',
    'oauth.v2.InvalidScope'],
  E8: [405, 'invalid_request', 'Use POST.', 'Method not allowed', 'oauth.v2.MethodNotAllowed'],
  E9: [413, 'invalid_request', 'The request is too large.', 'Request too large',
    'protocol.http.TooBigBody'],
  E10: [429, 'temporarily_unavailable', 'Too many requests.', 'Quota Violation',
    'policies.ratelimit.QuotaViolation'],
  E11: [503, 'temporarily_unavailable', 'Try again.', 'Datastore Error',
    'steps.servicecallout.ExecutionFailed'],
} as const;

type RowId = keyof typeof ROWS;

function bodyOf(id: RowId): string {
  const [, error, description, faultstring, errorcode] = ROWS[id];
  return `{"error":"${error}","error_description":"${description}",` +
    `"fault":{"faultstring":"${faultstring}","detail":{"errorcode":"${errorcode}"}}}`;
}

describe('a refused token request', () => {
  const spoken: { readonly [C in RefusalCode]?: RowId } = {
    client_authentication_failed: 'E1',
    request_malformed: 'E2',
    credentials_in_query: 'E2',
    credentials_conflict: 'E2',
    code_unknown: 'E3',
    code_foreign: 'E3',
    code_expired: 'E3',
    code_pkce_mismatch: 'E3',
    code_replayed: 'E3',
    code_ended: 'E3',
    refresh_unknown: 'E4',
    refresh_foreign: 'E4',
    refresh_ended: 'E4',
    customer_inactive: 'E4',
    refresh_not_approved: 'E5',
    client_not_approved: 'E5',
    grant_type_unsupported: 'E6',
    scope_exceeds_grant: 'E7',
    body_too_large: 'E9',
    refresh_limited: 'E10',
    client_limited: 'E10',
    overloaded: 'E11',
  };

  for (const [code, id] of Object.entries(spoken)) {
    test(`${code} is ${id}, byte for byte`, async () => {
      const more: Partial<Refusal> = { parameter: 'code', retry_after_s: 7 };
      const result = refusal(code as RefusalCode, more);
      const { response } = await exchange(tokenRequest('grant_type=x'), { result });
      assert.equal(response.status, ROWS[id][0]);
      assert.equal(response.body, bodyOf(id));
      assert.deepEqual(response.headers.slice(0, 3), HEADERS);
      const extra = response.headers.slice(3);
      if (id === 'E1') {
        assert.deepEqual(extra, [['WWW-Authenticate', 'Basic realm="api.broker.example"']]);
      } else if (id === 'E10' || id === 'E11') {
        assert.deepEqual(extra, [['Retry-After', '7']]);
      } else {
        assert.deepEqual(extra, []);
      }
      assert.equal(response.log?.refusal, code);
      assert.equal(response.log.reason, 'a private reason');
    });
  }

  test('no refusal tells its private reason or rule, and none is a 5xx but overload', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const { response } = await exchange(tokenRequest(''), { result: refusal(code) });
      const text = JSON.stringify([response.headers, response.body]);
      assert.ok(!text.includes('a private reason') && !text.includes('a.rule'), code);
      assert.ok(code === 'overloaded' ? response.status === 503 : response.status < 500, code);
      assert.match(response.body, /^[\x20-\x7e]*$/);
    }
  });
});

describe('what no rule has judged', () => {
  const problem = (status: HttpProblem['status'], path: string, more = {}) =>
    dialectWith().problem({ status, ...more }, problemRequest(path));

  test('E8, E9 and E11 by the adapter are the same bytes', () => {
    const allow = problem(405, '/v1/oauth/accesstoken', { allow: ['POST'] });
    assert.equal(allow.status, 405);
    assert.equal(allow.body, bodyOf('E8'));
    assert.equal(headerOf(allow, 'allow'), 'POST');
    assert.equal(problem(413, '/v1/oauth/refreshtoken').body, bodyOf('E9'));
    const down = problem(503, '/v1/oauth/accesstoken', { retry_after_s: 3 });
    assert.equal(down.body, bodyOf('E11'));
    assert.equal(headerOf(down, 'retry-after'), '3');
  });

  test('405 at authorize recommends GET', () => {
    const { body, headers } = problem(405, '/v1/oauth/authorize', { allow: ['GET'] });
    assert.ok(body.includes('"error_description":"Use GET."'));
    assert.ok(headers.some(([name, value]) => name === 'Allow' && value === 'GET'));
  });

  test('414, 421, 431 and 500 have a body of this form', () => {
    for (const status of [414, 421, 431, 500] as const) {
      const response = problem(status, '/v1/oauth/accesstoken');
      assert.equal(response.status, status);
      const body = JSON.parse(response.body) as { error: unknown; fault: { detail: unknown } };
      assert.equal(typeof body.error, 'string');
      assert.ok(body.fault.detail);
      assert.equal(headerOf(response, 'cache-control'), 'no-store');
    }
  });

  test('an unknown path below /v1/oauth/ is a 404 fault', () => {
    assert.equal(problem(404, '/v1/oauth/revoke').body,
      '{"fault":{"faultstring":"Not Found","detail":' +
      '{"errorcode":"messaging.adaptors.http.flow.ApplicationNotFound"}}}');
  });

  test('a browser on its way through gets a page, with the same headers', () => {
    const options = { status: 503, retry_after_s: 2 } as const;
    const page = dialectWith().problem(options, problemRequest('/login', 'text/html,*/*'));
    assert.equal(page.status, 503);
    assert.ok(headerOf(page, 'content-type')?.startsWith('text/html'));
    assert.equal(headerOf(page, 'retry-after'), '2');
    assert.ok(headerOf(dialectWith().problem(options, problemRequest('/login')), 'content-type')
      ?.startsWith('application/json'));
  });
});
