/** Streams: what each is bound to, which must close, and what that ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BoundSubject } from '../../src/core/rules/socket-limits.ts';
import { createSocketRegistry } from '../../src/flows/session/socket-registry.ts';
import { LIFE, PROFILE, type SocketHouse, socketHouse } from './socket-house.ts';

const C1 = 'customer001';

describe('the registry', () => {
  const LIMITS = { sockets: 2, addresses: 2 };
  const subject = (id: string, customer = C1): BoundSubject =>
    ({ is: 'session', id: `${customer}${id}`, customer, number: 1 });
  const bound = (socket: string, id: string, customer = C1) =>
    ({ socket, address: '192.0.2.1', subject: subject(id, customer), profile: PROFILE });

  test('knows what a stream speaks for, until it leaves', () => {
    const registry = createSocketRegistry();
    assert.equal(registry.subjectOf('a'), null);
    assert.deepEqual(registry.enter(bound('a', 'S1'), LIMITS), { is: 'entered', revoke: [] });
    assert.deepEqual(registry.subjectOf('a'), subject('S1'));
    assert.equal(registry.find('a')?.closing, null);
    registry.leave('a');
    registry.leave('a');
    assert.deepEqual([registry.subjectOf('a'), registry.find('a')], [null, null]);
  });

  test('one that must close speaks for nothing, counts no more, and cannot be bound anew', () => {
    const registry = createSocketRegistry();
    for (const [socket, id] of [['a', 'S1'], ['b', 'S2'], ['c', 'S2']] as const) {
      registry.enter(bound(socket, id), LIMITS);
    }
    assert.equal(registry.find('a')?.closing, 'sockets_full');
    assert.equal(registry.subjectOf('a'), null);
    assert.equal(registry.enter(bound('a', 'S2'), LIMITS).is, 'refused');
    assert.deepEqual(registry.enter(bound('d', 'S2'), LIMITS), { is: 'entered', revoke: [] });
    assert.deepEqual(['a', 'b', 'c', 'd'].map((one) => registry.find(one)?.closing ?? 'stays'),
      ['sockets_full', 'sockets_full', 'stays', 'stays']);
  });

  test('a stream bound anew keeps its place, and stays with its customer', () => {
    const registry = createSocketRegistry();
    registry.enter(bound('a', 'S1'), LIMITS);
    registry.enter(bound('b', 'S1'), LIMITS);
    assert.equal(registry.enter(bound('a', 'S1', 'customer002'), LIMITS).is, 'refused');
    assert.deepEqual(registry.subjectOf('a'), subject('S1'));
    assert.deepEqual(registry.enter(bound('a', 'S2'), LIMITS), { is: 'entered', revoke: [] });
    assert.deepEqual(registry.subjectOf('a'), subject('S2'));
    const entered = registry.enter(bound('c', 'S1'), LIMITS);
    assert.deepEqual(entered, { is: 'entered', revoke: [subject('S2')] });
    assert.equal(registry.find('a')?.closing, 'sockets_full');
  });

  test('customers do not count against each other; without limits nobody closes', () => {
    const registry = createSocketRegistry();
    for (const customer of [C1, 'customer002', 'customer003']) {
      registry.enter(bound(`${customer}a`, 'S1', customer), LIMITS);
      registry.enter(bound(`${customer}b`, 'S1', customer), LIMITS);
      assert.equal(registry.find(`${customer}a`)?.closing, null);
    }
    for (let n = 0; n < 100; n += 1) {
      assert.deepEqual(registry.enter(bound(`x${n}`, `S${n}`), null),
        { is: 'entered', revoke: [] });
    }
  });

  test('is bounded, and has room again when one leaves', () => {
    const registry = createSocketRegistry();
    for (let n = 0; n < 20_000; n += 1) {
      registry.enter(bound(`s${n}`, 'S1', `c${n % 5000}`), null);
    }
    assert.equal(registry.enter(bound('more', 'S1'), null).is, 'full');
    assert.equal(registry.enter(bound('s7', 'S2', 'c7'), null).is, 'entered', 'bound anew');
    registry.leave('s8');
    assert.equal(registry.enter(bound('more', 'S1'), null).is, 'entered');
  });
});

describe('opening a stream', () => {
  const opened = async (token: Parameters<SocketHouse['open']>[1]) =>
    (await socketHouse()).open('a', token);

  test('takes tokens of sessions and grants, also those for streams alone', async () => {
    assert.equal(await opened('1 sS1 1'), 'open');
    assert.equal(await opened('1 sS1 1 streams'), 'open');
    assert.equal(await opened('1 gG1 2'), 'open');
    assert.equal(await opened('1 gG1 1 streams'), 'open');
  });

  test('refuses what is no good token, and binds nothing', async () => {
    const house = await socketHouse();
    assert.equal(await house.open('a', null), 'token_missing');
    assert.equal(await house.open('a', 'junk' as '1 sS1 1'), 'token_unknown');
    assert.equal(await house.open('a', '1 sS1 1 expired'), 'token_expired');
    assert.equal(await house.open('a', '1 sS3 1'), 'token_ended');
    assert.equal(await house.open('a', '1 gG2 1'), 'token_unknown');
    assert.equal(await house.open('a', '1 gG1 3'), 'token_ended');
    assert.equal(house.deps.sockets.find('a'), null);
  });

  test('refuses the token of a session that a newer one closed', async () => {
    const house = await socketHouse();
    await evict(house);
    assert.equal(await house.open('a', '1 sS1 1'), 'session_evicted');
  });

  test('a second one rebinds to the same customer only', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    assert.equal(await house.open('a', '2 sS1 1'), 'token_unknown');
    assert.equal(await house.open('a', '1 sS1 1 expired'), 'token_expired');
    assert.equal(house.deps.sockets.subjectOf('a')?.id, `${C1}S1`);
    assert.equal(await house.open('a', '1 gG1 1'), 'open');
    assert.equal(house.deps.sockets.subjectOf('a')?.id, `${C1}G1`);
  });

  test('counts as a call, of the customer or of the address', async () => {
    const limit = [{ count: 2, window_s: 60 }];
    const house = await socketHouse({
      call_limits: { authenticated: limit, anonymous: limit },
    });
    const codes: string[] = [];
    for (let n = 0; n < 3; n += 1) codes.push(await house.open(`a${n}`, '1 sS1 1'));
    for (let n = 0; n < 3; n += 1) codes.push(await house.open(`b${n}`, null));
    assert.deepEqual(codes, [
      'open', 'open', 'quota_exceeded', 'token_missing', 'token_missing', 'quota_exceeded',
    ]);
    assert.equal(house.deps.sockets.find('a2'), null);
  });
});

describe('looking after a stream', () => {
  test('finds it open while its session or grant is', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    await house.open('b', '1 gG1 1');
    assert.deepEqual([await house.state('a'), await house.state('b')], ['open', 'open']);
  });

  test('finds what nobody knows ended', async () => {
    const house = await socketHouse();
    assert.equal(await house.state('a'), 'ended');
    await house.open('a', '1 sS1 1');
    house.close('a');
    assert.equal(await house.state('a'), 'ended');
  });

  test('tells an evicted session from one that was ended', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    await house.open('b', '1 sS2 1');
    await evict(house);
    assert.deepEqual([await house.state('a'), await house.state('b')],
      ['session_evicted', 'open']);
    const roster = await house.record('roster', C1) ?? assert.fail();
    await house.change('roster', C1, { ...roster, sessions: [] });
    assert.equal(await house.state('b'), 'ended');
  });

  test('ends it with the grant', async () => {
    const house = await socketHouse();
    await house.open('b', '1 gG1 1');
    const grant = await house.record('grant', `${C1}G1`) ?? assert.fail();
    const state = { is: 'ended', at: 0, by: 'customer' } as const;
    await house.change('grant', `${C1}G1`, { ...grant, state });
    assert.equal(await house.state('b'), 'ended');
  });

  test('ends it with the last token, unless it was renewed', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    await house.open('b', '1 sS2 1');
    await house.open('c', '1 gG1 1');
    await house.open('d', '2 gG1 1');
    house.clock.ms += LIFE - 1;
    const states = () => Promise.all(['a', 'b', 'c', 'd'].map((one) => house.state(one)));
    assert.deepEqual(await states(), ['open', 'open', 'open', 'open']);
    const roster = await house.record('roster', C1) ?? assert.fail();
    await house.change('roster', C1, {
      ...roster,
      sessions: roster.sessions.map((one) =>
        (one.id === 'S1' ? { ...one, tokens_end_at: house.clock.ms + LIFE } : one)),
    });
    const grant = await house.record('grant', `${C1}G1`) ?? assert.fail();
    await house.change('grant', `${C1}G1`, { ...grant, last_used_at: house.clock.ms });
    house.clock.ms += 1;
    assert.deepEqual(await states(), ['open', 'ended', 'open', 'ended']);
  });

  test('ends it with her standing', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    const customer = await house.record('customer', C1) ?? assert.fail();
    await house.change('customer', C1, { ...customer, status: 'locked' });
    assert.equal(await house.state('a'), 'ended');
  });

  test('writes nothing', async () => {
    const house = await socketHouse();
    await house.open('a', '1 sS1 1');
    await house.state('a');
    assert.deepEqual(await house.events(), []);
  });
});

describe('too many streams of a customer', () => {
  type Token = NonNullable<Parameters<SocketHouse['open']>[1]>;
  const openMany = async (house: SocketHouse, from: number, to: number, token: Token) => {
    for (let n = from; n < to; n += 1) assert.equal(await house.open(`s${n}`, token), 'open');
  };

  test('51 over two sessions: the oldest closes, its session ends', async () => {
    const house = await socketHouse();
    await openMany(house, 0, 25, '1 sS1 1');
    await openMany(house, 25, 50, '1 sS2 1');
    assert.equal(await house.state('s0'), 'open');
    await openMany(house, 50, 51, '1 sS2 1');
    assert.equal(await house.state('s0'), 'sockets_full');
    assert.equal(await house.state('s24'), 'sockets_full', 'what rests on the session closes too');
    assert.equal(await house.state('s25'), 'open');
    assert.equal(await house.state('s50'), 'open');
    const roster = await house.record('roster', C1);
    assert.deepEqual(roster?.sessions.map(({ id }) => id), ['S2']);
    assert.deepEqual(roster.evicted, []);
    assert.deepEqual(await house.events(), ['session.ended S1 limit']);
    assert.equal(await house.open('again', '1 sS1 1'), 'token_ended');
  });

  test('51 over one token: the oldest closes, the token works', async () => {
    const house = await socketHouse();
    await openMany(house, 0, 51, '1 sS1 1');
    assert.deepEqual([await house.state('s0'), await house.state('s1')], ['sockets_full', 'open']);
    assert.deepEqual(await house.events(), []);
    assert.equal(await house.open('again', '1 sS1 1'), 'open');
    assert.equal(await house.state('s1'), 'sockets_full');
  });

  test('six addresses: the oldest closes for that, its session ends', async () => {
    const house = await socketHouse();
    await house.open('s0', '1 sS1 1', '192.0.2.1');
    for (let n = 2; n <= 5; n += 1) await house.open(`s${n}`, '1 sS2 1', `192.0.2.${n}`);
    assert.equal(await house.state('s0'), 'open');
    await house.open('s6', '1 sS2 1', '192.0.2.6');
    assert.equal(await house.state('s0'), 'addresses_full');
    assert.equal(await house.state('s2'), 'open');
    assert.deepEqual(await house.events(), ['session.ended S1 limit']);
  });

  test('of a grant the token of the oldest ends, and the grant goes on', async () => {
    const house = await socketHouse();
    await openMany(house, 0, 1, '1 gG1 1');
    await openMany(house, 1, 2, '1 gG1 2');
    await openMany(house, 2, 51, '1 sS1 1');
    assert.deepEqual([await house.state('s0'), await house.state('s1')], ['sockets_full', 'open']);
    assert.deepEqual(await house.events(), ['token.ended G1 limit']);
    assert.equal(await house.open('again', '1 gG1 1'), 'token_ended');
    assert.equal(await house.open('again', '1 gG1 2'), 'open');
  });

  test('are none where limits are off, or when others have them', async () => {
    const house = await socketHouse();
    await openMany(house, 0, 50, '1 sS1 1');
    await house.open('other', '2 sS1 1', '198.51.100.1');
    assert.equal(await house.state('s0'), 'open');
    Object.assign(house.deps.settings, { danger_limits_off: true });
    await openMany(house, 50, 70, '1 sS2 1');
    assert.equal(await house.state('s0'), 'open');
  });

  test('leave room when they are gone', async () => {
    const house = await socketHouse();
    await openMany(house, 0, 50, '1 sS1 1');
    house.close('s7');
    await house.open('new', '1 sS2 1');
    assert.equal(await house.state('s0'), 'open');
  });
});

/** A newer sign-in closes S1, as the roster then shows it. */
async function evict(house: SocketHouse): Promise<void> {
  const roster = await house.record('roster', C1) ?? assert.fail();
  await house.change('roster', C1, {
    ...roster,
    sessions: roster.sessions.filter(({ id }) => id !== 'S1'),
    evicted: [{ id: 'S1', tokens_end_at: house.clock.ms + LIFE }],
  });
}
