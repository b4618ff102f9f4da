/** Operators' acts on a roster: ending sessions, blocking devices. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  endSessions, setDeviceBlocked,
} from '../../../../src/core/decide/manage/manage-session.ts';
import { CUSTOMER, DEVICE, NOW, SESSION, rosterFor, sessionFor } from '../../facts.ts';
import { actions, changed, touched } from '../changed.ts';

const OTHER = sessionFor({ id: 'othersessio' });
const TWO = rosterFor({
  sessions: [sessionFor(), OTHER], evicted: [{ id: 'e', tokens_end_at: NOW }],
  blocked_devices: ['d'],
});

describe('an operator who ends sessions', () => {
  it('ends the named one', () => {
    const decision = endSessions(TWO, SESSION);
    assert.deepEqual(decision.result, { ok: true, value: { ended: 1 } });
    assert.deepEqual(changed(decision, 'roster', CUSTOMER), { ...TWO, sessions: [OTHER] });
    assert.deepEqual(actions(decision), ['session.ended']);
    assert.equal(decision.events[0]?.detail, 'operator');
  });

  it('ends all of them in one change, with one event each', () => {
    const decision = endSessions(TWO, null);
    assert.deepEqual(decision.result, { ok: true, value: { ended: 2 } });
    assert.deepEqual(touched(decision), [`roster/${CUSTOMER}`]);
    assert.deepEqual(changed(decision, 'roster', CUSTOMER), { ...TWO, sessions: [] });
    assert.deepEqual(decision.events.map(({ object }) => object), [SESSION, OTHER.id]);
  });

  it('of whom there is none changes nothing', () => {
    const none = { result: { ok: true, value: { ended: 0 } }, changes: [], events: [] };
    assert.deepEqual(endSessions(undefined, null), none);
    assert.deepEqual(endSessions(TWO, 'unknown'), none);
    assert.deepEqual(endSessions(TWO, 'e'), none);
    assert.deepEqual(endSessions(rosterFor({ sessions: [] }), null), none);
  });
});

describe('blocking a device', () => {
  const facts = { customer: CUSTOMER, roster: TWO };

  it('adds it, and touches no session', () => {
    const decision = setDeviceBlocked(facts, DEVICE, true);
    assert.ok(decision.result.ok);
    assert.equal(decision.result.value.changed, true);
    assert.deepEqual(
      changed(decision, 'roster', CUSTOMER), { ...TWO, blocked_devices: ['d', DEVICE] },
    );
    assert.deepEqual(decision.events, [
      { action: 'device.blocked', outcome: 'ok', customer: CUSTOMER },
    ]);
  });

  it('begins a roster for who never signed in', () => {
    const decision = setDeviceBlocked({ customer: CUSTOMER, roster: undefined }, DEVICE, true);
    assert.deepEqual(changed(decision, 'roster', CUSTOMER), {
      customer: CUSTOMER, sessions: [], evicted: [], blocked_devices: [DEVICE],
    });
  });

  it('takes it off again', () => {
    const decision = setDeviceBlocked(facts, 'd', false);
    assert.deepEqual(changed(decision, 'roster', CUSTOMER), { ...TWO, blocked_devices: [] });
    assert.deepEqual(actions(decision), ['device.unblocked']);
  });

  it('twice, or taking off what is not there, changes nothing', () => {
    for (const [device, blocked] of [['d', true], [DEVICE, false]] as const) {
      const decision = setDeviceBlocked(facts, device, blocked);
      assert.ok(decision.result.ok);
      assert.equal(decision.result.value.changed, false);
      assert.deepEqual([decision.changes, decision.events], [[], []]);
    }
  });

  it('of more than a hundred the oldest gives way', () => {
    const blocked_devices = Array.from({ length: 100 }, (_, i) => `d${i}`);
    const roster = rosterFor({ blocked_devices });
    const after = changed(
      setDeviceBlocked({ customer: CUSTOMER, roster }, DEVICE, true), 'roster', CUSTOMER,
    );
    assert.deepEqual(after?.blocked_devices, [...blocked_devices.slice(1), DEVICE]);
  });
});
