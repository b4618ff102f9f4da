/** The memory store: the specification of `Store`, for tests and demonstrations. */
import type { AuditEvent, EventClass } from '../core/events.ts';
import type { Kind, Kinds, RecordKey } from '../core/kinds/kinds.ts';
import type { WorldName } from '../core/world.ts';
import type {
  Atom, AtomResult, Batch, Bump, CounterState, EventRow, ListPage, ListQuery, Store, Stored,
  VersionedChange,
} from '../ports/store.ts';
import { bumped } from './counters.ts';
import { expiresAt, trailKeptMs } from './retention.ts';
import { type LaneHead, nextRows, sweptMark } from './trail/chain.ts';
import { latestTimeIn } from './trail/pack-events.ts';

type TrailRow = EventRow & { readonly row: number };

type State = {
  readonly records: Map<string, { readonly key: RecordKey; readonly stored: Stored }>;
  readonly counters: Map<string, CounterState>;
  readonly heads: Map<EventClass, LaneHead>;
  trail: TrailRow[];
  next_row: number;
  latest_time: number;
};

/** The only epoch: nothing survives to be opened again. */
const EPOCH = 1;

/** An empty store of one world. */
export function openMemoryStore<W extends WorldName>(world: W): Store & { readonly world: W } {
  const state: State = {
    records: new Map(),
    counters: new Map(),
    heads: new Map(),
    trail: [],
    next_row: 1,
    latest_time: 0,
  };
  // Each call is answered in a later turn, as by every other engine: callers cannot come to rely
  // on an answer that is there at once.
  return {
    // Tests write it beside the flows, so that nothing is taken for granted of it.
    sole_writer: false,
    world,
    read: async (keys) => keys.map((key) => state.records.get(textOf(key))?.stored),
    list: async (kind, query) => listRecords(state, kind, query),
    commit: async (batch) => commitBatch(state, batch),
    bump: async (counters, now) => counters.map((bump) => bumpOne(state, bump, now)),
    sweep: async (now, limit) => ({ removed: sweepAll(state, now, limit) }),
    events: async (after, limit) =>
      state.trail.filter(({ row }) => row > (after?.row ?? 0)).slice(0, limit),
    latestTime: async () => state.latest_time,
    close: async () => undefined,
  };
}

function textOf({ kind, id }: RecordKey): string {
  return `${kind}/${id}`;
}

function listRecords<K extends Kind>(
  { records }: State,
  kind: K,
  { prefix, after, limit }: ListQuery,
): ListPage<K> {
  const found = [...records.values()]
    .filter(({ key }) => key.kind === kind && key.id.startsWith(prefix))
    .filter(({ key }) => after === null || compareBytes(key.id, after) > 0)
    .sort((a, b) => compareBytes(a.key.id, b.key.id))
    .map(({ key, stored }) => ({ id: key.id, value: stored.value as Kinds[K] }));
  const page = found.slice(0, limit);
  return { records: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Order of the UTF-8 bytes, as databases sort. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function commitBatch(state: State, { at, atoms }: Batch): AtomResult[] {
  const events: AuditEvent[] = [];
  const results = atoms.map((atom) => {
    if (!stands(state, atom)) return 'conflict';
    for (const change of atom.changes) write(state, change);
    events.push(...atom.events);
    return 'applied';
  });
  for (const row of nextRows(state.heads, EPOCH, events)) {
    state.heads.set(row.class as EventClass, row);
    state.trail.push({ ...row, row: state.next_row++ });
  }
  state.latest_time = Math.max(state.latest_time, at);
  return results;
}

/** Is every record of the atom still at the version it was read at? */
function stands({ records }: State, atom: Atom): boolean {
  return atom.changes.every(
    (change) => (records.get(textOf(change))?.stored.version ?? 0) === change.version,
  );
}

function write({ records }: State, { kind, id, value, version }: VersionedChange): void {
  const key = { kind, id };
  if (value === null) records.delete(textOf(key));
  else records.set(textOf(key), { key, stored: { value, version: version + 1 } });
}

function bumpOne({ counters }: State, bump: Bump, now: number): CounterState {
  const next = bumped(counters.get(bump.name), bump, now);
  if (bump.add !== 0) counters.set(bump.name, next);
  return next;
}

function sweepAll(state: State, now: number, limit: number): number {
  return sweepRecords(state, now, limit) + sweepCounters(state, now, limit) +
    sweepTrail(state, now, limit);
}

function sweepRecords({ records }: State, now: number, limit: number): number {
  const removed = new Map<Kind, number>();
  for (const [text, { key, stored }] of records) {
    const expires = expiresAt(key.kind, stored.value);
    const done = removed.get(key.kind) ?? 0;
    if (expires === null || now < expires || done >= limit) continue;
    records.delete(text);
    removed.set(key.kind, done + 1);
  }
  return [...removed.values()].reduce((sum, count) => sum + count, 0);
}

function sweepCounters({ counters }: State, now: number, limit: number): number {
  let removed = 0;
  for (const [name, { ends_at }] of counters) {
    if (now < ends_at || removed >= limit) continue;
    counters.delete(name);
    removed += 1;
  }
  return removed;
}

/** Takes the oldest rows of each lane; the last one taken stays as a mark for the chain. */
function sweepTrail(state: State, now: number, limit: number): number {
  let removed = 0;
  for (const [event_class] of state.heads) {
    const lane = state.trail.filter((row) => row.class === event_class);
    const kept_ms = trailKeptMs(event_class);
    const young = lane.findIndex((row) => row.count > 0 && now < latestTimeIn(row) + kept_ms);
    const old = (young < 0 ? lane : lane.slice(0, young)).filter((row) => row.count > 0);
    const taken = old.slice(0, limit);
    const last = taken.at(-1);
    if (last === undefined) continue;
    const mark = { ...sweptMark(last), row: last.row };
    const rest = state.trail.filter((row) => row.class !== event_class || row.row > last.row);
    state.trail = [...rest, mark].sort((a, b) => a.row - b.row);
    removed += taken.length;
  }
  return removed;
}
