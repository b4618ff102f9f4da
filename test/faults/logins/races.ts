/** I7 under 64 logins at once: two sessions live after every round, by one key or by several. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { login, me, sessionOf } from '../../outside/tradovate.ts';
import { USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import type { ApiKey } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';

const AT_ONCE = 64;
const SESSIONS_MAX = 2;

/** @param keys take turns in each round */
export function checkLoginRaces(rounds: number, keys: readonly ApiKey[]): void {
  describe(`login races, ${rounds} rounds, keys ${keys.map(({ cid }) => cid).join()}`, () => {
    it('I7 BR-12 64 logins at once: two sessions live, in every round', async () => {
      const set = { 'tradovate.danger_limits_off': true };
      const server = await startServer({ seed: tradovateSeed(), set });
      let before: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const logins = Array.from({ length: AT_ONCE }, async (_, at) => {
          const key = keys[at % keys.length];
          assert.ok(key);
          return sessionOf(await login(server.live, key, USERS.alice)).accessToken;
        });
        const tokens = await Promise.all(logins);
        const statuses = await Promise.all(
          [...before, ...tokens].map(async (token) => (await me(server.live, token)).status),
        );
        const working = [...before, ...tokens].filter((_, at) => statuses[at] === 200);
        assert.equal(working.length, SESSIONS_MAX, `round ${round}: ${statuses.join(' ')}`);
        for (const token of before) assert.equal(working.includes(token), false);
        before = working;
      }
      await server.stop();
    });
  });
}
