/** Rolling counters: exact under any number of calls, and no longer than their window. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRollingCounters } from '../../../src/flows/limits/rolling-counters.ts';
import type { Bump, Store } from '../../../src/ports/store.ts';
import { openMemoryStore } from '../../../src/store/memory.ts';

/** The first instant of a slot: windows of an hour have slots of two minutes. */
const START = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 3_600_000;
const SLOT_MS = 120_000;

function counters(over: Partial<Pick<Store, 'bump' | 'sole_writer'>> = {}) {
  const store: Store = { ...openMemoryStore('live'), ...over };
  const bumps: (readonly Bump[])[] = [];
  const watched: Store = {
    ...store,
    bump(some, now) {
      bumps.push(some);
      return store.bump(some, now);
    },
  };
  const clock = { ms: START, now: () => clock.ms };
  const digests = {
    sha256: (text: string) => text, shortValue: (text: string) => `#${text}`,
    hmac: (key: string, text: string) => `${key}/${text}`,
  };
  const rolling = createRollingCounters({ store: watched, clock, digests, window_s: 3600 });
  const look = async (name = 'n') => (await rolling.add(name, 0)).total;
  return { ...rolling, look, store, clock, bumps };
}

describe('rolling counters', () => {
  it('count what is added, the addition included, each name apart', async () => {
    const { add, look } = counters();
    assert.equal((await add('n', 1)).total, 1);
    assert.equal((await add('n', 2)).total, 3);
    assert.equal((await add('m', 1)).total, 1);
    assert.deepEqual([await look('n'), await look('m'), await look('o')], [3, 1, 0]);
  });

  it('of 64 that add at once show each another number', async () => {
    const { add } = counters();
    const all = await Promise.all(Array.from({ length: 64 }, () => add('n', 1)));
    const totals = all.map(({ total }) => total);
    assert.deepEqual(totals.sort((a, b) => a - b), Array.from({ length: 64 }, (_, i) => i + 1));
  });

  it('store no name in clear, and nothing at all for a look', async () => {
    const { look, store, bumps } = counters();
    await look('subnet');
    assert.deepEqual(bumps.map((some) => some.length), [30]);
    for (const { name, add } of bumps[0] ?? []) {
      assert.match(name, /^#subnet\/\d+$/);
      assert.equal(add, 0);
    }
    assert.deepEqual(await store.sweep(START + 10 * HOUR_MS, 100), { removed: 0 });
  });

  it('forget by whole slots: an hour after the first instant of one', async () => {
    for (const into_ms of [0, 1, SLOT_MS - 1]) {
      const { add, look, clock } = counters();
      clock.ms = START + into_ms;
      await add('n', 2);
      clock.ms = START + HOUR_MS - 1;
      assert.equal(await look(), 2);
      clock.ms = START + HOUR_MS;
      assert.equal(await look(), 0);
    }
  });

  it('forget each slot at its time', async () => {
    const { add, look, clock } = counters();
    await add('n', 1);
    clock.ms = START + SLOT_MS;
    await add('n', 2);
    clock.ms = START + 20 * SLOT_MS;
    assert.equal((await add('n', 4)).total, 7);
    const seen = [];
    for (const slots of [29, 30, 31, 49, 50]) {
      clock.ms = START + slots * SLOT_MS;
      seen.push(await look());
    }
    assert.deepEqual(seen, [7, 6, 4, 4, 0]);
  });

  it('take back from the slot that was added to, however late', async () => {
    const { add, look, clock } = counters();
    const { slot } = await add('n', 1);
    clock.ms = START + SLOT_MS;
    await add('n', 1);
    assert.equal((await add('n', -1, slot)).total, 1);
    clock.ms = START + HOUR_MS;
    assert.equal(await look(), 1);
    const late = await add('n', -1, slot);
    assert.equal(late.total, 1);
    clock.ms = START + HOUR_MS + SLOT_MS;
    assert.equal(await look(), 0);
  });

  it('never count below nothing', async () => {
    const { add, look } = counters();
    assert.equal((await add('n', -5)).total, 0);
    await add('n', 1);
    assert.equal(await look(), 1);
  });

  it('say when they will be below a number, if nothing comes', async () => {
    const { add, clock } = counters();
    await add('n', 3);
    clock.ms = START + 5 * SLOT_MS;
    await add('n', 2);
    clock.ms = START + 10 * SLOT_MS + 500;
    const counted = await add('n', 1);
    assert.equal(counted.total, 6);
    const in_s = (slots: number) => Math.ceil((slots * SLOT_MS - 500) / 1000);
    const below = [7, 6, 5, 4, 3, 2, 1].map((count) => counted.fallsBelow(count));
    assert.deepEqual(below, [
      0, in_s(20), in_s(20), in_s(20), in_s(25), in_s(25), in_s(30),
    ]);
    // Not before, and then at once.
    clock.ms += in_s(20) * 1000 - 501;
    assert.equal((await add('n', 0)).total, 6);
    clock.ms += 501;
    assert.equal((await add('n', 0)).total, 3);
  });

  it('agree with a list of every event, in any history', async () => {
    const step = fc.record({
      later_ms: fc.constantFrom(0, 1, SLOT_MS - 1, SLOT_MS, 7 * SLOT_MS, HOUR_MS),
      add: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { add, clock } = counters();
      const events: { readonly slot: number; readonly count: number }[] = [];
      for (const one of steps) {
        clock.ms += one.later_ms;
        const slot = Math.floor(clock.ms / SLOT_MS);
        events.push({ slot, count: one.add });
        const expected = events.filter((event) => event.slot > slot - 30)
          .reduce((sum, { count }) => sum + count, 0);
        assert.equal((await add('n', one.add)).total, expected);
      }
    }), { numRuns: 200 });
  });
});

describe('rolling counters of the only writer', () => {
  it('ask nothing for a name that is known to have no count', async () => {
    const { look, add, bumps } = counters({ sole_writer: true });
    await look();
    await look();
    assert.equal(bumps.length, 1);
    await add('n', 1);
    assert.equal(await look(), 1);
    assert.equal(bumps.length, 3);
  });

  it('ask again for one that was counted, and once more when that is over', async () => {
    const { look, add, clock, bumps } = counters({ sole_writer: true });
    await add('n', 1);
    clock.ms = START + HOUR_MS;
    assert.deepEqual([await look(), await look()], [0, 0]);
    assert.equal(bumps.length, 2);
  });

  it('forget no count that was added while somebody looked', async () => {
    const { look, add } = counters({ sole_writer: true });
    const [before, added] = await Promise.all([look(), add('n', 1)]);
    assert.deepEqual([before, added.total], [0, 1]);
    assert.equal(await look(), 1);
  });
});

describe('rolling counters of one of several writers', () => {
  it('see what another one counted', async () => {
    const store = openMemoryStore('live');
    const one = counters({ bump: (some, now) => store.bump(some, now) });
    const two = counters({ bump: (some, now) => store.bump(some, now) });
    assert.equal(await one.look(), 0);
    await two.add('n', 1);
    assert.equal(await one.look(), 1);
  });
});
