/** What every store engine must do, as one suite: memory is the specification, the rest obey. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Kind } from '../../src/core/kinds/kinds.ts';
import { unpackEvents } from '../../src/store/trail/pack-events.ts';
import {
  counterTests, sweepTests, sweepTrailTests, trailTests,
} from './conformance-upkeep.ts';
import { type OpenedStore, storeOf, write } from './opened-store.ts';
import {
  DAY_MS, NOW, RECORDS, aCode, aGrant, aRotatedRefresh, anEvent, atom, change, idOf,
} from './records.ts';

export function storeConformance(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store ${name}: records`, () => recordTests(open));
  describe(`store ${name}: forms`, () => formTests(open));
  describe(`store ${name}: versions`, () => versionTests(open));
  describe(`store ${name}: races`, () => raceTests(open));
  describe(`store ${name}: atoms`, () => atomTests(open));
  describe(`store ${name}: lists`, () => listTests(open));
  describe(`store ${name}: counters`, () => counterTests(open));
  describe(`store ${name}: trail`, () => trailTests(open));
  describe(`store ${name}: sweep`, () => sweepTests(open));
  describe(`store ${name}: sweep of the trail`, () => sweepTrailTests(open));
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

  it('answers in the order of the keys, undefined for none, twice when asked twice', async () => {
    await write(at.store, change('login-name', 'a', 0, { customer: '1' }));
    const keys = ['b', 'a', 'c', 'a'].map((id) => ({ kind: 'login-name' as const, id }));
    const read = await at.store.read(keys);
    assert.deepEqual(read.map((one) => one?.version), [undefined, 1, undefined, 1]);
    assert.deepEqual(await at.store.read([]), []);
  });
}

/** Forms that a record may have besides the usual one. */
function formTests(open: () => Promise<OpenedStore>): void {
  const at = storeOf(open);

  it('keeps every state of a grant and a code', async () => {
    const grants = [
      aGrant({ state: { is: 'ended', at: NOW, by: 'code_replay' }, ended_numbers: 'ff0' }),
      aGrant({ refresh: null, ends_at: NOW + DAY_MS, customer: 'elsewhere' }),
      aGrant({ customer: 'Cust' }),
      ...(['customer', 'operator', 'grant_limit', 'refresh_replay', 'customer_closed'] as const)
        .map((by) => aGrant({ state: { is: 'ended', at: NOW, by } })),
      aGrant({ resource: 'https://api.example', chain_began_at: NOW + 7 }),
      aGrant({ refresh: aRotatedRefresh() }),
      aGrant({ refresh: aRotatedRefresh({ predecessor: null }) }),
      aGrant({ refresh: aRotatedRefresh({ network: null }), ends_at: NOW }),
    ];
    const codes = [
      aCode({ state: { is: 'spent', at: NOW, grant: idOf(9) }, code_challenge: 'abc' }),
      aCode({ state: { is: 'replayed', at: NOW, grant: idOf(9) } }),
      aCode({ state: { is: 'ended', at: NOW } }),
      aCode({ resource: 'https://api.example', nonce: 'ünïque', signed_in_at: NOW - 9 }),
      aCode({ resource: null, nonce: '' }),
    ];
    const made = [
      ...grants.map((value, i) => change('grant', idOf(100 + i), 0, value)),
      ...codes.map((value, i) => change('code', idOf(100 + i), 0, value)),
    ];
    await write(at.store, ...made);
    const read = await at.store.read(made.map(({ kind, id }) => ({ kind, id })));
    assert.deepEqual(read.map((one) => one?.value), [...grants, ...codes]);
  });

  it('keeps a grant through its rotations, and one token before the last', async () => {
    const id = idOf(150);
    const steps = [
      aGrant(),
      aGrant({ refresh: aRotatedRefresh() }),
      aGrant({ refresh: aRotatedRefresh({ generation: 6, predecessor: null }) }),
      aGrant({ refresh: null }),
    ];
    for (const [version, value] of steps.entries()) {
      assert.deepEqual(await write(at.store, change('grant', id, version, value)), ['applied']);
      const [read] = await at.store.read([{ kind: 'grant', id }]);
      assert.deepEqual(read, { version: version + 1, value });
    }
  });

  it('keeps every form of an API key, a roster and what lives for minutes', async () => {
    const made = [
      change('api-key', 'k1', 0, {
        ...RECORDS['api-key'], owner: { is: 'customer', customer: idOf(1) },
        secret: { is: 'sealed', sealed: 'v1.AAAA' }, first_party: true, challenge_required: true,
        password_hash: '$argon2id$…', status: 'disabled', epoch: 2,
      }),
      change('roster', 'r1', 0, {
        customer: idOf(1), sessions: [], evicted: [], blocked_devices: [],
      }),
      change('challenge', 'c1', 0, {
        ...RECORDS.challenge, device: 'dévice', state: 'used',
      }),
      change('ticket', 't1', 0, { ...RECORDS.ticket, state: 'used', serial: 7 }),
    ];
    assert.deepEqual(await write(at.store, ...made), made.map(() => 'applied'));
    const read = await at.store.read(made.map(({ kind, id }) => ({ kind, id })));
    assert.deepEqual(read.map((one) => one?.value), made.map(({ value }) => value));
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
