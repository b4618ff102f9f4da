/**
 * Profile: what varies between dialects, as data. A dialect names one; rules read it. A field that
 * weakens a rule says what it risks. Instances live with their dialect.
 */
import type { WorldName } from '../world.ts';
import type { Vocabulary } from './scopes/scopes.ts';

export type GrantType = 'authorization_code' | 'refresh_token';

export type Profile = {
  /** The dialect's word, stored with what it issues: another dialect's object is unknown. */
  readonly dialect: string;
  readonly grant_types: readonly GrantType[];
  /** The words its apps are registered with. */
  readonly vocabulary: Vocabulary;
  /** Who answers, by world (RFC 9207 `iss`, claim `iss`); null = the world's own issuer. */
  readonly issuer: { readonly [W in WorldName]?: string } | null;
  /** What a token calls the world it belongs to. */
  readonly world_words: { readonly [W in WorldName]: string };
  /** Path of a request's page on the page host. */
  readonly page_path: string;
  /**
   * `optional`: PKCE is enforced once a challenge was sent, not demanded (risk: RFC 9700 §2.1.1,
   * a stolen code is stopped by client authentication alone).
   */
  readonly pkce: 'required' | 'optional';
  /** What an authorization request without `response_type` means; null = refused. */
  readonly response_type_default: 'code' | null;
  /**
   * `intersect`: unknown and unregistered scope words are dropped (RFC 6749 §3.3 allows it).
   * `registered`: requests do not ask; what the app is registered for is what it may be granted.
   */
  readonly scope_policy: 'intersect' | 'registered';
  /** Whether the grant type is judged before the client proves who it is. */
  readonly grant_type_first: boolean;
  /** `ignored`: `redirect_uri` at the token endpoint is not compared (the code is bound to the
   * authenticated app instead). */
  readonly token_redirect_uri: 'ignored' | 'compared';
  /** `stable`: a refresh token never changes (sound for authenticated clients, RFC 9700 §4.14). */
  readonly refresh_policy: 'stable' | 'rotating';
  /** Whether refresh tokens need an approval of the operator, app by app. */
  readonly refresh_approval: 'needed' | 'not_needed';
  /** `jwt`: signed, for others to verify (RFC 9068); `sealed`: opaque to all but the server. */
  readonly access_tokens: 'sealed' | 'jwt';
  /** `code`: an ID token comes with the answer to a code (OpenID Connect Core §3.1.3.3). */
  readonly id_tokens: 'code' | 'none';
  readonly request_lifetime_s: number;
  readonly code_lifetime_s: number;
  readonly access_token_lifetime_s: number;
  /** Absolute life of a grant from its consent; null = none (a listed weakening). */
  readonly grant_lifetime_s: number | null;
  /** A rotating refresh token unused for so long is over; null = never. */
  readonly refresh_lifetime_s: number | null;
  /** How long a chain of renewals may go on without a sign-in or refresh; null = for ever. */
  readonly renewal_lifetime_s: number | null;
  readonly grants_live_max: number;
  readonly access_tokens_live_max: number;
  readonly refreshes_per_minute_max: number;
  readonly state_bytes_max: number;
  readonly api_limits: { readonly [bucket in Bucket]: { readonly [w in WorldName]: number } };
  /** Trading sessions by name and password; null = the dialect opens none. */
  readonly sessions: SessionPolicy | null;
  /** Calls of a customer, and of an address without a token; null = not counted so. */
  readonly call_limits: CallLimits | null;
  /** Waits for those who call too often, by endpoint; null = none. */
  readonly penalties: { readonly [E in PenalizedEndpoint]: PenaltyPolicy } | null;
  /** Subnets, login names, API keys and apps that neither calls nor waits limit. */
  readonly limit_exempt: readonly string[];
};

export type SessionPolicy = {
  /** A further sign-in closes the oldest. */
  readonly live_max: number;
  readonly token_lifetime_s: number;
  /** Worlds in which a session without a device may not trade. */
  readonly device_needed: readonly WorldName[];
  /** Weakening: sign-in without an API key, for tutorials run with their defaults. */
  readonly keyless: boolean;
};

/** So many calls in a window; the window begins with its first call. */
export type CallLimit = { readonly count: number; readonly window_s: number };

export type CallLimits = {
  readonly authenticated: readonly CallLimit[];
  readonly anonymous: readonly CallLimit[];
};

export type PenalizedEndpoint = 'sign_in' | 'renew' | 'identity';

export type PenaltyPolicy = {
  /** Counted events of a subnet in a rolling hour that cost nothing. */
  readonly free: number;
  readonly counts: 'failures' | 'calls';
  readonly back_off_s: number;
  /** Whether the wait is over by itself, or must be shown by the ticket of the same body. */
  readonly ticket: 'needed' | 'not_needed';
  /** `escalate`: from three failures beyond the free ones no program can go on. */
  readonly captcha: 'never' | 'escalate' | 'always';
};

/** Buckets of API calls, counted per access token and minute. */
export type Bucket = 'standard' | 'market' | 'trading';

/** Product-wide limits, the same in every dialect (EN-07, DS-03). */
export const LIMITS = {
  sign_in_failures: { per_name_and_subnet: 5, window_s: 900 },
  sign_in_failures_per_name: { count: 20, window_s: 3600 },
  /** Credential stuffing: guesses spread over names and addresses still meet this (EN-06). */
  sign_in_failures_everyone: { count: 1000, window_s: 300 },
  sign_in_attempts_per_address: { count: 100, window_s: 60 },
  client_failures_per_subnet: { count: 60, window_s: 60 },
  request_claims_per_subnet: { count: 2000, window_s: 600 },
  login_lifetime_s: 8 * 3600,
  answer_kept_s: 60,
  secret_overlap_s: 7 * 86_400,
  challenge_lifetime_s: 120,
  ticket_lifetime_s: 3600,
  penalty_window_s: 3600,
  penalty_wait_max_s: 3600,
  /** Of one customer; the oldest beyond them are closed. */
  sockets_per_customer: 50,
  socket_addresses_per_customer: 5,
} as const;
