import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  base62Of96Bits, base62OfNumber, numberOfBase62,
} from '../../src/adapters/crypto/base62.ts';
import { nodeDigests } from '../../src/adapters/node-digests.ts';
import { poolEntropy } from '../../src/adapters/pool-entropy.ts';
import { settableClock, systemClock } from '../../src/adapters/system-clock.ts';
import { aMasterKey } from './world-keys.ts';

const HOUR_MS = 3_600_000;

describe('clocks', () => {
  it('never run backwards, and go on at the ordinary pace when the machine’s is set back', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 10 * HOUR_MS });
    const clock = systemClock(0);
    assert.equal(clock.now(), 10 * HOUR_MS);
    t.mock.timers.setTime(9 * HOUR_MS);
    assert.equal(clock.now(), 10 * HOUR_MS);
    t.mock.timers.setTime(9 * HOUR_MS + 500);
    assert.equal(clock.now(), 10 * HOUR_MS + 500);
    t.mock.timers.setTime(12 * HOUR_MS);
    assert.ok(clock.now() >= 12 * HOUR_MS);
  });

  it('never begin below what the store has seen', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: HOUR_MS });
    const clock = systemClock(5 * HOUR_MS);
    assert.equal(clock.now(), 5 * HOUR_MS);
    t.mock.timers.setTime(HOUR_MS + 7);
    assert.equal(clock.now(), 5 * HOUR_MS + 7);
  });

  it('the development clock is set, moved on and runs on', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: HOUR_MS });
    const clock = settableClock(0);
    clock.set(100 * HOUR_MS);
    assert.equal(clock.now(), 100 * HOUR_MS);
    t.mock.timers.setTime(HOUR_MS + 20);
    assert.equal(clock.now(), 100 * HOUR_MS + 20);
    clock.advance(HOUR_MS);
    assert.equal(clock.now(), 101 * HOUR_MS + 20);
    clock.set(2 * HOUR_MS);
    assert.equal(clock.now(), 2 * HOUR_MS);
    assert.throws(() => clock.set(NaN), RangeError);
  });
});

describe('entropy', () => {
  it('is base62 of the length asked for, over refills of the pool', () => {
    const entropy = poolEntropy();
    for (const length of [0, 1, 11, 43, 20_000]) {
      assert.match(entropy.base62(length), new RegExp(`^[0-9A-Za-z]{${length % 65_536}}$`));
    }
  });

  it('draws each character equally often', () => {
    const counts = new Map<string, number>();
    const total = 620_000;
    for (const character of poolEntropy().base62(total)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = total / 62;
    let chi_square = 0;
    for (const count of counts.values()) chi_square += (count - expected) ** 2 / expected;
    // 61 degrees of freedom: beyond 140 once in ten million runs.
    assert.equal(counts.size, 62);
    assert.ok(chi_square < 140, `chi-square ${chi_square}`);
  });
});

describe('base62', () => {
  it('spells 96 bits in 17 characters as plain arithmetic does', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 12, maxLength: 32 }), (bytes) => {
      const text = base62Of96Bits(bytes);
      let value = 0n;
      for (const character of text) value = value * 62n + BigInt(numberOfBase62(character));
      assert.equal(text.length, 17);
      assert.equal(value, BigInt(`0x${Buffer.from(bytes.subarray(0, 12)).toString('hex')}`));
    }), { numRuns: 2000 });
    assert.equal(base62Of96Bits(new Uint8Array(12)), '0'.repeat(17));
  });

  it('spells numbers in fixed width, and refuses what does not fit', () => {
    fc.assert(fc.property(fc.nat(62 ** 5 - 1), (value) => {
      assert.equal(numberOfBase62(base62OfNumber(value, 5)), value);
    }));
    assert.throws(() => base62OfNumber(62, 1), RangeError);
    assert.throws(() => base62OfNumber(-1, 3), RangeError);
    assert.equal(numberOfBase62('0-'), -1);
    assert.equal(numberOfBase62('é'), -1);
  });
});

describe('digests', () => {
  it('DR-02 a short value’s digest needs the master key', () => {
    const one = nodeDigests(aMasterKey());
    const two = nodeDigests(aMasterKey());
    assert.equal(one.shortValue('anna'), one.shortValue('anna'));
    assert.notEqual(one.shortValue('anna'), two.shortValue('anna'));
    assert.notEqual(one.shortValue('anna'), one.sha256('anna'));
    assert.equal(one.sha256('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});
