/** The thread that holds the connection: answers one question after another, in their order. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Engine, type EngineOptions, OutcomeUnknown, openEngine } from './engine.ts';
import type { Answer, CallName, Calls, Opened, Question } from './messages.ts';
import { StoreRefused } from './store-refused.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

function open(): Engine | null {
  try {
    const engine = openEngine(workerData as EngineOptions);
    port?.postMessage({ ready: true } satisfies Opened);
    return engine;
  } catch (error) {
    const refused = error instanceof StoreRefused;
    port?.postMessage({ ready: false, refused, message: messageOf(error) } satisfies Opened);
    return null;
  }
}

/** Each answer is JSON text. */
const ANSWERS: { readonly [N in CallName]: (engine: Engine, given: Calls[N]) => string } = {
  read: (engine, { keys }) => engine.read(keys),
  list: (engine, { kind, query }) => engine.list(kind, query),
  commit: (engine, batch) => JSON.stringify(engine.commit(batch)),
  bump: (engine, { counters, now }) => JSON.stringify(engine.bump(counters, now)),
  sweep: (engine, { now, limit }) => JSON.stringify(engine.sweep(now, limit)),
  events: (engine, { after, limit }) => JSON.stringify(engine.events(after, limit)),
  latest_time: (engine) => JSON.stringify(engine.latestTime()),
  close(engine) {
    engine.close();
    return 'null';
  },
};

function answer(engine: Engine, { number, name, content }: Question): Answer {
  try {
    const call = ANSWERS[name] as (engine: Engine, given: unknown) => string;
    return { number, ok: true, content: call(engine, JSON.parse(content)) };
  } catch (error) {
    const outcome_unknown = error instanceof OutcomeUnknown;
    return { number, ok: false, message: messageOf(error), outcome_unknown };
  }
}

/** SQLite names tables and columns in its messages, never their content. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

const engine = open();
if (engine === null) {
  port.close();
} else {
  port.on('message', (question: Question) => {
    port.postMessage(answer(engine, question));
    if (question.name === 'close') port.close();
  });
}
