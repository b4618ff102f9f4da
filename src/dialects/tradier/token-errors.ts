/** How the token endpoints say no: one object for RFC 6749 readers and readers of faults (§6). */
import { type Refusal, type RefusalCode } from '../../core/rules/refusals.ts';
import type { WireHeader, WireResponse } from '../../core/wire.ts';

type TokenError = {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly faultstring: string;
  readonly errorcode: string;
};

const row = (
  status: number,
  error: string,
  description: string,
  fault: readonly [faultstring: string, errorcode: string],
): TokenError => ({ status, error, description, faultstring: fault[0], errorcode: fault[1] });

const E1 = row(401, 'invalid_client', 'Client authentication failed.',
  ['ClientId is Invalid', 'oauth.v2.InvalidClientIdentifier']);
const E2 = row(400, 'invalid_request',
  'The request is missing a parameter or is malformed: NAME.',
  ['Required param : NAME', 'oauth.v2.InvalidRequest']);
const E3 = row(400, 'invalid_grant',
  'The authorization code is invalid, expired or already used.',
  ['Invalid Authorization Code', 'oauth.v2.InvalidAuthorizationCode']);
const E4 = row(400, 'invalid_grant', 'The refresh token is invalid or was revoked.',
  ['Invalid Refresh Token', 'oauth.v2.InvalidRefreshToken']);
const E5 = row(400, 'unauthorized_client', 'This application is not approved for this grant.',
  ['Application not approved', 'oauth.v2.UnauthorizedClient']);
const E6 = row(400, 'unsupported_grant_type', 'The grant type is not supported.',
  ['Unsupported grant type', 'oauth.v2.UnsupportedGrantType']);
const E7 = row(400, 'invalid_scope', 'The requested scope exceeds the grant.',
  ['Invalid Scope', 'oauth.v2.InvalidScope']);
const E8 = row(405, 'invalid_request', 'Use POST.',
  ['Method not allowed', 'oauth.v2.MethodNotAllowed']);
const E9 = row(413, 'invalid_request', 'The request is too large.',
  ['Request too large', 'protocol.http.TooBigBody']);
const E10 = row(429, 'temporarily_unavailable', 'Too many requests.',
  ['Quota Violation', 'policies.ratelimit.QuotaViolation']);
export const E11 = row(503, 'temporarily_unavailable', 'Try again.',
  ['Datastore Error', 'steps.servicecallout.ExecutionFailed']);
const FAULT = row(500, 'server_error', 'Something broke on our side.',
  ['Internal Error', 'steps.servicecallout.ExecutionFailed']);

/** Every refusal in the words of this endpoint; a new one does not compile without a row here. */
export const TOKEN_ERRORS = {
  request_malformed: E2,
  credentials_in_query: E2,
  credentials_conflict: E2,
  method_not_allowed: E8,
  path_unknown: E2,
  body_too_large: E9,
  body_malformed: E2,
  client_authentication_failed: E1,
  client_unknown: E1,
  client_not_approved: E5,
  grant_type_unsupported: E6,
  resource_unknown: E2,
  redirect_uri_unusable: E2,
  response_type_unsupported: E2,
  scope_empty: E7,
  pkce_malformed: E2,
  pkce_missing: E2,
  authorization_request_malformed: E2,
  request_unknown: E2,
  request_expired: E2,
  request_foreign: E2,
  request_finished: E2,
  browser_unknown: E2,
  csrf_mismatch: E2,
  cross_site: E2,
  sign_in_needed: E2,
  sign_in_failed: E2,
  sign_in_limited: E10,
  customer_inactive: E4,
  customer_without_account: E4,
  consent_denied: E4,
  code_unknown: E3,
  code_foreign: E3,
  code_expired: E3,
  code_redirect_mismatch: E3,
  code_pkce_mismatch: E3,
  code_replayed: E3,
  code_ended: E3,
  refresh_unknown: E4,
  refresh_foreign: E4,
  refresh_ended: E4,
  refresh_replayed: E4,
  refresh_not_approved: E5,
  scope_exceeds_grant: E7,
  refresh_limited: E10,
  client_limited: E10,
  token_missing: E2,
  token_unknown: E2,
  token_expired: E2,
  token_ended: E2,
  session_evicted: E2,
  scope_missing: E7,
  account_not_covered: E2,
  quota_exceeded: E10,
  penalty: E10,
  api_key_refused: E2,
  challenge_refused: E2,
  password_form: E2,
  act_unknown: E2,
  act_malformed: E2,
  object_unknown: E2,
  object_exists: E2,
  state_conflict: E2,
  overloaded: E11,
} satisfies Record<RefusalCode, TokenError>;

/** A refusal as the token endpoints word it; `authority` is the realm of E1. */
export function tokenError(refusal: Refusal, authority: string): WireResponse {
  const error = TOKEN_ERRORS[refusal.code];
  const headers: WireHeader[] = [];
  if (error === E1) headers.push(['WWW-Authenticate', `Basic realm="${authority}"`]);
  if (error === E10 || error === E11) {
    headers.push(['Retry-After', String(refusal.retry_after_s ?? 1)]);
  }
  return errorResponse(error, refusal.parameter ?? 'request', headers);
}

/**
 * Answers for what no rule has judged: 405, 413, 414, 421, 431, 500, 503 in the same form.
 * @param allow the methods that a 405 recommends
 */
export function tokenProblem(
  status: number,
  headers: readonly WireHeader[],
  allow: readonly string[] = ['POST'],
): WireResponse {
  const error = PROBLEMS[status] ?? { ...E2, status };
  const described = error === E8 ? { ...E8, description: `Use ${allow.join(' or ')}.` } : error;
  return errorResponse(described, 'request', headers);
}

const PROBLEMS: { readonly [status: number]: TokenError } = {
  405: E8,
  413: E9,
  414: { ...E9, status: 414 },
  421: row(421, 'invalid_request', 'This host is not served here.',
    ['Misdirected Request', 'protocol.http.MisdirectedRequest']),
  431: { ...E9, status: 431 },
  500: FAULT,
  503: E11,
};

function errorResponse(
  error: TokenError,
  parameter: string,
  headers: readonly WireHeader[],
): WireResponse {
  const body = JSON.stringify({
    error: error.error,
    error_description: error.description.replace('NAME', parameter),
    fault: {
      faultstring: error.faultstring.replace('NAME', parameter),
      detail: { errorcode: error.errorcode },
    },
  });
  return { status: error.status, headers: [...TOKEN_HEADERS, ...headers], body };
}

/** On every answer of the token endpoints, errors included (RFC 6749 §5.1, HP-12). */
export const TOKEN_HEADERS: readonly WireHeader[] = [
  ['Content-Type', 'application/json'],
  ['Cache-Control', 'no-store'],
  ['Pragma', 'no-cache'],
];
