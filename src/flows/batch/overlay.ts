/**
 * The overlay of one batch: what its commands have decided so far, over what was read. It shows
 * each command the earlier decisions, and finds which commands are linked by a record, so that
 * they stand or fall together (an atom).
 */
import type { Change } from '../../core/decision.ts';
import type { ApiKey } from '../../core/kinds/api-key.ts';
import type { App } from '../../core/kinds/app.ts';
import type { WorldRecord } from '../../core/kinds/key.ts';
import type { Kind, Kinds, RecordKey } from '../../core/kinds/kinds.ts';
import type { Stored, VersionedChange } from '../../ports/store.ts';
import type { Facts } from '../work.ts';
import type { Resident } from './resident.ts';

/** A record was needed that this batch did not read: the command is decided in a later one. */
export class MissingFact extends Error {
  readonly key: RecordKey;

  constructor(key: RecordKey) {
    super(`${key.kind} was not read in this batch`);
    this.name = 'MissingFact';
    this.key = key;
  }
}

type Entry = {
  readonly key: RecordKey;
  readonly version: number;
  value: Kinds[Kind] | undefined;
  /** Any member of the atom that changed it; -1 while unchanged. */
  writer: number;
};

export type Overlay = {
  /** Adds what the store answered; undefined = the record does not exist. */
  load(keys: readonly RecordKey[], records: readonly (Stored | undefined)[]): void;
  /** Facts for the member of this number; what it looks at is remembered. */
  factsFor(member: number): Facts;
  /** Applies a member's changes. */
  apply(member: number, changes: readonly Change[]): void;
  /** Members by atom, and each atom's net changes: first version read → last value. */
  atoms(members: number): readonly OverlayAtom[];
};

export type OverlayAtom = {
  readonly members: readonly number[];
  readonly changes: readonly VersionedChange[];
};

export function keyText(key: RecordKey): string {
  return `${key.kind}/${key.id}`;
}

/** Which members are linked: a union-find over member numbers. */
type Links = { root(member: number): number; join(a: number, b: number): void };

export function createOverlay(resident: Resident, now: number): Overlay {
  const entries = new Map<string, Entry>();
  const links = createLinks();
  return {
    load(keys, records) {
      keys.forEach((key, i) => {
        const record = records[i];
        const version = record?.version ?? 0;
        entries.set(keyText(key), { key, version, value: record?.value, writer: -1 });
      });
    },
    factsFor: (member) => factsFor(member, { entries, links, resident, now }),
    apply: (member, changes) => applyChanges(member, changes, { entries, links }),
    atoms: (members) => collectAtoms(members, links, entries.values()),
  };
}

type Shown = {
  readonly entries: Map<string, Entry>;
  readonly links: Links;
  readonly resident: Resident;
  readonly now: number;
};

function factsFor(member: number, { entries, links, resident, now }: Shown): Facts {
  function see(entry: Entry): Kinds[Kind] | undefined {
    if (entry.writer >= 0) links.join(member, entry.writer);
    return entry.value;
  }

  return {
    now,
    get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
      const entry = entries.get(`${kind}/${id}`);
      if (entry === undefined) throw new MissingFact({ kind, id });
      return see(entry) as Kinds[K] | undefined;
    },
    app(id: string): App | undefined {
      const entry = entries.get(`app/${id}`);
      return entry === undefined ? resident.app(id) : (see(entry) as App | undefined);
    },
    apiKey(id: string): ApiKey | undefined {
      const entry = entries.get(`api-key/${id}`);
      return entry === undefined ? resident.apiKey(id) : (see(entry) as ApiKey | undefined);
    },
    world(): WorldRecord {
      const world = resident.world();
      const entry = entries.get(`world/${world.name}`);
      return entry === undefined ? world : ((see(entry) as WorldRecord | undefined) ?? world);
    },
  };
}

function applyChanges(
  member: number,
  changes: readonly Change[],
  { entries, links }: Pick<Shown, 'entries' | 'links'>,
): void {
  for (const change of changes) {
    const text = keyText(change);
    const value = change.value ?? undefined;
    const entry = entries.get(text);
    if (entry === undefined) {
      // Not asked for: only a fresh random id may be created unseen.
      const key = { kind: change.kind, id: change.id };
      entries.set(text, { key, version: 0, value, writer: member });
      continue;
    }
    if (entry.writer >= 0) links.join(member, entry.writer);
    entry.value = value;
    entry.writer = member;
  }
}

function createLinks(): Links {
  const parent: number[] = [];

  function root(member: number): number {
    let at = member;
    for (;;) {
      const up = parent[at] ?? at;
      if (up === at) return at;
      at = up;
    }
  }

  return {
    root,
    join(a, b) {
      const [low, high] = root(a) < root(b) ? [root(a), root(b)] : [root(b), root(a)];
      parent[high] = low;
    },
  };
}

function collectAtoms(
  members: number,
  links: Links,
  entries: Iterable<Entry>,
): OverlayAtom[] {
  const byRoot = new Map<number, { members: number[]; changes: VersionedChange[] }>();
  for (let member = 0; member < members; member++) {
    const at = links.root(member);
    const atom = byRoot.get(at);
    if (atom === undefined) byRoot.set(at, { members: [member], changes: [] });
    else atom.members.push(member);
  }
  for (const { key, version, value, writer } of entries) {
    if (writer < 0) continue;
    // Created and removed within one batch: nothing to write.
    if (version === 0 && value === undefined) continue;
    const change = { kind: key.kind, id: key.id, value: value ?? null, version };
    byRoot.get(links.root(writer))?.changes.push(change as VersionedChange);
  }
  return [...byRoot.values()];
}
