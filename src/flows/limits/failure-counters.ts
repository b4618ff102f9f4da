/**
 * *Exact* counters of failures: additive in the store, reserved before the expensive step, and
 * mirrored here so that a name known to be over its limit costs no query.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/digests.ts';
import type { CounterState, Store } from '../../ports/store.ts';

export type Limit = {
  /** What is counted, in clear; it is peppered before it is stored (DR-02). */
  readonly name: string;
  readonly count_max: number;
  readonly window_s: number;
};

export type FailureCounters = {
  /** Seconds until one of these limits frees again, or null when none is known to be exceeded. */
  blocked(limits: readonly Limit[]): number | null;
  /** Adds one to each; answers as `blocked` does after it. */
  reserve(limits: readonly Limit[]): Promise<number | null>;
  /** Takes back a reservation that came to nothing bad. */
  release(limits: readonly Limit[]): Promise<void>;
};

/** Names over their limit that are remembered without a query (bounded memory, DS-03). */
const REMEMBERED_MAX = 50_000;

/** By the name in clear: nothing is digested for a name that never failed. */
type States = ReadonlyMap<string, CounterState>;

export function createFailureCounters(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly digests: Digests;
  readonly off: () => boolean;
}): FailureCounters {
  const { store, clock, digests, off } = parts;
  const known = new Map<string, CounterState>();

  async function bump(limits: readonly Limit[], add: number): Promise<States> {
    // Key order: two batches that bump the same names never wait for each other in a circle.
    const bumps = limits
      .map(({ name, window_s }) =>
        ({ clear: name, bump: { name: digests.shortValue(name), add, window_s } }))
      .sort((a, b) => (a.bump.name < b.bump.name ? -1 : 1));
    const states = await store.bump(bumps.map(({ bump: one }) => one), clock.now());
    const own = new Map<string, CounterState>();
    bumps.forEach(({ clear }, i) => {
      const state = states[i];
      if (state === undefined) return;
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(clear, state);
      own.set(clear, state);
    });
    return own;
  }

  function blocked(limits: readonly Limit[], states: States, reserved: number): number | null {
    // No name is known to have failed: the usual case costs nothing.
    if (states.size === 0 || off()) return null;
    const now = clock.now();
    let wait_s: number | null = null;
    for (const { name, count_max, window_s } of limits) {
      const state = states.get(name);
      if (state === undefined || now >= state.ends_at) continue;
      if (state.ends_at > now + window_s * 1000) continue;
      if (state.count - reserved < count_max) continue;
      wait_s = Math.max(wait_s ?? 1, Math.ceil((state.ends_at - now) / 1000));
    }
    return wait_s;
  }

  return {
    blocked: (limits) => blocked(limits, known, 0),
    async reserve(limits) {
      // By what the store answered to this very call: those after it may have counted since.
      return blocked(limits, await bump(limits, 1), 1);
    },
    async release(limits) {
      await bump(limits, -1);
    },
  };
}
