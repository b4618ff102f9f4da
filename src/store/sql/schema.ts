/** The schema of the embedded store, its version, and what makes a file ours. */
import type { DatabaseSync } from 'node:sqlite';
import { type Kind, RETENTION } from '../../core/kinds/kinds.ts';
import type { WorldName } from '../../core/world.ts';
import { StoreRefused } from './store-refused.ts';
import { ROW_FORMS, rowFormOf } from './row-forms.ts';

/** Grows with every change of the tables, with a way up from the version before. */
export const SCHEMA_VERSION = 2;
/** `CSgn` in the file's header: another program's database is not taken for ours. */
const APPLICATION_ID = 0x4353676e;

const TRAIL = `
  CREATE TABLE event (
    row INTEGER PRIMARY KEY,
    lane TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    class TEXT NOT NULL,
    count INTEGER NOT NULL,
    -- The latest time of any commit up to this one, epoch ms.
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_lane ON event (lane, row);
  -- Where a lane begins whose older rows were swept at their age.
  CREATE TABLE event_swept (
    lane TEXT PRIMARY KEY,
    row INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    class TEXT NOT NULL,
    at INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- Open only inside the transaction that sweeps.
  CREATE TABLE maintenance (open INTEGER NOT NULL) STRICT;
  INSERT INTO maintenance (open) VALUES (0);
  CREATE TRIGGER event_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
  CREATE TRIGGER event_never_removed BEFORE DELETE ON event
    WHEN (SELECT max(open) FROM maintenance) IS NOT 1
    BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
  CREATE TRIGGER event_never_replaced BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE row = new.row)
    BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
`;

const META = `
  CREATE TABLE meta (
    world TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    -- Grows at each opening; batches of the trail are numbered within it.
    epoch INTEGER NOT NULL,
    -- The latest time of a commit that wrote no event, epoch ms.
    latest_time INTEGER NOT NULL
  ) STRICT;
`;

const COUNTERS = `
  CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX counter_end ON counter (ends_at);
`;

/** Creates the tables of a new file, or checks that an old one is ours and of this world. */
export function openSchema(db: DatabaseSync, world: WorldName): void {
  const { application_id } = db.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as {
    count: number;
  };
  if (application_id === 0 && tables.count === 0) return create(db, world);
  if (application_id !== APPLICATION_ID) {
    throw new StoreRefused('the file is a database of another program: name another file');
  }
  const meta = db.prepare('SELECT world, schema_version FROM meta').get() as {
    world: string;
    schema_version: number;
  } | undefined;
  if (meta === undefined) throw new StoreRefused('the database has lost its own description');
  if (meta.world !== world) {
    throw new StoreRefused(
      `the database belongs to the ${meta.world} world and cannot be opened as ${world}`,
    );
  }
  if (meta.schema_version > SCHEMA_VERSION) {
    throw new StoreRefused(
      `the database has schema version ${meta.schema_version}, this program knows ` +
        `${SCHEMA_VERSION}: run the newer program that wrote it (countersign serve), ` +
        'or restore a backup made before the upgrade',
    );
  }
  if (meta.schema_version < SCHEMA_VERSION) {
    throw new StoreRefused(`schema version ${meta.schema_version} has no way up from here`);
  }
}

function create(db: DatabaseSync, world: WorldName): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    for (const kind of Object.keys(ROW_FORMS) as Kind[]) db.exec(tableOf(kind));
    db.exec(TRAIL + META + COUNTERS);
    db.prepare('INSERT INTO meta (world, schema_version, epoch, latest_time) VALUES (?, ?, 0, 0)')
      .run(world, SCHEMA_VERSION);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function tableOf(kind: Kind): string {
  const { table, columns, sweep } = rowFormOf(kind);
  const create_table = `CREATE TABLE ${table} (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    ${columns.join(',\n    ')}
  ) STRICT, WITHOUT ROWID;`;
  if (!('expires' in RETENTION[kind])) return create_table;
  // Only rows that will be swept stand in it: a live grant never does.
  return `${create_table}
    CREATE INDEX ${table}_${sweep.column} ON ${table} (${sweep.column})
      WHERE ${sweep.column} IS NOT NULL;`;
}
