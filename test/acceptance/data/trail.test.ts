/** Changes and their events stand or fall together, also under SIGKILL (AU-01). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { after, test } from 'node:test';
import { APPS } from '../../outside/fixtures.ts';
import { refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { trailEvents } from './dump.ts';
import { customerIn } from '../tradier/customer.ts';

const { A2 } = APPS;

/** Every access token ever numbered has its event, and no event is without its token. */
function assertInStep(data: string): number {
  const actions = trailEvents(data, 'live').map(({ action }) => action);
  const count = (wanted: string) => actions.filter((action) => action === wanted).length;
  const db = new DatabaseSync(join(data, 'live.sqlite'), { readOnly: true });
  const { issued } = db.prepare('SELECT sum(last_number) AS issued FROM grant_').get() as {
    issued: number;
  };
  const { grants } = db.prepare('SELECT count(*) AS grants FROM grant_').get() as {
    grants: number;
  };
  db.close();
  assert.equal(count('code.redeemed'), grants, 'one event a grant');
  assert.equal(count('code.redeemed') + count('token.refreshed'), issued, 'one event a token');
  return issued;
}

test('AU-01 a kill between change and event leaves neither', async () => {
  const data = mkdtempSync(join(tmpdir(), 'countersign-trail-'));
  after(() => rmSync(data, { recursive: true, force: true }));
  let issued = 0;
  for (let round = 0; round < 5; round++) {
    const server = await startServer({
      data, set: { 'tradier.danger_limits_off': true },
    });
    const { refresh_token = '' } = await customerIn(server.live, 'u1').link(A2);
    const load = Array.from({ length: 16 }, async () => {
      for (;;) tokens(await refresh(server.live, A2, refresh_token));
    });
    const ended = Promise.allSettled(load);
    await pause(150 + 70 * round);
    await server.kill();
    await ended;
    const now = assertInStep(data);
    assert.ok(now > issued, 'the round issued tokens');
    issued = now;
  }
});
