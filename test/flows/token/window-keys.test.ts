/** Window keys: one a minute, kept by its record, gone when its last window is over. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { createVault } from '../../../src/adapters/keys/vault.ts';
import { createWindowKeys } from '../../../src/flows/token/window-keys.ts';
import { openUnitOfWork } from '../../../src/flows/unit-of-work.ts';
import { StoreFault } from '../../../src/ports/store.ts';
import { worldFor } from '../../core/facts.ts';
import { seededEntropy } from '../house.ts';
import { type WatchedStore, aborted, once, watchedStore } from '../watched-store.ts';

const MINUTE_MS = 60_000;
/** The first instant of a minute, and its number. */
const START = Date.UTC(2026, 10, 24, 12);
const NUMBER = START / MINUTE_MS;

const vault = createVault(createSecretKey(Buffer.alloc(32, 7)), 'live');

/** A store with the world's record in it. */
async function openStore(): Promise<WatchedStore> {
  const store = watchedStore();
  await store.behind([{ kind: 'world', id: 'live', value: worldFor(), version: 0 }]);
  return store;
}

/** One process over the store; another seed draws other secrets. */
async function start(store: WatchedStore, { ms = START, seed = 1, retry_s = 30 } = {}) {
  const clock = { ms, now: () => clock.ms };
  const log = { write: () => undefined };
  const work = await openUnitOfWork({ store, clock, log }, 'live');
  const keys = createWindowKeys({
    clock, entropy: seededEntropy(seed), vault, work, retry_s: () => retry_s,
  });
  return { clock, both: async () => keys.both(), atOnce: () => keys.both() };
}

async function records(store: WatchedStore) {
  const { records: found } = await store.list('window-key', { prefix: '', after: null, limit: 99 });
  return found;
}

describe('window keys', () => {
  it('one is made a minute, however many ask at once', async () => {
    const store = await openStore();
    const { both } = await start(store);
    const all = await Promise.all(Array.from({ length: 64 }, both));
    assert.equal(new Set(all).size, 1);
    assert.deepEqual((await records(store)).map(({ id }) => id), [String(NUMBER)]);
    assert.equal(store.batches.length, 1);
    const [[key, before] = []] = all;
    assert.equal(key?.number, NUMBER);
    assert.match(key.secret, /^[0-9A-Za-z]{43}$/);
    assert.equal(before, null);
  });

  it('that is known costs neither query nor wait for the rest of its minute', async () => {
    const store = await openStore();
    const { both, atOnce, clock } = await start(store);
    const first = await both();
    const asked = [store.reads.length, store.batches.length];
    clock.ms += MINUTE_MS - 1;
    assert.equal(atOnce(), first);
    assert.deepEqual([store.reads.length, store.batches.length], asked);
  });

  it('is durable before it is answered, and sealed in its record', async () => {
    const store = await openStore();
    const { both } = await start(store);
    const [{ secret }] = await both();
    const [{ id, value } = { id: '', value: { sealed: '', expires_at: 0 } }] = await records(store);
    assert.equal(id, String(NUMBER));
    assert.equal(value.expires_at, START + MINUTE_MS + 30_000);
    assert.ok(!value.sealed.includes(secret));
    assert.equal(vault.open(`window-key/${NUMBER}`, value.sealed), secret);
    assert.equal(vault.open(`window-key/${NUMBER + 1}`, value.sealed), null);
  });

  it('comes with that of the minute before, until the last window that began in it is over',
    async () => {
      const { both, clock } = await start(await openStore());
      const [first] = await both();
      clock.ms = START + MINUTE_MS;
      const [second, before] = await both();
      assert.equal(second.number, NUMBER + 1);
      assert.notEqual(second.secret, first.secret);
      assert.deepEqual(before, first);
      clock.ms = START + MINUTE_MS + 29_999;
      assert.deepEqual(await both(), [second, first]);
      clock.ms = START + MINUTE_MS + 30_000;
      assert.deepEqual(await both(), [second, null]);
      clock.ms = START + 2 * MINUTE_MS;
      const [third, again] = await both();
      assert.equal(third.number, NUMBER + 2);
      assert.deepEqual(again, second);
    });

  it('comes alone after a minute in which nobody asked', async () => {
    const { both, clock } = await start(await openStore());
    await both();
    clock.ms = START + 2 * MINUTE_MS;
    const [third, before] = await both();
    assert.equal(third.number, NUMBER + 2);
    assert.equal(before, null);
  });

  it('survives a restart by its record', async () => {
    const store = await openStore();
    const one = await start(store);
    const [first] = await one.both();
    one.clock.ms = START + MINUTE_MS;
    const pair = await one.both();
    const again = await start(store, { ms: START + MINUTE_MS + 1, seed: 2 });
    assert.deepEqual(await again.both(), pair);
    assert.deepEqual(pair[1], first);
    assert.equal((await records(store)).length, 2);
  });

  it('does not survive its time, restarted or not', async () => {
    const store = await openStore();
    await (await start(store)).both();
    const late = await start(store, { ms: START + MINUTE_MS + 30_000, seed: 2 });
    assert.equal((await late.both())[1], null);
    await store.sweep(START + MINUTE_MS + 30_000, 100);
    assert.deepEqual((await records(store)).map(({ id }) => id), [String(NUMBER + 1)]);
    await store.sweep(START + 2 * MINUTE_MS + 30_000, 100);
    assert.deepEqual(await records(store), []);
  });

  it('lives as long as replies are repeated: not beyond its minute, or one more', async () => {
    for (const retry_s of [0, 60]) {
      const store = await openStore();
      const { both, clock } = await start(store, { retry_s });
      const [first] = await both();
      assert.equal(first.expires_at, START + MINUTE_MS + retry_s * 1000);
      clock.ms = START + MINUTE_MS;
      assert.deepEqual((await both())[1], retry_s === 0 ? null : first);
      clock.ms = START + 2 * MINUTE_MS - 1;
      assert.deepEqual((await both())[1], retry_s === 0 ? null : first);
    }
  });

  it('of two processes is the same, whoever is first', async () => {
    const store = await openStore();
    const [one, two] = [await start(store), await start(store, { seed: 2 })];
    const [mine, theirs] = await Promise.all([one.both(), two.both()]);
    assert.deepEqual(mine, theirs);
    assert.equal((await records(store)).length, 1);
  });

  it('that could not be made is tried again at the next call', async () => {
    const store = await openStore();
    const { both } = await start(store);
    store.on_commit = () => Promise.reject(aborted());
    await assert.rejects(both, StoreFault);
    assert.deepEqual(await records(store), []);
    store.on_commit = once((batch) => Promise.resolve(batch.atoms.map(() => 'conflict' as const)));
    assert.equal((await both())[0].number, NUMBER);
    assert.equal((await records(store)).length, 1);
  });

  it('whose record does not open is a fault, not another key', async () => {
    const store = await openStore();
    await store.behind([{
      kind: 'window-key', id: String(NUMBER), version: 0,
      value: { sealed: vault.seal('window-key/1', 'x'), expires_at: START + 90_000 },
    }]);
    const { both } = await start(store);
    await assert.rejects(both, StoreFault);
  });

  it('after a clock set back is that of the minute it was set to', async () => {
    const store = await openStore();
    const { both, clock } = await start(store, { ms: START + MINUTE_MS });
    await both();
    clock.ms = START;
    const [key, before] = await both();
    assert.equal(key.number, NUMBER);
    assert.equal(before, null);
  });
});
