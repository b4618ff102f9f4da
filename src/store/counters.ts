/** What a bump does to a counter, the same in every engine. */
import type { Bump, CounterState } from '../ports/store.ts';

/**
 * The counter after one bump. A window that has ended begins anew; so does one that ends later
 * than a window can, because the clock was set back. Taking back never goes below zero.
 */
export function bumped(state: CounterState | undefined, bump: Bump, now: number): CounterState {
  const window_ms = bump.window_s * 1000;
  const open = state !== undefined && now < state.ends_at && state.ends_at <= now + window_ms;
  return open
    ? { count: Math.max(0, state.count + bump.add), ends_at: state.ends_at }
    : { count: Math.max(0, bump.add), ends_at: now + window_ms };
}
