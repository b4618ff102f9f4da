/** Exact counters: reserved before the expensive step, right under any number of requests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CounterState, Store } from '../../src/ports/store.ts';
import { createFailureCounters } from '../../src/flows/limits/failure-counters.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import { NOW } from '../core/facts.ts';

const LIMIT = { name: 'password/alice', count_max: 5, window_s: 900 };

function counters(store: Pick<Store, 'bump'> = openMemoryStore('live')) {
  const clock = { ms: NOW, now: () => clock.ms };
  const switches = { off: false };
  const digests = {
    sha256: (text: string) => text, shortValue: (text: string) => `#${text}`,
    hmac: (key: string, text: string) => `${key}/${text}`,
  };
  const parts = { store: store as Store, clock, digests, off: () => switches.off };
  return { ...createFailureCounters(parts), clock, switches };
}

function passed(answers: readonly (number | null)[]): number {
  return answers.filter((wait_s) => wait_s === null).length;
}

describe('failure counters', () => {
  it('let exactly the limit pass of 64 that reserve at once', async () => {
    const failures = counters();
    const answers = await Promise.all(Array.from({ length: 64 }, () => failures.reserve([LIMIT])));
    assert.equal(passed(answers), LIMIT.count_max);
  });

  it('let exactly the limit pass when the store answers late and out of order', async () => {
    const count = fc.integer({ min: 6, max: 20 });
    await fc.assert(fc.asyncProperty(fc.scheduler(), count, async (scheduler, requests) => {
      const store = openMemoryStore('live');
      const failures = counters({
        bump: (bumps, now) => scheduler.schedule(store.bump(bumps, now)),
      });
      const all = Promise.all(
        Array.from({ length: requests }, () => failures.reserve([LIMIT])),
      );
      assert.equal(passed(await scheduler.waitFor(all)), LIMIT.count_max);
    }), { numRuns: 100 });
  });

  it('let one pass after each failure up to the limit, then none in the window', async () => {
    const failures = counters();
    for (let i = 0; i < 5; i++) {
      assert.equal(failures.blocked([LIMIT]), null);
      assert.equal(await failures.reserve([LIMIT]), null);
    }
    assert.equal(failures.blocked([LIMIT]), 900);
    assert.equal(await failures.reserve([LIMIT]), 900);
    failures.clock.ms += 899_001;
    assert.equal(failures.blocked([LIMIT]), 1);
    failures.clock.ms += 999;
    assert.equal(failures.blocked([LIMIT]), null);
    assert.equal(await failures.reserve([LIMIT]), null);
  });

  it('forget what was taken back', async () => {
    const failures = counters();
    for (let i = 0; i < 50; i++) {
      assert.equal(await failures.reserve([LIMIT]), null);
      await failures.release([LIMIT]);
    }
    assert.equal(failures.blocked([LIMIT]), null);
  });

  it('obey the strictest of several limits and say the longest wait', async () => {
    const failures = counters();
    const wide = { name: 'password/', count_max: 3, window_s: 300 };
    for (let i = 0; i < 3; i++) assert.equal(await failures.reserve([LIMIT, wide]), null);
    assert.equal(await failures.reserve([LIMIT, wide]), 300);
    assert.equal(failures.blocked([LIMIT]), null);
    assert.equal(await failures.reserve([LIMIT]), null);
    assert.equal(failures.blocked([LIMIT, wide]), 900);
  });

  it('count a name of one customer to no other', async () => {
    const failures = counters();
    for (let i = 0; i < 9; i++) await failures.reserve([LIMIT]);
    assert.notEqual(failures.blocked([LIMIT]), null);
    assert.equal(failures.blocked([{ ...LIMIT, name: 'password/bob' }]), null);
  });

  it('hand the store digests of names, in one order whoever asks', async () => {
    const seen: string[][] = [];
    const state: CounterState = { count: 1, ends_at: NOW + 1 };
    const failures = counters({
      bump: (bumps) => {
        seen.push(bumps.map((bump) => bump.name));
        return Promise.resolve(bumps.map(() => state));
      },
    });
    const other = { ...LIMIT, name: 'a' };
    await failures.reserve([LIMIT, other]);
    await failures.reserve([other, LIMIT]);
    assert.deepEqual(seen, [['#a', `#${LIMIT.name}`], ['#a', `#${LIMIT.name}`]]);
  });

  it('block nobody for longer than a window when the clock is set back', async () => {
    const failures = counters();
    for (let i = 0; i < 6; i++) await failures.reserve([LIMIT]);
    assert.notEqual(failures.blocked([LIMIT]), null);
    failures.clock.ms -= 3_600_000;
    assert.equal(failures.blocked([LIMIT]), null);
  });

  it('block nobody while limits are off, and somebody again when they are on', async () => {
    const failures = counters();
    for (let i = 0; i < 6; i++) await failures.reserve([LIMIT]);
    failures.switches.off = true;
    assert.equal(failures.blocked([LIMIT]), null);
    failures.switches.off = false;
    assert.notEqual(failures.blocked([LIMIT]), null);
  });

  it('are a fault, not a pass, when the store cannot count', async () => {
    const failures = counters({ bump: () => Promise.reject(new Error('store is gone')) });
    await assert.rejects(failures.reserve([LIMIT]));
  });
});
