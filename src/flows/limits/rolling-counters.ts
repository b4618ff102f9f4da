/**
 * *Exact* counters over a rolling window: one additive counter a slot of it, in the store. A slot
 * leaves the window as a whole, so that a count may fall up to one slot early, never late.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/digests.ts';
import type { Store } from '../../ports/store.ts';

export type RollingCount = {
  readonly total: number;
  /** The slot that was added to: what is taken back later is taken from there. */
  readonly slot: number;
  /** Seconds until the total is below a number, by what is known now. */
  fallsBelow(count: number): number;
};

export type RollingCounters = {
  /** Adds to a name's count and answers it, the addition included; 0 only looks. */
  add(name: string, add: number, slot?: number): Promise<RollingCount>;
};

const SLOTS = 30;

/** Names known to have no count, so that whoever does nothing wrong costs no query. */
const EMPTY_MAX = 50_000;

export function createRollingCounters(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly digests: Digests;
  readonly window_s: number;
}): RollingCounters {
  const { store, clock, digests, window_s } = parts;
  const slot_ms = (window_s * 1000) / SLOTS;
  const empty = new Set<string>();

  return {
    async add(name, add, slot) {
      const now = clock.now();
      const newest = Math.floor(now / slot_ms);
      const added = slot ?? newest;
      if (add === 0 && empty.has(name)) return countOf([], { now, slot_ms, added });
      empty.delete(name);
      const slots = Array.from({ length: SLOTS }, (_, back) => newest - back);
      // An event of slot s counts as long as s is among the newest: up to the whole window.
      const states = await store.bump(slots.map((one) => ({
        name: digests.shortValue(`${name}/${one}`),
        add: one === added ? add : 0,
        window_s: window_s * 2,
      })), now);
      const counts = slots.map((one, i) => ({ slot: one, count: states[i]?.count ?? 0 }))
        .filter(({ count }) => count > 0);
      // Who looked before this was added may have been answered, and remembered, meanwhile.
      if (counts.length > 0) empty.delete(name);
      else if (store.sole_writer) remember(empty, name);
      return countOf(counts, { now, slot_ms, added });
    },
  };
}

function remember(empty: Set<string>, name: string): void {
  if (empty.size >= EMPTY_MAX) empty.clear();
  empty.add(name);
}

type SlotCount = { readonly slot: number; readonly count: number };

/** @param counts newest slot first */
function countOf(
  counts: readonly SlotCount[],
  { now, slot_ms, added }: {
    readonly now: number;
    readonly slot_ms: number;
    readonly added: number;
  },
): RollingCount {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return {
    total,
    slot: added,
    fallsBelow(limit) {
      let left = total;
      for (const { slot, count } of [...counts].reverse()) {
        if (left < limit) break;
        left -= count;
        if (left < limit) {
          return Math.max(1, Math.ceil(((slot + SLOTS) * slot_ms - now) / 1000));
        }
      }
      return 0;
    },
  };
}
