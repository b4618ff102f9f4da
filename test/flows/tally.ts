/** Works on the simplest record, a tally, to see the unit of work without any rule. */
import type { Action, EventSource } from '../../src/core/events.ts';
import type { RecordKey } from '../../src/core/kinds/kinds.ts';
import { accepted } from '../../src/core/rules/refusals.ts';
import type { Log } from '../../src/ports/log.ts';
import { type UnitOfWork, openUnitOfWork } from '../../src/flows/unit-of-work.ts';
import type { Facts, Work } from '../../src/flows/work.ts';
import { NOW, appFor, worldFor } from '../core/facts.ts';
import { type WatchedStore, watchedStore } from './watched-store.ts';

export const SOURCE: EventSource = { actor: 'server', address: '192.0.2.1', request_id: 'r' };

export type Scene = {
  readonly store: WatchedStore;
  readonly work: UnitOfWork;
  readonly logged: string[];
  run<T>(work: Work<T>): Promise<T>;
};

/** A unit of work over a watched store that holds the world's record and one app. */
export async function openScene(): Promise<Scene> {
  const store = watchedStore();
  await store.behind([
    { kind: 'world', id: 'live', value: worldFor(), version: 0 },
    { kind: 'app', id: appFor().id, value: appFor(), version: 0 },
  ]);
  const logged: string[] = [];
  const log: Log = { write: (_level, message) => void logged.push(message) };
  const work = await openUnitOfWork({ store, clock: { now: () => NOW }, log }, 'live');
  store.reads.length = 0;
  return {
    store, work, logged,
    async run(one) {
      const result = await work.run(one, SOURCE);
      if (!result.ok) throw new Error(`refused: ${result.refusal.reason}`);
      return result.value;
    },
  };
}

/** A tally is a login-name record, the kind with one text in it. */
export function tallyKey(id: string): RecordKey {
  return { kind: 'login-name', id };
}

export function tallyOf(facts: Facts, id: string): number {
  return Number(facts.get('login-name', id)?.customer ?? 0);
}

export function tallyChange(id: string, count: number) {
  return { kind: 'login-name', id, value: { customer: String(count) } } as const;
}

/** Adds one to each tally and answers the first one's new count. */
export function add(...ids: string[]): Work<number> {
  return {
    keys: ids.map(tallyKey),
    decide(facts) {
      const counts = ids.map((id) => tallyOf(facts, id) + 1);
      const changes = ids.map((id, i) => tallyChange(id, counts[i] ?? 0));
      return { result: accepted(counts[0] ?? 0), changes, events: [happened()] };
    },
  };
}

/** Reads a tally and changes nothing. */
export function look(id: string): Work<number> {
  return {
    keys: [],
    shares: [tallyKey(id)],
    decide: (facts) => ({ result: accepted(tallyOf(facts, id)), changes: [], events: [] }),
  };
}

export function happened(action: Action = 'server.started') {
  return { action, outcome: 'ok' } as const;
}

/** A tally as the store holds it now. */
export async function stored({ store }: Scene, id: string): Promise<number> {
  const [record] = await store.read([tallyKey(id)]);
  return Number((record?.value as { customer: string } | undefined)?.customer ?? 0);
}

/** Watches a promise without waiting for it. */
export function watch(promise: Promise<unknown>): { readonly state: () => string } {
  let state = 'waiting';
  promise.then(() => (state = 'answered'), () => (state = 'failed'));
  return { state: () => state };
}
