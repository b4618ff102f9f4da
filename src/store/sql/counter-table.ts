/** Counters: additive, in windows, without versions; swept by the end of their window. */
import type { DatabaseSync } from 'node:sqlite';
import type { Bump, CounterState } from '../../ports/store.ts';
import { bumped } from '../counters.ts';

export type CounterTable = {
  /** Inside a transaction. */
  bump(bump: Bump, now: number): CounterState;
  sweep(now: number, limit: number): number;
};

export function openCounterTable(db: DatabaseSync): CounterTable {
  const select = db.prepare('SELECT count, ends_at FROM counter WHERE name = ?');
  const upsert = db.prepare(
    `INSERT INTO counter (name, count, ends_at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET count = excluded.count, ends_at = excluded.ends_at`,
  );
  const remove = db.prepare(
    `DELETE FROM counter WHERE name IN
       (SELECT name FROM counter WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)`,
  );
  return {
    bump(bump, now) {
      const next = bumped(select.get(bump.name) as CounterState | undefined, bump, now);
      // Only looked at: it leaves no row.
      if (bump.add === 0) return next;
      upsert.run(bump.name, next.count, next.ends_at);
      return next;
    },
    sweep: (now, limit) => Number(remove.run(now, limit).changes),
  };
}
