/** SQLite stores in folders of their own, gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sql/sqlite-store.ts';

export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function openTemporary() {
  const folder = temporaryFolder();
  const store = await openSqliteStore({ file: join(folder.path, 'live.sqlite'), world: 'live' });
  return {
    store,
    async end() {
      await store.close();
      folder.remove();
    },
  };
}
