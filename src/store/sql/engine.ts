/**
 * The embedded engine: one connection, one writer, in the worker's thread. Every call is one
 * transaction. It throws what SQLite throws; `OutcomeUnknown` when COMMIT itself did.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { AuditEvent } from '../../core/events.ts';
import type { Kind, RecordKey } from '../../core/kinds/kinds.ts';
import type { WorldName } from '../../core/world.ts';
import type {
  Atom, AtomResult, Batch, Bump, CounterState, EventRow, ListQuery, VersionedChange,
} from '../../ports/store.ts';
import { type CounterTable, openCounterTable } from './counter-table.ts';
import { openSchema } from './schema.ts';
import { ROW_FORMS, rowFormOf } from './row-forms.ts';
import { StoreRefused } from './store-refused.ts';
import { type Table, openTable } from './table.ts';
import { type TrailTable, openTrailTable } from './trail-table.ts';

/** How far a commit is on the disk when it is answered. Only `FULL` survives a power cut. */
export type Synchronous = 'FULL' | 'NORMAL' | 'OFF';

export type EngineOptions = {
  readonly file: string;
  readonly world: WorldName;
  readonly synchronous: Synchronous;
  /** The last end was not a clean one: look the file over before use. */
  readonly check: boolean;
};

/** COMMIT failed: it may have happened. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'COMMIT failed', { cause });
    this.name = 'OutcomeUnknown';
  }
}

export type Engine = {
  /** JSON text: an array of `[version, record]`, or 0 for none, in the order of the keys. */
  read(keys: readonly RecordKey[]): string;
  list(kind: Kind, query: ListQuery): string;
  commit(batch: Batch): readonly AtomResult[];
  bump(counters: readonly Bump[], now: number): readonly CounterState[];
  sweep(now: number, limit: number): number;
  events(after: number, limit: number): readonly (EventRow & { readonly row: number })[];
  latestTime(): number;
  close(): void;
};

type Parts = {
  readonly db: DatabaseSync;
  readonly tables: ReadonlyMap<Kind, Table>;
  readonly trail: TrailTable;
  readonly counters: CounterTable;
  readonly synchronous: Synchronous;
};

export function openEngine({ file, world, synchronous, check }: EngineOptions): Engine {
  // Made here for its mode; the log and its index take theirs from it.
  closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, { timeout: 5000 });
  try {
    configure(db, synchronous);
    if (check) quickCheck(db);
    openSchema(db, world);
    const kinds = Object.keys(ROW_FORMS) as Kind[];
    const tables = new Map(kinds.map((kind) => [kind, openTable(db, rowFormOf(kind))]));
    const trail = openTrailTable(db);
    trail.begin();
    return engineOver({ db, tables, trail, counters: openCounterTable(db), synchronous });
  } catch (error) {
    db.close();
    throw error;
  }
}

function engineOver(parts: Parts): Engine {
  const { db, tables, trail } = parts;
  return {
    read: (keys) => readAll(parts, keys),
    list: (kind, query) => JSON.stringify(tableOf(tables, kind).list(query)),
    commit: (batch) => commitBatch(parts, batch),
    bump: (counters, now) => bumpAll(parts, counters, now),
    sweep: (now, limit) => sweepAll(parts, now, limit),
    events: (after, limit) => trail.after(after, limit),
    latestTime: () => trail.latestTime(),
    close: () => db.close(),
  };
}

/**
 * A checkpoint each 1000 pages keeps the log at 4 MB: the work of moving pages home comes in
 * small, even parts. The cache is the only memory that grows with the data. What is deleted is
 * overwritten: a window key that is over must not stand in a free page (RP-20).
 */
function configure(db: DatabaseSync, synchronous: Synchronous): void {
  db.exec(`
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA wal_autocheckpoint = 1000;
    PRAGMA cache_size = -32768;
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
  `);
  const mode = db.prepare('PRAGMA journal_mode').get()?.['journal_mode'];
  if (mode !== 'wal') {
    throw new StoreRefused('the file system cannot keep a write-ahead log: use a local disk');
  }
}

function quickCheck(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found === 'ok') return;
  throw new StoreRefused('the database is damaged: restore a backup; do not repair it in place');
}

function tableOf(tables: ReadonlyMap<Kind, Table>, kind: Kind): Table {
  const table = tables.get(kind);
  if (table === undefined) throw new Error(`no table of kind ${kind}`);
  return table;
}

function readAll({ db, tables }: Parts, keys: readonly RecordKey[]): string {
  // One transaction: the lock is taken once, and all rows are of one moment.
  db.exec('BEGIN');
  try {
    const found = keys.map(({ kind, id }) => {
      const record = tableOf(tables, kind).read(id);
      return record === undefined ? 0 : [record.version, record.value];
    });
    return JSON.stringify(found);
  } finally {
    db.exec('COMMIT');
  }
}

function commitBatch(parts: Parts, { at, atoms }: Batch): AtomResult[] {
  const { tables, trail } = parts;
  return transaction(parts, () => {
    const events: AuditEvent[] = [];
    const results = atoms.map((atom) => {
      if (!applyAtom(tables, atom)) return 'conflict';
      events.push(...atom.events);
      return 'applied';
    });
    trail.append(events, at);
    return results;
  });
}

/**
 * One change is its own condition. For more, all versions are looked at before anything is
 * written: with one writer inside one transaction that is exact, and needs no savepoint.
 */
function applyAtom(tables: ReadonlyMap<Kind, Table>, { changes }: Atom): boolean {
  const [only] = changes;
  if (changes.length === 1 && only !== undefined) return write(tables, only);
  const stand = changes.every(
    ({ kind, id, version }) => tableOf(tables, kind).version(id) === version,
  );
  if (!stand) return false;
  for (const change of changes) {
    if (!write(tables, change)) throw new Error(`a ${change.kind} moved within its transaction`);
  }
  return true;
}

function write(tables: ReadonlyMap<Kind, Table>, change: VersionedChange): boolean {
  const { kind, id, value, version } = change;
  const table = tableOf(tables, kind);
  if (value === null) return version === 0 ? table.version(id) === 0 : table.remove(id, version);
  return version === 0 ? table.insert(id, value) : table.update(id, version, value);
}

/** A counter must survive the process, not the machine: its commit waits for no disk. */
function bumpAll(parts: Parts, counters: readonly Bump[], now: number): CounterState[] {
  const { db, synchronous } = parts;
  if (synchronous === 'FULL') db.exec('PRAGMA synchronous = NORMAL');
  try {
    return transaction(parts, () => counters.map((bump) => parts.counters.bump(bump, now)));
  } finally {
    if (synchronous === 'FULL') db.exec('PRAGMA synchronous = FULL');
  }
}

function sweepAll(parts: Parts, now: number, limit: number): number {
  return transaction(parts, () => {
    let removed = 0;
    for (const { sweep } of parts.tables.values()) removed += sweep?.(now, limit) ?? 0;
    return removed + parts.counters.sweep(now, limit) + parts.trail.sweep(now, limit);
  });
}

function transaction<T>({ db, trail }: Parts, work: () => T): T {
  // After a COMMIT of unknown outcome the chain goes on from what the database then says.
  if (trail.isLost()) trail.begin();
  db.exec('BEGIN IMMEDIATE');
  let result: T;
  try {
    result = work();
  } catch (error) {
    trail.undone();
    rollBack(db);
    throw error;
  }
  try {
    db.exec('COMMIT');
  } catch (error) {
    trail.lose();
    rollBack(db);
    throw new OutcomeUnknown(error);
  }
  trail.settled();
  return result;
}

/** Some errors have rolled back already; one more of them must not hide the first. */
function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {
    // The next BEGIN will say that the connection is lost.
  }
}
