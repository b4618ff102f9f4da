import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findFaults } from './check.ts';
import { entriesOf } from './lock.ts';
import type { Lock, Manifest } from './lock.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(resolve(root, name), 'utf8');

if (process.argv.includes('--help')) {
  process.stdout.write(
    'npm run deps: compares package.json, the lock file and DEPENDENCIES.md.\n' +
      'Exit code 0: in step and within the limits; 1: not, each fault on a line.\n',
  );
} else {
  const lock = JSON.parse(read('package-lock.json')) as Lock;
  const manifest = JSON.parse(read('package.json')) as Manifest;
  const faults = findFaults(manifest, lock, read('DEPENDENCIES.md'));
  for (const fault of faults) process.stdout.write(`deps: ${fault}\n`);
  const entries = entriesOf(lock);
  const runtime = entries.filter(({ dev }) => dev !== true).length;
  process.stderr.write(
    `deps: ${runtime} packages at run time, ${entries.length} in all, ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
