/** How every endpoint but `oauthtoken` says no (contract §2, §6, §10, §14). */
import type { CustomerStatus } from '../../core/kinds/customer.ts';
import type { Penalty, Refusal, RefusalCode } from '../../core/rules/refusals.ts';
import type { WireHeader, WireResponse } from '../../core/wire.ts';
import { emptyAnswer, jsonAnswer } from './answers.ts';
import type { TradovateSettings } from './settings.ts';

type ApiAnswer = {
  readonly status: number;
  /** Absent = an empty body. `NAME` stands for the field at fault. */
  readonly error_text?: string;
  readonly challenge?: string;
};

/** A business failure: it travels with status 200, and only in this dialect (§0). */
const failure = (error_text: string): ApiAnswer => ({ status: 200, error_text });

const MALFORMED: ApiAnswer = { status: 400, error_text: 'NAME' };
const SIGN_IN = failure('Incorrect username or password. Please try again.');
/** Worded by the customer's status. */
const INACTIVE = failure('User account is not active');
const NO_ACCOUNT = failure('User has no account in this environment');
const NO_TOKEN: ApiAnswer = { status: 401, challenge: 'Bearer' };
const EXPIRED: ApiAnswer = { status: 401, challenge: badToken('Expired Access Token') };
const DENIED: ApiAnswer = { status: 401, challenge: badToken('Access is denied') };
/** Or 401, by `tradovate.evicted_status`. */
const EVICTED: ApiAnswer = { status: 408 };
const NOT_FOUND: ApiAnswer = { status: 404 };
const LIMITED: ApiAnswer = { status: 429 };
/** The three members of §10 in place of a payload. */
const PENALTY: ApiAnswer = { status: 200 };
const BUSY: ApiAnswer = { status: 503, error_text: 'Try again' };

function badToken(description: string): string {
  return `Bearer error="invalid_token", error_description="${description}"`;
}

/** Every refusal as these endpoints answer it; those they cannot meet are malformed. */
export const API_ANSWERS = {
  request_malformed: MALFORMED,
  credentials_in_query: MALFORMED,
  credentials_conflict: MALFORMED,
  method_not_allowed: MALFORMED,
  path_unknown: NOT_FOUND,
  body_too_large: MALFORMED,
  body_malformed: MALFORMED,
  client_authentication_failed: MALFORMED,
  client_unknown: MALFORMED,
  client_not_approved: MALFORMED,
  grant_type_unsupported: MALFORMED,
  resource_unknown: MALFORMED,
  redirect_uri_unusable: MALFORMED,
  response_type_unsupported: MALFORMED,
  scope_empty: MALFORMED,
  pkce_malformed: MALFORMED,
  pkce_missing: MALFORMED,
  authorization_request_malformed: MALFORMED,
  request_unknown: MALFORMED,
  request_expired: MALFORMED,
  request_foreign: MALFORMED,
  request_finished: MALFORMED,
  browser_unknown: MALFORMED,
  csrf_mismatch: MALFORMED,
  cross_site: MALFORMED,
  sign_in_needed: MALFORMED,
  sign_in_failed: SIGN_IN,
  sign_in_limited: LIMITED,
  customer_inactive: INACTIVE,
  customer_without_account: NO_ACCOUNT,
  consent_denied: MALFORMED,
  code_unknown: MALFORMED,
  code_foreign: MALFORMED,
  code_expired: MALFORMED,
  code_redirect_mismatch: MALFORMED,
  code_pkce_mismatch: MALFORMED,
  code_replayed: MALFORMED,
  code_ended: MALFORMED,
  refresh_unknown: MALFORMED,
  refresh_foreign: MALFORMED,
  refresh_ended: MALFORMED,
  refresh_replayed: MALFORMED,
  refresh_not_approved: MALFORMED,
  scope_exceeds_grant: MALFORMED,
  refresh_limited: LIMITED,
  client_limited: LIMITED,
  token_missing: NO_TOKEN,
  token_unknown: DENIED,
  token_expired: EXPIRED,
  token_ended: DENIED,
  session_evicted: EVICTED,
  scope_missing: DENIED,
  account_not_covered: DENIED,
  quota_exceeded: LIMITED,
  penalty: PENALTY,
  api_key_refused: failure('The app is not registered'),
  challenge_refused: failure('Challenge is invalid or expired'),
  password_form: failure('Encoded passwords are not supported'),
  act_unknown: MALFORMED,
  act_malformed: MALFORMED,
  object_unknown: MALFORMED,
  object_exists: MALFORMED,
  state_conflict: MALFORMED,
  overloaded: BUSY,
} satisfies Record<RefusalCode, ApiAnswer>;

export function apiRefusal(refusal: Refusal, settings: TradovateSettings): WireResponse {
  const said: ApiAnswer = API_ANSWERS[refusal.code];
  if (said === PENALTY) return penaltyAnswer(refusal.penalty);
  if (said === BUSY) return busyAnswer(refusal.retry_after_s);
  if (said === INACTIVE) return inactiveAnswer(refusal.customer_status);
  if (said === EVICTED && settings.evicted_status === 401) return empty(DENIED);
  if (said.error_text === undefined) return empty(said);
  const status = said === SIGN_IN ? settings.login_failure_status : said.status;
  return failureAnswer(status, said.error_text.replace('NAME', refusal.parameter ?? 'body'));
}

/** One text, one member. */
export function failureAnswer(status: number, errorText: string): WireResponse {
  return jsonAnswer(status, { errorText });
}

export function busyAnswer(retry_after_s = 1): WireResponse {
  const headers: readonly WireHeader[] = [['Retry-After', String(Math.ceil(retry_after_s))]];
  return jsonAnswer(503, { errorText: BUSY.error_text }, headers);
}

function empty({ status, challenge }: ApiAnswer): WireResponse {
  return emptyAnswer(status, challenge === undefined ? [] : [['WWW-Authenticate', challenge]]);
}

/** All three members, always: clients fail without one, and take the name of one for a penalty. */
function penaltyAnswer(penalty: Penalty | undefined): WireResponse {
  if (penalty === undefined) return emptyAnswer(429);
  const { ticket, wait_s, captcha } = penalty;
  return jsonAnswer(200, {
    'p-ticket': ticket, 'p-time': Math.ceil(wait_s), 'p-captcha': captcha,
  });
}

type StatusWords = { readonly word: string; readonly error_text: string };

/** §3 and §6: what a customer's own clients are told of her status. */
export const STATUS_WORDS: { readonly [S in CustomerStatus]: StatusWords } = {
  active: { word: 'Active', error_text: INACTIVE.error_text ?? '' },
  closed: { word: 'Closed', error_text: 'User account is closed' },
  initiated: { word: 'Initiated', error_text: 'User registration is not complete' },
  locked: { word: 'TemporaryLocked', error_text: 'User is temporarily locked' },
  unconfirmed: { word: 'UnconfirmedEmail', error_text: 'E-mail address is not confirmed' },
};

function inactiveAnswer(status: CustomerStatus | undefined): WireResponse {
  if (status === undefined) return failureAnswer(200, INACTIVE.error_text ?? '');
  const { word, error_text } = STATUS_WORDS[status];
  return jsonAnswer(200, { errorText: error_text, userStatus: word });
}
