/** F-11: the embedded store under `kill -9`, again and again, while customers and apps work. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { demoApp, demoCustomer } from '../outside/fixtures.ts';
import { makeRealDirectory } from '../outside/real-directory.ts';
import { seedRecords } from '../outside/seed.ts';
import { checkDatabase } from '../outside/whole-files.ts';
import { startServer } from '../world.ts';
import { checkLink } from './after-kill.ts';
import type { Tally } from './after-kill.ts';
import { createLoop } from './customer-loop.ts';

const CUSTOMERS = Array.from({ length: 16 }, (_, at) =>
  demoCustomer(`load${at}`, { live: [`LA${String(at).padStart(6, '0')}`], paper: [] }),
);
const APPS = Array.from({ length: 4 }, (_, at) =>
  demoApp(`load${at}`, { redirect_uris: ['https://load.example/cb'], refresh_approved: true }),
);

/**
 * @param kills how often the server is killed
 * @param load_ms shortest and longest time under load before a kill
 */
export function checkKills(kills: number, load_ms: readonly [number, number]): void {
  describe(`kill -9, ${kills} times under load`, () => {
    it('F-11 no code spent twice, no acknowledged token lost, no ended one back', async (t) => {
      const { path, disk } = makeRealDirectory('kills');
      const data = join(path, 'data');
      const tally: Tally = { alive: 0, ended: 0, replayed: 0, retried: 0 };
      const loops = CUSTOMERS.map((customer, at) => createLoop(customer, APPS, at));
      // The load comes from one subnet; its limits are proven elsewhere.
      const set = { 'tradier.danger_limits_off': true };
      let server = await startServer({ data, set, seed: seedRecords(APPS, CUSTOMERS) });
      for (const loop of loops) await loop.signIn(server);
      let slowest_ms = 0;
      for (let kill = 0; kill < kills; kill += 1) {
        const work = Promise.all(loops.map((loop) => loop.run(server)));
        const [least, most] = load_ms;
        await Promise.race([wait(least + Math.random() * (most - least)), work]);
        await server.kill();
        await work;
        const killed_at = performance.now();
        server = await startServer({ data, set, seed: null });
        slowest_ms = Math.max(slowest_ms, performance.now() - killed_at);
        const restarted = server;
        const links = loops.flatMap((loop) => loop.links);
        await Promise.all(links.map((link) => checkLink(restarted, link, tally)));
      }
      await server.stop();
      checkDatabase(data);
      rmSync(path, { recursive: true });
      t.diagnostic(`${disk.file_system}; ${JSON.stringify(tally)}`);
      t.diagnostic(`slowest restart ${Math.round(slowest_ms)} ms`);
      for (const [what, count] of Object.entries(tally)) {
        assert.ok(count > 0, `no case of "${what}": the load proved nothing`);
      }
    });
  });
}
