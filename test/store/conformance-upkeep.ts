/** What every store engine must do beside its records: counters, the trail, and sweeping. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unpackEvents } from '../../src/store/trail/pack-events.ts';
import { verifyChain } from '../../src/store/trail/verify-chain.ts';
import { type OpenedStore, storeOf, write } from './opened-store.ts';
import {
  DAY_MS, NOW, RECORDS, aCode, aGrant, anEvent, atom, change, idOf,
} from './records.ts';

export function counterTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);
  const one = { name: 'n', add: 1, window_s: 60 };

  it('adds in a window that begins with its first bump, and begins anew after it', async () => {
    const ends_at = NOW + 60_000;
    assert.deepEqual(await at.store.bump([one], NOW), [{ count: 1, ends_at }]);
    const more = { ...one, add: 3 };
    assert.deepEqual(await at.store.bump([more], ends_at - 1), [{ count: 4, ends_at }]);
    const [anew] = await at.store.bump([one], ends_at);
    assert.deepEqual(anew, { count: 1, ends_at: ends_at + 60_000 });
  });

  it('takes back, never below nothing, and not from a window that is over', async () => {
    const name = 'back';
    await at.store.bump([{ ...one, name, add: 2 }], NOW);
    const back = { ...one, name, add: -1 };
    const counts = [];
    for (let i = 0; i < 3; i++) counts.push((await at.store.bump([back], NOW))[0]?.count);
    assert.deepEqual(counts, [1, 0, 0]);
    const [late] = await at.store.bump([back], NOW + 90_000);
    assert.equal(late?.count, 0);
  });

  it('adding 0 looks: it moves no window and leaves no counter', async () => {
    const look = { ...one, name: 'looked at', add: 0 };
    const ends_at = NOW + 60_000;
    assert.deepEqual(await at.store.bump([look], NOW), [{ count: 0, ends_at }]);
    assert.deepEqual(await at.store.bump([look], NOW + 5), [{ count: 0, ends_at: ends_at + 5 }]);
    await at.store.sweep(NOW + DAY_MS, 1000);
    await at.store.bump([look, { ...look, name: 'looked at, too' }], NOW);
    assert.deepEqual(await at.store.sweep(NOW + DAY_MS, 1000), { removed: 0 });
    await at.store.bump([{ ...look, add: 2 }], NOW);
    assert.deepEqual(await at.store.bump([look], ends_at - 1), [{ count: 2, ends_at }]);
    assert.equal((await at.store.bump([look], ends_at))[0]?.count, 0);
    assert.deepEqual(await at.store.sweep(ends_at - 1, 1000), { removed: 0 });
    assert.deepEqual(await at.store.sweep(ends_at, 1000), { removed: 1 });
  });

  it('a clock set back leaves no window that never ends', async () => {
    await at.store.bump([{ ...one, name: 'set-back' }], NOW + 3_600_000);
    const [state] = await at.store.bump([{ ...one, name: 'set-back' }], NOW);
    assert.deepEqual(state, { count: 1, ends_at: NOW + 60_000 });
  });

  it('100 bumps at once are all counted, each sees another count', async () => {
    const names = ['p', 'q'];
    const states = await Promise.all(Array.from({ length: 100 }, () =>
      at.store.bump(names.map((name) => ({ ...one, name })), NOW),
    ));
    for (const i of names.keys()) {
      const counts = states.map((state) => state[i]?.count ?? 0).sort((a, b) => a - b);
      assert.deepEqual(counts, Array.from({ length: 100 }, (_, n) => n + 1));
    }
  });
}

export function trailTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('keeps events as they were, a row a class, numbered and chained', async () => {
    const events = [
      anEvent({ request_id: 'a' }),
      anEvent({ action: 'consent.given', class: 'access', actor: 'customer', request_id: 'b' }),
      anEvent({ action: 'refresh.refused', outcome: 'refused', detail: 'refresh.own' }),
      anEvent({
        action: 'app.disabled', class: 'admin', actor: 'operator', before: 'x', after: 'y',
        at: NOW - 5,
      }),
    ];
    await at.store.commit({ at: NOW, atoms: [{ changes: [], events: events.slice(0, 2) }] });
    await at.store.commit({ at: NOW + 1, atoms: [{ changes: [], events: events.slice(2) }] });
    const rows = await at.store.events(null, 100);
    assert.deepEqual(rows.map((row) => [row.class, row.lane, row.batch, row.count]), [
      ['token', 'main.token', 1, 1], ['access', 'main.access', 1, 1],
      ['token', 'main.token', 2, 1], ['admin', 'main.admin', 1, 1],
    ]);
    assert.deepEqual(rows.flatMap((row) => unpackEvents(row)), events);
    assert.deepEqual(verifyChain(rows), { ok: true, rows: 4, events: 4 });
  });

  it('is read on from a row', async () => {
    const rows = await at.store.events(null, 100);
    const [first] = await at.store.events(null, 1);
    assert.deepEqual(first, rows[0]);
    assert.ok(first);
    const rest = await at.store.events({ lane: first.lane, row: first.row }, 100);
    assert.deepEqual(rest, rows.slice(1));
  });

  it('knows the latest time of any commit, also of one without events', async () => {
    assert.equal(await at.store.latestTime(), NOW + 1);
    const made = change('login-name', 't', 0, { customer: 'c' });
    await at.store.commit({ at: NOW + 50, atoms: [atom(made)] });
    assert.equal(await at.store.latestTime(), NOW + 50);
    await at.store.commit({ at: NOW, atoms: [{ changes: [], events: [anEvent()] }] });
    assert.equal(await at.store.latestTime(), NOW + 50);
  });
}

export function sweepTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('removes what is over, never before its time, never what is kept', async () => {
    await write(
      at.store,
      change('request', 'r', 0, { ...RECORDS.request, expires_at: NOW + 10 }),
      change('grant', idOf(1), 0, aGrant({ state: { is: 'ended', at: NOW, by: 'customer' } })),
      change('grant', idOf(2), 0, aGrant()),
      change('code', idOf(3), 0, aCode({ expires_at: NOW })),
      change('customer', 'c', 0, RECORDS.customer),
    );
    const left = async () => (await at.store.read([
      { kind: 'request', id: 'r' }, { kind: 'grant', id: idOf(1) }, { kind: 'grant', id: idOf(2) },
      { kind: 'code', id: idOf(3) }, { kind: 'customer', id: 'c' },
    ])).map((one) => one !== undefined);
    await at.store.sweep(NOW + 9, 100);
    assert.deepEqual(await left(), [true, true, true, true, true]);
    await at.store.sweep(NOW + 10, 100);
    assert.deepEqual(await left(), [false, true, true, true, true]);
    await at.store.sweep(NOW + DAY_MS - 1, 100);
    assert.deepEqual(await left(), [false, true, true, true, true]);
    // Hot kinds go by the day: at the latest a day after their time.
    await at.store.sweep(NOW + 2 * DAY_MS, 100);
    assert.deepEqual(await left(), [false, true, true, false, true]);
    await at.store.sweep(NOW + 30 * DAY_MS - 1, 100);
    assert.deepEqual(await left(), [false, true, true, false, true]);
    await at.store.sweep(NOW + 31 * DAY_MS, 100);
    assert.deepEqual(await left(), [false, false, true, false, true]);
    assert.deepEqual(await at.store.sweep(NOW + 9999 * DAY_MS, 100), { removed: 0 });
  });

  it('removes what lives for minutes at its very time; keeps keys, rosters, numbers', async () => {
    const minutes = ['challenge', 'ticket', 'window-key'] as const;
    const kept = ['api-key', 'roster', 'customer-number'] as const;
    const keys = [...minutes, ...kept].map((kind) => ({ kind, id: 'short' }));
    const made = keys.map(({ kind, id }) => change(kind, id, 0, RECORDS[kind]));
    await write(at.store, ...made);
    const left = async () => (await at.store.read(keys))
      .flatMap((one, i) => (one === undefined ? [] : [keys[i]?.kind]));
    await at.store.sweep(NOW + 89_999, 100);
    assert.deepEqual(await left(), [...minutes, ...kept]);
    await at.store.sweep(NOW + 90_000, 100);
    assert.deepEqual(await left(), ['challenge', 'ticket', ...kept]);
    await at.store.sweep(NOW + 120_000, 100);
    assert.deepEqual(await left(), ['ticket', ...kept]);
    await at.store.sweep(NOW + 3_615_000, 100);
    assert.deepEqual(await left(), [...kept]);
    await at.store.sweep(NOW + 9999 * DAY_MS, 100);
    assert.deepEqual(await left(), [...kept]);
  });

  it('is bounded', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `bounded-${i}`);
    await write(at.store, ...ids.map((id) => change('request', id, 0, RECORDS.request)));
    await at.store.bump(ids.map((name) => ({ name, add: 1, window_s: 1 })), NOW);
    const removed = [];
    for (let i = 0; i < 4; i++) removed.push((await at.store.sweep(NOW + DAY_MS, 10)).removed);
    assert.deepEqual(removed, [20, 20, 10, 0]);
  });
}

export function sweepTrailTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('takes the trail by class at its age, and the chain still holds', async () => {
    const commit = (time: number, ...of: ('token' | 'admin')[]) => at.store.commit({
      at: time,
      atoms: of.map((one) => ({ changes: [], events: [anEvent({ class: one, at: time })] })),
    });
    const year = 366 * DAY_MS;
    await commit(NOW, 'token', 'admin');
    await commit(NOW + 1, 'token');
    await commit(NOW + year, 'token', 'admin');
    await at.store.sweep(NOW + 3 * year - 1, 10);
    assert.equal((await at.store.events(null, 100)).length, 5);
    await at.store.sweep(NOW + 3 * year + 1, 10);
    const rows = await at.store.events(null, 100);
    assert.deepEqual(rows.map((row) => [row.class, row.count]),
      [['admin', 1], ['token', 0], ['token', 1], ['admin', 1]]);
    assert.equal(verifyChain(rows).ok, true);
    await at.store.sweep(NOW + 20 * year, 10);
    await commit(NOW + 20 * year, 'token', 'admin');
    const late = await at.store.events(null, 100);
    assert.deepEqual(late.map((row) => row.count), [0, 0, 1, 1]);
    assert.equal(verifyChain(late).ok, true);
    assert.ok(late.every((row, i) => i === 0 || row.row > late[i - 1]!.row));
  });
}

