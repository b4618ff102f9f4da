/** What passes between the store and its worker: one message a batch, its content as JSON text. */
import type { Kind, RecordKey } from '../../core/kinds/kinds.ts';
import type { Batch, Bump, ListQuery } from '../../ports/store.ts';

/** The calls, with what each is given. */
export type Calls = {
  read: { readonly keys: readonly RecordKey[] };
  list: { readonly kind: Kind; readonly query: ListQuery };
  commit: Batch;
  bump: { readonly counters: readonly Bump[]; readonly now: number };
  sweep: { readonly now: number; readonly limit: number };
  events: { readonly after: number; readonly limit: number };
  latest_time: Record<never, never>;
  close: Record<never, never>;
};

export type CallName = keyof Calls;

/** `content` is JSON: copying one string costs less than cloning a tree of objects. */
export type Question = {
  readonly number: number;
  readonly name: CallName;
  readonly content: string;
};

export type Answer =
  | { readonly number: number; readonly ok: true; readonly content: string }
  | {
    readonly number: number;
    readonly ok: false;
    readonly message: string;
    readonly outcome_unknown: boolean;
  };

/** First message of a worker. `refused` = the store must not be opened so. */
export type Opened =
  | { readonly ready: true }
  | { readonly ready: false; readonly refused: boolean; readonly message: string };
