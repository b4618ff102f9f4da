/** The judge itself: traces written by hand, one with each mistake it must see. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { judgeOrder } from './order.ts';
import type { Verdict } from './order.ts';
import { readTrace } from './trace.ts';

const WAL = '9</data/live.sqlite-wal>';
const header = (commit: boolean): string => {
  const mark = commit ? '\\0\\0\\0\\t' : '\\0\\0\\0\\0';
  return `7 pwrite64(${WAL}, "\\0\\0\\0\\5${mark}${'x'.repeat(16)}", 24, 32) = 24`;
};
const page = (place: string): string =>
  `7 pwrite64(${WAL}, "\\r\\0{\\"n\\":\\"${place}\\",\\"t\\":1}", 4096, 56) = 4096`;
const sync = `7 fdatasync(${WAL}) = 0`;
const reply = (token: string): string => {
  const text = `HTTP/1.1 200 OK\\r\\n\\r\\n{\\"access_token\\":\\"${token}\\"}`;
  return `5 writev(21<socket:[1]>, [{iov_base="${text}", iov_len=9}], 1) = 9`;
};

async function judge(lines: readonly string[], places: object): Promise<Verdict> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-order-'));
  const file = join(directory, 'trace');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const calls = await readTrace(file);
  rmSync(directory, { recursive: true });
  return judgeOrder(calls, new Map(Object.entries(places)));
}

const A = { 'at-a': 'main.token/1/1' };

describe('judgeOrder', () => {
  it('passes commit, sync, reply', async () => {
    const verdict = await judge([header(true), page('main.token/1/1'), sync, reply('at-a')], A);
    assert.deepEqual(verdict, { judged: 1, early: [], unseen: [] });
  });

  it('sees a reply before the sync', async () => {
    const { early } = await judge([header(true), page('main.token/1/1'), reply('at-a'), sync], A);
    assert.deepEqual(early, ['at-a']);
  });

  it('sees a reply while the sync is still running', async () => {
    const split = sync.replace(') = 0', ' <unfinished ...>');
    const resumed = '7 <... fdatasync resumed>) = 0';
    const lines = [header(true), page('main.token/1/1'), split, reply('at-a'), resumed];
    assert.deepEqual((await judge(lines, A)).early, ['at-a']);
    const after = [header(true), page('main.token/1/1'), split, resumed, reply('at-a')];
    assert.deepEqual((await judge(after, A)).early, []);
  });

  it('sees a reply without any sync', async () => {
    const { early } = await judge([header(true), page('main.token/1/1'), reply('at-a')], A);
    assert.deepEqual(early, ['at-a']);
  });

  it('takes no sync of another commit, of an unfinished one, nor a failed one', async () => {
    const other = [header(true), page('main.token/1/0'), sync, reply('at-a')];
    assert.deepEqual((await judge(other, A)).early, ['at-a']);
    const unfinished = [header(false), page('main.token/1/1'), sync, reply('at-a')];
    assert.deepEqual((await judge(unfinished, A)).early, ['at-a']);
    const failed = sync.replace('= 0', '= -1 EIO (Input/output error)');
    const lines = [header(true), page('main.token/1/1'), failed, reply('at-a')];
    assert.deepEqual((await judge(lines, A)).early, ['at-a']);
  });

  it('takes the commit that wrote the event first, and tells tokens it never saw', async () => {
    const both = page('main.token/1/1').replace('}"', '} {\\"n\\":\\"main.token/1/2\\"}"');
    const lines = [
      header(true), page('main.token/1/1'), sync, reply('at-a'),
      header(true), both, reply('at-b'), sync,
    ];
    const places = { ...A, 'at-b': 'main.token/1/2', 'at-c': 'main.token/1/2' };
    const verdict = await judge(lines, places);
    assert.deepEqual(verdict, { judged: 2, early: ['at-b'], unseen: ['at-c'] });
  });
});
