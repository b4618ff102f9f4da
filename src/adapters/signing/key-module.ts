/** What the signer asks of a place that keeps private keys and never gives them out. */
import type { KeyObject } from 'node:crypto';
import type { SigningAlgorithm } from '../../core/kinds/key.ts';

export type KeyModule = {
  /** Makes a pair that cannot leave. The label is for people who look into the module. */
  createPair(algorithm: SigningAlgorithm, label: string): Promise<ModulePair>;
  /**
   * Signature over SHA-256 of the input in the form of RFC 7518: r ‖ s, or PKCS #1 v1.5. Rejects
   * with a StoreFault, within seconds, when the module does not answer.
   */
  sign(module_id: Buffer, algorithm: SigningAlgorithm, input: Buffer): Promise<Buffer>;
  close(): void;
};

export type ModulePair = {
  /** 16 bytes by which it is found again. */
  readonly module_id: Buffer;
  readonly public_key: KeyObject;
};
