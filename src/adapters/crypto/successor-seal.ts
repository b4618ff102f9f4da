/**
 * The seal around a refresh token's successor: AES-256-GCM under HKDF-SHA-256 (RFC 5869) of the
 * window key as salt and the presented token as input. On the path of every rotation, so its
 * pieces are one-shot; a test holds the key to `hkdfSync`. The key is one token's in one minute
 * and the nonce is the successor's generation: no pair of them comes twice.
 */
import { type KeyObject, createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { macOfBytes } from './mac.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** HKDF-Expand of one block ends its only message with this. */
const FIRST_BLOCK = '\x01';

export type SuccessorSeals = {
  seal(secrets: SealSecrets, generation: number, text: string): Buffer;
  /** Null when it was sealed under anything else. */
  open(secrets: SealSecrets, generation: number, sealed: Uint8Array): string | null;
};

export type SealSecrets = {
  /** 64 characters at most. */
  readonly salt: string;
  readonly presented: string;
  /** Names purpose, world and family. */
  readonly info: string;
};

/** An object, because a cipher over bare bytes costs Node three times as much. */
function keyOf({ salt, presented, info }: SealSecrets): KeyObject {
  // Nothing prepared is kept: a window key must be gone when its time is over.
  const extracted = macOfBytes(Buffer.from(salt, 'latin1'))(presented);
  return createSecretKey(macOfBytes(extracted)(info + FIRST_BLOCK));
}

export function createSuccessorSeals(): SuccessorSeals {
  return {
    seal(secrets, generation, text) {
      const cipher = createCipheriv('aes-256-gcm', keyOf(secrets), nonceOf(generation));
      return Buffer.concat([cipher.update(text, 'latin1'), cipher.final(), cipher.getAuthTag()]);
    },
    open(secrets, generation, sealed) {
      if (sealed.length < TAG_BYTES) return null;
      const nonce = nonceOf(generation);
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secrets), nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString('latin1');
      } catch {
        return null;
      }
    },
  };
}

function nonceOf(generation: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(generation, NONCE_BYTES - 6, 6);
  return nonce;
}
