/**
 * Records this process has read or written, while it is the only one that writes the store: then
 * what its last commit said of a record is what the store holds, and no read is needed.
 */
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { Stored, VersionedChange } from '../../ports/store.ts';
import { keyText } from './overlay.ts';

export type RecordCache = {
  find(key: RecordKey): Stored | undefined;
  /** Remembers what the store answered; a record that does not exist is not remembered. */
  keep(key: RecordKey, record: Stored | undefined): void;
  /** Takes over what a commit has made durable. */
  applied(changes: readonly VersionedChange[]): void;
  /** Forgets what a commit lost, or left nobody knows how: it is read anew. */
  forget(changes: readonly VersionedChange[]): void;
};

/** Least recently used ones leave first; some 12 MB when full. */
const RECORDS_MAX = 20_000;

export function createRecordCache(): RecordCache {
  const records = new Map<string, Stored>();

  function put(text: string, record: Stored): void {
    // Order of insertion is order of use.
    records.delete(text);
    records.set(text, record);
    if (records.size <= RECORDS_MAX) return;
    const [oldest] = records.keys();
    if (oldest !== undefined) records.delete(oldest);
  }

  return {
    find(key) {
      const text = keyText(key);
      const record = records.get(text);
      // While there is room nobody has to leave, so the order of use does not matter.
      if (record !== undefined && records.size > RECORDS_MAX / 2) put(text, record);
      return record;
    },
    keep(key, record) {
      if (record !== undefined) put(keyText(key), record);
    },
    applied(changes) {
      for (const change of changes) {
        const text = keyText(change);
        if (change.value === null) records.delete(text);
        else put(text, { value: change.value, version: change.version + 1 });
      }
    },
    forget(changes) {
      for (const change of changes) records.delete(keyText(change));
    },
  };
}

/** For a store that others write too: every record is read. */
export const NO_CACHE: RecordCache = {
  find: () => undefined,
  keep: () => undefined,
  applied: () => undefined,
  forget: () => undefined,
};
