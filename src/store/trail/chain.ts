/**
 * The hash chain of the trail. Each class is a lane of its own, so that sweeping a class at its age
 * takes the oldest rows of one chain and leaves every other whole.
 */
import { hash } from 'node:crypto';
import type { AuditEvent, EventClass } from '../../core/events.ts';
import type { EventRow } from '../../ports/store.ts';
import { packEvents, placeOf } from './pack-events.ts';

/** What the first row of a lane follows. */
export const CHAIN_START = '0'.repeat(64);

/** The end of a lane: where its next row goes on. */
export type LaneHead = {
  readonly epoch: number;
  readonly batch: number;
  readonly hash: string;
};

export type LaneHeads = ReadonlyMap<EventClass, LaneHead>;

/** Hex SHA-256 of the previous hash (as hex) followed by the body (AU-02). */
export function chainHash(previous: string, body: string): string {
  return hash('sha256', previous + body, 'hex');
}

/** Name of a class's lane in this store's one writer. */
export function laneOf(event_class: EventClass): string {
  return `main.${event_class}`;
}

/** The rows that a batch's events add, one a class, in the order the classes occur. */
export function nextRows(
  heads: LaneHeads,
  epoch: number,
  events: readonly AuditEvent[],
): EventRow[] {
  const classes = Map.groupBy(events, (event) => event.class);
  return [...classes].map(([event_class, members]) => {
    const head = heads.get(event_class);
    const lane = laneOf(event_class);
    const batch = head?.epoch === epoch ? head.batch + 1 : 1;
    const body = packEvents(placeOf({ lane, epoch, batch }), members);
    return {
      lane,
      epoch,
      batch,
      class: event_class,
      count: members.length,
      body,
      hash: chainHash(head?.hash ?? CHAIN_START, body),
    };
  });
}

/**
 * Stands before the oldest row of a lane whose beginning was swept: it carries the hash that the
 * row follows, no events and no body.
 */
export function sweptMark(row: EventRow): EventRow {
  return { ...row, count: 0, body: '' };
}
