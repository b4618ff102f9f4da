/** The refusals of the Tradier contract (E1–E10 of §6, F1–F5 of §8.1), checked byte for byte. */
import assert from 'node:assert/strict';
import type { Answer } from '../../outside/call.ts';
import type { WorldSite } from '../../outside/fixtures.ts';

type TokenError = readonly [
  status: number,
  error: string,
  error_description: string,
  faultstring: string,
  errorcode: string,
];

const TOKEN_ERRORS = {
  E1: [401, 'invalid_client', 'Client authentication failed.',
    'ClientId is Invalid', 'oauth.v2.InvalidClientIdentifier'],
  E2: [400, 'invalid_request', 'The request is missing a parameter or is malformed: NAME.',
    'Required param : NAME', 'oauth.v2.InvalidRequest'],
  E3: [400, 'invalid_grant', 'The authorization code is invalid, expired or already used.',
    'Invalid Authorization Code', 'oauth.v2.InvalidAuthorizationCode'],
  E4: [400, 'invalid_grant', 'The refresh token is invalid or was revoked.',
    'Invalid Refresh Token', 'oauth.v2.InvalidRefreshToken'],
  E5: [400, 'unauthorized_client', 'This application is not approved for this grant.',
    'Application not approved', 'oauth.v2.UnauthorizedClient'],
  E6: [400, 'unsupported_grant_type', 'The grant type is not supported.',
    'Unsupported grant type', 'oauth.v2.UnsupportedGrantType'],
  E7: [400, 'invalid_scope', 'The requested scope exceeds the grant.',
    'Invalid Scope', 'oauth.v2.InvalidScope'],
  E8: [405, 'invalid_request', 'Use POST.',
    'Method not allowed', 'oauth.v2.MethodNotAllowed'],
  E9: [413, 'invalid_request', 'The request is too large.',
    'Request too large', 'protocol.http.TooBigBody'],
  E10: [429, 'temporarily_unavailable', 'Too many requests.',
    'Quota Violation', 'policies.ratelimit.QuotaViolation'],
} as const satisfies { readonly [id: string]: TokenError };

const FAULTS = {
  F1: [401, 'Invalid Access Token', 'keymanagement.service.invalid_access_token'],
  F2: [401, 'Access Token expired', 'keymanagement.service.access_token_expired'],
  F3: [401, 'Access Token not approved', 'keymanagement.service.access_token_not_approved'],
  F4: [403, 'Required scope(s): SCOPES', 'steps.oauth.v2.InsufficientScope'],
} as const;

export type TokenErrorId = keyof typeof TOKEN_ERRORS;
export type FaultId = keyof typeof FAULTS;

/** The answer's body as the contract prints it; `name` stands for NAME. */
export function tokenErrorText(id: TokenErrorId, name = ''): string {
  const [, error, description, faultstring, errorcode] = TOKEN_ERRORS[id];
  return JSON.stringify({
    error,
    error_description: description.replace('NAME', name),
    fault: { faultstring: faultstring.replace('NAME', name), detail: { errorcode } },
  });
}

/** Status, body and headers of one row of §6; `name` is E2's NAME. */
export function assertTokenError(
  world: WorldSite,
  answer: Answer,
  id: TokenErrorId,
  name?: string,
): void {
  const { status, text, headers } = answer;
  assert.equal(`${status} ${text}`, `${TOKEN_ERRORS[id][0]} ${tokenErrorText(id, name)}`);
  assertJsonUnstored(answer);
  const challenge = id === 'E1' ? `Basic realm="${authority(world)}"` : undefined;
  assert.equal(headers['www-authenticate'], challenge);
  assert.equal(headers.allow, id === 'E8' ? 'POST' : undefined);
  if (id === 'E10') assertRetryAfter(answer);
  else assert.equal(headers['retry-after'], undefined);
}

/** Status, body and challenge of one row of §8.1; `bare` when no token was sent at all. */
export function assertFault(
  world: WorldSite,
  answer: Answer,
  id: FaultId,
  { bare = false, scope = '' } = {},
): void {
  const [status, text, errorcode] = FAULTS[id];
  const faultstring = text.replace('SCOPES', scope);
  const body = JSON.stringify({ fault: { faultstring, detail: { errorcode } } });
  assert.equal(`${answer.status} ${answer.text}`, `${status} ${body}`);
  assertJsonUnstored(answer);
  assertChallenge(world, answer, { id, bare, faultstring, scope });
}

type Challenge = {
  readonly id: FaultId;
  readonly bare: boolean;
  readonly faultstring: string;
  readonly scope: string;
};

function assertChallenge(
  world: WorldSite,
  { headers }: Answer,
  { id, bare, faultstring, scope }: Challenge,
): void {
  const realm = `Bearer realm="${authority(world)}"`;
  const rest = id === 'F4'
    ? `, error="insufficient_scope", scope="${scope}"`
    : `, error="invalid_token", error_description="${faultstring}"`;
  assert.equal(headers['www-authenticate'], bare ? realm : `${realm}${rest}`);
}

/** A wait of at least one second and at most the window. */
export function assertRetryAfter({ headers }: Answer, window_s = 60): number {
  const wait_s = Number(headers['retry-after']);
  assert.ok(Number.isInteger(wait_s) && wait_s >= 1 && wait_s <= window_s, `${wait_s} s`);
  return wait_s;
}

export function assertJsonUnstored({ headers }: Answer): void {
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers.location, undefined);
}

/** A token answer without a refresh token: its members in order, and what they say. */
export function readTokenAnswer(answer: Answer): {
  readonly access_token: string;
  readonly issued_at: string;
  readonly scope: string;
} {
  const [, access_token = '', issued_at = '', scope = ''] = TOKEN_ANSWER.exec(answer.text) ?? [];
  assert.equal(`${answer.status} ${access_token === ''}`, '200 false', answer.text);
  assertJsonUnstored(answer);
  assert.equal(answer.headers.pragma, 'no-cache');
  return { access_token, issued_at, scope };
}

const TOKEN_ANSWER = new RegExp([
  '^\\{"access_token":"([A-Za-z0-9._~-]{1,255})"',
  '"expires_in":86399',
  '"issued_at":"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d-0[45]:00)"',
  '"scope":"([a-z]+(?: [a-z]+)*)"',
  '"status":"approved"',
  '"token_type":"Bearer"\\}$',
].join(','));

/** PAGE: our own HTML page, status 400, no way out, and nothing of the request in it. */
export function assertPage(answer: Answer, absent: readonly string[] = []): void {
  assert.equal(answer.status, 400, answer.text.slice(0, 200));
  assert.equal(answer.headers.location, undefined);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  for (const text of absent) assert.ok(!answer.text.includes(text), `the page repeats ${text}`);
}

/** The authorize endpoint's redirect to a callback: empty, explicit, unstored. */
export function assertRedirect(answer: Answer, location: string): void {
  assert.equal(answer.status, 302, answer.text.slice(0, 200));
  assert.equal(answer.headers['content-length'], '0');
  assert.equal(answer.bytes.length, 0);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.headers.location, location);
}

function authority({ origin }: WorldSite): string {
  return new URL(origin).host;
}
