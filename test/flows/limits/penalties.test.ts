/** Waits of a subnet, through the counters and tickets of the store (AT-V40…V46). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PenaltyPolicy, Profile } from '../../../src/core/rules/profile.ts';
import type { Penalty } from '../../../src/core/rules/refusals.ts';
import { type Penalized, admit } from '../../../src/flows/limits/penalties.ts';
import { type House, openHouse } from '../house.ts';

const SIGN_IN: PenaltyPolicy = {
  free: 5, counts: 'failures', back_off_s: 15, ticket: 'needed', captcha: 'escalate',
};

const PENALTIES: NonNullable<Profile['penalties']> = {
  sign_in: SIGN_IN,
  renew: { free: 15, counts: 'calls', back_off_s: 15, ticket: 'not_needed', captcha: 'never' },
  identity: {
    free: 10, counts: 'failures', back_off_s: 30, ticket: 'not_needed', captcha: 'never',
  },
};

const BODY = '{"name":"alice"}';
const HOUR_MS = 3_600_000;
const DAY_START = Date.UTC(2026, 10, 24);

type Call = Partial<Omit<Penalized, 'profile'>> & { readonly failed?: boolean };

/** Calls as the flows make them: admitted, done, settled. */
function caller(house: House) {
  const { profile } = house;
  const attempt = async ({ failed = false, ...call }: Call = {}): Promise<'done' | Penalty> => {
    const admission = await admit(house.flows.deps, {
      profile, endpoint: 'sign_in', address: '203.0.113.7', names: [], body_text: BODY,
      ticket: null, ...call,
    }, { address: '203.0.113.7', request_id: 'r' });
    if (!admission.ok) {
      assert.equal(admission.refusal.code, 'penalty');
      assert.ok(admission.refusal.penalty);
      return admission.refusal.penalty;
    }
    await admission.value.settle(failed);
    return 'done';
  };
  const waited = async (call: Call = {}): Promise<Penalty> => {
    const penalty = await attempt(call);
    if (penalty === 'done') throw new Error('nothing to wait for');
    return penalty;
  };
  const fail = async (times: number, call: Call = {}) => {
    for (let i = 0; i < times; i++) assert.equal(await attempt({ ...call, failed: true }), 'done');
  };
  return { attempt, waited, fail };
}

async function open(over: Partial<Profile> = {}) {
  const house = await openHouse({ profile: { penalties: PENALTIES, ...over } });
  house.clock.ms = DAY_START;
  return { house, ...caller(house) };
}

/** A ticket in hand whose wait is over. */
async function waitedFor(over: Partial<Profile> = {}) {
  const opened = await open(over);
  await opened.fail(5);
  const { ticket } = await opened.waited();
  opened.house.clock.ms += 15_000;
  return { ...opened, ticket };
}

describe('failed sign-ins of a subnet', () => {
  it('AT-V41 after five the sixth is told to wait, right or wrong', async () => {
    const { fail, waited } = await open();
    await fail(5);
    const penalty = await waited();
    assert.match(penalty.ticket, /^[A-Za-z0-9_-]{43}$/);
    assert.deepEqual([penalty.wait_s, penalty.captcha], [15, false]);
  });

  it('AT-V45 that succeed are never counted', async () => {
    const { attempt } = await open();
    for (let i = 0; i < 20; i++) assert.equal(await attempt(), 'done');
  });

  it('AT-V42 the ticket of the same body goes on after its wait', async () => {
    const { attempt, ticket } = await waitedFor();
    assert.equal(await attempt({ ticket }), 'done');
  });

  it('AT-V42 sent too early it is the same one, and the wait begins anew', async () => {
    const { fail, waited, attempt, house } = await open();
    await fail(5);
    const { ticket } = await waited();
    house.clock.ms += 14_999;
    assert.deepEqual(await attempt({ ticket }), { ticket, wait_s: 15, captcha: false });
    house.clock.ms += 14_999;
    assert.deepEqual(await attempt(), { ticket, wait_s: 15, captcha: false });
    house.clock.ms += 15_000;
    assert.equal(await attempt({ ticket }), 'done');
  });

  it('AT-V42 of another body, subnet or endpoint, or none at all, gives another one', async () => {
    const others: readonly (readonly [string, Call])[] = [
      ['another body', { body_text: '{"name":"bob"}' }],
      ['no body', { body_text: '' }],
      ['no ticket', {}],
      ['an altered ticket', { ticket: 'x'.repeat(43) }],
      ['an empty ticket', { ticket: '' }],
    ];
    for (const [says, call] of others) {
      const { waited, ticket, attempt } = await waitedFor();
      const penalty = await waited(says.endsWith('ticket') ? call : { ticket, ...call });
      assert.notEqual(penalty.ticket, ticket, says);
      assert.equal(penalty.wait_s, 15, says);
      assert.notEqual(await attempt({ ...call, ticket: penalty.ticket }), 'done', says);
    }
  });

  it('AT-V42 another subnet has a count, and tickets, of its own', async () => {
    const { attempt, waited, fail, ticket } = await waitedFor();
    assert.equal(await attempt({ address: '203.0.114.7' }), 'done');
    await fail(5, { address: '203.0.114.7' });
    const penalty = await waited({ address: '203.0.114.7', ticket });
    assert.notEqual(penalty.ticket, ticket);
    // Of the same /24 it is the same one.
    assert.equal(await attempt({ address: '203.0.113.200', ticket }), 'done');
  });

  it('AT-V42 a ticket is good once, also for 64 that send it at once', async () => {
    const { attempt, ticket } = await waitedFor();
    const answers = await Promise.all(Array.from({ length: 64 }, () => attempt({ ticket })));
    const done = answers.filter((answer) => answer === 'done');
    assert.equal(done.length, 1);
    for (const answer of answers) {
      if (answer !== 'done') assert.notEqual(answer.ticket, ticket);
    }
  });

  it('AT-V42 is not good any more an hour after its wait', async () => {
    // Something else keeps the count up meanwhile.
    const { attempt, ticket, house, fail } = await waitedFor({
      penalties: { ...PENALTIES, sign_in: { ...SIGN_IN, captcha: 'never' } },
    });
    house.clock.ms += HOUR_MS - 1;
    await fail(5, { body_text: 'other' });
    house.clock.ms += 1;
    const answer = await attempt({ ticket });
    assert.ok(answer !== 'done' && answer.ticket !== ticket);
  });

  it('a failure behind a ticket counts, and the next wait is twice as long', async () => {
    const { attempt, waited, house, ticket } = await waitedFor();
    assert.equal(await attempt({ ticket, failed: true }), 'done');
    const second = await waited();
    assert.deepEqual([second.wait_s, second.captcha], [30, false]);
    house.clock.ms += 30_000;
    assert.equal(await attempt({ ticket: second.ticket, failed: true }), 'done');
    assert.equal((await waited()).wait_s, 60);
  });

  it('a success behind a ticket takes no failure back', async () => {
    const { attempt, waited, ticket } = await waitedFor();
    assert.equal(await attempt({ ticket }), 'done');
    assert.equal((await waited()).wait_s, 15);
  });

  it('AT-V43 after eight no program can go on, and an hour later all is normal', async () => {
    const { attempt, waited, house, ticket } = await waitedFor();
    let next = ticket;
    for (const wait_s of [30, 60]) {
      assert.equal(await attempt({ ticket: next, failed: true }), 'done');
      const penalty = await waited();
      assert.deepEqual([penalty.wait_s, penalty.captcha], [wait_s, false]);
      next = penalty.ticket;
      house.clock.ms += wait_s * 1000;
    }
    assert.equal(await attempt({ ticket: next, failed: true }), 'done');
    const penalty = await waited();
    assert.equal(penalty.captcha, true);
    // Five of the eight are of the first slot: an hour after it the count is three.
    assert.equal(penalty.wait_s, (DAY_START + HOUR_MS - house.clock.ms) / 1000);
    house.clock.ms = DAY_START + HOUR_MS - 1;
    const useless = await attempt({ ticket: penalty.ticket });
    assert.ok(useless !== 'done' && useless.captcha);
    house.clock.ms += 1;
    assert.equal(await attempt(), 'done');
  });

  it('a ticket useless beyond the flag is good again when the count has fallen', async () => {
    const { attempt, waited, fail, house } = await open();
    for (let i = 0; i < 5; i++) {
      await fail(1);
      house.clock.ms += 120_000;
    }
    const kept = await waited({ body_text: 'hers' });
    let { ticket, wait_s } = await waited();
    for (let i = 0; i < 3; i++) {
      house.clock.ms += wait_s * 1000;
      assert.equal(await attempt({ ticket, failed: true }), 'done');
      ({ ticket, wait_s } = await waited());
    }
    const flagged = await attempt({ body_text: 'hers', ticket: kept.ticket });
    assert.ok(flagged !== 'done' && flagged.captcha && flagged.ticket === kept.ticket);
    house.clock.ms = DAY_START + HOUR_MS;
    assert.equal(await attempt({ body_text: 'hers', ticket: kept.ticket }), 'done');
    assert.notEqual(await attempt({ body_text: 'hers', ticket: kept.ticket }), 'done');
  });

  it('AT-V43 says the seconds until the count is below five, the call itself not counted',
    async () => {
      const never = { penalties: { ...PENALTIES, sign_in: { ...SIGN_IN, free: 8 } } };
      const { fail, waited, house } = await open(never);
      // One failure in each of eight slots, then three more in the ninth.
      for (let i = 0; i < 8; i++) {
        await fail(1);
        house.clock.ms += 120_000;
      }
      const { ticket } = await waited();
      house.clock.ms += 15_000;
      const second = caller(house);
      assert.equal(await second.attempt({ ticket, failed: true }), 'done');
      for (const wait_s of [30, 60]) {
        const penalty = await waited();
        assert.equal(penalty.wait_s, wait_s);
        house.clock.ms += wait_s * 1000;
        await second.attempt({ ticket: penalty.ticket, failed: true });
      }
      // Eleven: below eight when the first four slots have left.
      const penalty = await waited();
      assert.equal(penalty.captcha, true);
      assert.equal(penalty.wait_s, (DAY_START + HOUR_MS + 3 * 120_000 - house.clock.ms) / 1000);
      house.clock.ms += penalty.wait_s * 1000;
      await fail(1);
    });

  it('AT-V44 the flag comes at once where it is always set, and never elsewhere', async () => {
    const flags = async (captcha: PenaltyPolicy['captcha']) => {
      const opened = await open({ penalties: { ...PENALTIES, sign_in: { ...SIGN_IN, captcha } } });
      await opened.fail(5);
      return { ...opened, penalty: await opened.waited() };
    };
    const always = await flags('always');
    assert.deepEqual([always.penalty.captcha, always.penalty.wait_s], [true, 3600]);
    always.house.clock.ms += HOUR_MS - 1;
    assert.notEqual(await always.attempt({ ticket: always.penalty.ticket }), 'done');
    always.house.clock.ms += 1;
    assert.equal(await always.attempt(), 'done');
    const never = await flags('never');
    let { ticket, wait_s } = never.penalty;
    for (let i = 0; i < 6; i++) {
      never.house.clock.ms += wait_s * 1000;
      assert.equal(await never.attempt({ ticket, failed: true }), 'done');
      const penalty = await never.waited();
      assert.equal(penalty.captcha, false);
      ({ ticket, wait_s } = penalty);
    }
    assert.equal(wait_s, 15 * 2 ** 6);
  });

  it('of 64 at once exactly five are tried', async () => {
    const { attempt } = await open();
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => attempt({ failed: true })),
    );
    assert.equal(answers.filter((answer) => answer === 'done').length, 5);
  });

  it('that are exempt are not counted at all', async () => {
    const { fail, waited, attempt } = await open({ limit_exempt: ['203.0.113.0/24', '8'] });
    await fail(20);
    await fail(5, { address: '203.0.114.7' });
    await waited({ address: '203.0.114.7' });
    assert.equal(await attempt({ address: '203.0.114.7', names: ['8'] }), 'done');
  });

  it('are nothing to a dialect without waits', async () => {
    const { fail } = await open({ penalties: null });
    await fail(100);
  });

  it('leave neither subnet nor ticket in the store, nor any event', async () => {
    const { waited, house, ticket } = await waitedFor();
    await waited({ body_text: 'another' });
    const tickets = await house.store.list('ticket', { prefix: '', after: null, limit: 9 });
    assert.equal(tickets.records.length, 2);
    const kept = JSON.stringify([tickets, house.store.batches]);
    for (const hidden of ['203.0.113', ticket, 'alice', 'another']) {
      assert.ok(!kept.includes(hidden), hidden);
    }
    const events = house.store.batches.flatMap(({ atoms }) => atoms.flatMap((one) => one.events));
    assert.deepEqual(events, []);
  });
});

describe('renewals of a subnet', () => {
  const RENEW: Call = { endpoint: 'renew', body_text: '' };

  it('AT-V40 are counted whether they succeed or not: the sixteenth waits 15 s', async () => {
    const { attempt, waited, house } = await open();
    for (let i = 0; i < 15; i++) {
      assert.equal(await attempt({ ...RENEW, failed: i % 2 === 0 }), 'done');
    }
    const { wait_s, captcha } = await waited(RENEW);
    assert.deepEqual([wait_s, captcha], [15, false]);
    house.clock.ms += 15_000;
    assert.equal(await attempt(RENEW), 'done');
    // One wait is good for one call, and each waits as long as the one before.
    assert.equal((await waited(RENEW)).wait_s, 15);
    assert.equal(await attempt({ ...RENEW, address: '203.0.114.7' }), 'done');
  });

  it('AT-V40 that come before the wait is over begin it anew', async () => {
    const { attempt, waited, house } = await open();
    for (let i = 0; i < 15; i++) await attempt(RENEW);
    await waited(RENEW);
    house.clock.ms += 14_999;
    await waited(RENEW);
    house.clock.ms += 1;
    await waited(RENEW);
    house.clock.ms += 15_000;
    assert.equal(await attempt(RENEW), 'done');
  });

  it('use up nothing of sign-ins', async () => {
    const { attempt } = await open();
    for (let i = 0; i < 15; i++) await attempt(RENEW);
    assert.equal(await attempt(), 'done');
  });

  it('fall an hour after they came', async () => {
    const { attempt, waited, house } = await open();
    for (let i = 0; i < 15; i++) await attempt(RENEW);
    house.clock.ms = DAY_START + HOUR_MS - 1;
    await waited(RENEW);
    house.clock.ms += 1;
    for (let i = 0; i < 15; i++) assert.equal(await attempt(RENEW), 'done');
  });
});

describe('identity calls of a subnet', () => {
  const ME: Call = { endpoint: 'identity', body_text: '' };

  it('AT-V46 ten that fail are free, then one waits 30 s and a good one goes on', async () => {
    const { fail, waited, attempt, house } = await open();
    await fail(10, ME);
    assert.deepEqual((await waited(ME)).wait_s, 30);
    house.clock.ms += 30_000;
    assert.equal(await attempt(ME), 'done');
    assert.equal((await waited(ME)).wait_s, 30);
  });

  it('that succeed are not counted', async () => {
    const { attempt, fail, waited } = await open();
    for (let i = 0; i < 50; i++) assert.equal(await attempt(ME), 'done');
    await fail(10, ME);
    await waited(ME);
  });

  it('that fail behind a wait make the next one twice as long', async () => {
    const { fail, waited, house } = await open();
    await fail(10, ME);
    await waited(ME);
    house.clock.ms += 30_000;
    await fail(1, ME);
    assert.equal((await waited(ME)).wait_s, 60);
  });
});
