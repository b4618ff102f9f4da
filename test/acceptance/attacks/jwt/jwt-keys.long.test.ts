import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateUnderLoad } from './jwt-keys.ts';

test('200 rotations of each signing key under load: F-30, T-10, I11', async () => {
  const { verified, failures, orphans, kids, left } = await rotateUnderLoad(200);
  assert.deepEqual([failures, orphans, left], [[], [], 2], `${verified} verifications`);
  assert.ok(kids.size > 200, `${kids.size} keys signed`);
});
