/**
 * Durability by order (I3 at the store): an answer leaves only after the sync of the log that holds
 * its commit. Watched from outside by strace, and shown to fail where the sync is left out.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Synchronous } from '../../src/store/sql/engine.ts';
import { temporaryFolder } from './temporary-store.ts';

const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url));
const CALLS = 'trace=openat,close,pwrite64,write,fsync,fdatasync';
const COMMITS = 60;

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => { folder = temporaryFolder(); });
afterEach(() => folder.remove());

type Watched = { readonly answers: number; readonly early: number };

/** Runs the writer under strace and counts the answers that left before their sync. */
async function watch(synchronous: Synchronous | 'default', ...inject: string[]): Promise<Watched> {
  const trace = join(folder.path, 'trace');
  const writer = spawn('strace', [
    '-f', '-qq', '-s', '32', '-e', CALLS, ...inject, '-o', trace,
    process.execPath, WRITER, join(folder.path, 'live.sqlite'), synchronous, String(COMMITS),
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  writer.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const [code] = await once(writer, 'close') as [number];
  assert.equal(code, 0, said);
  return countEarly(readFileSync(trace, 'latin1').split('\n'));
}

/** Follows the log's descriptor; a call that another thread interrupts counts when it resumes. */
function countEarly(lines: readonly string[]): Watched {
  const logs = new Set<string>();
  let unsynced = false;
  let answers = 0;
  let early = 0;
  const pending = new Map<string, string>();
  for (const line of lines) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    let call = rest;
    if (call.endsWith('<unfinished ...>')) {
      pending.set(thread, call);
      // A write counts from its beginning, a sync from its end.
      if (!call.startsWith('pwrite64') && !call.startsWith('write')) continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call);
    if (resumed) {
      call = (pending.get(thread) ?? '').replace('<unfinished ...>', '') + (resumed[1] ?? '');
      if (call.startsWith('pwrite64') || call.startsWith('write')) continue;
    }
    const opened = /^openat\(.*-wal".*= (\d+)/.exec(call);
    if (opened?.[1] !== undefined) logs.add(opened[1]);
    const [, name = '', fd = ''] = /^(\w+)\((\d+)/.exec(call) ?? [];
    if (name === 'pwrite64' && logs.has(fd)) unsynced = true;
    if ((name === 'fdatasync' || name === 'fsync') && logs.has(fd) && / = 0/.test(call)) {
      unsynced = false;
    }
    if (/^write\(1, "\d+\\n"/.test(call)) {
      answers += 1;
      if (unsynced) early += 1;
    }
  }
  return { answers, early };
}

describe('durability', () => {
  it('an answer leaves after the sync of its commit', { timeout: 120_000 }, async () => {
    assert.deepEqual(await watch('default'), { answers: COMMITS, early: 0 });
  });

  it('the same watch sees what NORMAL and OFF leave out', { timeout: 120_000 }, async () => {
    for (const synchronous of ['NORMAL', 'OFF'] as const) {
      const { answers, early } = await watch(synchronous);
      assert.equal(answers, COMMITS);
      assert.ok(early > COMMITS / 2, `${synchronous}: ${early} of ${answers} were early`);
      folder.remove();
      folder = temporaryFolder();
    }
  });

  it('a sync that fails is no acknowledged commit', { timeout: 120_000 }, async () => {
    const failing = ['-e', 'inject=fdatasync,fsync:error=EIO:when=40+'];
    await assert.rejects(watch('default', ...failing), /StoreFault|disk I\/O error/);
  });
});
