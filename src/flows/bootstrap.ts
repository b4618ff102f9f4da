/** A world's first commit, its own record and one key a purpose; later its keys are loaded. */
import type { Change } from '../core/decision.ts';
import type { EventDraft } from '../core/events.ts';
import { KEY_PURPOSES, keyRecordId } from '../core/kinds/key.ts';
import { accepted } from '../core/rules/refusals.ts';
import type { Deps } from './deps.ts';
import { listAll } from './manage/find.ts';

const SOURCE = { actor: 'server', address: 'local', request_id: 'start' } as const;

/** Makes the world's records when the store is new; answers whether it was. Loads the keyring. */
export async function bootstrapWorld(deps: Deps): Promise<boolean> {
  const { world, keyring, work } = deps;
  const result = await work.run({
    keys: [
      { kind: 'world', id: world.name },
      ...KEY_PURPOSES.map((purpose) => ({ kind: 'key', id: keyRecordId(purpose, 1) } as const)),
    ],
    decide(facts) {
      const events: EventDraft[] = [{ action: 'server.started', outcome: 'ok' }];
      if (facts.get('world', world.name) !== undefined) {
        return { result: accepted(false), changes: [], events };
      }
      const { now } = facts;
      const record = { name: world.name, epoch: 1, created_at: now, clock_floor: now };
      const changes: Change[] = [{ kind: 'world', id: world.name, value: record }];
      for (const purpose of KEY_PURPOSES) {
        const value = keyring.create(purpose, 1, { created_at: now, active_from: now });
        changes.push({ kind: 'key', id: keyRecordId(purpose, 1), value });
        events.push({ action: 'key.rotated', outcome: 'ok', object: keyRecordId(purpose, 1) });
      }
      return { result: accepted(true), changes, events };
    },
  }, SOURCE);
  if (!result.ok) throw new Error(`the ${world.name} world cannot be made: ${result.refusal.code}`);
  await loadKeys(deps);
  return result.value;
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
