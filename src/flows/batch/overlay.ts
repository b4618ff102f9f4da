/**
 * The overlay of one batch: what its commands have decided so far, over what was read. It shows
 * each command the earlier decisions, and finds which commands are linked by a record, so that
 * they stand or fall together (an atom).
 */
import type { Change } from '../../core/decision.ts';
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

export function createOverlay(resident: Resident, now: number): Overlay {
  const entries = new Map<string, Entry>();
  const parent: number[] = [];

  function root(member: number): number {
    let at = member;
    for (;;) {
      const up = parent[at] ?? at;
      if (up === at) return at;
      at = up;
    }
  }

  function join(a: number, b: number): void {
    const [low, high] = root(a) < root(b) ? [root(a), root(b)] : [root(b), root(a)];
    parent[high] = low;
  }

  function see(member: number, entry: Entry): Kinds[Kind] | undefined {
    if (entry.writer >= 0) join(member, entry.writer);
    return entry.value;
  }

  function factsFor(member: number): Facts {
    return {
      now,
      get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
        const entry = entries.get(`${kind}/${id}`);
        if (entry !== undefined) return see(member, entry) as Kinds[K] | undefined;
        throw new MissingFact({ kind, id });
      },
      app(id: string): App | undefined {
        const entry = entries.get(`app/${id}`);
        if (entry !== undefined) return see(member, entry) as App | undefined;
        return resident.app(id);
      },
      world(): WorldRecord {
        return resident.world();
      },
    };
  }

  function apply(member: number, changes: readonly Change[]): void {
    for (const change of changes) {
      const text = keyText(change);
      const entry = entries.get(text);
      if (entry === undefined) {
        // Not asked for: only a fresh random id may be created unseen.
        const key = { kind: change.kind, id: change.id };
        entries.set(text, { key, version: 0, value: change.value ?? undefined, writer: member });
        continue;
      }
      if (entry.writer >= 0) join(member, entry.writer);
      entry.value = change.value ?? undefined;
      entry.writer = member;
    }
  }

  return {
    load(keys, records) {
      keys.forEach((key, i) => {
        const record = records[i];
        const version = record?.version ?? 0;
        entries.set(keyText(key), { key, version, value: record?.value, writer: -1 });
      });
    },
    factsFor,
    apply,
    atoms(members) {
      return collectAtoms(members, root, entries.values());
    },
  };
}

function collectAtoms(
  members: number,
  root: (member: number) => number,
  entries: Iterable<Entry>,
): OverlayAtom[] {
  const byRoot = new Map<number, { members: number[]; changes: VersionedChange[] }>();
  for (let member = 0; member < members; member++) {
    const at = root(member);
    const atom = byRoot.get(at);
    if (atom === undefined) byRoot.set(at, { members: [member], changes: [] });
    else atom.members.push(member);
  }
  for (const { key, version, value, writer } of entries) {
    if (writer < 0) continue;
    // Created and removed within one batch: nothing to write.
    if (version === 0 && value === undefined) continue;
    const change = { kind: key.kind, id: key.id, value: value ?? null, version };
    byRoot.get(root(writer))?.changes.push(change as VersionedChange);
  }
  return [...byRoot.values()];
}
