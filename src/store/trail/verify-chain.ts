/** Checks the trail's chain over rows in their order: the first bad row is named (AU-05, F-37). */
import type { EventRow } from '../../ports/store.ts';
import { CHAIN_START, chainHash } from './chain.ts';
import { placeOf, readBody } from './pack-events.ts';

export type TrailRow = EventRow & { readonly row: number };

export type ChainVerdict =
  | { readonly ok: true; readonly rows: number; readonly events: number }
  | { readonly ok: false; readonly bad: TrailRow; readonly reason: string };

export type ChainVerifier = {
  /** The next row in order; null while all is well. */
  take(row: TrailRow): string | null;
};

/** A verifier that remembers one row a lane, for trails too long to hold. */
export function createChainVerifier(): ChainVerifier {
  const lanes = new Map<string, TrailRow>();
  let last_row = 0;
  return {
    take(row) {
      const fault = row.row <= last_row
        ? 'rows are not in order'
        : rowFault(lanes.get(row.lane), row);
      last_row = row.row;
      lanes.set(row.lane, row);
      return fault;
    },
  };
}

export function verifyChain(rows: readonly TrailRow[]): ChainVerdict {
  const verifier = createChainVerifier();
  let events = 0;
  for (const row of rows) {
    const reason = verifier.take(row);
    if (reason !== null) return { ok: false, bad: row, reason };
    events += row.count;
  }
  return { ok: true, rows: rows.length, events };
}

function rowFault(previous: TrailRow | undefined, row: TrailRow): string | null {
  if (!row.lane.endsWith(`.${row.class}`)) return 'the class is not its lane’s';
  if (isSweptMark(row)) {
    return previous === undefined ? null : 'rows are marked as swept in the middle of a lane';
  }
  const fault = bodyFault(row) ?? placeFault(previous, row);
  if (fault !== null) return fault;
  const expected = chainHash(previous?.hash ?? CHAIN_START, row.body);
  return expected === row.hash ? null : 'the hash does not follow from its row before and body';
}

/** Within an epoch batches are dense; a later epoch begins at 1. */
function placeFault(previous: TrailRow | undefined, row: TrailRow): string | null {
  if (row.batch === 1) {
    return previous === undefined || row.epoch > previous.epoch
      ? null
      : `epoch ${row.epoch} begins a second time`;
  }
  const follows = previous?.epoch === row.epoch && previous.batch + 1 === row.batch;
  return follows ? null : `batch ${row.batch} of epoch ${row.epoch} does not follow its row before`;
}

/** What the body says of itself is what the row says. */
function bodyFault(row: TrailRow): string | null {
  try {
    const { place, count } = readBody(row.body);
    if (place !== placeOf(row)) return `the body belongs to ${place}`;
    return count === row.count ? null : `${count} events are there, ${row.count} were counted`;
  } catch {
    return 'the body cannot be read';
  }
}

function isSweptMark(row: EventRow): boolean {
  return row.count === 0 && row.body === '';
}
