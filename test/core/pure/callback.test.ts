/** Callback URLs: what the app reads out of them is what was put in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { callbackUrl, percentEncode } from '../../../src/core/rules/callback.ts';
import { utf8Length } from '../../../src/core/rules/text.ts';

const CODE = { name: 'code', value: 'cs_live_code_0123' } as const;
const redirect_uri = fc.constantFrom(
  'https://app.example/cb', 'https://app.example/cb?linked=1&env=live', 'com.example.app:/cb',
  'https://app.example', 'http://127.0.0.1:8080/cb',
);
const text = fc.string({ unit: 'binary' });

describe('callback URLs', () => {
  it('bring every Unicode state back as it was sent', () => {
    fc.assert(fc.property(redirect_uri, text, text, (uri, state, iss) => {
      const url = callbackUrl({ redirect_uri: uri, state, iss }, CODE);
      const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
      assert.equal(query.get('state'), state.toWellFormed());
      assert.equal(query.get('code'), CODE.value);
      assert.equal(query.get('iss'), iss.toWellFormed());
      assert.deepEqual(query.getAll('state').length, 1);
    }), { numRuns: 3000 });
  });

  it('begin with the registered bytes and hold one question mark and no other special byte', () => {
    fc.assert(fc.property(redirect_uri, fc.option(text), (uri, state) => {
      const url = callbackUrl({ redirect_uri: uri, state, iss: null }, CODE);
      const added = url.slice(uri.length);
      assert.ok(url.startsWith(uri));
      assert.equal(url.split('?').length, 2);
      assert.match(added, /^[?&]code=cs_live_code_0123(?:&state=[A-Za-z0-9\-._~%]*)?$/);
    }), { numRuns: 3000 });
  });

  it('put code or error first, then state, then the issuer', () => {
    const iss = 'https://i.example';
    const callback = { redirect_uri: 'https://a.example/cb', state: 's t', iss };
    assert.equal(
      callbackUrl(callback, CODE),
      'https://a.example/cb?code=cs_live_code_0123&state=s%20t&iss=https%3A%2F%2Fi.example',
    );
    assert.equal(
      callbackUrl({ ...callback, iss: null }, { name: 'error', value: 'access_denied' }),
      'https://a.example/cb?error=access_denied&state=s%20t',
    );
  });

  it('send an empty state back, and none when none was sent', () => {
    const callback = { redirect_uri: 'https://a.example/cb?x=1', state: '', iss: null };
    const none = 'https://a.example/cb?x=1&code=cs_live_code_0123';
    assert.equal(callbackUrl(callback, CODE), `${none}&state=`);
    assert.equal(callbackUrl({ ...callback, state: null }, CODE), none);
  });
});

describe('percent encoding', () => {
  it('leaves exactly the unreserved characters as they are', () => {
    for (let point = 0; point < 0x100; point++) {
      const char = String.fromCharCode(point);
      const plain = /[A-Za-z0-9\-._~]/.test(char);
      assert.equal(percentEncode(char) === char, plain, JSON.stringify(char));
    }
  });

  it('makes of a lone surrogate what every UTF-8 encoder makes of it', () => {
    assert.equal(percentEncode('a\ud800b'), 'a%EF%BF%BDb');
    assert.equal(percentEncode('😀'), '%F0%9F%98%80');
  });
});

describe('the length of a text in UTF-8', () => {
  it('is what an encoder writes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (one) => {
      assert.equal(utf8Length(one), Buffer.byteLength(one));
    }), { numRuns: 2000 });
  });
});
