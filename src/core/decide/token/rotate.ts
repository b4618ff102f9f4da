/**
 * Rotation that survives a lost reply: within the retry window a used token gives the same
 * successor again, later a new one that displaces it; anything older is theft (RP-10…RP-15).
 */
import type { GrantRefresh, RefreshPredecessor } from '../../kinds/grant.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';

/** What a rotation draws and opens; the flow does it, the decision says which. */
export type Rotation = {
  /** How long a lost reply is repeated, s. */
  readonly retry_s: number;
  /** Network the request came from. */
  readonly network: string;
  /** Draws the token of this generation and seals it under the presented one. */
  readonly successor: (generation: number) => Successor;
  /** Opens the successor, of this generation, with the presented token; false when it cannot. */
  readonly reopen: (predecessor: RefreshPredecessor, generation: number) => boolean;
};

export type Successor = Pick<RefreshPredecessor, 'window_key' | 'sealed_successor'> & {
  readonly digest: string;
};

export type PresentedRefresh = { readonly digest: string; readonly generation: number };

/** `impossible`: never issued, such as after a restore; says nothing about theft (RP-19). */
export type RefreshUse = 'current' | 'predecessor' | 'ancestor' | 'impossible';

export function useOf(
  presented: PresentedRefresh | null,
  refresh: GrantRefresh | null | undefined,
): RefreshUse {
  if (presented === null || refresh === null || refresh === undefined) return 'impossible';
  const { generation, predecessor } = refresh;
  if (presented.generation > generation) return 'impossible';
  if (presented.generation === generation) {
    return equalInConstantTime(refresh.digest, presented.digest) ? 'current' : 'impossible';
  }
  if (presented.generation !== predecessor?.generation) return 'ancestor';
  return equalInConstantTime(predecessor.digest, presented.digest) ? 'predecessor' : 'impossible';
}

/** The refresh part of the grant after this use; `useOf` said current or predecessor. */
export function rotated(
  rotation: Rotation | null,
  use: {
    readonly presented: PresentedRefresh;
    readonly refresh: GrantRefresh;
    readonly now: number;
  },
): GrantRefresh {
  const { presented, refresh, now } = use;
  if (rotation === null) return refresh;
  const { predecessor } = refresh;
  const again = presented.generation === predecessor?.generation &&
    now - predecessor.used_at <= rotation.retry_s * 1000 &&
    rotation.reopen(predecessor, refresh.generation);
  if (again) return { ...refresh, issued_at: now, network: rotation.network };
  const generation = refresh.generation + 1;
  const { digest, window_key, sealed_successor } = rotation.successor(generation);
  return {
    ...refresh,
    generation,
    digest,
    issued_at: now,
    network: rotation.network,
    predecessor: {
      generation: presented.generation,
      digest: presented.digest,
      used_at: now,
      window_key,
      sealed_successor,
    },
  };
}
