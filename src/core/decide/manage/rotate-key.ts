/** Keys change by time, never by message: next → active → retired → removed (KM-05). */
import type { Change, Decision } from '../../decision.ts';
import { type Key, type KeyPurpose, keyRecordId } from '../../kinds/key.ts';
import { type Result, accepted, refused } from '../../rules/refusals.ts';
import { type Changed, actRefusal, changed, refuse } from './outcome.ts';

/** Two base62 characters of every handle carry the number. */
const NUMBER_MAX = 3843;

/**
 * How long a retired key goes on checking, s; null = for ever. A stable refresh token lives until
 * it is ended, and a retired handle key cannot mint. A signing key stays published for as long:
 * a signed token lives a day at most (I11).
 */
export const KEY_CHECKS_S: { readonly [P in KeyPurpose]: number | null } = {
  handle: null,
  token: 2 * 86_400,
  request: 2 * 3600,
  browser: 86_400,
  'access-token': 86_400 + 3600,
  'id-token': 86_400 + 3600,
};

/**
 * How long a key is announced before its first use, s, at least and unless told otherwise. Who
 * verifies keeps the published keys for minutes, and would refuse a token of one it has not seen
 * yet (F-30): this is twice the time a copy may be kept. Only we check with the other keys.
 */
export const KEY_ANNOUNCED_S: { readonly [P in KeyPurpose]: number } = {
  handle: 0,
  token: 0,
  request: 0,
  browser: 0,
  'access-token': 600,
  'id-token': 600,
};

export type KeyRotation = {
  readonly fresh: Key;
  /** Present keys of the purpose with their ids, and whether the fresh one's id is taken. */
  readonly present: readonly { readonly id: string; readonly key: Key }[];
  readonly taken: boolean;
};

/** How long the next key of a purpose is announced, s: as asked, or refused as too short. */
export function judgeAnnouncement(purpose: KeyPurpose, asked_s?: number): Result<number> {
  const least_s = KEY_ANNOUNCED_S[purpose];
  const announced_s = asked_s ?? least_s;
  if (announced_s >= least_s) return accepted(announced_s);
  return refused({
    code: 'act_malformed',
    rule: 'key.announced',
    parameter: 'announce_s',
    reason: `announce_s must be at least ${least_s} for ${purpose}: others verify by the ` +
      'published keys and may not have fetched the new one before',
  });
}

export function nextKeyNumber(present: readonly Key[]): number {
  return present.reduce((highest, { number }) => Math.max(highest, number), 0) + 1;
}

export function rotateKey({ fresh, present, taken }: KeyRotation): Decision<Changed<Key>> {
  const { purpose, number, active_from } = fresh;
  if (number > NUMBER_MAX) {
    return refuse(actRefusal('state_conflict', 'all key numbers are used up', 'purpose'));
  }
  if (taken) return refuse(actRefusal('state_conflict', 'another rotation came first', 'purpose'));
  const checks_s = KEY_CHECKS_S[purpose];
  const retired: Change[] = present
    .filter(({ key }) => key.retired_at === null || key.retired_at > active_from)
    .map(({ id, key }) => {
      const retired_at = Math.max(active_from, key.active_from);
      const removed_at = checks_s === null ? null : retired_at + checks_s * 1000;
      return { kind: 'key', id, value: { ...key, retired_at, removed_at } };
    });
  const id = keyRecordId(purpose, number);
  return changed(
    fresh,
    [{ kind: 'key', id, value: fresh }, ...retired],
    [{ action: 'key.rotated', outcome: 'ok', object: id }],
  );
}

export type KeyState = 'next' | 'active' | 'retired' | 'removed';

export function keyState(key: Key, now: number): KeyState {
  if (key.removed_at !== null && now >= key.removed_at) return 'removed';
  if (key.retired_at !== null && now >= key.retired_at) return 'retired';
  return now < key.active_from ? 'next' : 'active';
}
