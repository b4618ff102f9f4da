/** The trail's table: appended to by commits, read in order, swept from a lane's oldest end. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditEvent, EventClass } from '../../core/events.ts';
import type { EventRow } from '../../ports/store.ts';
import { trailKeptMs } from '../retention.ts';
import { type LaneHead, laneOf, nextRows } from '../trail/chain.ts';

type TrailRow = EventRow & { readonly row: number };
type StoredRow = TrailRow & { readonly at: number };

export type TrailTable = {
  /** Takes the lanes' ends from the database and begins the next epoch. */
  begin(): void;
  /** Appends the events of one commit; `at` is its time. Inside its transaction. */
  append(events: readonly AuditEvent[], at: number): void;
  /** The commit of the last `append` is durable; or it was rolled back. */
  settled(): void;
  undone(): void;
  /** It is not known which: `begin` must come before the next `append`. */
  lose(): void;
  isLost(): boolean;
  after(row: number, limit: number): TrailRow[];
  latestTime(): number;
  /** Inside a transaction. */
  sweep(now: number, limit: number): number;
};

type State = {
  epoch: number;
  lost: boolean;
  ends: Ends;
  /** As they are once the running commit is durable. */
  next: Ends | null;
};

/** Where the trail goes on. Rows are numbered here: a swept number must not come back. */
type Ends = {
  readonly heads: ReadonlyMap<EventClass, LaneHead>;
  readonly last_row: number;
  readonly latest_time: number;
};

export function openTrailTable(db: DatabaseSync): TrailTable {
  const ends: Ends = { heads: new Map(), last_row: 0, latest_time: 0 };
  const state: State = { epoch: 0, lost: true, ends, next: null };
  const insert = db.prepare(
    `INSERT INTO event (row, lane, epoch, batch, class, count, at, body, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const note_time = db.prepare('UPDATE meta SET latest_time = ?');
  const select = db.prepare('SELECT * FROM event WHERE row > ? ORDER BY row LIMIT ?');
  const swept = db.prepare('SELECT * FROM event_swept WHERE row > ? ORDER BY row LIMIT ?');

  return {
    begin() {
      state.epoch = nextEpoch(db);
      state.ends = { heads: headsOf(db), last_row: lastRowOf(db), latest_time: latestTimeOf(db) };
      state.next = null;
      state.lost = false;
    },
    append(events, at) {
      const { latest_time, heads } = state.ends;
      let { last_row } = state.ends;
      const time = Math.max(latest_time, at);
      const next_heads = new Map(heads);
      for (const row of nextRows(heads, state.epoch, events)) {
        const { lane, epoch, batch, count, body, hash } = row;
        last_row += 1;
        insert.run(last_row, lane, epoch, batch, row.class, count, time, body, hash);
        next_heads.set(row.class as EventClass, { epoch, batch, hash });
      }
      if (events.length === 0 && time > latest_time) note_time.run(time);
      state.next = { heads: next_heads, last_row, latest_time: time };
    },
    settled() {
      state.ends = state.next ?? state.ends;
      state.next = null;
    },
    undone() {
      state.next = null;
    },
    lose() {
      state.lost = true;
    },
    isLost: () => state.lost,
    after(row, limit) {
      // A mark stands where the last swept row of its lane stood: see sweptMark.
      const marks = (swept.all(row, limit) as unknown as StoredRow[])
        .map((mark) => ({ ...mark, count: 0, body: '' }));
      const found = select.all(row, limit) as unknown as StoredRow[];
      return [...marks, ...found]
        .sort((a, b) => a.row - b.row)
        .slice(0, limit)
        .map(({ at: _at, ...rest }) => rest);
    },
    latestTime: () => state.ends.latest_time,
    sweep: (now, limit) =>
      [...state.ends.heads.keys()].reduce((sum, of) => sum + sweepLane(db, of, now, limit), 0),
  };
}

/** Every opening, and every commit of unknown outcome, begins an epoch. */
function nextEpoch(db: DatabaseSync): number {
  const row = db.prepare('UPDATE meta SET epoch = epoch + 1 RETURNING epoch').get();
  return Number(row?.['epoch']);
}

function headsOf(db: DatabaseSync): Map<EventClass, LaneHead> {
  const last = db.prepare(
    `SELECT class, epoch, batch, hash FROM event
       WHERE row IN (SELECT max(row) FROM event GROUP BY lane)
     UNION ALL
     SELECT class, epoch, batch, hash FROM event_swept
       WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.lane = event_swept.lane)`,
  ).all() as unknown as (LaneHead & { readonly class: EventClass })[];
  return new Map(last.map(({ class: of, epoch, batch, hash }) => [of, { epoch, batch, hash }]));
}

function lastRowOf(db: DatabaseSync): number {
  const row = db.prepare(
    `SELECT max(row) AS row FROM (
       SELECT max(row) AS row FROM event UNION ALL SELECT max(row) AS row FROM event_swept)`,
  ).get();
  return Number(row?.['row'] ?? 0);
}

function latestTimeOf(db: DatabaseSync): number {
  const row = db.prepare(
    `SELECT max(at) AS at FROM (
       SELECT latest_time AS at FROM meta
       UNION ALL SELECT at FROM (SELECT at FROM event ORDER BY row DESC LIMIT 1)
       UNION ALL SELECT at FROM event_swept)`,
  ).get();
  return Number(row?.['at'] ?? 0);
}

function sweepLane(
  db: DatabaseSync,
  event_class: EventClass,
  now: number,
  limit: number,
): number {
  const old = db.prepare(
    'SELECT * FROM event WHERE lane = ? ORDER BY row LIMIT ?',
  ).all(laneOf(event_class), limit) as unknown as StoredRow[];
  const young = old.findIndex(({ at }) => at > now - trailKeptMs(event_class));
  const taken = young < 0 ? old : old.slice(0, young);
  const last = taken.at(-1);
  if (last === undefined) return 0;
  db.prepare('UPDATE maintenance SET open = 1').run();
  db.prepare('DELETE FROM event WHERE lane = ? AND row <= ?').run(last.lane, last.row);
  db.prepare('UPDATE maintenance SET open = 0').run();
  db.prepare(
    `INSERT INTO event_swept (lane, row, epoch, batch, class, at, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (lane) DO UPDATE SET row = excluded.row, epoch = excluded.epoch,
       batch = excluded.batch, at = excluded.at, hash = excluded.hash`,
  ).run(last.lane, last.row, last.epoch, last.batch, last.class, last.at, last.hash);
  return taken.length;
}
