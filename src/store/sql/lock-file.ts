/**
 * One writing process a database: a lock file with its pid beside it. A file left behind by a
 * process that is gone is taken over, and says that the last end was not a clean one.
 */
import {
  linkSync, readFileSync, renameSync, rmSync, writeFileSync,
} from 'node:fs';
import { StoreRefused } from './store-refused.ts';

export type LockFile = {
  /** The process that held it before ended without letting go. */
  readonly was_stale: boolean;
  release(): void;
};

/** Throws StoreRefused when a living process holds the file. */
export function takeLock(file: string): LockFile {
  const mine = `${process.pid} ${startOf(process.pid) ?? 'unknown'}\n`;
  let was_stale = false;
  // A second round only after a stale file was moved away.
  for (let round = 0; round < 3; round++) {
    if (createLock(file, mine)) return { was_stale, release: () => release(file, mine) };
    const held = readLock(file);
    if (held === null) continue;
    if (isAlive(held)) {
      throw new StoreRefused(
        `process ${held.split(' ')[0]} is already serving this database (${file}): ` +
          'stop it, or let it do the work through its command line',
      );
    }
    removeStale(file, held);
    was_stale = true;
  }
  throw new StoreRefused(`the lock file ${file} changes hands too often: try again`);
}

function createLock(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function readLock(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves the stale file away; one that changed under our hands is put back. */
function removeStale(file: string, held: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readLock(aside) !== held) {
    try {
      linkSync(aside, file);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

function release(file: string, mine: string): void {
  if (readLock(file) === mine) rmSync(file, { force: true });
}

/** A pid is given out again, so the time its process began counts too (where the system tells). */
function isAlive(held: string): boolean {
  const [pid_text, start] = held.trim().split(' ');
  const pid = Number(pid_text);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === null || start === 'unknown' || start === now;
}

/**
 * When a process began, in ticks since the machine did; null where the system does not say.
 * One that is dead and only waits for its parent counts as gone.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks. After it: the state, and 19 fields on, the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
