/** Adds the records of a seed document to the worlds it names, through the acts. */
import { readSeed, seedWorld } from '../flows/manage/seed.ts';
import type { RunningServer } from './server.ts';

/** Throws with the path of what is wrong; nothing is stored then. */
export async function seedServer(
  { worlds }: Pick<RunningServer, 'worlds'>,
  value: unknown,
): Promise<{ readonly [world: string]: unknown }> {
  const seed = readSeed(value);
  if (!seed.ok) throw new Error(seed.refusal.reason);
  const made: { [world: string]: unknown } = {};
  for (const { name, flows } of worlds) {
    const result = await seedWorld(flows.deps, seed.value, name);
    if (!result.ok) throw new Error(`${name}: ${result.refusal.reason}`);
    made[name] = result.value;
  }
  return made;
}
