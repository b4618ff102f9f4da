/** Which callback may be used: the registered bytes and nothing that resembles them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { usableRedirectUri } from '../../../src/core/rules/redirect-uri.ts';

const REGISTERED = [
  'https://app.example/cb',
  'https://app.example/cb?linked=1&env=live',
  'http://127.0.0.1:8080/cb',
  'com.example.app:/cb',
] as const;

const registered = fc.constantFrom(...REGISTERED);
const insert = fc.constantFrom(
  '/', '.', '%2e', '%2F', '?', '#', '@', ':', ':443', '\t', '\n', '\r', '\0', ' ', '\\', ';', '*',
  'é', '。', '／', '&', '=', '//', '..', 'x', 'X', '\u200b',
);

/** A registered callback after one small edit: the neighbourhood where matchers go wrong. */
const edited = fc.tuple(registered, fc.nat(), fc.integer({ min: 0, max: 3 }), insert).map(
  ([uri, place, kind, text]) => {
    const at = place % (uri.length + 1);
    if (kind === 0) return uri.slice(0, at) + text + uri.slice(at);
    if (kind === 1) return uri.slice(0, at) + uri.slice(at + 1);
    if (kind === 2) return uri.slice(0, at) + text + uri.slice(at + 1);
    const char = uri.charAt(at);
    const flipped = char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase();
    return uri.slice(0, at) + flipped + uri.slice(at + 1);
  },
);

const requested = fc.oneof(
  registered, edited, fc.webUrl({ withQueryParameters: true }), fc.string(),
);

function app(redirect_uris: readonly string[], redirect_uri_mode: 'strict' | 'ignore') {
  return { redirect_uris, redirect_uri_mode };
}

describe('the usable callback', () => {
  it('P-01 is a requested one if and only if it equals a registered one byte for byte', () => {
    const some = fc.subarray([...REGISTERED]);
    fc.assert(fc.property(some, requested, (uris, uri) => {
      const expected = uris.some((one) => Buffer.from(one).equals(Buffer.from(uri))) ? uri : null;
      assert.equal(usableRedirectUri(app(uris, 'strict'), uri), expected);
    }), { numRuns: 20_000 });
  });

  it('P-01 is never anything but a registered one, whatever the mode', () => {
    const some = fc.subarray([...REGISTERED]);
    const mode = fc.constantFrom('strict' as const, 'ignore' as const);
    fc.assert(fc.property(some, mode, fc.option(requested), (uris, how, uri) => {
      const usable = usableRedirectUri(app(uris, how), uri);
      assert.ok(usable === null || (uris as string[]).includes(usable));
    }), { numRuns: 5000 });
  });

  it('is the only registered one when none is requested', () => {
    const [first, second] = REGISTERED;
    assert.equal(usableRedirectUri(app([first], 'strict'), null), first);
    assert.equal(usableRedirectUri(app([first, second], 'strict'), null), null);
    assert.equal(usableRedirectUri(app([], 'strict'), null), null);
  });

  it('where an unregistered one is overlooked, is the only one, never one of two', () => {
    const [first, second] = REGISTERED;
    const evil = 'https://evil.example/';
    assert.equal(usableRedirectUri(app([first], 'ignore'), evil), first);
    assert.equal(usableRedirectUri(app([first, second], 'ignore'), evil), null);
    assert.equal(usableRedirectUri(app([first, second], 'ignore'), second), second);
    assert.equal(usableRedirectUri(app([first], 'strict'), evil), null);
  });
});
