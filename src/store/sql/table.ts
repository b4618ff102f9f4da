/** The prepared statements of one kind's table. Nothing here begins or ends a transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Kind, Kinds } from '../../core/kinds/kinds.ts';
import { RETENTION } from '../../core/kinds/kinds.ts';
import type { ListQuery } from '../../ports/store.ts';
import type { Cell, RowForm } from './rows.ts';

export type Table = {
  /** Version and record, or undefined. */
  read(id: string): { readonly version: number; readonly value: Kinds[Kind] } | undefined;
  /** Version of a record; 0 when it does not exist. */
  version(id: string): number;
  /** Each answers whether the record was as it had to be, and was changed. */
  insert(id: string, value: Kinds[Kind]): boolean;
  update(id: string, version: number, value: Kinds[Kind]): boolean;
  remove(id: string, version: number): boolean;
  list(query: ListQuery): { readonly id: string; readonly value: Kinds[Kind] }[];
  /** Removes at most `limit` records whose time is over; null when the kind is kept. */
  sweep: ((now: number, limit: number) => number) | null;
};

/** Sorts after every character that an id may hold. */
const LAST_CHARACTER = '\u{10ffff}';

export function openTable(db: DatabaseSync, form: RowForm): Table {
  const names = form.columns.map((column) => column.slice(0, column.indexOf(' ')));
  const { table } = form;
  const select = rows(db, `SELECT version, ${names.join(', ')} FROM ${table} WHERE id = ?`);
  const select_version = rows(db, `SELECT version FROM ${table} WHERE id = ?`);
  const insert = db.prepare(
    `INSERT INTO ${table} (id, version, ${names.join(', ')})
     VALUES (?, 1, ${names.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE ${table} SET version = version + 1, ${names.map((name) => `${name} = ?`).join(', ')}
     WHERE id = ? AND version = ?`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE id = ? AND version = ?`);
  const list = rows(
    db,
    `SELECT id, ${names.join(', ')} FROM ${table}
     WHERE id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?`,
  );

  return {
    read(id) {
      const row = select.get(id) as Cell[] | undefined;
      if (row === undefined) return undefined;
      return { version: Number(row[0]), value: form.fromCells(row.slice(1), id) };
    },
    version: (id) => Number((select_version.get(id) as Cell[] | undefined)?.[0] ?? 0),
    insert: (id, value) => insert.run(id, ...form.toCells(value, id)).changes === 1,
    update: (id, version, value) =>
      update.run(...form.toCells(value, id), id, version).changes === 1,
    remove: (id, version) => remove.run(id, version).changes === 1,
    list({ prefix, after, limit }) {
      const found = list.all(prefix, prefix + LAST_CHARACTER, after ?? '', limit);
      return (found as unknown as Cell[][]).map((row) => {
        const id = String(row[0]);
        return { id, value: form.fromCells(row.slice(1), id) };
      });
    },
    sweep: 'expires' in RETENTION[form.kind] ? sweeper(db, form) : null,
  };
}

function sweeper(db: DatabaseSync, { table, sweep }: RowForm) {
  const statement = db.prepare(
    `DELETE FROM ${table} WHERE id IN
       (SELECT id FROM ${table} WHERE ${sweep.column} <= ? ORDER BY ${sweep.column} LIMIT ?)`,
  );
  return (now: number, limit: number): number =>
    Number(statement.run(Math.floor(now / sweep.unit_ms), limit).changes);
}

/** Rows as arrays: no object with twenty names for each. */
function rows(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}
