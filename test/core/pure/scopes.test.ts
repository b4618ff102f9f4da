/** Scopes as masks: the algebra that every containment rests on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ALL_SCOPES, SCOPES, scopeMask, scopeWords, scopesWithin,
} from '../../../src/core/rules/scopes/scopes.ts';

const mask = fc.integer({ min: 0, max: ALL_SCOPES });
const word = fc.oneof(
  fc.constantFrom(...SCOPES.map((scope) => scope.word)),
  fc.constantFrom('READ', 'read ', '', 'placing', 'toString', '__proto__'),
  fc.string(),
);

describe('scopes', () => {
  it('have one bit each and the order of answers', () => {
    const words = SCOPES.map((scope) => scope.word);
    assert.deepEqual(words, ['read', 'write', 'trade', 'market', 'stream']);
    assert.equal(new Set(SCOPES.map((scope) => scope.bit)).size, SCOPES.length);
    for (const { bit } of SCOPES) assert.equal(bit & (bit - 1), 0);
    assert.equal(ALL_SCOPES, 31);
  });

  it('come back from their words', () => {
    fc.assert(fc.property(mask, (set) => {
      assert.equal(scopeMask(scopeWords(set)), set);
      assert.equal(scopeMask(scopeWords(set).toReversed()), set);
    }));
  });

  it('count only words that are exactly theirs, once', () => {
    fc.assert(fc.property(fc.array(word), (words) => {
      const known = SCOPES.filter((scope) => words.includes(scope.word));
      assert.deepEqual(scopeWords(scopeMask(words)), known.map((scope) => scope.word));
      assert.equal(scopeMask([...words, ...words]), scopeMask(words));
    }));
  });

  it('lie within one another as their words do', () => {
    fc.assert(fc.property(mask, mask, (inner, outer) => {
      const words = new Set<string>(scopeWords(outer));
      const within = scopeWords(inner).every((one) => words.has(one));
      assert.equal(scopesWithin(inner, outer), within);
    }));
  });
});
