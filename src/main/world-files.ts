/** Where a world keeps its data and its master key. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyObject } from 'node:crypto';
import {
  createMasterKey, loadMasterKey, masterKeyVariable,
} from '../adapters/keys/master-key.ts';
import type { Mode, Settings } from '../config/settings.ts';
import type { WorldName } from '../core/world.ts';

export type WorldFiles = {
  readonly database: string;
  readonly master_key: string;
};

export function worldFiles(settings: Settings, world: WorldName): WorldFiles {
  const configured = settings[`${world}.master_key_file`];
  return {
    database: join(settings.data_dir, `${world}.sqlite`),
    master_key: configured === '' ? join(settings.data_dir, 'keys', `${world}.key`) : configured,
  };
}

/** Directory for data and keys that nobody else may enter. */
export function makeDataDirectory(data_dir: string): void {
  mkdirSync(join(data_dir, 'keys'), { recursive: true, mode: 0o700 });
}

/** The world's master key: from the environment or its file; development makes a missing one. */
export function openMasterKey(settings: Settings, world: WorldName, mode: Mode): KeyObject {
  const file = worldFiles(settings, world).master_key;
  const environment = process.env;
  if (mode === 'development' && !existsSync(file)) {
    const given = environment[masterKeyVariable(world)];
    if (given === undefined) return createMasterKey(file);
  }
  return loadMasterKey({ world, file, environment });
}

/**
 * Whether two worlds that have their master keys already hold one and the same, be it by one
 * file, a copy or a variable (BR-05). A key that development is still to make is its own.
 */
export function masterKeysAreShared(settings: Settings, worlds: readonly WorldName[]): boolean {
  const environment = process.env;
  const made = worlds
    .map((world) => ({ world, file: worldFiles(settings, world).master_key, environment }))
    .filter(({ world, file }) =>
      environment[masterKeyVariable(world)] !== undefined || existsSync(file))
    .map(loadMasterKey);
  return made.some((key, at) => made.slice(at + 1).some((other) => key.equals(other)));
}

const MARKER = 'DEVELOPMENT';

/** Marks a data directory as development's for good: `serve` refuses it (AD-09). */
export function markDevelopment(data_dir: string): void {
  const text = 'Made by development mode. Its demo secrets are public: serve refuses it.\n';
  writeFileSync(join(data_dir, MARKER), text, { mode: 0o600 });
}

export function isDevelopment(data_dir: string): boolean {
  return existsSync(join(data_dir, MARKER));
}

const SEEDING = 'SEEDING';

/**
 * Stores the first records, with a note in the directory for as long as that takes: a start that
 * was interrupted must not pass its half of them off as the whole.
 */
export async function whileSeeding(data_dir: string, seed: () => Promise<unknown>): Promise<void> {
  const note = join(data_dir, SEEDING);
  writeFileSync(note, 'The first records are being stored.\n', { mode: 0o600 });
  await seed();
  rmSync(note);
}

export function seedingWasInterrupted(data_dir: string): boolean {
  return existsSync(join(data_dir, SEEDING));
}

/** Path of the socket that operators' commands use. */
export function adminSocket(data_dir: string): string {
  return join(data_dir, 'countersign.sock');
}
