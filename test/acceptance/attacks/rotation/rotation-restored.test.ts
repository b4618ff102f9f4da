/** Tokens from the time after a backup that was put back: refused, and nothing is ended by them. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { link } from '../../../outside/tradovate.ts';
import { startServer } from '../../../world.ts';
import type { Server } from '../../../world.ts';
import { alertsIn, refuse, toldBy, use } from './family.ts';

const { O1 } = REGISTRATIONS;

async function withServer<T>(data: string, first: boolean, step: (server: Server) => Promise<T>) {
  const server = await startServer({
    data,
    seed: first ? tradovateSeed() : null,
    set: { 'tradovate.danger_limits_off': true },
  });
  try {
    return await step(server);
  } finally {
    await server.stop();
  }
}

test('RP-19 a generation the restored row has not given, or whose digest it is not', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-restored-'));
  const [data, backup] = [join(home, 'data'), join(home, 'backup')];
  try {
    const r1 = await withServer(data, true, ({ live }) => link(live, O1, USERS.alice));
    cpSync(data, backup, { recursive: true });
    const lost = await withServer(data, false, async ({ live }) => {
      const r2 = await use(live, r1.refresh_token);
      return [r2, await use(live, r2.refresh_token)];
    });
    await withServer(backup, false, async (server) => {
      const { live } = server;
      const [r2, r3] = lost;
      for (const token of [r2, r3]) {
        const told = await toldBy(server, () => refuse(live, token?.refresh_token ?? ''));
        assert.equal(told.length, 1, 'one event');
        assert.deepEqual(alertsIn(told), []);
      }
      const again = await use(live, r1.refresh_token);
      assert.notEqual(again.refresh_token, r2?.refresh_token);
      // Now its generation is the current one, and its digest another.
      const told = await toldBy(server, () => refuse(live, r2?.refresh_token ?? ''));
      assert.equal(told.length, 1);
      assert.deepEqual(alertsIn(told), []);
      await use(live, again.refresh_token);
      await refuse(live, r3?.refresh_token ?? '');
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
