/** The world's key material: sealed records in the store, opened once, switched by their times. */
import type { Key, SecretKey, SecretPurpose } from '../core/kinds/key.ts';
import type { KeyTimes } from './signer.ts';

export type Keyring = {
  /** Loads what the records say now; call after a commit that changed a `key` record. */
  load(keys: readonly Key[]): void;
  /** A new sealed record of this purpose, next after the present ones. */
  create(purpose: SecretPurpose, number: number, times: KeyTimes): SecretKey;
};
