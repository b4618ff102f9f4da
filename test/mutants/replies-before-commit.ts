/** The embedded store with one defect: it says a batch is applied before the disk has it. */
import type { AtomResult, Store } from '../../src/ports/store.ts';
import type { openSqliteStore as openSound } from '../../src/store/sql/sqlite-store.ts';

type Original = { readonly openSqliteStore: typeof openSound };

const original = new URL('../../src/store/sql/sqlite-store.ts?original.ts', import.meta.url);
const { openSqliteStore: openOriginal } = (await import(original.href)) as Original;

export const openSqliteStore: Original['openSqliteStore'] = async (options) => {
  const store = await openOriginal(options);
  const commit: Store['commit'] = (batch) => {
    // Left to itself: its success is taken for granted.
    store.commit(batch).catch(() => undefined);
    return Promise.resolve(batch.atoms.map((): AtomResult => 'applied'));
  };
  return { ...store, commit };
};
