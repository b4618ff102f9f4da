/** Records held in memory whole (RESIDENT_KINDS), kept in step by the only place that writes. */
import type { ApiKey } from '../../core/kinds/api-key.ts';
import type { App } from '../../core/kinds/app.ts';
import type { WorldRecord } from '../../core/kinds/key.ts';
import { type Kind, type RecordKey, RESIDENT_KINDS } from '../../core/kinds/kinds.ts';
import type { ListPage, Store, Stored, VersionedChange } from '../../ports/store.ts';

export type Resident = {
  app(id: string): App | undefined;
  apiKey(id: string): ApiKey | undefined;
  /** True when at least one API key exists, be it disabled. */
  hasApiKeys(): boolean;
  world(): WorldRecord;
  /** A resident record with its version, or undefined when it does not exist. */
  stored(key: RecordKey): Stored | undefined;
  isResident(kind: Kind): boolean;
  /** Takes over what a commit has made durable. */
  applied(changes: readonly VersionedChange[]): void;
  /** Reads anew what a commit lost, or left nobody knows how. */
  reload(changes: readonly VersionedChange[]): Promise<void>;
};

const PAGE = 500;

/** Reads all resident records once, at start. */
export async function loadResident(store: Store, world_name: string): Promise<Resident> {
  const records = new Map<string, Stored>();
  for (const kind of RESIDENT_KINDS) await loadKind(store, kind, records);

  return {
    app(id) {
      return records.get(`app/${id}`)?.value as App | undefined;
    },
    apiKey(id) {
      return records.get(`api-key/${id}`)?.value as ApiKey | undefined;
    },
    hasApiKeys: () => [...records.keys()].some((text) => text.startsWith('api-key/')),
    world() {
      const record = records.get(`world/${world_name}`)?.value as WorldRecord | undefined;
      if (record === undefined) throw new Error(`the world record of ${world_name} is missing`);
      return record;
    },
    stored: (key) => records.get(`${key.kind}/${key.id}`),
    isResident: (kind) => RESIDENT_KINDS.includes(kind),
    applied(changes) {
      for (const change of changes) {
        if (!RESIDENT_KINDS.includes(change.kind)) continue;
        const text = `${change.kind}/${change.id}`;
        if (change.value === null) records.delete(text);
        else records.set(text, { value: change.value, version: change.version + 1 });
      }
    },
    async reload(changes) {
      const keys = changes.filter(({ kind }) => RESIDENT_KINDS.includes(kind))
        .map(({ kind, id }) => ({ kind, id }));
      if (keys.length === 0) return;
      const stored = await store.read(keys);
      keys.forEach(({ kind, id }, i) => {
        const record = stored[i];
        if (record === undefined) records.delete(`${kind}/${id}`);
        else records.set(`${kind}/${id}`, record);
      });
    },
  };
}

async function loadKind(store: Store, kind: Kind, into: Map<string, Stored>): Promise<void> {
  let after: string | null = null;
  do {
    const page: ListPage<Kind> = await store.list<Kind>(kind, { prefix: '', after, limit: PAGE });
    const keys = page.records.map(({ id }) => ({ kind, id }));
    const stored = await store.read(keys);
    keys.forEach(({ id }, i) => {
      const record = stored[i];
      if (record !== undefined) into.set(`${kind}/${id}`, record);
    });
    after = page.next;
  } while (after !== null);
}
