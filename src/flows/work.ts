/** The form of a unit of work: which records it needs, and the decision over them. */
import type { Decision } from '../core/decision.ts';
import type { ApiKey } from '../core/kinds/api-key.ts';
import type { App } from '../core/kinds/app.ts';
import type { WorldRecord } from '../core/kinds/key.ts';
import type { Kind, Kinds, RecordKey } from '../core/kinds/kinds.ts';

/** Facts that a decision may read: only what it asked for, as the batch shows it now. */
export type Facts = {
  /** A record of a key that was asked for; undefined when it does not exist. */
  get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined;
  /** An app, from memory (see RESIDENT_KINDS). */
  app(id: string): App | undefined;
  /** An API key, from memory too. */
  apiKey(id: string): ApiKey | undefined;
  /** The world's own record, from memory. */
  world(): WorldRecord;
  /** The node's clock for this decision, epoch ms. */
  readonly now: number;
};

/**
 * One command's work. `decide` may run again after a conflict, with fresh facts; it must draw
 * fresh randomness each time and touch nothing else.
 */
export type Work<T> = {
  /** Asks the store even for what is remembered, so that its cost tells nothing (EN-02). */
  readonly always_reads?: true;
  /** Records that the decision may change: no other batch sees them meanwhile. */
  readonly keys: readonly RecordKey[];
  /** Records that it only reads; two batches may hold them at once. */
  readonly shares?: readonly RecordKey[];
  /** A second round, from what the first showed; read only when `keys` is empty. */
  readonly more?: (facts: Facts) => readonly RecordKey[];
  readonly decide: (facts: Facts) => Decision<T>;
};
