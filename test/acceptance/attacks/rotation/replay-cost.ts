/** Replays against long families: is the work the same for ten generations as for thousands? */
import assert from 'node:assert/strict';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { link } from '../../../outside/tradovate.ts';
import { startServer } from '../../../world.ts';
import type { Server } from '../../../world.ts';
import { alertsIn, costOf, refuse, toldBy, use } from './family.ts';

const { O1 } = REGISTRATIONS;
const SHORT = 10;

export type Cost = { readonly [name: string]: number };

/** Store calls of the replay that ends the family, and of each that follows it. */
export type ReplayCost = { readonly first: Cost; readonly later: Cost };

/** A family of so many generations, and one of ten as the measure. */
export async function replayCosts(
  generations: number,
  replays: number,
): Promise<{ readonly short: ReplayCost; readonly long: ReplayCost }> {
  const server = await startServer({
    seed: tradovateSeed(), set: { 'tradovate.danger_limits_off': true },
  });
  try {
    const short = await replayCost(server, SHORT, replays);
    return { short, long: await replayCost(server, generations, replays) };
  } finally {
    await server.stop();
  }
}

async function replayCost(
  server: Server,
  generations: number,
  replays: number,
): Promise<ReplayCost> {
  const { live } = server;
  const { refresh_token: oldest } = await link(live, O1, USERS.alice);
  let current = oldest;
  for (let generation = 1; generation < generations; generation += 1) {
    ({ refresh_token: current } = await use(live, current));
  }
  let first: Cost = {};
  const told = await toldBy(server, async () => {
    first = await costOf(server, () => refuse(live, oldest));
  });
  assert.equal(alertsIn(told).length, 1);
  const all = await costOf(server, async () => {
    for (let count = 0; count < replays; count += 1) await refuse(live, oldest);
  });
  await refuse(live, current);
  // A window key that a new minute needs is no work of a replay: it falls below the tenth.
  const each = Object.entries(all).map(([name, count]) =>
    [name, Math.round(count / replays * 10) / 10] as const);
  return { first, later: Object.fromEntries(each) };
}
