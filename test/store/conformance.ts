/** What every store engine must do, as one suite: memory is the specification, the rest obey. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Kind } from '../../src/core/kinds/kinds.ts';
import type { Store, VersionedChange } from '../../src/ports/store.ts';
import { unpackEvents } from '../../src/store/trail/pack-events.ts';
import { verifyChain } from '../../src/store/trail/verify-chain.ts';
import {
  DAY_MS, NOW, RECORDS, aCode, aGrant, anEvent, atom, change, idOf,
} from './records.ts';

export type OpenedStore = { readonly store: Store; readonly end: () => Promise<void> };

export function storeConformance(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store ${name}: records`, () => recordTests(open));
  describe(`store ${name}: versions`, () => versionTests(open));
  describe(`store ${name}: races`, () => raceTests(open));
  describe(`store ${name}: atoms`, () => atomTests(open));
  describe(`store ${name}: lists`, () => listTests(open));
  describe(`store ${name}: counters`, () => counterTests(open));
  describe(`store ${name}: trail`, () => trailTests(open));
  describe(`store ${name}: sweep`, () => sweepTests(open));
}

/** A fresh store for the tests of one suite. */
function storeOf(open: () => Promise<OpenedStore>): { store: Store } {
  const held = { store: undefined as unknown as Store };
  let opened: OpenedStore;
  before(async () => {
    opened = await open();
    held.store = opened.store;
  });
  after(() => opened.end());
  return held;
}

async function write(store: Store, ...changes: VersionedChange[]) {
  return await store.commit({ at: NOW, atoms: changes.map((one) => atom(one)) });
}

function recordTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('keeps a record of every kind as it was given', async () => {
    const kinds = Object.keys(RECORDS) as Kind[];
    const made = kinds.map((kind) => change(kind, idOf(1), 0, RECORDS[kind]));
    assert.deepEqual(await write(at.store, ...made), kinds.map(() => 'applied'));
    const read = await at.store.read(kinds.map((kind) => ({ kind, id: idOf(1) })));
    assert.deepEqual(read, kinds.map((kind) => ({ version: 1, value: RECORDS[kind] })));
  });

  it('keeps every state of a grant and a code', async () => {
    const grants = [
      aGrant({ state: { is: 'ended', at: NOW, by: 'code_replay' }, ended_numbers: 'ff0' }),
      aGrant({ refresh: null, ends_at: NOW + DAY_MS, customer: 'elsewhere' }),
      aGrant({ customer: 'Cust' }),
      ...(['customer', 'operator', 'grant_limit', 'refresh_replay', 'customer_closed'] as const)
        .map((by) => aGrant({ state: { is: 'ended', at: NOW, by } })),
    ];
    const codes = [
      aCode({ state: { is: 'spent', at: NOW, grant: idOf(9) }, code_challenge: 'abc' }),
      aCode({ state: { is: 'replayed', at: NOW, grant: idOf(9) } }),
      aCode({ state: { is: 'ended', at: NOW } }),
    ];
    const made = [
      ...grants.map((value, i) => change('grant', idOf(100 + i), 0, value)),
      ...codes.map((value, i) => change('code', idOf(100 + i), 0, value)),
    ];
    await write(at.store, ...made);
    const read = await at.store.read(made.map(({ kind, id }) => ({ kind, id })));
    assert.deepEqual(read.map((one) => one?.value), [...grants, ...codes]);
  });

  it('answers in the order of the keys, undefined for none, twice when asked twice', async () => {
    await write(at.store, change('login-name', 'a', 0, { customer: '1' }));
    const keys = ['b', 'a', 'c', 'a'].map((id) => ({ kind: 'login-name' as const, id }));
    const read = await at.store.read(keys);
    assert.deepEqual(read.map((one) => one?.version), [undefined, 1, undefined, 1]);
    assert.deepEqual(await at.store.read([]), []);
  });

}

function versionTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('counts versions: update needs the one that was read', async () => {
    const id = idOf(200);
    await write(at.store, change('grant', id, 0, aGrant()));
    const second = aGrant({ last_number: 2 });
    assert.deepEqual(await write(at.store, change('grant', id, 1, second)), ['applied']);
    assert.deepEqual(await write(at.store, change('grant', id, 1, aGrant())), ['conflict']);
    assert.deepEqual(await write(at.store, change('grant', id, 3, aGrant())), ['conflict']);
    const [read] = await at.store.read([{ kind: 'grant', id }]);
    assert.deepEqual(read, { version: 2, value: second });
  });

  it('creates only what is not there, removes only the version that was read', async () => {
    const key = { kind: 'request', id: 'r1' } as const;
    const made = change('request', 'r1', 0, RECORDS.request);
    assert.deepEqual(await write(at.store, made), ['applied']);
    assert.deepEqual(await write(at.store, made), ['conflict']);
    assert.deepEqual(await write(at.store, change('request', 'r1', 2, null)), ['conflict']);
    assert.deepEqual(await write(at.store, change('request', 'r1', 1, null)), ['applied']);
    assert.deepEqual(await at.store.read([key]), [undefined]);
    const late = change('request', 'r1', 1, RECORDS.request);
    assert.deepEqual(await write(at.store, late), ['conflict']);
    assert.deepEqual(await write(at.store, made), ['applied']);
  });

  it('a record that was read does not change under its reader', async () => {
    const key = { kind: 'login-name', id: 'still' } as const;
    await write(at.store, change('login-name', 'still', 0, { customer: 'one' }));
    const [before_change] = await at.store.read([key]);
    await write(at.store, change('login-name', 'still', 1, { customer: 'two' }));
    assert.deepEqual(before_change?.value, { customer: 'one' });
  });
}

function atomTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('an atom is applied whole or not at all, and harms no neighbour', async () => {
    await write(at.store, change('link', 'l', 0, RECORDS.link));
    const results = await at.store.commit({
      at: NOW,
      atoms: [
        atom(change('grant', idOf(1), 0, aGrant())),
        atom(
          change('grant', idOf(2), 0, aGrant()),
          change('link', 'l', 7, { ...RECORDS.link, grants: [] }),
          change('grant', idOf(3), 0, aGrant()),
        ),
        atom(change('grant', idOf(4), 0, aGrant()), change('code', idOf(4), 0, RECORDS.code)),
      ],
    });
    assert.deepEqual(results, ['applied', 'conflict', 'applied']);
    const ids = [1, 2, 3, 4].map((n) => ({ kind: 'grant' as const, id: idOf(n) }));
    const read = await at.store.read([...ids, { kind: 'link', id: 'l' }]);
    assert.deepEqual(read.map((one) => one?.version), [1, undefined, undefined, 1, 1]);
    const link = read[4]?.value;
    assert.deepEqual(link, RECORDS.link);
  });

  it('AU-01 the events of an atom that lost are in no row, those of a winner are', async () => {
    const won = anEvent({ object: 'won' });
    const lost = anEvent({ object: 'lost' });
    const results = await at.store.commit({
      at: NOW,
      atoms: [
        { changes: [change('grant', idOf(11), 0, aGrant())], events: [won] },
        { changes: [change('grant', idOf(11), 5, aGrant())], events: [lost] },
      ],
    });
    assert.deepEqual(results, ['applied', 'conflict']);
    const objects = (await at.store.events(null, 1000))
      .flatMap((row) => unpackEvents(row)).map(({ object }) => object);
    assert.ok(objects.includes('won'));
    assert.ok(!objects.includes('lost'));
  });

}

function raceTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('64 racing updates of one version: one wins', async () => {
    const id = idOf(20);
    await write(at.store, change('code', id, 0, RECORDS.code));
    const races = Array.from({ length: 64 }, (_, i) => write(
      at.store,
      change('code', id, 1, aCode({ state: { is: 'spent', at: NOW, grant: idOf(i) } })),
    ));
    const results = (await Promise.all(races)).flat();
    assert.equal(results.filter((result) => result === 'applied').length, 1);
    const [read] = await at.store.read([{ kind: 'code', id }]);
    const winner = results.indexOf('applied');
    assert.deepEqual(read?.version, 2);
    assert.deepEqual(read.value, aCode({ state: { is: 'spent', at: NOW, grant: idOf(winner) } }));
  });

  it('64 racing creations of one id: one wins', async () => {
    const results = await Promise.all(Array.from({ length: 64 }, (_, i) =>
      write(at.store, change('login-name', 'wanted', 0, { customer: String(i) })),
    ));
    assert.equal(results.flat().filter((result) => result === 'applied').length, 1);
  });

  it('a batch is of one moment: a reader sees all of an atom or nothing', async () => {
    const keys = [30, 31].map((n) => ({ kind: 'grant' as const, id: idOf(n) }));
    await write(at.store, ...keys.map(({ id }) => change('grant', id, 0, aGrant())));
    const steps: Promise<unknown>[] = [];
    const seen: Promise<number[]>[] = [];
    for (let version = 1; version <= 40; version++) {
      const next = aGrant({ last_number: version + 1 });
      const both = keys.map(({ id }) => change('grant', id, version, next));
      steps.push(at.store.commit({ at: NOW, atoms: [atom(...both)] }));
      seen.push(at.store.read(keys).then((read) => read.map((one) => one?.version ?? 0)));
    }
    await Promise.all(steps);
    for (const [a, b] of await Promise.all(seen)) assert.equal(a, b);
  });
}

function listTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('pages by id in the order of bytes, within a prefix', async () => {
    const ids = ['a1', 'a2', 'a3', 'B', 'b', 'é', '\u{1f600}', '\uffee'];
    await write(at.store, ...ids.map((id) => change('login-name', id, 0, { customer: id })));
    const all = await at.store.list('login-name', { prefix: '', after: null, limit: 100 });
    assert.deepEqual(all.records.map(({ id }) => id),
      ['B', 'a1', 'a2', 'a3', 'b', 'é', '\uffee', '\u{1f600}']);
    assert.equal(all.next, null);
    assert.deepEqual(all.records[1]?.value, { customer: 'a1' });
    const first = await at.store.list('login-name', { prefix: 'a', after: null, limit: 2 });
    assert.deepEqual([first.records.map(({ id }) => id), first.next], [['a1', 'a2'], 'a2']);
    const rest = await at.store.list('login-name', { prefix: 'a', after: first.next, limit: 2 });
    assert.deepEqual([rest.records.map(({ id }) => id), rest.next], [['a3'], null]);
    const none = await at.store.list('app', { prefix: 'a', after: null, limit: 2 });
    assert.deepEqual(none, { records: [], next: null });
  });
}

function counterTests(open: () => Promise<OpenedStore>): void {
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

function trailTests(open: () => Promise<OpenedStore>): void {
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

function sweepTests(open: () => Promise<OpenedStore>): void {
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

  it('is bounded', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `bounded-${i}`);
    await write(at.store, ...ids.map((id) => change('request', id, 0, RECORDS.request)));
    await at.store.bump(ids.map((name) => ({ name, add: 1, window_s: 1 })), NOW);
    const removed = [];
    for (let i = 0; i < 4; i++) removed.push((await at.store.sweep(NOW + DAY_MS, 10)).removed);
    assert.deepEqual(removed, [20, 20, 10, 0]);
  });

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

