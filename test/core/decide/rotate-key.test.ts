/** Rotation of keys as records alone: announced, used, retired and removed by their times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  KEY_ANNOUNCED_S, KEY_CHECKS_S, judgeAnnouncement, keyState, nextKeyNumber, rotateKey,
} from '../../../src/core/decide/manage/rotate-key.ts';
import {
  KEY_PURPOSES, type Key, type KeyPurpose, SECRET_PURPOSES, SIGNING_PURPOSES, isSigningPurpose,
  keyRecordId,
} from '../../../src/core/kinds/key.ts';
import { NOW } from '../facts.ts';

function key(purpose: KeyPurpose, number: number, over: Partial<Key> = {}): Key {
  const times = { created_at: NOW, active_from: NOW, retired_at: null, removed_at: null };
  return { purpose, number, ...times, sealed: `sealed ${number}`, ...over } as Key;
}

/** The records after a rotation. */
function rotated(present: readonly Key[], fresh: Key): readonly Key[] {
  const { result, changes, events } = rotateKey({
    fresh,
    present: present.map((one) => ({ id: keyRecordId(one.purpose, one.number), key: one })),
    taken: false,
  });
  assert.ok(result.ok);
  const id = keyRecordId(fresh.purpose, fresh.number);
  assert.deepEqual(events, [{ action: 'key.rotated', outcome: 'ok', object: id }]);
  const changed = new Map(changes.map((change) => [change.id, change.value as Key]));
  assert.equal(changed.size, changes.length);
  return [
    ...present.map((one) => changed.get(keyRecordId(one.purpose, one.number)) ?? one),
    changed.get(id)!,
  ];
}

describe('announcing a key', () => {
  it('keys that sign are announced 600 s at least, and by default; others at once', () => {
    assert.deepEqual([...SIGNING_PURPOSES], ['access-token', 'id-token']);
    for (const purpose of SIGNING_PURPOSES) {
      assert.deepEqual(judgeAnnouncement(purpose), { ok: true, value: 600 });
      assert.deepEqual(judgeAnnouncement(purpose, 600), { ok: true, value: 600 });
      assert.deepEqual(judgeAnnouncement(purpose, 86_400), { ok: true, value: 86_400 });
      for (const short of [0, 1, 599]) {
        const refused = judgeAnnouncement(purpose, short);
        assert.ok(!refused.ok);
        const { code, rule, parameter, reason } = refused.refusal;
        assert.deepEqual(
          [code, rule, parameter], ['act_malformed', 'key.announced', 'announce_s'],
        );
        assert.match(reason, /at least 600/);
      }
    }
    for (const purpose of SECRET_PURPOSES) {
      assert.deepEqual(judgeAnnouncement(purpose), { ok: true, value: 0 });
      assert.deepEqual(judgeAnnouncement(purpose, 5), { ok: true, value: 5 });
    }
  });
});

describe('rotating a key', () => {
  it('the present key is retired when the fresh one begins, and removed when it checked enough',
    () => {
      for (const purpose of KEY_PURPOSES) {
        const active_from = NOW + 700_000;
        const [old, fresh] = rotated([key(purpose, 1)], key(purpose, 2, { active_from }));
        const checks_s = KEY_CHECKS_S[purpose];
        const removed_at = checks_s === null ? null : active_from + checks_s * 1000;
        assert.deepEqual(old, key(purpose, 1, { retired_at: active_from, removed_at }));
        assert.deepEqual(fresh, key(purpose, 2, { active_from }));
      }
    });

  it('keys that sign stay a day and an hour: longer than any token', () => {
    for (const purpose of SIGNING_PURPOSES) assert.equal(KEY_CHECKS_S[purpose], 90_000);
  });

  it('states follow the times in the record', () => {
    const one = key('access-token', 1, {
      active_from: NOW + 10, retired_at: NOW + 20, removed_at: NOW + 30,
    });
    const states = [0, 9, 10, 19, 20, 29, 30, 99].map((ms) => keyState(one, NOW + ms));
    assert.deepEqual(states, [
      'next', 'next', 'active', 'active', 'retired', 'retired', 'removed', 'removed',
    ]);
  });

  it('a key retired before keeps its times', () => {
    const gone = key('id-token', 1, { retired_at: NOW - 5, removed_at: NOW + 50 });
    const [kept] = rotated([gone, key('id-token', 2)], key('id-token', 3, { active_from: NOW }));
    assert.deepEqual(kept, gone);
  });

  it('a number taken or used up is refused and changes nothing', () => {
    for (const [fresh, taken] of [
      [key('access-token', 2), true], [key('access-token', 3844), false],
    ] as const) {
      const { result, changes, events } = rotateKey({ fresh, present: [], taken });
      assert.ok(!result.ok);
      assert.equal(result.refusal.code, 'state_conflict');
      assert.deepEqual([changes, events], [[], []]);
    }
  });

  it('whatever is announced when, one key is active at every moment, and only announced ones',
    () => {
      const rotation = fc.record({
        after_s: fc.integer({ min: 0, max: 5000 }), more_s: fc.integer({ min: 0, max: 9000 }),
      });
      const cases = fc.tuple(
        fc.constantFrom(...KEY_PURPOSES), fc.array(rotation, { minLength: 1, maxLength: 8 }),
      );
      fc.assert(fc.property(cases, ([purpose, rotations]) => {
        let keys: readonly Key[] = [key(purpose, 1)];
        let now = NOW;
        for (const { after_s, more_s } of rotations) {
          now += after_s * 1000;
          const active_from = now + (KEY_ANNOUNCED_S[purpose] + more_s) * 1000;
          const number = nextKeyNumber(keys);
          keys = rotated(keys, key(purpose, number, { created_at: now, active_from }));
        }
        const moments = keys.flatMap((one) => [one.active_from, one.retired_at, one.removed_at])
          .flatMap((ms) => (ms === null ? [] : [ms - 1, ms, ms + 1]))
          .filter((ms) => ms >= NOW);
        for (const moment of moments) {
          const active = keys.filter((one) => keyState(one, moment) === 'active');
          assert.equal(active.length, 1, `${moment - NOW} ms`);
          const [{ number, created_at }] = active as [Key];
          if (number > 1 && isSigningPurpose(purpose)) assert.ok(moment - created_at >= 600_000);
        }
      }), { numRuns: 1000 });
    });
});
