/** Sealed values: come back as they went in, and no other bytes come back at all. */
import assert from 'node:assert/strict';
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { deriveKey } from '../../src/adapters/crypto/derive-key.ts';
import { createSiv } from '../../src/adapters/crypto/siv.ts';
import type { RequestedAuthorization } from '../../src/core/kinds/request.ts';
import { START, alterations, worldKeys } from './world-keys.ts';

const CLAIMS = {
  customer: 'abcdefghijk', grant: 'abcdefghijkABCDEFGHIJK', number: 3, scopes: 31,
  issued_at_s: 1_795_000_000, lifetime_s: 86_399,
};

const REQUEST: RequestedAuthorization = {
  id: 'abcdefghijk', app: 'A'.repeat(32), dialect: 'test', redirect_uri: 'https://a.example/cb',
  scopes: 5, state: 'a\n"b"\\', code_challenge: null, resource: 'https://api.example',
  nonce: '\u{1f600}', refreshes: true, grant_lifetime_s: null,
  issuer: 'https://issuer.example', page_path: '/authorize', expires_at: START, browser: null,
  code_lifetime_s: 600, access_token_lifetime_s: 86_399,
};

describe('sealed access tokens', () => {
  const { seals } = worldKeys();

  it('say what was put in, in at most 255 characters of the token alphabet', () => {
    const text = fc.string({ unit: fc.constantFrom('0', '9', 'A', 'z', '.', '-'), maxLength: 40 });
    const claims = fc.record({
      customer: text, grant: text,
      number: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      scopes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      issued_at_s: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      lifetime_s: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    fc.assert(fc.property(claims, fc.boolean(), (given, shared) => {
      const grant = shared ? given.customer + given.grant : given.grant;
      const one = { ...given, grant };
      const token = seals.sealToken(one);
      assert.match(token, /^[A-Za-z0-9._~-]{1,255}$/);
      assert.deepEqual(seals.openToken(token), one);
    }), { numRuns: 2000 });
  });

  it('any single altered character, cut or addition is refused', () => {
    for (const altered of alterations(seals.sealToken(CLAIMS))) {
      assert.equal(typeof seals.openToken(altered), 'string', altered);
    }
  });

  it('claims that differ make other tokens, the same claims the same one', () => {
    assert.equal(seals.sealToken(CLAIMS), seals.sealToken(CLAIMS));
    assert.notEqual(seals.sealToken(CLAIMS), seals.sealToken({ ...CLAIMS, number: 4 }));
  });

  it('belong to one world and one key', () => {
    const paper = worldKeys('paper').seals;
    const token = seals.sealToken(CLAIMS);
    assert.equal(paper.openToken(token), 'other_world');
    assert.equal(paper.openToken(token.replace('live', 'paper')), 'malformed');
    assert.equal(worldKeys('live').seals.openToken(token), 'malformed');
  });

  it('live as long as their key', () => {
    const { seals: own, keyring, records, clock } = worldKeys();
    const token = own.sealToken(CLAIMS);
    const next = keyring.create('token', 2, { created_at: START, active_from: START });
    const removed = records.map((record) =>
      record.purpose === 'token'
        ? { ...record, retired_at: START, removed_at: START + 600_000 }
        : record,
    );
    keyring.load([...removed, next]);
    assert.notEqual(own.sealToken(CLAIMS), token);
    assert.deepEqual(own.openToken(token), CLAIMS);
    clock.advance(600_000);
    assert.equal(own.openToken(token), 'malformed');
  });
});

describe('the cipher under them', () => {
  it('is AES-256-CTR from the tag on, also where the counter runs over', () => {
    const key = createSecretKey(randomBytes(32));
    const siv = createSiv(key, 'test');
    const cipher_key = deriveKey(key, 'test cipher');
    for (const length of [1, 15, 16, 17, 64, 200]) {
      const plaintext = randomBytes(length);
      const sealed = siv.seal(plaintext);
      const ctr = createCipheriv('aes-256-ctr', cipher_key, sealed.subarray(0, 16));
      assert.deepEqual(sealed.subarray(16), ctr.update(plaintext));
      assert.deepEqual(siv.open(sealed), plaintext);
    }
    // Of 2000 tags some end in 255: the carry is seen in nearly every run, and none is left out.
    for (let i = 0; i < 2000; i++) {
      const plaintext = randomBytes(64);
      const sealed = siv.seal(plaintext);
      const ctr = createCipheriv('aes-256-ctr', cipher_key, sealed.subarray(0, 16));
      assert.deepEqual(sealed.subarray(16), ctr.update(plaintext));
    }
    assert.equal(siv.open(Buffer.alloc(16)), null);
  });
});

describe('sealed requests', () => {
  const { seals } = worldKeys();

  it('say what was put in, whatever the state', () => {
    const state = fc.option(fc.string({ unit: 'binary', maxLength: 50 }), { nil: null });
    fc.assert(fc.property(state, fc.webUrl(), (given, redirect_uri) => {
      const request = { ...REQUEST, state: given, redirect_uri };
      assert.deepEqual(seals.openRequest(seals.sealRequest(request)), request);
    }), { numRuns: 1000 });
  });

  it('a state of 4096 bytes fits a request line, whatever it is made of', () => {
    for (const character of ['"', '\\', 'a', '\n']) {
      const sealed = seals.sealRequest({ ...REQUEST, state: character.repeat(4096) });
      assert.ok(sealed.length < 8000, `${sealed.length} characters`);
    }
  });

  it('never look alike twice, and are refused when altered or of another kind or world', () => {
    const sealed = seals.sealRequest(REQUEST);
    assert.notEqual(sealed, seals.sealRequest(REQUEST));
    for (const altered of alterations(sealed)) {
      assert.equal(typeof seals.openRequest(altered), 'string', altered);
    }
    assert.equal(seals.openRequest(seals.sealToken(CLAIMS)), 'malformed');
    assert.equal(seals.openToken(sealed), 'malformed');
    assert.equal(worldKeys('paper').seals.openRequest(sealed), 'other_world');
  });
});

describe('a browser’s own values', () => {
  const { seals } = worldKeys();

  it('an answer opens with the cookie it was sealed for, and no other', () => {
    const sealed = seals.sealForBrowser('cookie', 'https://a.example/cb?code=é');
    assert.equal(seals.openForBrowser('cookie', sealed), 'https://a.example/cb?code=é');
    assert.equal(seals.openForBrowser('cookiE', sealed), null);
    assert.equal(worldKeys().seals.openForBrowser('cookie', sealed), null);
    for (const altered of alterations(sealed)) {
      assert.equal(seals.openForBrowser('cookie', altered), null, altered);
    }
  });

  it('a form token is of one cookie and one purpose', () => {
    const token = seals.csrf('cookie', 'consent');
    assert.equal(token, seals.csrf('cookie', 'consent'));
    assert.ok(seals.isCsrf(token, 'cookie', 'consent'));
    for (const [text, cookie, purpose] of [
      [token, 'cookie', 'sign-in'], [token, 'other', 'consent'], [`${token}x`, 'cookie', 'consent'],
      [token.slice(0, -1), 'cookie', 'consent'], ['', 'cookie', 'consent'],
      [token.replace('_01', '_02'), 'cookie', 'consent'],
    ] as const) assert.ok(!seals.isCsrf(text, cookie, purpose), text);
    assert.match(token, /^cs_live_csrf_[A-Za-z0-9_-]{45}$/);
    const others = [
      seals.csrf('cookie', 'sign-in'), seals.csrf('cookies', 'consent'),
      seals.csrf('consentcookie', ''), seals.csrf('t|cookie', 'consen'),
      worldKeys().seals.csrf('cookie', 'consent'),
      worldKeys('paper').seals.csrf('cookie', 'consent'),
    ];
    assert.equal(new Set([token, ...others]).size, others.length + 1);
  });
});
