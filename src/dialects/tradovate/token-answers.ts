/** What `oauthtoken` answers: tokens, or an OAuth error with status 200 (contract §5.2, §5.4). */
import type { TokenAnswer } from '../../core/commands.ts';
import type { Refusal, RefusalCode } from '../../core/rules/refusals.ts';
import type { WireResponse } from '../../core/wire.ts';
import { apiHosts, emptyAnswer, jsonAnswer, okAnswer } from './answers.ts';
import { busyAnswer } from './api-answers.ts';
import type { TradovateSettings } from './settings.ts';

/** Members in the order of the contract. */
export function encodeToken(answer: TokenAnswer, settings: TradovateSettings): WireResponse {
  const { refresh_token, refresh_lifetime_s } = answer;
  const window = refresh_token === null ? null : refresh_lifetime_s;
  return okAnswer({
    access_token: answer.access_token,
    refresh_token: refresh_token ?? undefined,
    token_type: 'Bearer',
    expires_in: answer.lifetime_s,
    refresh_token_expires_in: window ?? undefined,
    id_token: answer.id_token ?? undefined,
    ...apiHosts(settings.api_hosts),
  });
}

type OauthError = {
  readonly status: number;
  readonly error?: string;
  /** `NAME` stands for the parameter at fault. */
  readonly error_description?: string;
};

const row = (error: string, error_description: string): OauthError =>
  ({ status: 200, error, error_description });

const CLIENT = row(
  'invalid_client', 'client_id, redirect_uri and client_secret do not match existing setup',
);
const CODE = row('invalid_grant', 'The authorization code is invalid or expired');
const REFRESH = row('invalid_token', 'The refresh token is invalid or expired');
const GRANT_TYPE = row('unsupported_grant_type', 'Unsupported grant_type');
const NEEDED = row('invalid_request', 'NAME is required');
const CONFLICT = row('invalid_request', 'More than one client authentication');
const RESOURCE = row('invalid_target', 'Unknown resource');
const MALFORMED: OauthError = {
  status: 400, error: 'invalid_request', error_description: 'NAME is malformed or too long',
};
const IN_QUERY: OauthError = {
  status: 400, error: 'invalid_request', error_description: 'NAME must not stand in the query',
};
const LIMITED: OauthError = { status: 429 };
const BUSY: OauthError = { status: 503 };

/** Every refusal in the words of this endpoint; those it cannot meet are a bad request. */
export const OAUTH_ERRORS = {
  request_malformed: NEEDED,
  credentials_in_query: IN_QUERY,
  credentials_conflict: CONFLICT,
  method_not_allowed: MALFORMED,
  path_unknown: MALFORMED,
  body_too_large: MALFORMED,
  body_malformed: MALFORMED,
  client_authentication_failed: CLIENT,
  client_unknown: CLIENT,
  client_not_approved: CLIENT,
  grant_type_unsupported: GRANT_TYPE,
  resource_unknown: RESOURCE,
  redirect_uri_unusable: CLIENT,
  response_type_unsupported: MALFORMED,
  scope_empty: CODE,
  pkce_malformed: CODE,
  pkce_missing: CODE,
  authorization_request_malformed: MALFORMED,
  request_unknown: MALFORMED,
  request_expired: MALFORMED,
  request_foreign: MALFORMED,
  request_finished: MALFORMED,
  browser_unknown: MALFORMED,
  csrf_mismatch: MALFORMED,
  cross_site: MALFORMED,
  sign_in_needed: MALFORMED,
  sign_in_failed: MALFORMED,
  sign_in_limited: LIMITED,
  customer_inactive: CODE,
  customer_without_account: CODE,
  consent_denied: CODE,
  code_unknown: CODE,
  code_foreign: CODE,
  code_expired: CODE,
  code_redirect_mismatch: CLIENT,
  code_pkce_mismatch: CODE,
  code_replayed: CODE,
  code_ended: CODE,
  refresh_unknown: REFRESH,
  refresh_foreign: REFRESH,
  refresh_ended: REFRESH,
  refresh_replayed: REFRESH,
  refresh_not_approved: REFRESH,
  scope_exceeds_grant: REFRESH,
  refresh_limited: LIMITED,
  client_limited: LIMITED,
  token_missing: MALFORMED,
  token_unknown: MALFORMED,
  token_expired: MALFORMED,
  token_ended: MALFORMED,
  session_evicted: MALFORMED,
  scope_missing: MALFORMED,
  account_not_covered: MALFORMED,
  quota_exceeded: LIMITED,
  // A penalty's members would be read as a token answer here (§5.4).
  penalty: LIMITED,
  api_key_refused: MALFORMED,
  challenge_refused: MALFORMED,
  password_form: MALFORMED,
  act_unknown: MALFORMED,
  act_malformed: MALFORMED,
  object_unknown: MALFORMED,
  object_exists: MALFORMED,
  state_conflict: MALFORMED,
  overloaded: BUSY,
} satisfies Record<RefusalCode, OauthError>;

export function tokenRefusal(refusal: Refusal): WireResponse {
  const said: OauthError = OAUTH_ERRORS[refusal.code];
  if (said === LIMITED) return emptyAnswer(429);
  if (said === BUSY) return busyAnswer(refusal.retry_after_s);
  const parameter = refusal.parameter ?? 'body';
  const { status, error, error_description } = said;
  const described = { error, error_description: error_description?.replace('NAME', parameter) };
  // What is malformed is said in both forms of this dialect (§2).
  return jsonAnswer(status, status === 400 ? { errorText: parameter, ...described } : described);
}
