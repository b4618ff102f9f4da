/**
 * The unit of work: the only place that writes. Commands that arrive while a commit is under way
 * form the next batch; facts are read together; commands are decided one after another over an
 * overlay; an answer leaves only after the commit that makes it true is durable.
 */
import type { EventSource } from '../core/events.ts';
import type { RecordKey } from '../core/kinds/kinds.ts';
import { type Result, refused } from '../core/rules/refusals.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Store, type Stored, StoreFault } from '../ports/store.ts';
import { commitAtoms } from './batch/commit.ts';
import { type Held, type Locks, createLocks } from './batch/locks.ts';
import { type Member, decideMembers, wantsOf } from './batch/members.ts';
import { createOverlay, keyText } from './batch/overlay.ts';
import { NO_CACHE, type RecordCache, createRecordCache } from './batch/record-cache.ts';
import { type Resident, loadResident } from './batch/resident.ts';
import type { Facts, Work } from './work.ts';

export type UnitOfWork = {
  /** Runs one command's work to its result; rejects with a fault only. */
  run<T>(work: Work<T>, source: EventSource): Promise<Result<T>>;
  readonly resident: Resident;
  /** Counts for tests and metrics. */
  readonly counts: WorkCounts;
  /** Resolves when nothing is queued or in flight. */
  drained(): Promise<void>;
};

export type WorkCounts = { batches: number; decisions: number; conflicts: number; reads: number };

/** Commands in one batch; more wait for the next. */
const BATCH_MAX = 128;
/** Commands that need not wait for the turn of the event loop to end. */
const ENOUGH_WAIT = 16;
/**
 * Batches in flight at once: one decides, one waits for the disk, one is on its way between the
 * threads. No two share a record that may change.
 */
const IN_FLIGHT_MAX = 3;
/** Waiting commands beyond this are shed (503), so that a stalled disk does not eat memory. */
const QUEUE_MAX = 4096;
/** How often one command is decided before it becomes a fault. */
const TRIES_MAX = 5;

type UnitOfWorkParts = { readonly store: Store; readonly clock: Clock; readonly log: Log };

type Engine = UnitOfWorkParts & {
  readonly resident: Resident;
  readonly cache: RecordCache;
  readonly counts: WorkCounts;
  readonly locks: Locks;
  queue: Member[];
  in_flight: number;
  scheduled: boolean;
  idle: (() => void)[];
};

export async function openUnitOfWork(
  { store, clock, log }: UnitOfWorkParts,
  world_name: string,
): Promise<UnitOfWork> {
  const engine: Engine = {
    store,
    clock,
    log,
    resident: await loadResident(store, world_name),
    cache: store.sole_writer ? createRecordCache() : NO_CACHE,
    counts: { batches: 0, decisions: 0, conflicts: 0, reads: 0 },
    locks: createLocks(),
    queue: [],
    in_flight: 0,
    scheduled: false,
    idle: [],
  };
  return {
    resident: engine.resident,
    counts: engine.counts,
    run: (work, source) => enqueue(engine, work, source),
    drained() {
      if (isIdle(engine)) return Promise.resolve();
      return new Promise((resolve) => engine.idle.push(resolve));
    },
  };
}

function enqueue<T>(engine: Engine, work: Work<T>, source: EventSource): Promise<Result<T>> {
  if (engine.queue.length >= QUEUE_MAX) {
    const reason = 'commit queue is full';
    return Promise.resolve(
      refused({ code: 'overloaded', rule: 'work.queue', reason, retry_after_s: 1 }),
    );
  }
  return new Promise((resolve, reject) => {
    engine.queue.push({
      work: work as Work<unknown>,
      source,
      wants: wantsOf(work as Work<unknown>, []),
      missed: [],
      tries: 0,
      resolve: resolve as (result: Result<unknown>) => void,
      reject,
    });
    schedule(engine);
  });
}

/**
 * The next batch forms while others commit: on `setImmediate`, never by a timer, and at once when
 * enough wait. Without that, all that one turn of the event loop reads becomes one batch, and
 * disk and processor take turns instead of working side by side.
 */
function schedule(engine: Engine): void {
  if (engine.queue.length === 0 || engine.in_flight >= IN_FLIGHT_MAX) return;
  if (engine.queue.length % ENOUGH_WAIT === 0) return flush(engine);
  if (engine.scheduled) return;
  engine.scheduled = true;
  setImmediate(() => {
    engine.scheduled = false;
    if (engine.in_flight < IN_FLIGHT_MAX) flush(engine);
  });
}

function flush(engine: Engine): void {
  const members = takeReady(engine);
  if (members.length > 0) void runBatch(engine, members);
}

/** Members whose records are free, in order; nobody overtakes one that waits for the same. */
function takeReady(engine: Engine): Member[] {
  const ready: Member[] = [];
  const waiting: Member[] = [];
  const nothing: Held = new Map();
  const passed_over: Held = new Map();
  const waiters = createLocks();
  for (const member of engine.queue) {
    const free = ready.length < BATCH_MAX && engine.locks.free(member.wants, nothing) &&
      (passed_over.size === 0 || waiters.free(member.wants, nothing));
    if (!free) waiters.take(member.wants, passed_over);
    (free ? ready : waiting).push(member);
  }
  engine.queue = waiting;
  return ready;
}

async function runBatch(engine: Engine, members: readonly Member[]): Promise<void> {
  const held: Held = new Map();
  let later: readonly Member[] = [];
  engine.in_flight += 1;
  engine.counts.batches += 1;
  try {
    later = await processBatch(engine, members, held);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown';
    engine.log.write('error', 'batch failed', { error: message, commands: members.length });
    for (const member of members) member.reject(error);
  } finally {
    engine.locks.release(held);
    engine.in_flight -= 1;
  }
  requeue(engine, later);
  if (isIdle(engine)) {
    for (const resolve of engine.idle) resolve();
    engine.idle = [];
  }
  schedule(engine);
}

function isIdle(engine: Engine): boolean {
  return engine.queue.length === 0 && engine.in_flight === 0;
}

function requeue(engine: Engine, members: readonly Member[]): void {
  const again: Member[] = [];
  for (const member of members) {
    member.tries += 1;
    if (member.tries < TRIES_MAX) again.push(member);
    else member.reject(new StoreFault('decided too often without winning', false));
  }
  engine.queue = [...again, ...engine.queue];
}

/** Reads, decides and commits; answers the winners and returns who must be decided again. */
async function processBatch(
  engine: Engine,
  members: readonly Member[],
  held: Held,
): Promise<readonly Member[]> {
  const { store, resident, cache, log, counts, locks } = engine;
  const now = engine.clock.now();
  const overlay = createOverlay(resident, now);
  const first = members.flatMap((member) => locks.take(member.wants, held));
  // The other batch may form from here on, when it can see what this one holds.
  schedule(engine);
  const always = new Set(members.flatMap(({ work, wants }) =>
    work.always_reads === true ? [...wants.keys, ...wants.shares].map(keyText) : []));
  overlay.load(first, await readAll(engine, first, always));
  const second = secondRound(engine, { members, facts: overlay.factsFor(-1), held });
  if (second.keys.length > 0) overlay.load(second.keys, await readAll(engine, second.keys, always));
  const { decided, later } = decideMembers(second.members, overlay, now);
  counts.decisions += decided.length;
  const lost = await commitAtoms(
    { store, resident, cache, log, at: now }, decided, overlay,
  );
  counts.conflicts += lost.length;
  return [...second.waiting, ...later, ...lost];
}

/** Keys that the first facts point to; a member whose keys another batch holds waits. */
function secondRound(
  engine: Engine,
  round: { readonly members: readonly Member[]; readonly facts: Facts; readonly held: Held },
) {
  const ready: Member[] = [];
  const waiting: Member[] = [];
  const keys: RecordKey[] = [];
  for (const member of round.members) {
    const more = moreOf(member, round.facts);
    if (more === null) continue;
    const reads_only = member.work.keys.length === 0;
    const wants = reads_only ? { keys: [], shares: more } : { keys: more, shares: [] };
    if (engine.locks.free(wants, round.held)) {
      keys.push(...engine.locks.take(wants, round.held));
      ready.push(member);
      continue;
    }
    member.wants = wantsOf(member.work, more);
    // Waiting for another batch is not losing to it.
    member.tries -= 1;
    waiting.push(member);
  }
  return { members: ready, waiting, keys };
}

/** The second round of one member; null when it threw, which harms no neighbour. */
function moreOf(member: Member, facts: Facts): readonly RecordKey[] | null {
  try {
    return [...(member.work.more?.(facts) ?? []), ...member.missed];
  } catch (error) {
    member.reject(error);
    return null;
  }
}

/** Resident and remembered records come from memory, the others from the store in one call. */
async function readAll(
  { store, resident, cache, counts }: Engine,
  keys: readonly RecordKey[],
  always: ReadonlySet<string>,
): Promise<(Stored | undefined)[]> {
  const remembered = (key: RecordKey) =>
    always.size > 0 && always.has(keyText(key)) ? undefined : cache.find(key);
  const found = keys.map((key) =>
    resident.isResident(key.kind) ? resident.stored(key) : remembered(key));
  const cold = keys.filter((key, i) =>
    found[i] === undefined && !resident.isResident(key.kind));
  if (cold.length === 0) return found;
  counts.reads += 1;
  const records = await store.read(cold);
  cold.forEach((key, i) => cache.keep(key, records[i]));
  let at = 0;
  return keys.map((key, i) =>
    found[i] ?? (resident.isResident(key.kind) ? undefined : records[at++]));
}
