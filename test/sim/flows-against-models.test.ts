/**
 * Random days of one customer: operations run at once over the real flows, with late, conflicting,
 * aborted and lost commits. Some order of each round must explain every answer and what is stored.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededNumbers } from '../flows/house.ts';
import {
  assertInvariants, assertTrail, namesHeld, shownByModel, shownByStore,
} from './against-store.ts';
import {
  type Day, type Operation, aCheck, aPersonalCheck, aPersonalToken, aRefresh, aRemoval, anAct,
  anExchange, beginDay, prepareConsent, repair, signInAgain,
} from './customers-day.ts';
import { CALM, type Odds, ROUGH, faultyCommits } from './faulty-commits.ts';
import { type AppName, type Model, later, withoutLost } from './model.ts';
import { type Observed, outcomes } from './orders.ts';

const ROUNDS = 48;
const AT_ONCE_MAX = 5;

type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** Recent things are picked more often: old ones have mostly ended. */
function pickRecent<T>(random: Random, items: readonly T[]): T | undefined {
  return random() < 0.7 ? pick(random, items.slice(-4)) : pick(random, items);
}

async function draw(day: Day, random: Random): Promise<Operation | null> {
  const app: AppName = random() < 0.6 ? 'A' : 'B';
  const kind = random();
  if (kind < 0.28) return prepareConsent(day, app);
  if (kind < 0.52) {
    const code = pickRecent(random, day.codes);
    return code === undefined ? null : anExchange(day, app, code, random() < 0.1);
  }
  if (kind < 0.68) {
    const token = pickRecent(random, day.refresh_tokens);
    return token === undefined ? null : aRefresh(day, app, token);
  }
  if (kind < 0.8) {
    const token = pickRecent(random, day.tokens);
    return token === undefined ? null : aCheck(day, token);
  }
  if (kind < 0.84) return aRemoval(day, app);
  if (kind < 0.88) return aPersonalToken(day, random() < 0.7 ? 'replace' : 'delete');
  if (kind < 0.91) {
    const token = pickRecent(random, day.personal);
    return token === undefined ? null : aPersonalCheck(day, token);
  }
  return drawAct(day, random, app);
}

/** Acts that set back are drawn as often as those that end, so that a day goes on. */
function drawAct(day: Day, random: Random, app: AppName): Operation {
  const token = random() < 0.2 ? pickRecent(random, day.tokens) : undefined;
  const claims = token === undefined ? 'none' : day.house.flows.deps.seals.openToken(token.text);
  const grant = typeof claims === 'string' ? null : claims.grant;
  return anAct(day, Math.floor(random() * 7), app, grant);
}

async function playRound(day: Day, random: Random, odds: Odds): Promise<void> {
  day.house.store.on_commit = null;
  day.models = distinct(day.models.map((model) => later(model, day.house.clock.ms)));
  if (random() < 0.5) await repair(day);
  await signInAgain(day);
  const operations: Operation[] = [];
  const count = 1 + Math.floor(random() * AT_ONCE_MAX);
  for (let i = 0; i < count; i++) {
    const operation = await draw(day, random);
    if (operation !== null) operations.push(operation);
  }
  // The same operation twice at once is the race that matters most.
  const again = random() < 0.3 ? operations.find(({ says }) => says.startsWith('exchange')) : null;
  if (again) operations.push(again);
  day.house.store.on_commit = faultyCommits(random, odds);
  const observed = await Promise.all(operations.map(async ({ says, steps, run }) => {
    for (let turn = Math.floor(random() * 3); turn > 0; turn--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return run().then(
      (answer): Observed => ({ says, steps, answer }),
      (): Observed => ({ says, steps, answer: null }),
    );
  }));
  day.house.store.on_commit = null;
  await judge(day, observed);
}

async function judge(day: Day, observed: readonly Observed[]): Promise<void> {
  const explained = outcomes(day.models, observed);
  const history = observed.map(({ says, answer }) => `${says} → ${answer ?? 'failed'}`).join('\n');
  assert.notEqual(explained.length, 0, `no order explains\n${history}`);
  const shown = await shownByStore(day);
  const held = namesHeld(day);
  const fitting = explained.filter((model) => same(shownByModel(model, held), shown));
  if (fitting.length === 0) {
    const [first] = explained.map((model) => shownByModel(model, held));
    assert.deepEqual(shown, first, `no model shows what is stored after\n${history}`);
    assert.fail(`no model shows what is stored after\n${history}`);
  }
  day.models = distinct(fitting.map((model) => withoutLost(model, held)));
  await assertInvariants(day);
}

function distinct(models: readonly Model[]): Model[] {
  return [...new Map(models.map((model) => [JSON.stringify(model), model])).values()];
}

function same(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

async function playDay(seed: number, odds: Odds): Promise<Day> {
  const random = seededNumbers(seed);
  const day = await beginDay(seed);
  for (let round = 0; round < ROUNDS; round++) {
    day.house.clock.ms += Math.floor(random() * (random() < 0.02 ? 90_000_000 : 90_000));
    await playRound(day, random, odds);
  }
  await assertTrail(day);
  await day.house.flows.drained();
  return day;
}

/** A failure prints its seed; the same seed plays the same day. */
async function playDays(days: number, odds: Odds): Promise<Day[]> {
  const played: Day[] = [];
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
    played.push(await playDay(seed, odds));
  }), { numRuns: days, endOnFailure: true });
  return played;
}

function assertEventful(days: readonly Day[]): void {
  const grants = days.reduce((sum, day) => sum + day.refresh_tokens.length, 0);
  const tokens = days.reduce((sum, day) => sum + day.tokens.length, 0);
  assert.ok(grants > days.length * 2, `only ${grants} grants in ${days.length} days`);
  assert.ok(tokens > days.length * 5, `only ${tokens} tokens in ${days.length} days`);
}

describe('random days over the real flows', () => {
  it('are explained by the models when the store is calm', async () => {
    assertEventful(await playDays(30, CALM));
  });

  it('are explained by the models when commits conflict, abort and get lost', async () => {
    const days = await playDays(45, ROUGH);
    assertEventful(days);
    const counts = days.map((day) => day.house.flows.deps.work.counts);
    const conflicts = counts.reduce((sum, one) => sum + one.conflicts, 0);
    assert.ok(conflicts > 100, `only ${conflicts} conflicts`);
  });
});
