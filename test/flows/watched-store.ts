/** A memory store that can be watched, held back and made to fail: what a real one may do. */
import type { RecordKey } from '../../src/core/kinds/kinds.ts';
import type { AtomResult, Batch, Store, VersionedChange } from '../../src/ports/store.ts';
import { StoreFault } from '../../src/ports/store.ts';
import { openMemoryStore } from '../../src/store/memory.ts';

type Commit = (batch: Batch) => Promise<readonly AtomResult[]>;

/** What happens instead of a plain commit; `commit` really writes. */
export type OnCommit = (batch: Batch, commit: Commit) => Promise<readonly AtomResult[]>;

export type WatchedStore = Store & { readonly world: 'live' } & {
  /** Batches as they were handed over, in order. */
  readonly batches: Batch[];
  /** Keys of each read, in order. */
  readonly reads: RecordKey[][];
  on_commit: OnCommit | null;
  on_read: (() => Promise<void>) | null;
  /** Writes past every watcher, as another process would. */
  behind(changes: readonly VersionedChange[]): Promise<readonly AtomResult[]>;
};

export function watchedStore(): WatchedStore {
  const inner = openMemoryStore('live');
  const commit: Commit = (batch) => inner.commit(batch);
  const watched: WatchedStore = {
    ...inner,
    batches: [],
    reads: [],
    on_commit: null,
    on_read: null,
    async read(keys) {
      watched.reads.push([...keys]);
      await watched.on_read?.();
      return inner.read(keys);
    },
    async commit(batch) {
      watched.batches.push(batch);
      return watched.on_commit === null ? commit(batch) : watched.on_commit(batch, commit);
    },
    behind: (changes) => inner.commit({ at: 0, atoms: [{ changes, events: [] }] }),
  };
  return watched;
}

/** Nothing was written, and the store knows it. */
export function aborted(): StoreFault {
  return new StoreFault('aborted', false);
}

/** Nobody knows whether it was written. */
export function unknown(): StoreFault {
  return new StoreFault('connection lost', true);
}

/** Does `first` once, then commits plainly. */
export function once(first: OnCommit): OnCommit {
  let done = false;
  return (batch, commit) => {
    if (done) return commit(batch);
    done = true;
    return first(batch, commit);
  };
}

/** A door that commits wait at. */
export function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const on_commit: OnCommit = async (batch, commit) => {
    await opened;
    return commit(batch);
  };
  return { open: () => open(), opened, on_commit };
}

/** Several turns of the event loop: whatever could happen without an open gate has happened. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
