/** Answers of the authorize endpoint: a redirect with an empty body, or no redirect at all. */
import type { Outcomes } from '../../core/commands.ts';
import { callbackUrl } from '../../core/rules/callback.ts';
import type { Refusal, RefusalCode } from '../../core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../core/wire.ts';
import { pageUrl, redirect, refusalPage, wantsHtml } from '../request-page.ts';
import type { TradierOptions } from './settings.ts';
import { tokenError } from './token-errors.ts';

/** What may be said on a callback (RFC 6749 §4.1.2.1); others never carry one. */
export const CALLBACK_ERRORS = {
  request_malformed: 'invalid_request',
  credentials_in_query: 'server_error',
  credentials_conflict: 'server_error',
  method_not_allowed: 'server_error',
  path_unknown: 'server_error',
  body_too_large: 'server_error',
  body_malformed: 'server_error',
  client_authentication_failed: 'server_error',
  client_unknown: 'server_error',
  client_not_approved: 'server_error',
  grant_type_unsupported: 'server_error',
  resource_unknown: 'invalid_target',
  redirect_uri_unusable: 'server_error',
  response_type_unsupported: 'unsupported_response_type',
  scope_empty: 'invalid_scope',
  pkce_malformed: 'invalid_request',
  pkce_missing: 'invalid_request',
  authorization_request_malformed: 'invalid_request',
  request_unknown: 'server_error',
  request_expired: 'server_error',
  request_foreign: 'server_error',
  request_finished: 'server_error',
  browser_unknown: 'server_error',
  csrf_mismatch: 'server_error',
  cross_site: 'server_error',
  sign_in_needed: 'server_error',
  sign_in_failed: 'server_error',
  sign_in_limited: 'server_error',
  customer_inactive: 'server_error',
  customer_without_account: 'server_error',
  consent_denied: 'access_denied',
  code_unknown: 'server_error',
  code_foreign: 'server_error',
  code_expired: 'server_error',
  code_redirect_mismatch: 'server_error',
  code_pkce_mismatch: 'server_error',
  code_replayed: 'server_error',
  code_ended: 'server_error',
  refresh_unknown: 'server_error',
  refresh_foreign: 'server_error',
  refresh_ended: 'server_error',
  refresh_replayed: 'server_error',
  refresh_not_approved: 'server_error',
  scope_exceeds_grant: 'server_error',
  refresh_limited: 'server_error',
  client_limited: 'server_error',
  token_missing: 'server_error',
  token_unknown: 'server_error',
  token_expired: 'server_error',
  token_ended: 'server_error',
  session_evicted: 'server_error',
  scope_missing: 'server_error',
  account_not_covered: 'server_error',
  quota_exceeded: 'server_error',
  penalty: 'server_error',
  api_key_refused: 'server_error',
  challenge_refused: 'server_error',
  password_form: 'server_error',
  act_unknown: 'server_error',
  act_malformed: 'server_error',
  object_unknown: 'server_error',
  object_exists: 'server_error',
  state_conflict: 'server_error',
  overloaded: 'temporarily_unavailable',
} as const satisfies Record<RefusalCode, string>;

export function encodeAuthorize(
  { pages_origin }: { readonly pages_origin: string },
  outcome: Outcomes['authorize'],
): WireResponse {
  return redirect(302, pageUrl(pages_origin, outcome));
}

/** To the validated callback when there is one, else 400 in the form the caller reads. */
export function refuseAuthorize(
  options: TradierOptions,
  refusal: Refusal,
  request: WireRequest,
): WireResponse {
  if (refusal.callback !== undefined) {
    const value = CALLBACK_ERRORS[refusal.code];
    return redirect(302, callbackUrl(refusal.callback, { name: 'error', value }));
  }
  if (!wantsHtml(request)) return plainRefusal(refusal, request.authority);
  return refusalPage(options.pages, refusal, request);
}

/** At this endpoint every refusal but two is `invalid_request` (contract §3). */
function plainRefusal(refusal: Refusal, authority: string): WireResponse {
  if (refusal.code === 'overloaded' || refusal.code === 'client_not_approved') {
    return tokenError(refusal, authority);
  }
  const parameter = refusal.parameter ?? 'client_id';
  return tokenError({ ...refusal, code: 'request_malformed', parameter }, authority);
}
