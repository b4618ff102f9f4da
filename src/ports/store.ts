/**
 * The store knows records, versions and batches; it knows no rule. Engines: memory (the
 * specification), sqlite (embedded). One conformance suite judges all.
 */
import type { AuditEvent } from '../core/events.ts';
import type { Kind, Kinds, RecordKey } from '../core/kinds/kinds.ts';
import type { Change } from '../core/decision.ts';

/** A record with its version; version 1 is the first. */
export type Stored<K extends Kind = Kind> = {
  readonly value: Kinds[K];
  readonly version: number;
};

/** One record's net change in an atom. */
export type VersionedChange = Change & {
  /** The version it was read at; 0 = it did not exist and is created. */
  readonly version: number;
};

/** Changes and events that are applied whole or not at all. */
export type Atom = {
  readonly changes: readonly VersionedChange[];
  readonly events: readonly AuditEvent[];
};

export type Batch = {
  /** The node's clock when it was decided, epoch ms. */
  readonly at: number;
  readonly atoms: readonly Atom[];
};

/** `conflict`: a version moved, or a record to create existed; nothing of the atom was written. */
export type AtomResult = 'applied' | 'conflict';

/** An additive counter in a window; never versioned, swept after its end. */
export type Bump = {
  /** Opaque name; short guessable values are pepper-hashed before they get here (DR-02). */
  readonly name: string;
  /** 0 only looks: no counter begins by it. */
  readonly add: number;
  /** Window length, s. The window begins with its first bump. */
  readonly window_s: number;
};

export type CounterState = { readonly count: number; readonly ends_at: number };

export type ListPage<K extends Kind> = {
  readonly records: readonly { readonly id: string; readonly value: Kinds[K] }[];
  /** Id to continue after, or null at the end. */
  readonly next: string | null;
};

export type ListQuery = {
  /** Only ids that begin so; '' = all. */
  readonly prefix: string;
  /** Continue after this id; null = from the start. */
  readonly after: string | null;
  readonly limit: number;
};

/** One packed row of the trail: the events of one batch and class. */
export type EventRow = {
  readonly lane: string;
  readonly epoch: number;
  /** Dense per lane and epoch, from 1. */
  readonly batch: number;
  readonly class: string;
  readonly count: number;
  readonly body: string;
  /** Hex SHA-256(previous hash of the lane ‖ body). */
  readonly hash: string;
};

export type Store = {
  /** True when no other process can write it meanwhile (a lock file, memory of this process). */
  readonly sole_writer: boolean;
  /** One consistent snapshot, in the order of `keys`. Rejects with a StoreFault only. */
  read(keys: readonly RecordKey[]): Promise<readonly (Stored | undefined)[]>;
  /** For people and look-ups; a decision never rests on it. Ordered by id. */
  list<K extends Kind>(kind: K, query: ListQuery): Promise<ListPage<K>>;
  /**
   * Applies each atom whole or not at all and resolves when that is durable. Atoms of one batch
   * never share a record. Rejects with a StoreFault; `outcome_unknown` when it may have happened.
   */
  commit(batch: Batch): Promise<readonly AtomResult[]>;
  /** Adds and returns each counter's state after it; durable enough to survive the process. */
  bump(counters: readonly Bump[], now: number): Promise<readonly CounterState[]>;
  /** Removes expired records, counters and events past retention, at most `limit` of each. */
  sweep(now: number, limit: number): Promise<{ readonly removed: number }>;
  /** Rows of the trail in chain order, after the given position. */
  events(after: { readonly lane: string; readonly row: number } | null, limit: number): Promise<
    readonly (EventRow & { readonly row: number })[]
  >;
  /** The latest time any commit of this store was decided at; 0 when new (F-25). */
  latestTime(): Promise<number>;
  close(): Promise<void>;
};

/** Something broke below the rules. Never answered 400, 401 or 404. */
export class StoreFault extends Error {
  readonly outcome_unknown: boolean;

  constructor(message: string, outcome_unknown: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreFault';
    this.outcome_unknown = outcome_unknown;
  }
}
