/** Calls of a customer, or of an address without a token: counted in windows of several lengths. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Profile } from '../../../src/core/rules/profile.ts';
import type { Deps } from '../../../src/flows/deps.ts';
import { createApiCounters } from '../../../src/flows/limits/api-counters.ts';
import { countCall } from '../../../src/flows/limits/call-limits.ts';
import { NOW, profileFor } from '../../core/facts.ts';

const LIMITS: Profile['call_limits'] = {
  authenticated: [{ count: 6, window_s: 3600 }, { count: 5, window_s: 60 }],
  anonymous: [
    { count: 4, window_s: 3600 }, { count: 3, window_s: 60 }, { count: 2, window_s: 1 },
  ],
};

const ADDRESS = '203.0.113.7';

function limited(over: Partial<Profile> = {}) {
  const clock = { ms: NOW, now: () => clock.ms };
  const deps = { clock, api_counters: createApiCounters() } as unknown as Deps;
  const profile = profileFor({ call_limits: LIMITS, ...over });
  const call = (who: Partial<Parameters<typeof countCall>[2]> = {}) =>
    countCall(deps, profile, { address: ADDRESS, ...who });
  return { call, clock };
}

/** `+` for each call that may go on, `-` for each that may not. */
function calls(times: number, call: () => unknown): string {
  return Array.from({ length: times }, () => (call() === null ? '+' : '-')).join('');
}

describe('calls of an address', () => {
  it('are turned away beyond the number of the shortest window, and go on after it', () => {
    const { call, clock } = limited();
    assert.equal(calls(4, call), '++--');
    clock.ms += 999;
    assert.equal(calls(1, call), '-');
    clock.ms += 1;
    assert.equal(calls(2, call), '+-');
    clock.ms += 60_000;
    assert.equal(calls(2, call), '+-');
  });

  it('that were turned away use up no longer window', () => {
    const { call, clock } = limited();
    assert.equal(calls(100, call), `++${'-'.repeat(98)}`);
    clock.ms += 1000;
    assert.equal(calls(1, call), '+');
    clock.ms += 60_000;
    assert.equal(calls(1, call), '+');
  });

  it('say what was refused, with the window, and nothing of whom', () => {
    const { call } = limited();
    calls(2, call);
    assert.deepEqual(call(), {
      code: 'quota_exceeded',
      rule: 'calls.limit',
      reason: 'more than 2 calls in 1 s',
      quota: { allowed: 2, used: 2, ends_at: NOW + 1000 },
    });
  });

  it('are counted for each address apart', () => {
    const { call } = limited();
    assert.equal(calls(3, call), '++-');
    assert.equal(calls(3, () => call({ address: '203.0.113.8' })), '++-');
  });
});

describe('calls of a customer', () => {
  const hers = { customer: 'customer001' };

  it('are counted for her alone, wherever they come from', () => {
    const { call } = limited();
    let host = 0;
    assert.equal(calls(6, () => call({ ...hers, address: `203.0.113.${(host += 1)}` })), '+++++-');
    assert.equal(calls(1, () => call({ customer: 'customer002' })), '+');
  });

  it('use up nothing of her address, nor the other way round', () => {
    const { call } = limited();
    assert.equal(calls(5, () => call(hers)), '+++++');
    assert.equal(calls(2, call), '++');
  });

  it('are turned away in the longest window that is full', () => {
    const { call, clock } = limited();
    assert.equal(calls(5, () => call(hers)), '+++++');
    clock.ms += 60_000;
    assert.equal(calls(2, () => call(hers)), '+-');
    assert.equal(call(hers)?.quota?.ends_at, NOW + 3_600_000);
    clock.ms = NOW + 3_600_000;
    assert.equal(calls(1, () => call(hers)), '+');
  });
});

describe('calls that are not limited', () => {
  const exempt: readonly (readonly [string, string, Partial<Parameters<typeof countCall>[2]>])[] = [
    ['a subnet', '203.0.113.0/24', {}],
    ['an address', ADDRESS, {}],
    ['a login name', 'alice', { customer: 'c', names: ['alice', 'app'] }],
    ['an app', 'app', { customer: 'c', names: ['alice', 'app'] }],
    ['an API key', '8', { names: ['8', 'alice'] }],
  ];
  for (const [says, entry, who] of exempt) {
    it(`${says} that is named`, () => {
      const { call } = limited({ limit_exempt: ['192.0.2.0/24', entry] });
      assert.equal(calls(50, () => call(who)), '+'.repeat(50));
    });
  }

  it('are those of nobody else', () => {
    const { call } = limited({ limit_exempt: ['198.51.100.0/24', 'alice', '8', '203.0.113.70'] });
    assert.equal(calls(3, () => call({ names: ['88', 'Alice', 'alice2', ''] })), '++-');
    assert.equal(calls(3, () => call({ address: '198.51.101.1' })), '++-');
  });

  it('are all of them where the profile has no limits', () => {
    const { call } = limited({ call_limits: null });
    assert.equal(calls(100, call), '+'.repeat(100));
  });
});
