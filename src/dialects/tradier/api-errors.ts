/** How the API says no to a bearer token: gateway faults, quota as bare text (contract §8). */
import type { Quota, Refusal, RefusalCode } from '../../core/rules/refusals.ts';
import type { WireHeader, WireRequest, WireResponse } from '../../core/wire.ts';
import type { TradierSettings } from './settings.ts';

type Fault = {
  readonly status: number;
  readonly faultstring: string;
  readonly errorcode: string;
  /** `error` of the challenge (RFC 6750 §3.1); null = none is sent. */
  readonly challenge: 'invalid_token' | 'insufficient_scope' | 'bare' | null;
};

const F1: Fault = {
  status: 401, faultstring: 'Invalid Access Token', challenge: 'invalid_token',
  errorcode: 'keymanagement.service.invalid_access_token',
};
const F1_BARE: Fault = { ...F1, challenge: 'bare' };
const F2: Fault = {
  status: 401, faultstring: 'Access Token expired', challenge: 'invalid_token',
  errorcode: 'keymanagement.service.access_token_expired',
};
const F3: Fault = {
  status: 401, faultstring: 'Access Token not approved', challenge: 'invalid_token',
  errorcode: 'keymanagement.service.access_token_not_approved',
};
const F4: Fault = {
  status: 403, faultstring: 'Required scope(s): SCOPES', challenge: 'insufficient_scope',
  errorcode: 'steps.oauth.v2.InsufficientScope',
};
const F5: Fault = {
  status: 403, faultstring: 'Unauthorized Account: ACCOUNT', challenge: null,
  errorcode: 'account.Unauthorized',
};
const F6: Fault = {
  status: 503, faultstring: 'Datastore Error', challenge: null,
  errorcode: 'steps.servicecallout.ExecutionFailed',
};
/** Spoken as bare text with the window's end whenever the window is known. */
const F7: Fault = {
  status: 429, faultstring: 'Quota Violation', challenge: null,
  errorcode: 'policies.ratelimit.QuotaViolation',
};
const BAD_REQUEST: Fault = {
  status: 400, faultstring: 'Bad Request', challenge: null,
  errorcode: 'protocol.http.BadRequest',
};

const problem = (status: number, faultstring: string, errorcode: string): Fault => ({
  status, faultstring, errorcode, challenge: null,
});

const NOT_FOUND = problem(404, 'Not Found', 'messaging.adaptors.http.flow.ApplicationNotFound');
const METHOD = problem(405, 'Method Not Allowed', 'protocol.http.MethodNotAllowed');
const TOO_LARGE = problem(413, 'Request too large', 'protocol.http.TooBigBody');

const API_PROBLEMS: { readonly [status: number]: Fault } = {
  404: NOT_FOUND,
  405: METHOD,
  413: TOO_LARGE,
  414: problem(414, 'Request line too long', 'protocol.http.TooBigLine'),
  421: problem(421, 'Misdirected Request', 'protocol.http.MisdirectedRequest'),
  431: problem(431, 'Headers too large', 'protocol.http.TooBigHeaders'),
  500: problem(500, 'Internal Error', 'steps.servicecallout.ExecutionFailed'),
  503: F6,
};

/** Every refusal in the words of the API; those a bearer call cannot meet are a bad request. */
export const API_FAULTS = {
  request_malformed: BAD_REQUEST,
  credentials_in_query: BAD_REQUEST,
  credentials_conflict: BAD_REQUEST,
  method_not_allowed: METHOD,
  path_unknown: NOT_FOUND,
  body_too_large: TOO_LARGE,
  body_malformed: BAD_REQUEST,
  client_authentication_failed: BAD_REQUEST,
  client_unknown: BAD_REQUEST,
  client_not_approved: BAD_REQUEST,
  grant_type_unsupported: BAD_REQUEST,
  resource_unknown: BAD_REQUEST,
  redirect_uri_unusable: BAD_REQUEST,
  response_type_unsupported: BAD_REQUEST,
  scope_empty: BAD_REQUEST,
  pkce_malformed: BAD_REQUEST,
  pkce_missing: BAD_REQUEST,
  authorization_request_malformed: BAD_REQUEST,
  request_unknown: BAD_REQUEST,
  request_expired: BAD_REQUEST,
  request_foreign: BAD_REQUEST,
  request_finished: BAD_REQUEST,
  browser_unknown: BAD_REQUEST,
  csrf_mismatch: BAD_REQUEST,
  cross_site: BAD_REQUEST,
  sign_in_needed: BAD_REQUEST,
  sign_in_failed: BAD_REQUEST,
  sign_in_limited: BAD_REQUEST,
  customer_inactive: BAD_REQUEST,
  customer_without_account: BAD_REQUEST,
  consent_denied: BAD_REQUEST,
  code_unknown: BAD_REQUEST,
  code_foreign: BAD_REQUEST,
  code_expired: BAD_REQUEST,
  code_redirect_mismatch: BAD_REQUEST,
  code_pkce_mismatch: BAD_REQUEST,
  code_replayed: BAD_REQUEST,
  code_ended: BAD_REQUEST,
  refresh_unknown: BAD_REQUEST,
  refresh_foreign: BAD_REQUEST,
  refresh_ended: BAD_REQUEST,
  refresh_replayed: BAD_REQUEST,
  refresh_not_approved: BAD_REQUEST,
  scope_exceeds_grant: BAD_REQUEST,
  refresh_limited: BAD_REQUEST,
  client_limited: BAD_REQUEST,
  token_missing: F1_BARE,
  token_unknown: F1,
  token_expired: F2,
  token_ended: F3,
  session_evicted: F3,
  scope_missing: F4,
  account_not_covered: F5,
  quota_exceeded: F7,
  penalty: F7,
  api_key_refused: BAD_REQUEST,
  challenge_refused: BAD_REQUEST,
  password_form: BAD_REQUEST,
  act_unknown: BAD_REQUEST,
  act_malformed: BAD_REQUEST,
  object_unknown: BAD_REQUEST,
  object_exists: BAD_REQUEST,
  state_conflict: BAD_REQUEST,
  overloaded: F6,
} satisfies Record<RefusalCode, Fault>;

export function apiRefusal(
  refusal: Refusal,
  { authority, path }: WireRequest,
  settings: TradierSettings,
): WireResponse {
  if (refusal.code === 'quota_exceeded' && refusal.quota !== undefined) {
    return quotaRefusal(refusal.quota, refusal.retry_after_s ?? 1);
  }
  const fault = API_FAULTS[refusal.code];
  const scopes = (refusal.scopes ?? []).join(' ');
  const faultstring = fault.faultstring
    .replace('SCOPES', scopes)
    .replace('ACCOUNT', ACCOUNT_IN_PATH.exec(path)?.[1] ?? 'unknown');
  const headers = [...challenge(fault, { faultstring, scopes, authority })];
  if (fault === F6) headers.push(['Retry-After', String(refusal.retry_after_s ?? 1)]);
  return settings.api_errors === 'text' && TEXT_STATUS.has(refusal.code)
    ? textFault(fault, faultstring, headers)
    : jsonFault(fault, faultstring, headers);
}

/** Account numbers are plain words; anything else in the path is not repeated. */
const ACCOUNT_IN_PATH = /^\/v1\/accounts\/([A-Za-z0-9]{1,32})(?=\/|$)/;

/** With `tradier.api_errors=text` these become bare text (contract §8.1). */
const TEXT_STATUS: ReadonlySet<RefusalCode> = new Set([
  'token_missing', 'token_unknown', 'token_expired', 'token_ended', 'account_not_covered',
]);

function challenge(
  fault: Fault,
  { faultstring, scopes, authority }: {
    readonly faultstring: string;
    readonly scopes: string;
    readonly authority: string;
  },
): WireHeader[] {
  const realm = `Bearer realm="${authority}"`;
  switch (fault.challenge) {
    case null:
      return [];
    case 'bare':
      return [['WWW-Authenticate', realm]];
    case 'invalid_token': {
      const error = `error="invalid_token", error_description="${faultstring}"`;
      return [['WWW-Authenticate', `${realm}, ${error}`]];
    }
    case 'insufficient_scope':
      return [['WWW-Authenticate', `${realm}, error="insufficient_scope", scope="${scopes}"`]];
  }
}

function jsonFault(fault: Fault, faultstring: string, headers: WireHeader[]): WireResponse {
  const body = JSON.stringify({ fault: { faultstring, detail: { errorcode: fault.errorcode } } });
  return answer(fault.status, 'application/json', { body, headers });
}

function textFault(fault: Fault, faultstring: string, headers: WireHeader[]): WireResponse {
  const body = fault.status === 401 ? 'Invalid access token' : faultstring;
  return answer(fault.status, 'text/plain', { body, headers });
}

/** Quota errors are text whatever `Accept` says, and end in the window's end (contract §8.3). */
function quotaRefusal(quota: Quota, retry_after_s: number): WireResponse {
  const body =
    `Quota Violation: ${quota.allowed} requests per minute allowed. ` +
    `Window ends at ${quota.ends_at}`;
  const headers: WireHeader[] = [
    ...quotaHeaders(quota), ['Retry-After', String(retry_after_s)],
  ];
  return answer(429, 'text/plain', { body, headers });
}

/** The four headers of every limited answer. */
export function quotaHeaders({ allowed, used, ends_at }: Quota): WireHeader[] {
  return [
    ['X-Ratelimit-Allowed', String(allowed)],
    ['X-Ratelimit-Used', String(used)],
    ['X-Ratelimit-Available', String(Math.max(0, allowed - used))],
    ['X-Ratelimit-Expiry', String(ends_at)],
  ];
}

/** Faults for what no rule has judged, in the API's own form. */
export function apiProblem(status: number, headers: readonly WireHeader[]): WireResponse {
  const fault = API_PROBLEMS[status] ?? { ...BAD_REQUEST, status };
  return jsonFault(fault, fault.faultstring, [...headers]);
}

function answer(
  status: number,
  type: string,
  { body, headers }: { readonly body: string; readonly headers: readonly WireHeader[] },
): WireResponse {
  const head: WireHeader[] = [
    ['Content-Type', type], ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'],
  ];
  return { status, headers: [...head, ...headers], body };
}
