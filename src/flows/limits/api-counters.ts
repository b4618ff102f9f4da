/**
 * Calls of a name in a window: *shared* counters, held in memory. Over several nodes they
 * are merged every second; on one node they are exact.
 */
import type { Quota } from '../../core/rules/refusals.ts';

export type Counted = { readonly quota: Quota; readonly over: boolean };

export type ApiCounters = {
  /** Counts one call; the answer says whether it is still within `allowed`. */
  take(name: string, allowed: number, now: number, window_ms?: number): Counted;
};

const MINUTE_MS = 60_000;
/** Windows kept; when full, ended ones go first, then the oldest (bounded memory, DS-03). */
const WINDOWS_MAX = 100_000;

type Window = { ends_at: number; used: number };

export function createApiCounters(): ApiCounters {
  const windows = new Map<string, Window>();

  function windowOf(name: string, now: number, window_ms: number): Window {
    const known = windows.get(name);
    // A clock set back (development) must not leave a window that never ends.
    const runs = known !== undefined && now < known.ends_at;
    if (runs && known.ends_at <= now + window_ms) return known;
    if (windows.size >= WINDOWS_MAX) makeRoom(windows, now);
    const fresh = { ends_at: now + window_ms, used: 0 };
    windows.delete(name);
    windows.set(name, fresh);
    return fresh;
  }

  return {
    take(name, allowed, now, window_ms = MINUTE_MS) {
      const window = windowOf(name, now, window_ms);
      const over = window.used >= allowed;
      if (!over) window.used += 1;
      return { quota: { allowed, used: window.used, ends_at: window.ends_at }, over };
    },
  };
}

/** Insertion order is window order, so the first entries are the oldest. */
function makeRoom(windows: Map<string, Window>, now: number): void {
  for (const [name, window] of windows) {
    if (window.ends_at > now && windows.size < WINDOWS_MAX) return;
    windows.delete(name);
  }
}
