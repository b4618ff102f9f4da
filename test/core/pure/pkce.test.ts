/** PKCE: only S256, only well-formed, and what does not match does not match. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { challengeFault, verifierIsWellFormed } from '../../../src/core/rules/pkce.ts';
import { equalInConstantTime } from '../../../src/core/rules/secrets.ts';

const BASE64URL =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');

describe('challenges', () => {
  it('are none at all, or 43 base64url characters with S256', () => {
    const unit = fc.constantFrom(...BASE64URL);
    fc.assert(fc.property(fc.string({ unit, minLength: 43, maxLength: 43 }), (challenge) => {
      assert.equal(challengeFault(challenge, 'S256'), null);
      assert.notEqual(challengeFault(challenge, 'plain'), null);
      assert.notEqual(challengeFault(challenge, null), null);
    }));
    assert.equal(challengeFault(null, null), null);
    assert.notEqual(challengeFault(null, 'S256'), null);
    assert.notEqual(challengeFault('', 'S256'), null);
  });

  it('of any other text are refused', () => {
    const text = fc.oneof(fc.string({ minLength: 43, maxLength: 43 }), fc.string());
    fc.assert(fc.property(text, (challenge) => {
      const known = challenge.split('').every((char) => BASE64URL.includes(char));
      const good = challenge.length === 43 && known;
      assert.equal(challengeFault(challenge, 'S256') === null, good);
    }), { numRuns: 5000 });
  });
});

describe('verifiers', () => {
  it('are 43 to 128 unreserved characters', () => {
    const unit = fc.constantFrom(...BASE64URL, '.', '~');
    fc.assert(fc.property(fc.string({ unit, maxLength: 140 }), (verifier) => {
      const good = verifier.length >= 43 && verifier.length <= 128;
      assert.equal(verifierIsWellFormed(verifier), good);
    }), { numRuns: 2000 });
  });
});

describe('comparing secrets', () => {
  it('agrees with comparing texts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\0'), maxLength: 4 });
    fc.assert(fc.property(text, text, (a, b) => {
      assert.equal(equalInConstantTime(a, b), a === b);
      assert.equal(equalInConstantTime(a, a), true);
    }), { numRuns: 2000 });
  });
});
