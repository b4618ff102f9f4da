/**
 * Signed tokens: what others can verify with the world's published keys (RFC 7519, RFC 9068).
 * Keys are of one world and switch by the times in their records, as all keys do.
 */
import type { PublicJwk, SigningKey, SigningPurpose } from '../core/kinds/key.ts';
import type { NotOurs } from './handles.ts';

/** What a token says; every value is one that JSON knows. These four stand in each. */
export type Claims = {
  readonly iss: string;
  readonly aud: string;
  /** Epoch s. */
  readonly iat: number;
  readonly exp: number;
  readonly [name: string]: unknown;
};

export type Signer = {
  /**
   * Compact JWS over the claims under the purpose's active key; header `alg`, `kid`, `typ`, the
   * last `at+jwt` for an access token and `JWT` for an ID token. A key in its record answers at
   * once, unless signatures are made beside the thread; one in a module by a promise. Throws or
   * rejects with a StoreFault (503).
   */
  sign(purpose: SigningPurpose, claims: Claims): string | Promise<string>;
  /**
   * Throws the StoreFault that `sign` would throw for want of a key. Asked before a commit that a
   * failing signature must not follow: it would have spent something for nothing.
   */
  mustBeReady(purpose: SigningPurpose): void;
  /**
   * The claims of an access token that this world signed, or why it is none. Times, issuer and
   * audience are not judged. `other_word` is what tokens of the other world say in `env`: such a
   * one is told apart, unverified, for the log only. Throws a StoreFault when a key of ours is
   * damaged, never for what a client sent.
   *
   * An ES256 signature has a twin that verifies too: a token's text is no name for it. What must
   * be counted or ended goes by the claims.
   */
  open(text: string, other_word?: string): Claims | NotOurs;
  /** Announced, active and retired keys of this world, by purpose, then number. */
  publicKeys(): readonly PublicJwk[];
  /** A new key record, next after the present ones. Slow: its place is before the decision. */
  createKey(purpose: SigningPurpose, number: number, times: KeyTimes): Promise<SigningKey>;
};

/** Epoch ms. */
export type KeyTimes = { readonly created_at: number; readonly active_from: number };
