import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const file = (line: string): string => `import { test } from 'node:test';\n${line}\n`;
const good = file("test('X-01 good', () => {});");
const bad = file("test('X-02 bad', () => { throw new Error('boom'); });");
const skipped = file("test('X-03', { skip: 'no ruby here' }, () => {});");
const crash = "throw new Error('at load');";

type Outcome = { code: number | null; output: string; last: string | undefined };

/** Runs the runner over a project that has only these files. */
function runTests(files: Record<string, string>, ...args: string[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-runner-'));
  try {
    cpSync(join(root, 'tools/test'), join(folder, 'tools/test'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    // A test runner below a test runner reports in its parent's form unless it is told not to.
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const run = spawnSync(process.execPath, ['tools/test/run.ts', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...environment, PATH: '', CHROMIUM: '' },
    });
    const output = run.stdout + run.stderr;
    return { code: run.status, output, last: run.stdout.trimEnd().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('test runner', () => {
  it('ends with its sums and exit code 0 when all passed', () => {
    const { code, last, output } = runTests({ 'test/a.test.ts': good });
    assert.deepEqual({ code, last }, { code: 0, last: '1 passed, 0 failed' });
    assert.match(output, /ok {5}test\/a\.test\.ts {2}1 passed/);
  });

  it('shows a failure with its place and error, and exits 1', () => {
    const { code, last, output } = runTests({ 'test/a.test.ts': good, 'test/b.test.ts': bad });
    assert.deepEqual({ code, last }, { code: 1, last: '1 passed, 1 failed' });
    assert.match(output, /FAILED X-02 bad \(test\/b\.test\.ts:2\)\n\s+Error: boom/);
  });

  it('counts a file that crashes as failed and shows what it wrote', () => {
    const { code, last, output } = runTests({ 'test/a.test.ts': crash });
    assert.deepEqual({ code, last }, { code: 1, last: '0 passed, 1 failed' });
    assert.match(output, /Error: at load/);
  });

  it('names the tests that were skipped, with the reason', () => {
    const { code, last, output } = runTests({ 'test/a.test.ts': good, 'test/b.test.ts': skipped });
    assert.deepEqual({ code, last }, { code: 0, last: '1 passed, 0 failed, 1 skipped' });
    assert.match(output, /NOT RUN: 1 tests: no ruby here\n {2}X-03/);
  });

  it('names a part that cannot run, and fails for it when all is required', () => {
    const files = { 'test/a.test.ts': good, 'test/b.strace.test.ts': good };
    const loud = runTests(files);
    assert.deepEqual([loud.code, loud.last], [0, '1 passed, 0 failed']);
    assert.match(loud.output, /NOT RUN: system-call traces \(1 files\): no working strace here/);
    const strict = runTests(files, '--require-all');
    assert.deepEqual([strict.code, strict.last], [1, '1 passed, 1 failed']);
  });

  it('keeps the long suite apart', () => {
    const files = { 'test/a.test.ts': good, 'test/b.long.test.ts': bad };
    assert.equal(runTests(files).last, '1 passed, 0 failed');
    assert.equal(runTests(files, '--long').last, '0 passed, 1 failed');
  });

  it('fails when it finds no test', () => {
    assert.equal(runTests({ 'test/a.test.ts': good }, 'nothing').code, 1);
  });
});
