/** One canonical form for a login name: its spellings meet, look-alikes of nothing pass. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalLoginName } from '../../../src/core/rules/login-name.ts';

describe('login names', () => {
  const spellings: readonly (readonly [string, string, string])[] = [
    ['capitals', 'Alice', 'alice'],
    ['blanks around', '  alice\u3000', 'alice'],
    ['several inner blanks', 'alice   smith', 'alice smith'],
    ['sharp s', 'Stra\u00dfe', 'strasse'],
    ['final sigma', '\u03a3\u03c2\u03c3', '\u03c3\u03c3\u03c3'],
    ['full-width letters', '\uff41lice', 'alice'],
    ['a ligature', '\ufb01ona', 'fiona'],
    ['the Kelvin sign', '\u212aate', 'kate'],
    ['a decomposed letter', 'Rene\u0301e', 'ren\u00e9e'],
    ['a composed capital', 'REN\u00c9E', 'ren\u00e9e'],
    ['a name of 64 characters', 'A'.repeat(64), 'a'.repeat(64)],
    ['64 characters outside the basic plane', '\u{1f600}'.repeat(64), '\u{1f600}'.repeat(64)],
  ];
  for (const [says, typed, name] of spellings) {
    it(`take ${says}`, () => {
      assert.equal(canonicalLoginName(typed), name);
    });
  }

  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['blanks alone', ' \u3000 '],
    ['65 characters', 'a'.repeat(65)],
    ['a short text that becomes long', '\ufdfa'.repeat(5)],
    ['a zero-width space', 'ali\u200bce'],
    ['a zero-width joiner', 'ali\u200dce'],
    ['a soft hyphen', 'ali\u00adce'],
    ['a right-to-left override', '\u202eecila'],
    ['a NUL', 'alice\0'],
    ['a lone surrogate', 'alice\ud800'],
    ['a private-use character', 'alice\ue000'],
    ['an unassigned code point', 'alice\u0378'],
  ];
  for (const [says, typed] of refused) {
    it(`refuse ${says}`, () => {
      assert.equal(canonicalLoginName(typed), null);
    });
  }

  it('stay as they are once they are canonical', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(fc.property(text, (typed) => {
      const name = canonicalLoginName(typed);
      if (name !== null) assert.equal(canonicalLoginName(name), name);
    }), { numRuns: 20_000 });
  });

  it('are the same for every Unicode form of one text', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const form = fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD');
    fc.assert(fc.property(text, form, (typed, how) => {
      assert.equal(canonicalLoginName(typed.normalize(how)), canonicalLoginName(typed));
    }), { numRuns: 5000 });
  });

  it('never hold an invisible character or a blank at an end', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const name = canonicalLoginName(typed);
      if (name === null) return;
      assert.doesNotMatch(name, /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|^\s|\s$|\s\s/u);
    }), { numRuns: 5000 });
  });
});
