/** Everything a server has written to its data directory, as an attacker with a dump sees it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { unpackEvents } from '../../../src/store/trail/pack-events.ts';
import type { AuditEvent } from '../../../src/core/events.ts';
import type { WorldName } from '../../outside/fixtures.ts';

export type DumpRow = { readonly table: string; readonly values: readonly string[] };

type Cell = string | number | bigint | null | Uint8Array;

/** Every row of every table; blobs in the three forms a credential could take. */
export function dumpWorld(data: string, world: WorldName): DumpRow[] {
  const db = new DatabaseSync(join(data, `${world}.sqlite`), { readOnly: true });
  try {
    const tables = db.prepare('SELECT name FROM sqlite_schema WHERE type = \'table\'').all();
    return tables.flatMap(({ name }) => {
      const table = String(name);
      const rows = db.prepare(`SELECT * FROM "${table}"`).all() as { [column: string]: Cell }[];
      return rows.map((row) => ({ table, values: Object.values(row).flatMap(textsOf) }));
    });
  } finally {
    db.close();
  }
}

function textsOf(cell: Cell): string[] {
  if (cell === null) return [];
  if (!(cell instanceof Uint8Array)) return [String(cell)];
  const bytes = Buffer.from(cell);
  return [bytes.toString('base64url'), bytes.toString('hex'), bytes.toString('base64')];
}

/** Every text inside the values: whole ones, and each string within the JSON ones. */
export function textsWithin(rows: readonly DumpRow[]): Set<string> {
  const texts = new Set<string>();
  for (const value of rows.flatMap(({ values }) => values)) {
    texts.add(value);
    for (const [, inner = ''] of value.matchAll(/"([^"\\]{8,})"/g)) texts.add(inner);
  }
  return texts;
}

/** The bytes of all files of the data directory but the master keys, as one Latin-1 text. */
export function rawBytes(data: string): string {
  return readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(data, entry.name)).toString('latin1'))
    .join('\n');
}

export type TrailRow = { readonly row: number; readonly lane: string; readonly body: string;
  readonly class: string; readonly count: number; readonly hash: string };

/** The rows of the trail as they stand in the table. */
export function trailRows(data: string, world: WorldName): TrailRow[] {
  const db = new DatabaseSync(join(data, `${world}.sqlite`), { readOnly: true });
  try {
    return db.prepare('SELECT * FROM event ORDER BY row').all() as unknown as TrailRow[];
  } finally {
    db.close();
  }
}

export function trailEvents(data: string, world: WorldName): AuditEvent[] {
  return trailRows(data, world).flatMap((row) => unpackEvents(row));
}

/** How many rows a table has. */
export function rowCount(data: string, world: WorldName, table: string): number {
  return dumpWorld(data, world).filter((row) => row.table === table).length;
}
