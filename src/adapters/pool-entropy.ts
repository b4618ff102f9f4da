/** Randomness from the system, drawn in large pieces because a call costs more than its bytes. */
import { randomFillSync } from 'node:crypto';
import type { Entropy } from '../ports/entropy.ts';
import { BASE62 } from './crypto/base62.ts';

const POOL_BYTES = 16_384;
/** Bytes from here on are thrown away, so that each of the 62 characters is equally likely. */
const FAIR_BELOW = 62 * 4;

/** Bytes from here on are thrown away, so that each of the 10 digits is equally likely. */
const FAIR_DIGITS_BELOW = 250;

/** Uniform text by rejection sampling. Used bytes are wiped from the pool. */
export function poolEntropy(): Entropy {
  const pool = Buffer.alloc(POOL_BYTES);
  let next = POOL_BYTES;
  const characters = Buffer.from(BASE62.repeat(4), 'latin1');

  function byte(): number {
    if (next === POOL_BYTES) {
      randomFillSync(pool);
      next = 0;
    }
    const drawn = pool[next] ?? 255;
    pool[next] = 0;
    next += 1;
    return drawn;
  }

  return {
    base62(length) {
      const text = Buffer.alloc(length);
      let filled = 0;
      while (filled < length) {
        const drawn = byte();
        if (drawn < FAIR_BELOW) text[filled++] = characters[drawn] ?? 0;
      }
      return text.toString('latin1');
    },
    digits(length) {
      let text = '';
      while (text.length < length) {
        const drawn = byte();
        if (drawn >= FAIR_DIGITS_BELOW) continue;
        const digit = drawn % 10;
        if (digit > 0 || text !== '') text += String(digit);
      }
      return text;
    },
  };
}
