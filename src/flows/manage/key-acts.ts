/** Acts on the world's keys. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import {
  judgeAnnouncement, nextKeyNumber, rotateKey,
} from '../../core/decide/manage/rotate-key.ts';
import { type Key, keyRecordId } from '../../core/kinds/key.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import { keyMaker, loadKeys } from '../bootstrap.ts';
import type { Deps } from '../deps.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, keyView } from './act-views.ts';
import { listAll } from './find.ts';

export async function listKeysAct({ deps }: ActScene): Promise<Result<View>> {
  const now = deps.clock.now();
  const keys = await listAll(deps, 'key', '');
  return accepted({ keys: keys.map(({ value }) => keyView(value, now)) });
}

/** The keyring learns of the new key only when its record is durable. */
export async function rotateKeyAct(
  scene: ActScene,
  args: FlowActArgs<'key.rotate'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const { purpose } = args;
  const announced_s = judgeAnnouncement(purpose, args.announce_s);
  if (!announced_s.ok) return announced_s;
  const present = (await listAll(deps, 'key', `${purpose}.`)).map(({ id }) => id);
  const number = nextKeyNumber(await keysOf(deps, present));
  const fresh_id = keyRecordId(purpose, number);
  const make = await keyMaker(deps, purpose, number);
  const result = await runActWork<Changed<Key>>(scene, {
    keys: [...present, fresh_id].map((id) => ({ kind: 'key', id } as const)),
    decide: (facts) => rotateKey({
      fresh: make({
        created_at: facts.now, active_from: facts.now + announced_s.value * 1000,
      }),
      present: present.flatMap((id) => {
        const key = facts.get('key', id);
        return key === undefined ? [] : [{ id, key }];
      }),
      taken: facts.get('key', fresh_id) !== undefined,
    }),
  });
  if (!result.ok) return result;
  await loadKeys(deps);
  return accepted(keyView(result.value.record, deps.clock.now()));
}

async function keysOf(deps: Deps, ids: readonly string[]): Promise<Key[]> {
  if (ids.length === 0) return [];
  const records = await deps.store.read(ids.map((id) => ({ kind: 'key', id } as const)));
  return records.flatMap((record) => (record === undefined ? [] : [record.value as Key]));
}
