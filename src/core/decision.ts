/** What the core answers: an outcome, what to write, and what to remember. */
import type { EventDraft } from './events.ts';
import type { Kind, Kinds } from './kinds/kinds.ts';
import type { Result } from './rules/refusals.ts';

/** One record's next value; null removes it. */
export type Change = {
  readonly [K in Kind]: {
    readonly kind: K;
    readonly id: string;
    readonly value: Kinds[K] | null;
  };
}[Kind];

/** A refusal may carry changes and events too (a replay ends a grant). */
export type Decision<T> = {
  readonly result: Result<T>;
  readonly changes: readonly Change[];
  readonly events: readonly EventDraft[];
};
