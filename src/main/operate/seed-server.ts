/** Adds the records of a seed document to the worlds it names, through the acts. */
import { BootError } from '../../core/boot-error.ts';
import { readSeed } from '../../core/seed/judge-seed.ts';
import type { Seed } from '../../core/seed/seed-form.ts';
import { type Seeded, firstTaken, seedWorld } from '../../flows/manage/seed.ts';
import type { OpenWorld } from '../open-world.ts';
import { REGISTRATIONS } from '../dialects.ts';
import { DEFAULT_DIALECTS, dialectFault } from './app-dialects.ts';

/** Judges a whole document. @throws BootError with the path of what is wrong */
export function judgeSeed(value: unknown): Seed {
  const seed = readSeed(value, REGISTRATIONS);
  if (!seed.ok) throw new BootError(`seed: ${seed.refusal.reason}`);
  for (const [place, app] of (seed.value.apps ?? []).entries()) {
    const fault = dialectFault(app);
    if (fault !== null) throw new BootError(`seed: apps[${place}]: ${fault}`);
  }
  return seed.value;
}

/**
 * Stores a judged seed; what was made, by world.
 * @throws BootError when any of it exists in one of the worlds; nothing is stored then
 */
export async function seedServer(
  worlds: readonly Pick<OpenWorld, 'name' | 'flows'>[],
  seed: Seed,
): Promise<{ readonly [world: string]: Seeded }> {
  for (const { name, flows } of worlds) {
    const taken = await firstTaken(flows.deps, seed);
    if (taken !== null) throw new BootError(`seed: ${taken} exists in ${name}`);
  }
  const made: { [world: string]: Seeded } = {};
  for (const { name, flows } of worlds) {
    made[name] = await seedWorld(flows.deps, seed, DEFAULT_DIALECTS);
  }
  return made;
}
