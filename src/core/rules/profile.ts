/**
 * Profile: what varies between dialects, as data. A dialect names one; rules read it. A field that
 * weakens a rule says what it risks. Instances live with their dialect.
 */
import type { WorldName } from '../world.ts';

export type GrantType = 'authorization_code' | 'refresh_token';

export type Profile = {
  /** The dialect's word, stored with what it issues: another dialect's object is unknown. */
  readonly dialect: string;
  readonly grant_types: readonly GrantType[];
  /**
   * `optional`: PKCE is enforced once a challenge was sent, not demanded (risk: RFC 9700 §2.1.1,
   * a stolen code is stopped by client authentication alone).
   */
  readonly pkce: 'required' | 'optional';
  /** What an authorization request without `response_type` means; null = refused. */
  readonly response_type_default: 'code' | null;
  /** `intersect`: unknown and unregistered scope words are dropped (RFC 6749 §3.3 allows it). */
  readonly scope_policy: 'intersect' | 'exact';
  /** `ignored`: `redirect_uri` at the token endpoint is not compared (the code is bound to the
   * authenticated app instead). */
  readonly token_redirect_uri: 'ignored' | 'compared';
  /** `stable`: a refresh token never changes (sound for authenticated clients, RFC 9700 §4.14). */
  readonly refresh_policy: 'stable' | 'rotating';
  readonly request_lifetime_s: number;
  readonly code_lifetime_s: number;
  readonly access_token_lifetime_s: number;
  /** Absolute life of a grant from its begin; null = none (a listed weakening). */
  readonly grant_lifetime_s: number | null;
  readonly grants_live_max: number;
  readonly access_tokens_live_max: number;
  readonly refreshes_per_minute_max: number;
  readonly state_bytes_max: number;
  readonly api_limits: { readonly [bucket in Bucket]: { readonly [w in WorldName]: number } };
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
} as const;
