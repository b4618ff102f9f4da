/** Challenges that a first-party API key answers instead of sending its secret (§12.3). */
import type { Decision } from '../../decision.ts';
import type { Challenge } from '../../kinds/short-lived.ts';
import { accepted, refused } from '../../rules/refusals.ts';

export type ChallengeFacts = {
  readonly id: string;
  readonly challenge: Challenge | undefined;
  readonly subnet: string;
  readonly device: string | null;
  readonly now: number;
};

/** Spends a challenge: whatever comes of the sign-in, it is good for one. */
export function spendChallenge(facts: ChallengeFacts): Decision<null> {
  const { id, challenge } = facts;
  const reason = challengeFault(facts);
  if (reason !== null || challenge === undefined) {
    return {
      result: refused({
        code: 'challenge_refused', rule: 'session.challenge', reason: reason ?? 'unknown',
      }),
      changes: [],
      events: [],
    };
  }
  const value: Challenge = { ...challenge, state: 'used' };
  return { result: accepted(null), changes: [{ kind: 'challenge', id, value }], events: [] };
}

function challengeFault({ challenge, subnet, device, now }: ChallengeFacts): string | null {
  if (challenge === undefined) return 'no such challenge';
  if (challenge.state === 'used') return 'used before';
  if (now >= challenge.expires_at) return 'older than its lifetime';
  if (challenge.subnet !== subnet) return 'of another subnet';
  return challenge.device === null || challenge.device === device ? null : 'of another device';
}
