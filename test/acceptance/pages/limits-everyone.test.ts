/** Guesses spread over many names and addresses still meet one limit (EN-06). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LIMITS } from '../../../src/core/rules/profile.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import { profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { BEHIND_PROXY, assertLimited, assertSignedIn, openDoor, workOf } from './door.ts';
import type { Work } from './door.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer({ set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;

const { count, window_s } = LIMITS.sign_in_failures_everyone;
const AT_ONCE = 25;

test('EN-06 a thousand names tried once from as many addresses trip the global limit', async () => {
  const door = await openDoor(live);
  const { name, password } = { name: 'alice', password: CUSTOMERS.alice.password };
  const alice = customerIn(live, 'alice');
  const { access_token, refresh_token = '' } = await alice.link(APPS.A2);
  const guess = (i: number) => door.knock({
    name: `customer-${i}`, password: 'password1', address: `10.${i % 250}.${i >> 8}.1`,
  });
  let refused = 0;
  const spent: Work = await workOf(server, 'live', async () => {
    for (let at = 0; at < count; at += AT_ONCE) {
      const part = Array.from({ length: AT_ONCE }, (_, i) => guess(at + i));
      for (const { status } of await Promise.all(part)) refused += status === 422 ? 1 : 0;
    }
  });
  assert.deepEqual({ refused, hashes: spent.hashes }, { refused: count, hashes: count });
  const late = await workOf(server, 'live', async () => {
    for (let i = 0; i < 50; i += 1) assertLimited(await guess(count + i), window_s);
    assertLimited(await door.knock({ name, password, address: '192.0.2.1' }), window_s);
  });
  assert.equal(`${late.hashes} ${late.reads}`, '0 0', 'refused before anything costs');
  // Who is in stays in, what was connected works, and the other world is another door.
  assert.equal((await alice.connections()).url, `${live.origin}/connections`);
  assert.ok((await alice.allow(APPS.A1)).code);
  assert.equal((await profile(live, access_token)).status, 200);
  assert.equal((await refresh(live, APPS.A2, refresh_token)).status, 200);
  const elsewhere = await openDoor(paper);
  assertSignedIn(await elsewhere.knock({ name, password, address: '192.0.2.1' }));
  await control.advance(window_s + 1);
  assertSignedIn(await door.knock({ name, password, address: '192.0.2.1' }));
});
