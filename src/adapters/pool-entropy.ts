/** Randomness from the system, drawn in large pieces because a call costs more than its bytes. */
import { randomFillSync } from 'node:crypto';
import type { Entropy } from '../ports/entropy.ts';
import { BASE62 } from './crypto/base62.ts';

const POOL_BYTES = 16_384;
/** Bytes from here on are thrown away, so that each of the 62 characters is equally likely. */
const FAIR_BELOW = 62 * 4;

/** Uniform base62 text by rejection sampling. Used bytes are wiped from the pool. */
export function poolEntropy(): Entropy {
  const pool = Buffer.alloc(POOL_BYTES);
  let next = POOL_BYTES;
  const characters = Buffer.from(BASE62.repeat(4), 'latin1');

  return {
    base62(length) {
      const text = Buffer.alloc(length);
      let filled = 0;
      while (filled < length) {
        if (next === POOL_BYTES) {
          randomFillSync(pool);
          next = 0;
        }
        const byte = pool[next] ?? 255;
        pool[next] = 0;
        next += 1;
        if (byte < FAIR_BELOW) text[filled++] = characters[byte] ?? 0;
      }
      return text.toString('latin1');
    },
  };
}
