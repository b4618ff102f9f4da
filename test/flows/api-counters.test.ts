/** Calls per token and minute: exact on one node, bounded in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createApiCounters } from '../../src/flows/limits/api-counters.ts';
import { NOW } from '../core/facts.ts';

describe('API counters', () => {
  it('let the allowed calls of a minute pass and count no refused one', () => {
    const counters = createApiCounters();
    for (let used = 1; used <= 3; used++) {
      const { quota, over } = counters.take('token', 3, NOW + used);
      assert.deepEqual(quota, { allowed: 3, used, ends_at: NOW + 1 + 60_000 });
      assert.equal(over, false);
    }
    for (let i = 0; i < 2; i++) {
      const { quota, over } = counters.take('token', 3, NOW + 60_000);
      assert.equal(over, true);
      assert.equal(quota.used, 3);
    }
  });

  it('begin a new minute at the end of one', () => {
    const counters = createApiCounters();
    counters.take('token', 1, NOW);
    assert.equal(counters.take('token', 1, NOW + 59_999).over, true);
    const { quota, over } = counters.take('token', 1, NOW + 60_000);
    assert.equal(over, false);
    assert.deepEqual(quota, { allowed: 1, used: 1, ends_at: NOW + 120_000 });
  });

  it('agree with a model for any calls of a few tokens', () => {
    const call = fc.record({
      name: fc.constantFrom('a', 'b', 'c'), after_ms: fc.integer({ min: 0, max: 40_000 }),
    });
    fc.assert(fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
      const counters = createApiCounters();
      const model = new Map<string, { began_at: number; used: number }>();
      let now = NOW;
      for (const { name, after_ms } of calls) {
        now += after_ms;
        let window = model.get(name);
        if (window === undefined || now >= window.began_at + 60_000) {
          window = { began_at: now, used: 0 };
          model.set(name, window);
        }
        const over = window.used === 4;
        if (!over) window.used += 1;
        const counted = counters.take(name, 4, now);
        assert.equal(counted.over, over);
        assert.equal(counted.quota.used, window.used);
        assert.equal(counted.quota.ends_at, window.began_at + 60_000);
      }
    }));
  });

  it('end a window that the clock, set back, would never reach', () => {
    const counters = createApiCounters();
    assert.equal(counters.take('token', 1, NOW).over, false);
    const earlier = NOW - 3_600_000;
    const { quota, over } = counters.take('token', 1, earlier);
    assert.equal(over, false);
    assert.equal(quota.ends_at, earlier + 60_000);
  });

  it('forget ended windows first and then the oldest when there are too many', () => {
    const counters = createApiCounters();
    counters.take('oldest', 1, NOW);
    counters.take('second', 1, NOW + 1);
    for (let i = 0; i < 99_998; i++) counters.take(`t${i}`, 1, NOW + 2);
    assert.equal(counters.take('second', 1, NOW + 2).over, true);
    counters.take('one more', 1, NOW + 2);
    assert.equal(counters.take('second', 1, NOW + 2).over, true);
    assert.equal(counters.take('oldest', 1, NOW + 2).over, false);
  });
});
