/** Key: a world's secret key material, sealed by the master key, with its times in the record. */
export type KeyPurpose = 'handle' | 'token' | 'request' | 'browser';

export const KEY_PURPOSES: readonly KeyPurpose[] = ['handle', 'token', 'request', 'browser'];

/**
 * States by time, never by message (KM-05): before `active_from` it is next (announced, never
 * used); then active until a later one is active; then retired (checks, never issues); after
 * `removed_at` it is gone.
 */
export type Key = {
  readonly purpose: KeyPurpose;
  /** 1…3843, unique within its purpose; two base62 characters inside every handle. */
  readonly number: number;
  readonly created_at: number;
  readonly active_from: number;
  readonly retired_at: number | null;
  readonly removed_at: number | null;
  /** AES-256-GCM envelope of 32 random bytes under the master key (DR-05). */
  readonly sealed: string;
};

/** Id of a key's record: its purpose and number. */
export function keyRecordId(purpose: KeyPurpose, number: number): string {
  return `${purpose}.${number}`;
}

/** The world's own record: its epoch grows on restore and kill switch and voids what it bore. */
export type WorldRecord = {
  readonly name: string;
  readonly epoch: number;
  readonly created_at: number;
  /** The latest time this store has seen; the clock never runs below it (F-25). */
  readonly clock_floor: number;
};
