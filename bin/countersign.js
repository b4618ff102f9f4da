#!/usr/bin/env node
// Starts Countersign on a Node that can run it. Plain JavaScript that old versions of Node can
// parse, because its job is to say one clear line on them (or to hand over to the locked Node).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 15];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function recentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

// A clone runs its sources; an installed package its compiled output, because Node strips no
// types below node_modules.
function entry() {
  const source = join(root, 'src', 'main.ts');
  const compiled = join(root, 'dist', 'main.js');
  const installed = root.split(/[\\/]/).includes('node_modules');
  return !installed && existsSync(source) ? source : compiled;
}

// The lock file brings a Node as a package: beside us in a clone, above us when installed.
function lockedNode() {
  let folder = root;
  for (;;) {
    const candidates = [
      join(folder, 'node_modules', '.bin', 'node'),
      join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node'),
    ];
    const found = candidates.find((candidate) => existsSync(candidate));
    if (found !== undefined) return found;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, COUNTERSIGN_HANDED_OVER: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends SIGINT to both of us itself; twice would mean "now".
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

if (recentEnough(process.versions.node)) {
  await import(entry());
} else {
  const node = process.env.COUNTERSIGN_HANDED_OVER ? undefined : lockedNode();
  if (node === undefined) {
    console.error(
      `countersign needs Node ${NEEDED.join('.')} or newer and this is ${process.versions.node}: ` +
        'run `npm ci` in the clone (it brings its own Node), or install Node 24.',
    );
    process.exitCode = 1;
  } else {
    handOver(node);
  }
}
