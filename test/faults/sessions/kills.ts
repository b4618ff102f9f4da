/** F-11 over trading sessions and rotating refresh tokens: `kill -9` again and again. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { makeRealDirectory } from '../../outside/real-directory.ts';
import { API_KEYS, demoUser, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { checkDatabase } from '../../outside/whole-files.ts';
import { startServer } from '../../world.ts';
import { checkKnown, emptyTally } from './after-kill.ts';
import { createLoop } from './loop.ts';

const USERS = Array.from({ length: 8 }, (_, at) => demoUser(`trader${at}`));

/**
 * @param kills how often the server is killed
 * @param load_ms shortest and longest time under load before a kill
 */
export function checkSessionKills(kills: number, load_ms: readonly [number, number]): void {
  describe(`kill -9, ${kills} times under logins, renewals and rotations`, () => {
    it('F-11 no acknowledged session or token lost, no closed or ended one back', async (t) => {
      const { path, disk } = makeRealDirectory('session-kills');
      const data = join(path, 'data');
      const tally = emptyTally();
      const loops = USERS.map((user, at) => createLoop(user, at));
      // The load comes from one subnet; its limits are proven elsewhere.
      const set = { 'tradovate.danger_limits_off': true, 'tradier.danger_limits_off': true };
      const seed = tradovateSeed({ users: USERS, api_keys: [API_KEYS.K1] });
      // Tokens name their issuer, and so the port: it has to be the same one again.
      const args = ['--port', String(await freePort())];
      let server = await startServer({ data, set, seed, args });
      for (const loop of loops) await loop.signIn(server);
      for (let kill = 0; kill < kills; kill += 1) {
        const work = Promise.all(loops.map((loop) => loop.run(server)));
        const [least, most] = load_ms;
        await Promise.race([wait(least + Math.random() * (most - least)), work]);
        await server.kill();
        await work;
        server = await startServer({ data, set, seed: null, args });
        const restarted = server;
        await Promise.all(loops.map((loop) => checkKnown(restarted, loop, tally)));
      }
      await server.stop();
      checkDatabase(data);
      rmSync(path, { recursive: true });
      t.diagnostic(`${disk.file_system}; ${JSON.stringify(tally)}`);
      for (const [what, count] of Object.entries(tally)) {
        // Being killed within one very step is luck that few kills do not bring.
        if (kills < 50 && (what === 'codes' || what === 'unsure')) continue;
        assert.ok(count > 0, `no case of "${what}": the load proved nothing`);
      }
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const listener = createServer();
    listener.once('error', fail);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as AddressInfo;
      listener.close(() => done(port));
    });
  });
}
