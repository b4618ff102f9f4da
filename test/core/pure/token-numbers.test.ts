/** Token numbers and their mask, against a model that remembers every ended number. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { markEnded, numberIsLive, shiftMask } from '../../../src/core/rules/token-numbers.ts';

type Counted = { readonly last_number: number; readonly ended_numbers: string };

const issue = ({ last_number, ended_numbers }: Counted): Counted => ({
  last_number: last_number + 1, ended_numbers: shiftMask(ended_numbers),
});
const end = (grant: Counted, number: number): Counted => ({
  ...grant, ended_numbers: markEnded(grant.ended_numbers, grant.last_number, number),
});

/** A step: null issues a token, a number ends the one so far behind the newest. */
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: -2, max: 140 }) },
  ),
  { maxLength: 400 },
);

describe('token numbers', () => {
  it('agree with a set of ended numbers for every limit, and revive none beyond the mask', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 200 }), (script, live_max) => {
      let grant: Counted = { last_number: 1, ended_numbers: '' };
      const ended = new Set<number>();
      let oldest_unknown = -Infinity;
      for (const step of script) {
        if (step === null) grant = issue(grant);
        else {
          const number = grant.last_number - step;
          grant = end(grant, number);
          if (step >= 0) ended.add(number);
          // Beyond the mask only that some older one ended is known: then all of them count so.
        }
        const fallen = [...ended].some((number) => grant.last_number - number >= 128);
        if (fallen) oldest_unknown = grant.last_number - 128;
      }
      for (let number = -3; number <= grant.last_number + 3; number++) {
        const newest = number <= grant.last_number && number > grant.last_number - live_max;
        const expected = newest && !ended.has(number) && number > oldest_unknown;
        assert.equal(numberIsLive(grant, number, live_max), expected, `number ${number}`);
      }
      assert.match(grant.ended_numbers, /^$|^[1-9a-f][0-9a-f]{0,32}$/);
    }), { numRuns: 300 });
  });

  it('keep an empty mask empty, and remember that something fell off its end', () => {
    assert.equal(shiftMask(''), '');
    let mask = markEnded('', 1, 1);
    for (let i = 0; i < 127; i++) mask = shiftMask(mask);
    assert.equal(mask, `8${'0'.repeat(31)}`);
    mask = shiftMask(mask);
    assert.equal(mask, `1${'0'.repeat(32)}`);
    assert.equal(shiftMask(mask), mask);
  });

  it('end the same number twice to the same mask', () => {
    const once = markEnded('', 9, 7);
    assert.equal(markEnded(once, 9, 7), once);
  });

  it('do not end what was never issued, and end with what is out of the mask all before it', () => {
    assert.equal(markEnded('', 5, 6), '');
    assert.equal(markEnded('', 200, 73), `8${'0'.repeat(31)}`);
    const ended_numbers = markEnded('', 200, 72);
    assert.equal(ended_numbers, `1${'0'.repeat(32)}`);
    const live = [1, 72, 73, 200].filter((number) =>
      numberIsLive({ last_number: 200, ended_numbers }, number, 200));
    assert.deepEqual(live, [73, 200]);
  });
});
