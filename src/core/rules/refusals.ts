/**
 * Every way a rule can say no. One closed union with rich private reasons; each dialect maps every
 * code to what may be said in public by an exhaustive table, so that a new refusal does not
 * compile until every dialect says how it speaks it.
 */
import type { CustomerStatus } from '../kinds/customer.ts';

/** Refusal codes, in the order a request meets them; each with what it means to an operator. */
export const REFUSALS = {
  // The request itself (RFC 6749 §5.2 invalid_request).
  request_malformed: 'a parameter is missing, repeated, too long or not decodable',
  credentials_in_query: 'a secret or code was sent in the URL and must be taken as leaked',
  credentials_conflict: 'two different client credentials in one request',
  method_not_allowed: 'the path exists, the method does not',
  path_unknown: 'nothing is served at this path',
  body_too_large: 'the body is over the limit',
  body_malformed: 'the body is not of the form that the route reads',
  // The client (RFC 6749 §5.2 invalid_client, unauthorized_client).
  client_authentication_failed: 'no, unknown or wrong client credentials, or a disabled app',
  client_unknown: 'no app of this dialect and world has this id',
  client_not_approved: 'the app exists but is not approved in this world',
  grant_type_unsupported: 'the dialect does not offer this grant type',
  resource_unknown: 'the resource is not one the app is registered for (RFC 8707 §2)',
  // Authorization requests (RFC 6749 §4.1.2.1).
  redirect_uri_unusable: 'no registered callback matches the request',
  response_type_unsupported: 'only code is offered (RFC 9700 §2.1.2)',
  scope_empty: 'no requested scope is known and registered for the app',
  pkce_malformed: 'challenge without S256, or method without challenge (RFC 7636 §4.3)',
  pkce_missing: 'the profile demands a challenge',
  authorization_request_malformed: 'a parameter is repeated, too long or undecodable',
  // The browser's side of a flow.
  request_unknown: 'the request handle is not ours, or of the other world',
  request_expired: 'the request handle is older than its lifetime',
  request_foreign: 'another browser owns this request',
  request_finished: 'this request was answered before',
  browser_unknown: 'no flow cookie of ours came with the request',
  csrf_mismatch: 'the form does not carry the token of this browser and flow',
  cross_site: 'the browser says that another site sent this form',
  sign_in_needed: 'no live sign-in in this browser',
  sign_in_failed: 'unknown name, wrong password or a customer who may not sign in',
  sign_in_limited: 'too many failed sign-ins for this name and network',
  customer_inactive: 'the customer was locked or closed',
  customer_without_account: 'the customer has no account in this world',
  consent_denied: 'the customer said no',
  // Codes (RFC 6749 §5.2 invalid_grant).
  code_unknown: 'not a code of ours, of this world, dialect or type',
  code_foreign: 'the code belongs to another app',
  code_expired: 'the code is older than its lifetime',
  code_redirect_mismatch: 'redirect_uri is missing or not the one of the request',
  code_pkce_mismatch: 'the verifier is missing, wrong, or not asked for (RFC 7636 §4.6)',
  code_replayed: 'the code was used before; its tokens have now ended (RFC 6749 §4.1.2)',
  code_ended: 'customer, app, credentials or world changed since the consent',
  // Refresh tokens (RFC 6749 §6).
  refresh_unknown: 'not a refresh token of ours, of this world, dialect or type',
  refresh_foreign: 'the refresh token belongs to another app',
  refresh_ended: 'the grant, its customer or its approval has ended',
  refresh_replayed: 'a refresh token came after its successor was used; the family has ended',
  refresh_not_approved: 'the app holds no refresh approval in this world',
  scope_exceeds_grant: 'the refresh asks for more than the grant holds',
  refresh_limited: 'more refreshes of this grant in a minute than the profile allows',
  client_limited: 'too many failed client authentications from this subnet',
  // Bearer tokens (RFC 6750 §3.1).
  token_missing: 'no bearer token was sent',
  token_unknown: 'not a token of ours, or of the other world',
  token_expired: 'the access token is past its lifetime',
  token_ended: 'the token, its grant or session, its customer or its app has ended',
  session_evicted: 'a newer sign-in has closed the session of the token',
  scope_missing: 'the token lacks the scope of this route',
  account_not_covered: 'the account is not one the grant covers',
  quota_exceeded: 'more calls with this token in a minute than allowed',
  penalty: 'too many calls or failures from this subnet: wait, then send the ticket',
  // Trading sessions.
  api_key_refused: 'the API key is unknown, its secret or name is wrong, or it is not hers',
  challenge_refused: 'the challenge is unknown, used, expired or of another subnet or device',
  password_form: 'the password came in a form that is not taken',
  // Operators' acts.
  act_unknown: 'no act of this name',
  act_malformed: 'an argument of the act is missing, unknown or not valid',
  object_unknown: 'no record of this id',
  object_exists: 'a record of this id or name exists',
  state_conflict: 'the record is not in a state that allows this act',
  // Overload.
  overloaded: 'a bounded queue is full; try again',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A rule's no: what it is, which rule, and the private reason that only operators see. */
export type Refusal = {
  readonly code: RefusalCode;
  /** The rule that refused, e.g. `code.pkce`; stands in docs/rules.md. */
  readonly rule: string;
  /** For operators: never sent to a client. */
  readonly reason: string;
  /** One of our own parameter names, for wire forms that name it. Never text of the request. */
  readonly parameter?: string;
  readonly retry_after_s?: number;
  /** Scope words a token lacks. */
  readonly scopes?: readonly string[];
  /** Set when the refusal may travel to an already validated callback (RFC 6749 §4.1.2.1). */
  readonly callback?: Callback;
  /** Limits of the refused call, when it was limited. */
  readonly quota?: Quota;
  /** How to go on after a wait, when the call was penalised. */
  readonly penalty?: Penalty;
  /** Set only after the right password: why she may not sign in. */
  readonly customer_status?: CustomerStatus;
};

/** A wait: the ticket to send after it, and whether a program can go on at all. */
export type Penalty = {
  readonly ticket: string;
  readonly wait_s: number;
  readonly captcha: boolean;
};

/** A validated callback with what must come back on it. */
export type Callback = {
  readonly redirect_uri: string;
  readonly state: string | null;
  /** Issuer to append (RFC 9207), null when the app opted out. */
  readonly iss: string | null;
};

/** State of one API window: counts, and its end in epoch ms. */
export type Quota = {
  readonly allowed: number;
  readonly used: number;
  readonly ends_at: number;
};

/** What a command comes to: a value or a refusal. Faults throw and are neither. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function refused(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}

export function accepted<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}
