/** Waits: how long, when only a person can go on, and what a ticket is good for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type TicketFacts, judgeTicket, penaltyNeedsPerson, penaltyWait, ticketChange,
} from '../../../../src/core/decide/session/penalty.ts';
import type { Ticket } from '../../../../src/core/kinds/short-lived.ts';
import type { PenaltyPolicy } from '../../../../src/core/rules/profile.ts';
import { NOW } from '../../facts.ts';

const FAILURES: PenaltyPolicy = {
  free: 5, counts: 'failures', back_off_s: 15, ticket: 'needed', captcha: 'escalate',
};
const CALLS: PenaltyPolicy = {
  free: 15, counts: 'calls', back_off_s: 15, ticket: 'not_needed', captcha: 'never',
};

describe('the wait', () => {
  it('doubles with every failure beyond the free ones, up to an hour', () => {
    const waits = [0, 4, 5, 6, 7, 8, 12, 13, 14, 100, 5000].map(
      (counted) => penaltyWait(FAILURES, counted),
    );
    assert.deepEqual(waits, [15, 15, 15, 30, 60, 120, 1920, 3600, 3600, 3600, 3600]);
  });

  it('is the same however many calls there were, where calls count', () => {
    for (const counted of [0, 15, 16, 400]) assert.equal(penaltyWait(CALLS, counted), 15);
  });

  it('never falls as failures grow', () => {
    const policy = fc.record({
      free: fc.nat({ max: 20 }), back_off_s: fc.integer({ min: 1, max: 3600 }),
    });
    fc.assert(fc.property(policy, fc.nat({ max: 1000 }), (drawn, counted) => {
      const one = penaltyWait({ ...FAILURES, ...drawn }, counted);
      const next = penaltyWait({ ...FAILURES, ...drawn }, counted + 1);
      assert.ok(drawn.back_off_s <= one && one <= next && next <= 3600);
    }));
  });
});

describe('the flag that only a person can go on', () => {
  const flags = (captcha: PenaltyPolicy['captcha']) =>
    [5, 6, 7, 8, 9, 100].map((counted) => penaltyNeedsPerson({ ...FAILURES, captcha }, counted));

  it('AT-V43 comes with the eighth failure', () => {
    assert.deepEqual(flags('escalate'), [false, false, false, true, true, true]);
  });

  it('AT-V44 comes always, or never', () => {
    assert.deepEqual(flags('always'), Array(6).fill(true));
    assert.deepEqual(flags('never'), Array(6).fill(false));
  });
});

const WAIT_S = 15;

function ticket(over: Partial<Ticket> = {}): Ticket {
  return {
    serial: 3, state: 'waiting', good_from: NOW, expires_at: NOW + 3_600_000, ...over,
  };
}

/** What is given to wait with: good in 15 s, and an hour longer. */
function waiting(serial: number): Ticket {
  return ticket({ serial, good_from: NOW + 15_000, expires_at: NOW + 15_000 + 3_600_000 });
}

function judge(over: Partial<TicketFacts> = {}) {
  return judgeTicket({
    policy: FAILURES, ticket: ticket(), presented_serial: null, wait_s: WAIT_S, now: NOW, ...over,
  });
}

describe('a ticket', () => {
  const EARLY = ticket({ good_from: NOW + 1 });
  const USED = ticket({ state: 'used' });
  const OLD = ticket({ expires_at: NOW });
  const table: readonly (readonly [string, Partial<TicketFacts>, 'good' | number])[] = [
    ['none yet: the first one', { ticket: undefined }, 1],
    ['none yet, another one sent: the first one', { ticket: undefined, presented_serial: null }, 1],
    ['none sent, too early: the same, and the wait begins anew', { ticket: EARLY }, 3],
    ['sent too early: the same, and the wait begins anew', {
      ticket: EARLY, presented_serial: 3,
    }, 3],
    ['sent at the end of the wait: good', { presented_serial: 3 }, 'good'],
    ['sent in the last millisecond of its hour: good', {
      ticket: ticket({ expires_at: NOW + 1 }), presented_serial: 3,
    }, 'good'],
    ['sent at the end of its hour: another one', { ticket: OLD, presented_serial: 3 }, 4],
    ['none sent after the wait: another one', {}, 4],
    ['the one before it sent after the wait: another one', { presented_serial: 2 }, 4],
    ['sent a second time: another one', { ticket: USED, presented_serial: 3 }, 4],
    ['none sent, after one was used: another one', { ticket: USED }, 4],
    ['none sent after the wait, where none is needed: good', { policy: CALLS }, 'good'],
    ['sent after the wait, where none is needed: good', {
      policy: CALLS, presented_serial: 3,
    }, 'good'],
    ['another one sent after the wait, where none is needed: good', {
      policy: CALLS, presented_serial: 2,
    }, 'good'],
    ['too early, where none is needed: the wait begins anew', {
      policy: CALLS, ticket: EARLY,
    }, 3],
    ['a second call on one wait, where none is needed: another wait', {
      policy: CALLS, ticket: USED,
    }, 4],
    ['none yet, where none is needed: the first one', { policy: CALLS, ticket: undefined }, 1],
  ];
  for (const [says, facts, comes_to] of table) {
    it(says, () => {
      const given = facts.ticket ?? ticket();
      assert.deepEqual(judge(facts), comes_to === 'good'
        ? { is: 'good', value: { ...given, state: 'used' } }
        : { is: 'wait', value: waiting(comes_to) });
    });
  }

  it('is good once in any history, and never before its wait', () => {
    const step = fc.record({
      later_ms: fc.constantFrom(0, 1, 14_999, 15_000, 3_600_000), sent: fc.boolean(),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let held: Ticket | undefined;
      let now = NOW;
      const used = new Set<number>();
      for (const { later_ms, sent } of steps) {
        now += later_ms;
        const presented_serial = sent ? (held?.serial ?? null) : null;
        const verdict = judge({ ticket: held, presented_serial, now });
        if (verdict.is === 'good') {
          assert.ok(held !== undefined && now >= held.good_from && !used.has(held.serial));
          used.add(held.serial);
        } else assert.equal(verdict.value.good_from, now + WAIT_S * 1000);
        held = verdict.value;
      }
    }));
  });

  it('is one change of one record', () => {
    const value = ticket();
    assert.deepEqual(ticketChange('t', value), { kind: 'ticket', id: 't', value });
  });
});
