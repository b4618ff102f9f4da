/** Bounded sweeps of what has expired, off every decision (DS-03). */
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { OpenWorld } from './open-world.ts';

const EVERY_MS = 30_000;
const AT_ONCE = 500;

export function startHousekeeping(parts: {
  readonly worlds: readonly Pick<OpenWorld, 'name' | 'store'>[];
  readonly clock: Clock;
  readonly log: Log;
}): { stop(): void } {
  const { worlds, clock, log } = parts;
  let running = false;

  async function sweepAll(): Promise<void> {
    if (running) return;
    running = true;
    for (const { name, store } of worlds) {
      try {
        const { removed } = await store.sweep(clock.now(), AT_ONCE);
        if (removed > 0) log.write('debug', 'swept', { world: name, removed });
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown';
        log.write('warn', 'sweep failed', { world: name, reason });
      }
    }
    running = false;
  }

  const timer = setInterval(() => void sweepAll(), EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
