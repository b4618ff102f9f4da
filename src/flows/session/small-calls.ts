/** Calls that need no token: challenges, published keys, and counting who asks (§12). */
import type { CommandContext, Commands, Outcomes } from '../../core/commands.ts';
import { LIMITS } from '../../core/rules/profile.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { Deps } from '../deps.ts';
import { countCall } from '../limits/call-limits.ts';
import { sourceOf } from '../record-event.ts';

export function countCallFlow(
  deps: Deps,
  { profile }: Commands['count_call'],
  { address }: CommandContext,
): Result<Outcomes['count_call']> {
  const over = countCall(deps, profile, { address });
  return over === null ? accepted({ now: deps.clock.now() }) : refused(over);
}

const CHALLENGE_DIGITS = 20;

export async function issueChallengeFlow(
  deps: Deps,
  { profile, device }: Commands['issue_challenge'],
  context: CommandContext,
): Promise<Result<Outcomes['issue_challenge']>> {
  const over = countCall(deps, profile, { address: context.address });
  if (over !== null) return refused(over);
  const challenge = deps.entropy.digits(CHALLENGE_DIGITS);
  const id = deps.digests.shortValue(`challenge/${challenge}`);
  const subnet = deps.digests.shortValue(subnetOf(context.address));
  return deps.work.run<Outcomes['issue_challenge']>({
    keys: [],
    decide(facts) {
      const expires_at = facts.now + LIMITS.challenge_lifetime_s * 1000;
      const value = { subnet, device, state: 'unused', expires_at } as const;
      return {
        result: accepted({ challenge, expires_at }),
        changes: [{ kind: 'challenge', id, value }],
        events: [],
      };
    },
  }, sourceOf(context, 'anyone'));
}

/** Not limited: verifiers must always be able to ask. */
export function readKeysFlow(deps: Deps): Result<Outcomes['read_keys']> {
  const keys = deps.signer.publicKeys();
  // A key is named by its own digest, so the names say everything.
  return accepted({ keys, tag: deps.digests.sha256(keys.map(({ kid }) => kid).join()) });
}
