/** Clocks: the only place that reads the time of day. */
import type { Clock } from '../ports/clock.ts';

/** A development clock that tests may set; between settings it runs on by itself. */
export type SettableClock = Clock & {
  /** Continues from this time (epoch ms), which may lie before the present one. */
  set(ms: number): void;
  advance(ms: number): void;
};

/**
 * The system clock, never backwards (F-25): when the machine's clock is set back, this one runs on
 * from its last answer at the ordinary pace, so that nothing lives longer than it should.
 * `floor_ms` is the latest time the store has seen, so that a restart does not go back either.
 */
export function systemClock(floor_ms: number): Clock {
  return runningClock(floor_ms).clock;
}

/** A clock for development: as the system clock until it is set. */
export function settableClock(floor_ms: number): SettableClock {
  const { clock, jump } = runningClock(floor_ms);
  return {
    now: () => clock.now(),
    set: (ms) => jump(ms),
    advance: (ms) => jump(clock.now() + ms),
  };
}

function runningClock(floor_ms: number) {
  let last = floor_ms;
  let ahead = 0;
  const clock: Clock = {
    now() {
      const read = Date.now() + ahead;
      if (read < last) {
        ahead += last - read;
        return last;
      }
      last = read;
      return read;
    },
  };
  return {
    clock,
    jump(ms: number) {
      if (!Number.isFinite(ms)) throw new RangeError('a clock is set to a number of milliseconds');
      last = Math.trunc(ms);
      ahead = last - Date.now();
    },
  };
}
