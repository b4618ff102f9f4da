/** A directory on a disk: below the project, because the system's own may lie in memory. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { examineDisk } from './disk.ts';
import type { Disk } from './disk.ts';

const BELOW = resolve(import.meta.dirname, '../../dist');

export type RealDirectory = { readonly path: string; readonly disk: Disk };

/** A fresh directory, and what it stands on. Throws when that is memory. */
export function makeRealDirectory(name: string): RealDirectory {
  mkdirSync(BELOW, { recursive: true });
  const path = mkdtempSync(join(BELOW, `${name}-`));
  return { path, disk: examineDisk(path) };
}
