/**
 * Deterministic authenticated encryption in the SIV form (RFC 5297 §2): the tag over the plaintext
 * is the counter block, so there is no nonce to repeat and no limit of messages a key. The tag is
 * HMAC-SHA-256 cut to 128 bits, the cipher AES-256-CTR.
 */
import { type Cipheriv, type KeyObject, createCipheriv, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './derive-key.ts';
import { createMac } from './mac.ts';

const BLOCK_BYTES = 16;

export type Siv = {
  /** Tag ‖ ciphertext. */
  seal(plaintext: Uint8Array): Buffer;
  /** The plaintext, or null when the bytes were not sealed under this key. */
  open(sealed: Uint8Array): Buffer | null;
};

/** Both keys are derived from `key`; `info` names purpose and world. */
export function createSiv(key: KeyObject, info: string): Siv {
  const mac = createMac(deriveKey(key, `${info} tag`));
  // Counter mode over one long-lived block cipher: a cipher object a token costs 20 times more.
  const cipher = createCipheriv('aes-256-ecb', deriveKey(key, `${info} cipher`), null);
  cipher.setAutoPadding(false);

  function tagOf(plaintext: Uint8Array): Buffer {
    return mac(plaintext).subarray(0, BLOCK_BYTES);
  }

  return {
    seal(plaintext) {
      const sealed = Buffer.allocUnsafe(BLOCK_BYTES + plaintext.length);
      const tag = tagOf(plaintext);
      sealed.set(tag, 0);
      const stream = keyStream(cipher, tag, plaintext.length);
      for (let i = 0; i < plaintext.length; i++) {
        sealed[BLOCK_BYTES + i] = (plaintext[i] ?? 0) ^ (stream[i] ?? 0);
      }
      return sealed;
    },
    open(sealed) {
      if (sealed.length <= BLOCK_BYTES) return null;
      const tag = sealed.subarray(0, BLOCK_BYTES);
      const plaintext = Buffer.allocUnsafe(sealed.length - BLOCK_BYTES);
      const stream = keyStream(cipher, tag, plaintext.length);
      for (let i = 0; i < plaintext.length; i++) {
        plaintext[i] = (sealed[BLOCK_BYTES + i] ?? 0) ^ (stream[i] ?? 0);
      }
      return timingSafeEqual(tag, tagOf(plaintext)) ? plaintext : null;
    },
  };
}

/** CTR key stream: the encrypted blocks `first`, `first + 1`, …, 128 bits big-endian. */
function keyStream(cipher: Cipheriv, first: Uint8Array, length: number): Buffer {
  const blocks = Math.ceil(length / BLOCK_BYTES);
  const counters = Buffer.allocUnsafe(blocks * BLOCK_BYTES);
  counters.set(first, 0);
  for (let at = BLOCK_BYTES; at < counters.length; at += BLOCK_BYTES) {
    counters.copyWithin(at, at - BLOCK_BYTES, at);
    let i = at + BLOCK_BYTES - 1;
    while (i >= at && counters[i] === 255) counters[i--] = 0;
    if (i >= at) counters[i] = (counters[i] ?? 0) + 1;
  }
  return cipher.update(counters);
}
