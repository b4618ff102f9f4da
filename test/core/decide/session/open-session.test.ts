/** Opening sessions: the newest live, the closed remembered, a refusal without a trace. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type OpenSessionFacts, endSession, openSession,
} from '../../../../src/core/decide/session/open-session.ts';
import type { Roster } from '../../../../src/core/kinds/roster.ts';
import {
  API_KEY, CUSTOMER, DEVICE, DIALECT, NOW, SESSION, apiKeyFor, customerFor, rosterFor, sessionFor,
  sessionProfileFor, worldFor,
} from '../../facts.ts';
import { KEYLESS, NEW_SESSION, opening } from '../../session/session-facts.ts';
import { actions, changed, touched } from '../changed.ts';

const HOUR_MS = 3_600_000;
const LIFE_MS = 4_800_000;

function opened(over: Partial<OpenSessionFacts> = {}): Roster {
  const decision = openSession(opening(over));
  assert.ok(decision.result.ok);
  const roster = changed(decision, 'roster', CUSTOMER);
  assert.ok(roster);
  return roster;
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

describe('opening a session', () => {
  it('begins a roster, under the epochs of now', () => {
    const decision = openSession(opening());
    const session = {
      id: NEW_SESSION, dialect: DIALECT, api_key: API_KEY, device: DEVICE, app_version: '1.0',
      device_needed: true, address: '192.0.2.1', opened_at: NOW, last_used_at: NOW,
      tokens_end_at: NOW + LIFE_MS,
      last_number: 1, ended_numbers: '',
      epochs: { standing: 7, credentials: 11, api_key: 17, world: 13 },
    };
    assert.deepEqual(touched(decision), [`roster/${CUSTOMER}`]);
    assert.deepEqual(changed(decision, 'roster', CUSTOMER), {
      customer: CUSTOMER, sessions: [session], evicted: [], blocked_devices: [],
    });
    assert.deepEqual(decision.result, { ok: true, value: { customer: customerFor(), session } });
    assert.deepEqual(decision.events, [{
      action: 'session.opened', outcome: 'ok', customer: CUSTOMER, app: API_KEY,
      object: NEW_SESSION,
    }]);
  });

  it('without device, version or API key says so', () => {
    const [session] = opened({
      ...KEYLESS, key: undefined, key_named: false, app_name: null, device: null,
      app_version: null,
    }).sessions;
    assert.equal(session?.api_key, '');
    assert.equal(session.device, null);
    assert.equal(session.app_version, null);
    assert.equal(session.epochs.api_key, 0);
  });

  it('keeps 64 characters of what a program says of its version', () => {
    const app_version = 'v'.repeat(65);
    assert.equal(opened({ app_version }).sessions[0]?.app_version, 'v'.repeat(64));
  });

  it('AT-V31 notes whether it may trade without a device, by the world it is opened in', () => {
    const needed = (world: string) =>
      opened({ world: worldFor({ name: world }) }).sessions[0]?.device_needed;
    assert.deepEqual(['live', 'paper'].map(needed), [true, false]);
  });

  it('AT-V33 a third one closes the oldest, and remembers it until its last token is over', () => {
    const first = sessionFor({ id: 'firstfirstf', tokens_end_at: NOW + 1 });
    const second = sessionFor({ id: 'secondsecon' });
    const roster = rosterFor({ sessions: [first, second], blocked_devices: ['d'] });
    const decision = openSession(opening({ roster }));
    const after = changed(decision, 'roster', CUSTOMER);
    assert.deepEqual(idsOf(after?.sessions ?? []), ['secondsecon', NEW_SESSION]);
    assert.deepEqual(after?.evicted, [{ id: 'firstfirstf', tokens_end_at: NOW + 1 }]);
    assert.deepEqual(after.blocked_devices, ['d']);
    assert.deepEqual(after.sessions[0], second);
    assert.deepEqual(actions(decision), ['session.opened', 'session.evicted']);
    assert.equal(decision.events[1]?.object, 'firstfirstf');
    assert.equal(decision.events[1]?.detail, NEW_SESSION);
  });

  it('one whose tokens are all over makes room, whichever it is, and is not called closed', () => {
    const over = sessionFor({ id: 'overoverove', tokens_end_at: NOW });
    const live = sessionFor({ id: 'livelivelie', tokens_end_at: NOW + 1 });
    for (const sessions of [[over, live], [live, over]]) {
      const decision = openSession(opening({ roster: rosterFor({ sessions }) }));
      const after = changed(decision, 'roster', CUSTOMER);
      assert.deepEqual(idsOf(after?.sessions ?? []), ['livelivelie', NEW_SESSION]);
      assert.deepEqual(after?.evicted, []);
      assert.deepEqual(actions(decision), ['session.opened']);
    }
  });

  it('forgets closed ones whose tokens are over, and keeps 256 of the others', () => {
    const evicted = (count: number, tokens_end_at: number) => Array.from(
      { length: count }, (_, i) => ({ id: `e${String(i).padStart(10, '0')}`, tokens_end_at }),
    );
    assert.deepEqual(opened({ roster: rosterFor({ evicted: evicted(3, NOW) }) }).evicted, []);
    const sessions = [sessionFor(), sessionFor({ id: 'secondsecon' })];
    const full = rosterFor({ sessions, evicted: evicted(256, NOW + 1) });
    const kept = opened({ roster: full }).evicted;
    assert.equal(kept.length, 256);
    assert.equal(kept[0]?.id, 'e0000000001');
    assert.equal(kept.at(-1)?.id, SESSION);
  });

  it('AT-V34 of sixty-four leaves the two newest', () => {
    let roster: Roster | undefined;
    for (let i = 0; i < 64; i++) {
      roster = opened({ roster, fresh: { session_id: `s${String(i).padStart(10, '0')}` } });
      assert.ok(roster.sessions.length <= 2);
    }
    assert.deepEqual(idsOf(roster?.sessions ?? []), ['s0000000062', 's0000000063']);
    assert.equal(roster?.evicted.length, 62);
  });

  it('obeys the limit of the profile, also when it was lowered', () => {
    const live_max = (count: number) => sessionProfileFor({
      sessions: { live_max: count, token_lifetime_s: 60, device_needed: [], keyless: false },
    });
    const sessions = ['a', 'b', 'c'].map((id) => sessionFor({ id }));
    const roster = rosterFor({ sessions });
    assert.deepEqual(idsOf(opened({ roster, profile: live_max(1) }).sessions), [NEW_SESSION]);
    const all = opened({ roster, profile: live_max(4) });
    assert.deepEqual(idsOf(all.sessions), ['a', 'b', 'c', NEW_SESSION]);
    assert.equal(all.sessions[3]?.tokens_end_at, NOW + 60_000);
  });

  it('stores a newer hash of the password that matched, and of no other', () => {
    const decision = openSession(opening({ rehash: 'hash-new' }));
    assert.deepEqual(touched(decision), [`customer/${CUSTOMER}`, `roster/${CUSTOMER}`]);
    assert.deepEqual(
      changed(decision, 'customer', CUSTOMER), customerFor({ password_hash: 'hash-new' }),
    );
    const dedicated = openSession(opening({
      rehash: 'hash-new', verified: { hash: 'key-hash', matches: true },
      key: apiKeyFor({ password_hash: 'key-hash', owner: { is: 'customer', customer: CUSTOMER } }),
    }));
    assert.ok(dedicated.result.ok);
    assert.deepEqual(touched(dedicated), [`roster/${CUSTOMER}`]);
  });
});

describe('a refused sign-in', () => {
  const roster = rosterFor({ sessions: [sessionFor(), sessionFor({ id: 'secondsecon' })] });
  const faults: readonly (readonly [string, Partial<OpenSessionFacts>, string])[] = [
    ['a wrong secret of the key', { secret_matches: false }, 'api_key.secret'],
    ['an unknown name', { customer: undefined }, 'session.password'],
    ['a wrong password', { verified: { hash: 'hash-1', matches: false } }, 'session.password'],
    ['another customer\'s key', {
      key: apiKeyFor({ owner: { is: 'customer', customer: 'customer002' } }),
    }, 'session.key_owner'],
    ['a locked customer', { customer: customerFor({ status: 'locked' }) }, 'session.customer'],
  ];
  for (const [says, over, rule] of faults) {
    it(`BR-13 ${says} changes nothing and is one event`, () => {
      const decision = openSession(opening({ roster, rehash: 'hash-new', ...over }));
      assert.ok(!decision.result.ok);
      assert.equal(decision.result.refusal.rule, rule);
      assert.deepEqual(decision.changes, []);
      assert.deepEqual(actions(decision), ['session.refused']);
      const [event] = decision.events;
      assert.equal(event?.outcome, 'refused');
      assert.equal(event.detail, rule);
    });
  }

  it('AT-V29 says her status only to who knows the password', () => {
    for (const [matches, status] of [[true, 'locked'], [false, undefined]] as const) {
      const { result } = openSession(opening({
        customer: customerFor({ status: 'locked' }), verified: { hash: 'hash-1', matches },
      }));
      assert.ok(!result.ok);
      assert.equal(result.refusal.customer_status, status);
    }
  });
});

describe('ending a session', () => {
  const other = sessionFor({ id: 'othersessio' });
  const roster = rosterFor({
    sessions: [sessionFor(), other], evicted: [{ id: 'e', tokens_end_at: NOW + HOUR_MS }],
    blocked_devices: ['d'],
  });

  it('takes it off the roster for good, and calls it not closed by a newer one', () => {
    for (const by of ['customer', 'operator', 'limit'] as const) {
      const decision = endSession(roster, SESSION, by);
      assert.deepEqual(decision.result, { ok: true, value: { ended: true } });
      assert.deepEqual(touched(decision), [`roster/${CUSTOMER}`]);
      assert.deepEqual(changed(decision, 'roster', CUSTOMER), { ...roster, sessions: [other] });
      assert.deepEqual(decision.events, [{
        action: 'session.ended', outcome: 'ok', customer: CUSTOMER, app: API_KEY, object: SESSION,
        detail: by,
      }]);
    }
  });

  it('that is not there, or was closed before, changes nothing', () => {
    for (const [given, id] of [[undefined, SESSION], [roster, 'e'], [roster, 'x']] as const) {
      assert.deepEqual(endSession(given, id, 'customer'), {
        result: { ok: true, value: { ended: false } }, changes: [], events: [],
      });
    }
  });
});
