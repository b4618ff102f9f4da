/**
 * Nothing of one dialect is anything in the other, and nothing of one world in the other: every
 * kind of object in every slot of every endpoint is answered like one that nobody ever gave out.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { after, test } from 'node:test';
import type { WorldName, WorldSite } from '../../../outside/fixtures.ts';
import { assertLogHoldsNoSecret, logLines, noteSecrets } from '../../tradier/secrets.ts';
import type { LogLine } from '../../tradier/secrets.ts';
import { assertStillGood } from './still-good.ts';
import { KINDS, objectsIn } from './objects.ts';
import type { Holder, Kind, Thing } from './objects.ts';
import { placesOf } from './places.ts';
import type { Place } from './places.ts';
import { present, seenIn, unknownLike } from './present.ts';
import type { Stage } from './present.ts';
import { freshAddress, startBoth } from '../site.ts';
import { standingIn } from './standing.ts';
import type { Standing } from './standing.ts';

const server = await startBoth();
after(server.stop);
const { live, paper } = server;
const SITES: { readonly [W in WorldName]: WorldSite } = { live, paper };
const places = placesOf();
const standings: { readonly [W in WorldName]: Standing } = {
  live: await standingIn(live), paper: await standingIn(paper),
};
const holders: { readonly [W in WorldName]: Holder } = {
  live: await objectsIn(live), paper: await objectsIn(paper),
};
const things = [live, paper].flatMap(({ name }) =>
  [...holders[name].tradier.things, ...holders[name].tradovate.things]);

/** One browser serves the pages of both dialects, on purpose: one sign-in, one list of apps. */
const OF_PAGES: ReadonlySet<Kind> = new Set(['request', 'csrf', 'sign_in_cookie', 'flow_cookie']);
const COOKIES: ReadonlySet<string> = new Set(['sign_in_cookie', 'flow_cookie']);

function isForeign(thing: Thing, place: Place, world: WorldName): boolean {
  if (world !== thing.world) return true;
  if (place.dialect === thing.dialect) return false;
  const shared = place.dialect === 'pages' || COOKIES.has(place.slot.name);
  return !(shared && OF_PAGES.has(thing.kind));
}

type Trial = { readonly thing: Thing; readonly place: Place; readonly world: WorldName };

const trials: readonly Trial[] = (['live', 'paper'] as const).flatMap((world) =>
  places.flatMap((place) => things
    .filter((thing) => isForeign(thing, place, world))
    .map((thing) => ({ thing, place, world }))));

function stageOf({ thing, place, world }: Trial): Stage {
  const own = thing.kind === 'request' && thing.world === world && place.dialect !== 'pages';
  return {
    world: SITES[world],
    standing: standings[world],
    own_cookies: own ? holders[world][thing.dialect].cookies : null,
  };
}

const told = new Map<string, Trial>();

async function hold(trial: Trial): Promise<void> {
  const { thing, place } = trial;
  const stage = stageOf(trial);
  const address = freshAddress();
  told.set(address, trial);
  const foreign = seenIn(await present(place, thing, stage, address));
  const unknown = unknownLike(thing, stage.world);
  const baseline = seenIn(await present(place, unknown, stage, freshAddress()));
  assert.deepEqual(foreign, baseline, nameOf(trial));
  const { status } = foreign as { status: number };
  assert.ok(status < 500, `${nameOf(trial)}: ${status}`);
}

noteSecrets(...things.map(({ text }) => text));

const nameOf = ({ thing, place, world }: Trial): string =>
  `${thing.dialect} ${thing.kind} of ${thing.world} as ${place.slot.name} of ` +
  `${place.method} ${place.route} in ${world}`;

const AT_ONCE = 8;

test('BR-01 BR-17 every object is nothing at every endpoint that is not its own', async () => {
  assert.deepEqual(new Set(things.map(({ kind }) => kind)), new Set(KINDS));
  assert.ok(trials.length > 9_000, String(trials.length));
  for (let at = 0; at < trials.length; at += AT_ONCE) {
    await Promise.all(trials.slice(at, at + AT_ONCE).map(hold));
  }
});

/** Lines of the log by the address that their request came from. */
async function linesByAddress(): Promise<ReadonlyMap<string, LogLine>> {
  for (let tries = 0; ; tries += 1) {
    const lines = new Map(logLines(server).map((line) => [String(line['address']), line]));
    if ([...told.keys()].every((address) => lines.has(address)) || tries >= 200) return lines;
    await pause(10);
  }
}

test('BR-01 the operator is told env_mismatch where the world differed, only there', async () => {
  const lines = await linesByAddress();
  let mismatches = 0;
  for (const [address, trial] of told) {
    const { thing, place, world } = trial;
    const line = lines.get(address);
    assert.ok(line !== undefined, `no line of ${nameOf(trial)}`);
    const says = line['reason'] === 'env_mismatch';
    if (says) assert.notEqual(thing.world, world, nameOf(trial));
    const reads = thing.dialect === place.dialect || thing.kind === 'request';
    if (thing.world !== world && reads && TOLD.has(thing.kind) &&
      place.slot.reads.includes(thing.kind)) {
      assert.ok(says, `${nameOf(trial)}: ${JSON.stringify(line)}`);
    }
    mismatches += says ? 1 : 0;
  }
  assert.ok(mismatches > 500, String(mismatches));
});

/** Tokens and handles; the rest is a digest or a number, which has no world to show. */
const TOLD: ReadonlySet<Kind> = new Set([
  'code', 'access_token', 'refresh_token', 'session_token', 'stream_token', 'grant_stream_token',
  'request', 'personal_token',
]);

/** Good once, or only after a wait: `once.test.ts` shows where these are read. */
const SPENT_BY_A_LOOK: ReadonlySet<Kind> = new Set(['code', 'ticket', 'challenge']);

test('what it rests on: where a kind is read, a good one is not like an unknown', async () => {
  let looked = 0;
  for (const place of places) {
    const readable = things.filter(({ kind, dialect }) =>
      dialect === place.dialect && place.slot.reads.includes(kind) && !SPENT_BY_A_LOOK.has(kind));
    for (const thing of readable) {
      const trial = { thing, place, world: thing.world };
      const stage = stageOf(trial);
      const good = seenIn(await present(place, thing, stage, freshAddress()));
      const unknown = unknownLike(thing, stage.world);
      const baseline = seenIn(await present(place, unknown, stage, freshAddress()));
      // What only opens streams is refused like an unknown one everywhere else.
      const alike = thing.kind === 'stream_token' || thing.kind === 'grant_stream_token';
      if (alike) assert.deepEqual(good, baseline, nameOf(trial));
      else assert.notDeepEqual(good, baseline, nameOf(trial));
      looked += 1;
    }
  }
  assert.ok(looked > 400, String(looked));
});

test('BR-17 nothing was spent: each object is good at its own place', async () => {
  for (const { name } of [live, paper]) await assertStillGood(SITES[name], holders[name]);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
