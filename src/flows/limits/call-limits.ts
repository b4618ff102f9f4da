/** Calls of a customer, or of an address without a token (*shared* counters, §10). */
import type { CallLimit, Profile } from '../../core/rules/profile.ts';
import type { Refusal } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { type Exempt, isExempt } from './exempt.ts';

/** Counts one call; a refusal when one of its windows is full. */
export function countCall(
  deps: Deps,
  profile: Profile,
  who: Exempt & { readonly customer?: string },
): Refusal | null {
  const limits = profile.call_limits;
  if (limits === null || isExempt(profile, who)) return null;
  return who.customer === undefined
    ? take(deps, limits.anonymous, `calls/address/${who.address}`)
    : take(deps, limits.authenticated, `calls/customer/${who.customer}`);
}

/** The shortest window first: a burst that it turns away does not use up the longer ones. */
function take(deps: Deps, limits: readonly CallLimit[], name: string): Refusal | null {
  const now = deps.clock.now();
  for (const { count, window_s } of limits.toSorted((a, b) => a.window_s - b.window_s)) {
    const counted = `${name}/${window_s}`;
    const { over, quota } = deps.api_counters.take(counted, count, now, window_s * 1000);
    if (!over) continue;
    return {
      code: 'quota_exceeded',
      rule: 'calls.limit',
      reason: `more than ${count} calls in ${window_s} s`,
      quota,
    };
  }
  return null;
}
