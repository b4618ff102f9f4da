/** An engine of the store for one suite of tests, and the shortest way to write to it. */
import { after, before } from 'node:test';
import type { Store, VersionedChange } from '../../src/ports/store.ts';
import { NOW, atom } from './records.ts';

export type OpenedStore = { readonly store: Store; readonly end: () => Promise<void> };

/** A fresh store for the tests of one suite. */
export function storeOf(open: () => Promise<OpenedStore>): { store: Store } {
  const held = { store: undefined as unknown as Store };
  let opened: OpenedStore;
  before(async () => {
    opened = await open();
    held.store = opened.store;
  });
  after(() => opened.end());
  return held;
}

export async function write(store: Store, ...changes: VersionedChange[]) {
  return await store.commit({ at: NOW, atoms: changes.map((one) => atom(one)) });
}
