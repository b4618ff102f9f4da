/**
 * The rotation rule as a model of a few lines, against the server: random tokens of one family at
 * random times, and at most one string of it that is live (RP-21).
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { dumpWorld } from '../../data/dump.ts';
import { assertOAuthError } from '../../tradovate/answers.ts';
import { traderIn } from '../../tradovate/trader.ts';
import { present, use } from './family.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1 } = REGISTRATIONS;
const W_S = 30;

/** Token number `current` is live; `before` gave it at `used_s`, while it was never used. */
type Model = {
  current: number;
  before: number | null;
  used_s: number;
  dead: boolean;
};

/** What presenting a token comes to: the number of the token that is answered, or null. */
function expected(model: Model, token: number, now_s: number, fresh: number): number | null {
  if (model.dead) return null;
  if (token === model.current || token === model.before) {
    const again = token === model.before && now_s - model.used_s <= W_S;
    if (again) return model.current;
    Object.assign(model, { current: fresh, before: token, used_s: now_s });
    return fresh;
  }
  model.dead = true;
  return null;
}

type Step = { readonly wait_s: number; readonly back: number };

const STEPS = fc.array(
  fc.record({
    // No sum of them is near the window's edge: the clock runs on while we call.
    wait_s: fc.constantFrom(0, 0, 0, 0, 11, 11, 47, 3_600),
    // How far back from the newest token to reach: mostly the newest and the one before.
    back: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 1, 2, 3),
  }),
  { minLength: 1, maxLength: 25 },
);

async function runFamily(steps: readonly Step[]): Promise<void> {
  const first = await alice.link(O1);
  const tokens = [first.refresh_token];
  const model: Model = { current: 0, before: null, used_s: 0, dead: false };
  let now_s = 0;
  for (const { wait_s, back } of steps) {
    if (wait_s > 0) await control.advance(wait_s);
    now_s += wait_s;
    const presented = Math.max(0, tokens.length - 1 - back);
    const gives = expected(model, presented, now_s, tokens.length);
    const answer = await present(live, tokens[presented] ?? '');
    if (gives === null) {
      assertOAuthError(answer, 'refresh');
      continue;
    }
    const { refresh_token } = tokensOf(answer);
    if (gives === tokens.length) tokens.push(refresh_token);
    assert.equal(refresh_token, tokens[gives], `token ${presented} gives ${gives}`);
    assert.equal(new Set(tokens).size, tokens.length);
  }
}

test('RP-21 the server does what the rule says, whatever comes in whatever order', async () => {
  await fc.assert(fc.asyncProperty(STEPS, runFamily), { numRuns: 60 });
});

test('RP-21 a grant has one row with one current digest, and no row per token', async () => {
  let { refresh_token } = await alice.link(O1);
  const rows = () => dumpWorld(server.data, 'live').filter(({ table }) => table === 'grant_');
  const before = rows().length;
  for (let count = 0; count < 30; count += 1) {
    ({ refresh_token } = await use(live, refresh_token));
  }
  assert.equal(rows().length, before);
  const all = dumpWorld(server.data, 'live').length;
  for (let count = 0; count < 30; count += 1) {
    ({ refresh_token } = await use(live, refresh_token));
  }
  const grown = dumpWorld(server.data, 'live').filter(({ table }) => table !== 'event').length;
  assert.ok(grown <= all + 2, 'nothing grew but the trail');
});
