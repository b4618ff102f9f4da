/**
 * The master key of one world (KM-02): 32 bytes in base64url, from an environment variable or a
 * file that only its owner may read. It seals the world's key records and never enters a database.
 */
import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { WorldName } from '../../core/world.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';

/** The server must not start; the message says why and what to change. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BootError';
  }
}

export type MasterKeySource = {
  readonly world: WorldName;
  /** File with the key, mode 0400; null when the environment must hold it. */
  readonly file: string | null;
  readonly environment: { readonly [name: string]: string | undefined };
};

/** Name of the variable that may hold the key, e.g. `COUNTERSIGN_LIVE_MASTER_KEY`. */
export function masterKeyVariable(world: WorldName): string {
  return `COUNTERSIGN_${world.toUpperCase()}_MASTER_KEY`;
}

/** Reads the key; the environment goes before the file. Throws a MasterKeyError. */
export function loadMasterKey({ world, file, environment }: MasterKeySource): KeyObject {
  const variable = masterKeyVariable(world);
  const given = environment[variable];
  if (given !== undefined) return parseKey(given, `environment variable ${variable}`);
  if (file === null) {
    throw new MasterKeyError(
      `the ${world} world has no master key: set ${variable} or configure a key file`,
    );
  }
  return parseKey(readProtected(file), `key file ${file}`);
}

/** Makes a new key in a new file of mode 0400. Throws when the file exists. */
export function createMasterKey(file: string): KeyObject {
  const bytes = randomBytes(32);
  const fd = openSync(file, 'wx', 0o400);
  try {
    writeSync(fd, `${bytes.toString('base64url')}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function readProtected(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new MasterKeyError(`the key file ${file} cannot be opened (${code})`);
  }
  try {
    // Asked of the open file, so that it cannot be exchanged between the look and the read.
    const mode = fstatSync(fd).mode & 0o777;
    if (mode !== 0o400) {
      throw new MasterKeyError(
        `the key file ${file} has mode 0${mode.toString(8)}: others could read or change it; ` +
          `run: chmod 0400 ${file}`,
      );
    }
    return readFileSync(fd, 'latin1');
  } finally {
    closeSync(fd);
  }
}

function parseKey(text: string, from: string): KeyObject {
  const bytes = bytesOfBase64url(text.trim());
  if (bytes?.length !== 32) {
    throw new MasterKeyError(`the ${from} must hold 32 bytes in base64url (43 characters)`);
  }
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
