/**
 * The embedded store (the default): SQLite in a thread of its own, so that no answer of the server
 * waits for the disk on the main thread. One process writes a database, held by a lock file.
 */
import { Worker } from 'node:worker_threads';
import type { Kinds } from '../../core/kinds/kinds.ts';
import type { WorldName } from '../../core/world.ts';
import {
  type AtomResult, type CounterState, type EventRow, type Store, StoreFault, type Stored,
} from '../../ports/store.ts';
import type { EngineOptions, Synchronous } from './engine.ts';
import { type LockFile, takeLock } from './lock-file.ts';
import type { Answer, CallName, Calls, Opened, Question } from './messages.ts';
import { StoreRefused } from './store-refused.ts';

export type SqliteOptions<W extends WorldName> = {
  /** The database; its lock file stands beside it as `<file>.lock`. */
  readonly file: string;
  readonly world: W;
  /** Default FULL. Anything less loses commits at a power cut: for tests and comparisons only. */
  readonly synchronous?: Synchronous;
};

/** Throws (name `BootError`) when the file must not be opened so; the message says why. */
export async function openSqliteStore<W extends WorldName>(
  { file, world, synchronous = 'FULL' }: SqliteOptions<W>,
): Promise<Store & { readonly world: W }> {
  const lock = takeLock(`${file}.lock`);
  try {
    const caller = await startWorker({ file, world, synchronous, check: lock.was_stale });
    return { world, ...storeOver(caller, lock) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

type Caller = {
  /** Resolves with the parsed answer; rejects with a StoreFault. */
  call<N extends CallName>(name: N, given: Calls[N]): Promise<unknown>;
  ended: Promise<void>;
};

function storeOver({ call, ended }: Caller, lock: LockFile): Store {
  return {
    sole_writer: true,
    async read(keys) {
      const found = await call('read', { keys }) as (0 | [number, Stored['value']])[];
      return found.map((one) => (one === 0 ? undefined : { version: one[0], value: one[1] }));
    },
    async list(kind, query) {
      // One more than asked for tells whether a next page exists.
      const asked = { ...query, limit: query.limit + 1 };
      const found = await call('list', { kind, query: asked }) as {
        readonly id: string;
        readonly value: Kinds[typeof kind];
      }[];
      const records = found.slice(0, query.limit);
      return { records, next: found.length > query.limit ? (records.at(-1)?.id ?? null) : null };
    },
    commit: async (batch) => await call('commit', batch) as AtomResult[],
    bump: async (counters, now) => await call('bump', { counters, now }) as CounterState[],
    sweep: async (now, limit) => ({ removed: await call('sweep', { now, limit }) as number }),
    events: async (after, limit) =>
      await call('events', { after: after?.row ?? 0, limit }) as
        (EventRow & { readonly row: number })[],
    latestTime: async () => await call('latest_time', {}) as number,
    async close() {
      await call('close', {});
      await ended;
      lock.release();
    },
  };
}

type Waiting = {
  readonly resolve: (content: unknown) => void;
  readonly reject: (fault: StoreFault) => void;
  /** A lost answer to a write may have happened. */
  readonly writes: boolean;
};

/** From the source a `.ts` worker is started, from the build a `.js` one. */
const WORKER_FILE = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';

async function startWorker(options: EngineOptions): Promise<Caller> {
  const worker = new Worker(new URL(WORKER_FILE, import.meta.url), { workerData: options });
  const waiting = new Map<number, Waiting>();
  let last_number = 0;
  let gone: string | null = null;

  function fail(reason: string): void {
    gone ??= reason;
    for (const { reject, writes } of waiting.values()) reject(new StoreFault(reason, writes));
    waiting.clear();
  }

  await opened(worker);
  worker.on('message', (answer: Answer) => settle(waiting, answer));
  worker.on('error', (error: Error) => fail(`the store's thread failed: ${error.message}`));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      fail('the store is closed');
      resolve();
    });
  });

  return {
    ended,
    call(name, given) {
      return new Promise((resolve, reject) => {
        if (gone !== null) return reject(new StoreFault(gone, false));
        const number = ++last_number;
        waiting.set(number, { resolve, reject, writes: name === 'commit' || name === 'bump' });
        const question: Question = { number, name, content: JSON.stringify(given) };
        worker.postMessage(question);
      });
    },
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const one = waiting.get(answer.number);
  waiting.delete(answer.number);
  if (answer.ok) one?.resolve(JSON.parse(answer.content));
  else one?.reject(new StoreFault(answer.message, answer.outcome_unknown));
}

/** Waits for the worker's first message. */
function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: Opened) => {
      worker.removeListener('error', reject);
      if (message.ready) return resolve();
      const { refused, message: says } = message;
      reject(refused ? new StoreRefused(says) : new StoreFault(says, false));
    });
  });
}
