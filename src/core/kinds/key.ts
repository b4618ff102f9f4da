/** Key: a world's key material, sealed by the master key, with its times in the record. */

/** Purposes whose keys are 32 random bytes and stay with the server. */
export const SECRET_PURPOSES = ['handle', 'token', 'request', 'browser'] as const;

/** Purposes whose keys sign for others to verify; their public halves are published. */
export const SIGNING_PURPOSES = ['access-token', 'id-token'] as const;

export type SecretPurpose = (typeof SECRET_PURPOSES)[number];
export type SigningPurpose = (typeof SIGNING_PURPOSES)[number];
export type KeyPurpose = SecretPurpose | SigningPurpose;

export const KEY_PURPOSES: readonly KeyPurpose[] = [...SECRET_PURPOSES, ...SIGNING_PURPOSES];

/** Names of RFC 7518 §3.1. */
export type SigningAlgorithm = 'ES256' | 'RS256';

/** What new keys of a purpose are made for (KM-04). A present key goes by its own record. */
export const SIGNING_ALGORITHM: { readonly [P in SigningPurpose]: SigningAlgorithm } = {
  'access-token': 'ES256',
  'id-token': 'RS256',
};

/** A public key as it is published (RFC 7517 §4): `kty`, `use`, `alg`, `kid`, then its numbers. */
export type PublicJwk = { readonly [member: string]: string };

/**
 * States by time, never by message (KM-05): before `active_from` it is next (announced, never
 * used); then active until a later one is active; then retired (checks, never issues); after
 * `removed_at` it is gone.
 */
type KeyRecord = {
  /** 1…3843, unique within its purpose; two base62 characters inside every handle. */
  readonly number: number;
  readonly created_at: number;
  readonly active_from: number;
  readonly retired_at: number | null;
  readonly removed_at: number | null;
  /** AES-256-GCM envelope under the master key (DR-05). */
  readonly sealed: string;
};

/** The envelope holds the 32 bytes. */
export type SecretKey = KeyRecord & { readonly purpose: SecretPurpose };

export type SigningKey = KeyRecord & {
  readonly purpose: SigningPurpose;
  readonly algorithm: SigningAlgorithm;
  /** `record`: the envelope holds the private half; `module`: it names one that never leaves. */
  readonly kept_in: 'record' | 'module';
  readonly public_jwk: PublicJwk;
};

export type Key = SecretKey | SigningKey;

/** Id of a key's record: its purpose and number. */
export function keyRecordId(purpose: KeyPurpose, number: number): string {
  return `${purpose}.${number}`;
}

export function isSigningPurpose(purpose: KeyPurpose): purpose is SigningPurpose {
  return purpose === 'access-token' || purpose === 'id-token';
}

export function isSigningKey(key: Key): key is SigningKey {
  return isSigningPurpose(key.purpose);
}

/** The world's own record: its epoch grows on restore and kill switch and voids what it bore. */
export type WorldRecord = {
  readonly name: string;
  readonly epoch: number;
  readonly created_at: number;
  /** The latest time this store has seen; the clock never runs below it (F-25). */
  readonly clock_floor: number;
};
