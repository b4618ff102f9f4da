import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayCosts } from './replay-cost.ts';

test('1 000 replays of one token of 10 000 generations: RT-08, RP-24', async () => {
  const { short, long } = await replayCosts(10_000, 1_000);
  assert.deepEqual(long.later, short.later);
  assert.ok((long.first['reads'] ?? 99) <= 2);
});
