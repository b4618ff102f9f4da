/** Challenges: good once, for two minutes, from one subnet and one device. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ChallengeFacts, spendChallenge,
} from '../../../../src/core/decide/session/challenge.ts';
import type { Challenge } from '../../../../src/core/kinds/short-lived.ts';
import { DEVICE, NOW } from '../../facts.ts';

const CHALLENGE: Challenge = {
  subnet: 'digest-of-192.0.2', device: DEVICE, state: 'unused', expires_at: NOW + 120_000,
};

const facts = (challenge: Partial<Challenge> | undefined, over: Partial<ChallengeFacts> = {}) => ({
  id: 'challenge-1',
  challenge: challenge === undefined ? undefined : { ...CHALLENGE, ...challenge },
  subnet: CHALLENGE.subnet,
  device: DEVICE,
  now: NOW,
  ...over,
});

describe('a challenge', () => {
  const good: readonly (readonly [string, ChallengeFacts])[] = [
    ['of this subnet and device', facts({})],
    ['of no device', facts({ device: null })],
    ['of no device, without one', facts({ device: null }, { device: null })],
    ['in its last millisecond', facts({ expires_at: NOW + 1 })],
  ];
  for (const [says, given] of good) {
    it(`${says} is good, and used by that`, () => {
      assert.deepEqual(spendChallenge(given), {
        result: { ok: true, value: null },
        changes: [{
          kind: 'challenge', id: 'challenge-1', value: { ...given.challenge, state: 'used' },
        }],
        events: [],
      });
    });
  }

  const bad: readonly (readonly [string, ChallengeFacts])[] = [
    ['that nobody was given', facts(undefined)],
    ['used before', facts({ state: 'used' })],
    ['at its end', facts({ expires_at: NOW })],
    ['of another subnet', facts({}, { subnet: 'digest-of-198.51.100' })],
    ['of another device', facts({}, { device: 'another-device' })],
    ['of a device, sent without one', facts({}, { device: null })],
  ];
  for (const [says, given] of bad) {
    it(`${says} is refused, and nothing changes`, () => {
      const { result, changes, events } = spendChallenge(given);
      assert.ok(!result.ok);
      assert.equal(result.refusal.code, 'challenge_refused');
      assert.equal(result.refusal.rule, 'session.challenge');
      assert.deepEqual([changes, events], [[], []]);
    });
  }
});
