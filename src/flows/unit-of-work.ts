/**
 * The unit of work: the only place that writes. Commands that arrive while a commit is under way
 * form the next batch; facts are read together; commands are decided one after another over an
 * overlay; an answer leaves only after the commit that makes it true is durable.
 */
import type { EventSource } from '../core/events.ts';
import type { RecordKey } from '../core/kinds/kinds.ts';
import type { Result } from '../core/rules/refusals.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { type Store, StoreFault } from '../ports/store.ts';
import { commitAtoms } from './batch/commit.ts';
import { createOverlay, keyText } from './batch/overlay.ts';
import { type Member, decideMembers } from './batch/members.ts';
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
/** Batches in flight at once; two never share a key. */
const IN_FLIGHT_MAX = 2;
/** Waiting commands beyond this are shed (503), so that a stalled disk does not eat memory. */
const QUEUE_MAX = 4096;
/** How often one command is decided before it becomes a fault. */
const TRIES_MAX = 5;

type UnitOfWorkParts = { readonly store: Store; readonly clock: Clock; readonly log: Log };

export async function openUnitOfWork(
  { store, clock, log }: UnitOfWorkParts,
  world_name: string,
): Promise<UnitOfWork> {
  const resident = await loadResident(store, world_name);
  const counts: WorkCounts = { batches: 0, decisions: 0, conflicts: 0, reads: 0 };
  let queue: Member[] = [];
  const busy = new Set<string>();
  let in_flight = 0;
  let scheduled = false;
  let idle: (() => void)[] = [];

  function schedule(): void {
    if (scheduled || queue.length === 0 || in_flight >= IN_FLIGHT_MAX) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const members = takeReady();
      if (members.length > 0) void runBatch(members);
    });
  }

  /** Members whose keys no other batch holds, in order; the rest stay queued. */
  function takeReady(): Member[] {
    const ready: Member[] = [];
    const waiting: Member[] = [];
    for (const member of queue) {
      const free = ready.length < BATCH_MAX && member.keys.every((key) => !busy.has(keyText(key)));
      (free ? ready : waiting).push(member);
    }
    queue = waiting;
    return ready;
  }

  async function runBatch(members: readonly Member[]): Promise<void> {
    in_flight += 1;
    counts.batches += 1;
    const held = new Set<string>();
    let later: readonly Member[] = [];
    try {
      later = await processBatch(members, held);
    } catch (error) {
      log.write('error', 'batch failed', { error: describe(error), commands: members.length });
      for (const member of members) member.reject(error);
    } finally {
      for (const key of held) busy.delete(key);
      in_flight -= 1;
    }
    requeue(later);
    if (queue.length === 0 && in_flight === 0) {
      for (const resolve of idle) resolve();
      idle = [];
    }
    schedule();
  }

  function requeue(members: readonly Member[]): void {
    const again: Member[] = [];
    for (const member of members) {
      member.tries += 1;
      if (member.tries < TRIES_MAX) again.push(member);
      else member.reject(new StoreFault('decided too often without winning', false));
    }
    queue = [...again, ...queue];
  }

  /** Reads, decides and commits; answers the winners and returns who must be decided again. */
  async function processBatch(
    members: readonly Member[],
    held: Set<string>,
  ): Promise<readonly Member[]> {
    const now = clock.now();
    const overlay = createOverlay(resident, now);
    const first = hold(members.flatMap((member) => member.keys), held);
    // The other batch may start only now, when our keys are known to it.
    schedule();
    overlay.load(first, await readAll(first));
    const second = secondRound(members, overlay.factsFor(-1), held);
    if (second.keys.length > 0) overlay.load(second.keys, await readAll(second.keys));
    const { decided, later } = decideMembers(second.members, overlay, now);
    counts.decisions += decided.length;
    const lost = await commitAtoms({ store, resident, log, at: now }, decided, overlay);
    counts.conflicts += lost.length;
    return [...second.waiting, ...later, ...lost];
  }

  /** Marks keys as ours and returns those not held yet, once each. */
  function hold(keys: readonly RecordKey[], held: Set<string>): RecordKey[] {
    const fresh: RecordKey[] = [];
    for (const key of keys) {
      const text = keyText(key);
      if (held.has(text)) continue;
      held.add(text);
      busy.add(text);
      fresh.push(key);
    }
    return fresh;
  }

  /** Keys that the first facts point to; a member whose keys another batch holds waits. */
  function secondRound(members: readonly Member[], facts: Facts, held: Set<string>) {
    const ready: Member[] = [];
    const waiting: Member[] = [];
    const keys: RecordKey[] = [];
    for (const member of members) {
      const more = member.work.more?.(facts) ?? [];
      const blocked = more.some((key) => !held.has(keyText(key)) && busy.has(keyText(key)));
      if (blocked) {
        member.keys = [...member.work.keys, ...more];
        // Waiting for another batch is not losing to it.
        member.tries -= 1;
        waiting.push(member);
        continue;
      }
      keys.push(...hold(more, held));
      ready.push(member);
    }
    return { members: ready, waiting, keys };
  }

  async function readAll(keys: readonly RecordKey[]) {
    const cold = keys.filter((key) => !resident.isResident(key.kind));
    if (cold.length > 0) counts.reads += 1;
    const records = cold.length === 0 ? [] : await store.read(cold);
    let at = 0;
    return keys.map((key) =>
      resident.isResident(key.kind) ? resident.stored(key) : records[at++],
    );
  }

  return {
    resident,
    counts,
    run<T>(work: Work<T>, source: EventSource): Promise<Result<T>> {
      if (queue.length >= QUEUE_MAX) {
        const refusal = {
          code: 'overloaded', rule: 'work.queue', reason: 'commit queue is full', retry_after_s: 1,
        } as const;
        return Promise.resolve({ ok: false, refusal });
      }
      return new Promise((resolve, reject) => {
        queue.push({
          work: work as Work<unknown>,
          source,
          keys: work.keys,
          tries: 0,
          resolve: resolve as (result: Result<unknown>) => void,
          reject,
        });
        schedule();
      });
    },
    drained() {
      if (queue.length === 0 && in_flight === 0) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
