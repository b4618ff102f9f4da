/** AES-256-GCM with a random nonce: nonce ‖ ciphertext ‖ tag. For values of which there are few. */
import { type KeyObject, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `bound_to` is authenticated and not carried: it must be the same when the value is opened. */
export function sealBytes(key: KeyObject, bound_to: string, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(bound_to));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Null when the bytes were not sealed under this key and binding. */
export function openBytes(key: KeyObject, bound_to: string, sealed: Uint8Array): Buffer | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(bound_to));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const ciphertext = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return null;
  }
}
