import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

/** What a run of the tests can do without, and what then does not run. */
export type Part = {
  readonly name: string;
  /** Whether a test file, by its path, belongs to this part. */
  readonly owns: (path: string) => boolean;
  /** Why the part cannot run here, or undefined when it can. */
  readonly missing: () => string | undefined;
};

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium that the browser tests drive: $CHROMIUM, or where Debian puts it. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  return [...(named === undefined ? [] : [named]), ...BROWSERS].find((path) => existsSync(path));
}

/** Whether a program answers on this machine. */
export function answers(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** The parts that need more than Node and npm. All else always runs. */
export const PARTS: readonly Part[] = [
  {
    name: 'browser tests',
    owns: (path) => /\.browser(?:\.long)?\.test\.ts$|^test\/browser\//.test(path),
    missing: () =>
      findChromium() === undefined
        ? 'no Chromium here; `apt-get install chromium`, or name one in CHROMIUM'
        : undefined,
  },
  {
    name: 'system-call traces',
    owns: (path) => /\.strace(?:\.long)?\.test\.ts$/.test(path),
    missing: () =>
      answers('strace', '-f', 'true')
        ? undefined
        : 'no working strace here; `apt-get install strace`',
  },
];

/** The test files of the quick or of the long suite, below the root, sorted. */
export function listTests(root: string, long: boolean): string[] {
  return globSync('test/**/*.test.ts', { cwd: root })
    .filter((path) => path.endsWith('.long.test.ts') === long)
    .sort();
}
