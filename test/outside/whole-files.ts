/** After the last kill: every database file below a data directory is whole. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export function checkDatabase(data: string): void {
  const files = globSync('**/*.sqlite', { cwd: data });
  assert.ok(files.length >= 2, 'one database a world');
  for (const file of files) {
    const database = new DatabaseSync(join(data, file), { readOnly: true });
    const [row] = database.prepare('PRAGMA integrity_check').all();
    database.close();
    assert.equal(row?.['integrity_check'], 'ok', file);
  }
}
