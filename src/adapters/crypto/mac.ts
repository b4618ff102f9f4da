/**
 * HMAC-SHA-256 (RFC 2104) over Node's one-shot hash: on the token path the object that
 * `createHmac` makes costs three times the two hashes it runs. A test holds it to `createHmac`.
 */
import { type KeyObject, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** The tag of a message, 32 bytes. */
export type Mac = (message: Uint8Array | string) => Buffer;

/** `key` is at most 64 bytes long. Text is taken as Latin-1. */
export function createMac(key: KeyObject): Mac {
  const secret = key.export();
  const mac = macOfBytes(secret);
  secret.fill(0);
  return mac;
}

/** The same over bytes, which stay the caller's. */
export function macOfBytes(secret: Uint8Array): Mac {
  if (secret.length > BLOCK_BYTES) throw new RangeError('a MAC key has at most 64 bytes');
  const inner_pad = padOf(secret, 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  padOf(secret, 0x5c).copy(outer);

  return (message) => {
    const inner = Buffer.allocUnsafe(BLOCK_BYTES + message.length);
    inner_pad.copy(inner);
    if (typeof message === 'string') inner.write(message, BLOCK_BYTES, 'latin1');
    else inner.set(message, BLOCK_BYTES);
    hash('sha256', inner, 'buffer').copy(outer, BLOCK_BYTES);
    return hash('sha256', outer, 'buffer');
  };
}

function padOf(secret: Uint8Array, byte: number): Buffer {
  const pad = Buffer.alloc(BLOCK_BYTES, byte);
  for (let i = 0; i < secret.length; i++) pad[i] = (secret[i] ?? 0) ^ byte;
  return pad;
}
