/** The world's key material: sealed records in the store, opened once, switched by their times. */
import type { Key, KeyPurpose } from '../core/kinds/key.ts';

export type Keyring = {
  /** Loads what the records say now; call after a commit that changed a `key` record. */
  load(keys: readonly Key[]): void;
  /** A new sealed record of this purpose, next after the present ones. */
  create(purpose: KeyPurpose, number: number, times: { created_at: number; active_from: number }):
  Key;
};
