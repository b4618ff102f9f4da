/** Reading and checking the audit trail of a store, page by page. */
import type { AuditEvent } from '../../core/events.ts';
import type { EventRow, Store } from '../../ports/store.ts';
import { unpackEvents } from '../../store/trail/pack-events.ts';
import { createChainVerifier } from '../../store/trail/verify-chain.ts';

const PAGE = 1000;

type TrailRow = EventRow & { readonly row: number };

async function* trailRows(
  store: Pick<Store, 'events'>,
  after_row = 0,
): AsyncGenerator<TrailRow> {
  let after: { lane: string; row: number } | null =
    after_row === 0 ? null : { lane: '', row: after_row };
  for (;;) {
    const rows: readonly TrailRow[] = await store.events(after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { lane: last.lane, row: last.row };
  }
}

/** All events of a world, oldest first. */
export async function readTrail(store: Pick<Store, 'events'>): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const row of trailRows(store)) events.push(...unpackEvents(row));
  return events;
}

export type TrailPage = {
  readonly events: readonly (AuditEvent & { readonly row: number })[];
  /** Row to go on after, or null at the end. */
  readonly next: number | null;
};

/** Events of whole rows after a row, at least `limit` of them when there are so many. */
export async function readTrailPage(
  store: Pick<Store, 'events'>,
  query: {
    readonly after: number;
    readonly limit: number;
    readonly wanted: (event: AuditEvent) => boolean;
  },
): Promise<TrailPage> {
  const events: (AuditEvent & { readonly row: number })[] = [];
  for await (const row of trailRows(store, query.after)) {
    for (const event of unpackEvents(row)) {
      if (query.wanted(event)) events.push({ ...event, row: row.row });
    }
    if (events.length >= query.limit) return { events, next: row.row };
  }
  return { events, next: null };
}

export type TrailVerdict =
  | { readonly ok: true; readonly rows: number; readonly events: number }
  | {
    readonly ok: false;
    readonly bad_row: number;
    readonly lane: string;
    readonly reason: string;
  };

/** Checks the hash chain; names the first bad row (AU-05). */
export async function verifyTrail(store: Pick<Store, 'events'>): Promise<TrailVerdict> {
  const verifier = createChainVerifier();
  let rows = 0;
  let events = 0;
  for await (const row of trailRows(store)) {
    const why = verifier.take(row);
    if (why !== null) {
      const { row: bad_row, lane } = row;
      return { ok: false, bad_row, lane, reason: `row ${bad_row} of lane ${lane}: ${why}` };
    }
    rows += 1;
    events += row.count;
  }
  return { ok: true, rows, events };
}
