/** Counts what a store is asked, so that tests prove "0 queries" by counting (development). */
import type { WorldName } from '../core/world.ts';
import type { WorldStore } from './open-world.ts';

export type StoreCounts = {
  reads: number;
  records_read: number;
  lists: number;
  commits: number;
  bumps: number;
};

export function countingStore<W extends WorldName>(
  store: WorldStore<W>,
): { readonly store: WorldStore<W>; readonly counts: StoreCounts } {
  const counts: StoreCounts = { reads: 0, records_read: 0, lists: 0, commits: 0, bumps: 0 };
  return {
    counts,
    store: {
      ...store,
      read(keys) {
        counts.reads += 1;
        counts.records_read += keys.length;
        return store.read(keys);
      },
      list(kind, query) {
        counts.lists += 1;
        return store.list(kind, query);
      },
      commit(batch) {
        counts.commits += 1;
        return store.commit(batch);
      },
      bump(counters, now) {
        counts.bumps += 1;
        return store.bump(counters, now);
      },
    },
  };
}
