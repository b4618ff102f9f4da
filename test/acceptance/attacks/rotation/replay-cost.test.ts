import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayCosts } from './replay-cost.ts';

let counting: ReturnType<typeof replayCosts> | undefined;
const costs = () => (counting ??= replayCosts(300, 100));

test('RT-08 replays of an old token cost the same in a family of any length', async () => {
  const { short, long } = await costs();
  assert.deepEqual(long.later, short.later);
});

test('RP-24 ending a replayed family takes two reads and one commit at most', async () => {
  const { short, long } = await costs();
  for (const { first, later } of [short, long]) {
    for (const { reads = 99, commits = 99, lists } of [first, later]) {
      assert.ok(reads <= 2 && commits <= 1, `${reads} reads, ${commits} commits`);
      assert.equal(lists, 0);
    }
  }
});
