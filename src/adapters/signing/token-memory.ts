/** Tokens that were verified or signed here, so that a second look costs one hash. */
import type { Claims } from '../../ports/signer.ts';
import type { SigningPair } from '../keys/signing-pair.ts';

/** `said`: the claims, or their text until somebody asks. */
export type Remembered = { readonly pair: SigningPair; said: Claims | string };

export type TokenMemory = {
  find(digest: string): Remembered | undefined;
  /** The oldest makes room for it. */
  keep(digest: string, token: Remembered): void;
  readonly size: number;
};

export function createTokenMemory(tokens_max: number): TokenMemory {
  const tokens = new Map<string, Remembered>();
  // In the order they came. The map's own order would have to step over all it forgot before.
  const order: string[] = [];
  let next = 0;
  return {
    find: (digest) => tokens.get(digest),
    keep(digest, token) {
      const known = tokens.has(digest);
      tokens.set(digest, token);
      if (known) return;
      const oldest = order[next];
      if (oldest !== undefined) tokens.delete(oldest);
      order[next] = digest;
      next = (next + 1) % tokens_max;
    },
    get size() {
      return tokens.size;
    },
  };
}
