/** A world's first commit, its own record and one key a purpose; later its keys are loaded. */
import type { Change } from '../core/decision.ts';
import type { EventDraft } from '../core/events.ts';
import {
  KEY_PURPOSES, type Key, type KeyPurpose, isSigningPurpose, keyRecordId,
} from '../core/kinds/key.ts';
import { accepted } from '../core/rules/refusals.ts';
import type { KeyTimes } from '../ports/signer.ts';
import type { Deps } from './deps.ts';
import { listAll } from './manage/find.ts';

const SOURCE = { actor: 'server', address: 'local', request_id: 'start' } as const;

/** The first number of a purpose. */
const FIRST = 1;

/**
 * Makes the world's records when the store is new; answers whether it was. A purpose that came
 * with a later version gets its first key in an old world too. Loads the keyring.
 */
export async function bootstrapWorld(deps: Deps): Promise<boolean> {
  const { world, work } = deps;
  const makers = await firstKeys(deps);
  const result = await work.run({
    keys: [
      { kind: 'world', id: world.name },
      ...makers.map(({ id }) => ({ kind: 'key', id } as const)),
    ],
    decide(facts) {
      const { now } = facts;
      const is_new = facts.get('world', world.name) === undefined;
      const record = { name: world.name, epoch: 1, created_at: now, clock_floor: now };
      const changes: Change[] = is_new ? [{ kind: 'world', id: world.name, value: record }] : [];
      const events: EventDraft[] = [{ action: 'server.started', outcome: 'ok' }];
      for (const { id, make } of makers) {
        if (facts.get('key', id) !== undefined) continue;
        changes.push({ kind: 'key', id, value: make({ created_at: now, active_from: now }) });
        events.push({ action: 'key.rotated', outcome: 'ok', object: id });
      }
      return { result: accepted(is_new), changes, events };
    },
  }, SOURCE);
  if (!result.ok) throw new Error(`the ${world.name} world cannot be made: ${result.refusal.code}`);
  await loadKeys(deps);
  return result.value;
}

type FirstKey = { readonly id: string; readonly make: KeyMaker };

/** One for every purpose that has no key at all. */
async function firstKeys(deps: Deps): Promise<readonly FirstKey[]> {
  const present = new Set((await listAll(deps, 'key', '')).map(({ value }) => value.purpose));
  const missing = KEY_PURPOSES.filter((purpose) => !present.has(purpose));
  return Promise.all(missing.map(async (purpose) => ({
    id: keyRecordId(purpose, FIRST), make: await keyMaker(deps, purpose, FIRST),
  })));
}

/** Makes a key of these times, inside a decision. */
export type KeyMaker = (times: KeyTimes) => Key;

/** A secret is drawn in the decision; a signing pair takes too long, and only gets its times. */
export async function keyMaker(
  { keyring, signer, clock }: Pick<Deps, 'keyring' | 'signer' | 'clock'>,
  purpose: KeyPurpose,
  number: number,
): Promise<KeyMaker> {
  if (!isSigningPurpose(purpose)) return (times) => keyring.create(purpose, number, times);
  const now = clock.now();
  const made = await signer.createKey(purpose, number, { created_at: now, active_from: now });
  return (times) => ({ ...made, ...times });
}

/** Takes what the key records say into use; called again after each that changes them. */
export async function loadKeys(deps: Pick<Deps, 'store' | 'keyring'>): Promise<void> {
  deps.keyring.load((await listAll(deps, 'key', '')).map(({ value }) => value));
}

/** The last event of an orderly end. */
export async function recordStop({ work }: Pick<Deps, 'work'>): Promise<void> {
  await work.run({
    keys: [],
    decide: () => ({
      result: accepted(null),
      changes: [],
      events: [{ action: 'server.stopped', outcome: 'ok' }],
    }),
  }, { ...SOURCE, request_id: 'stop' });
}
