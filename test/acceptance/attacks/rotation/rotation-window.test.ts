/** How long a lost answer is repeated is the operator's to say, within a minute (RP-22). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { link } from '../../../outside/tradovate.ts';
import { startServer } from '../../../world.ts';
import type { Server } from '../../../world.ts';
import { use } from './family.ts';

const { O1 } = REGISTRATIONS;

const started = (refresh_retry_s: number | string): Promise<Server> =>
  startServer({ seed: tradovateSeed(), set: { refresh_retry_s } });

test('RP-22 a window outside 0 to 60 seconds does not start', async () => {
  for (const value of [-1, 61, 3_600, 1.5, 'long']) {
    const error = await started(value).then(
      async (server) => {
        await server.kill();
        return new Error('it started');
      },
      (refusal: Error) => refusal,
    );
    assert.match(error.message, /refresh_retry_s/, String(value));
    assert.doesNotMatch(error.message, /\n\s+at /);
  }
});

for (const window_s of [0, 60]) {
  test(`RP-22 a window of ${window_s} seconds is kept to`, async () => {
    const { live, control, stop } = await started(window_s);
    try {
      const r1 = await link(live, O1, USERS.alice);
      const r2 = await use(live, r1.refresh_token);
      if (window_s > 0) {
        await control.advance(window_s - 5);
        assert.equal((await use(live, r1.refresh_token)).refresh_token, r2.refresh_token);
      }
      await control.advance(6);
      assert.notEqual((await use(live, r1.refresh_token)).refresh_token, r2.refresh_token);
    } finally {
      await stop();
    }
  });
}
