/** What the data directory stands on: figures about durability mean nothing in memory. */
import {
  closeSync, fsyncSync, mkdirSync, openSync, rmSync, statfsSync, writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type Disk = { readonly file_system: string; readonly fsync_us: number };

/** `f_type` of statfs(2). */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlay'],
  [0x2fc12fc1, 'zfs'],
  [0x6969, 'nfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
const IN_MEMORY = ['tmpfs', 'ramfs'];
const SYNCS = 200;

/**
 * The file system of a directory (created when absent) and the median cost of one bare
 * `fsync` after a 4 KiB write there.
 * @throws Error when the directory lies in memory, where a sync is free
 */
export function examineDisk(directory: string): Disk {
  mkdirSync(directory, { recursive: true });
  const type = statfsSync(directory).type;
  const file_system = FILE_SYSTEMS.get(type) ?? `type 0x${type.toString(16)}`;
  if (IN_MEMORY.includes(file_system)) {
    throw new Error(`${directory} is ${file_system}, where fsync is free: choose a real disk`);
  }
  return { file_system, fsync_us: fsyncCost(directory) };
}

function fsyncCost(directory: string): number {
  const file = join(directory, 'fsync-cost');
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4_096, 1);
  const costs: number[] = [];
  for (let count = 0; count < SYNCS; count += 1) {
    writeSync(handle, block);
    const start = process.hrtime.bigint();
    fsyncSync(handle);
    costs.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  closeSync(handle);
  rmSync(file);
  costs.sort((a, b) => a - b);
  return Math.round(costs[SYNCS / 2] ?? 0);
}
