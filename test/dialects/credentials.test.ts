import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readAuthorization, readBearer } from '../../src/dialects/credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('Basic', () => {
  const credentials = { id: 'A1', secret: 's:ecret' };
  const pair = base64('A1:s:ecret');

  test('the scheme in any case, or none at all', () => {
    for (const header of [`Basic ${pair}`, `basic ${pair}`, `BASIC   ${pair} `, pair, ` ${pair}`]) {
      assert.deepEqual(readAuthorization(header), { is: 'basic', credentials }, header);
    }
  });

  test('padding may be left out', () => {
    assert.equal(readAuthorization('Basic QTE6cw').is, 'basic');
    assert.equal(readAuthorization('Basic QTE6cw==').is, 'basic');
  });

  test('what is not id:secret is malformed, never a throw', () => {
    const broken = ['Basic', 'Basic ', 'Basic !!!', 'Basic A', `Basic ${base64('nocolon')}`,
      `Basic ${base64(':secret')}`, 'Basic /////w==', `Basic ${pair} ${pair}`, 'Basic QT:E6cw',
      'Basic QTE6cw=Q', 'Basic \u00e9', ''];
    for (const header of broken) assert.deepEqual(readAuthorization(header), { is: 'malformed' });
  });

  test('an empty secret is an empty secret', () => {
    assert.deepEqual(readAuthorization(`Basic ${base64('A1:')}`),
      { is: 'basic', credentials: { id: 'A1', secret: '' } });
  });

  test('another scheme is no credentials of ours; no header is none', () => {
    for (const header of ['Bearer x', 'Digest a="b"', 'Negotiate YII=', 'token']) {
      assert.deepEqual(readAuthorization(header), { is: 'other_scheme' }, header);
    }
    assert.deepEqual(readAuthorization(undefined), { is: 'absent' });
  });

  test('P-02 Basic: what is serialised is parsed back, with and without its scheme', () => {
    const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter((text) => text.isWellFormed());
    const id = word.filter((text) => !text.includes(':'));
    fc.assert(fc.property(id, word, (client, secret) => {
      const expected = { is: 'basic', credentials: { id: client, secret } };
      assert.deepEqual(readAuthorization(`Basic ${base64(`${client}:${secret}`)}`), expected);
      assert.deepEqual(readAuthorization(base64(`${client}:${secret}`)), expected);
    }), { numRuns: 500 });
  });

  test('any header is read without a throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (header) => {
      for (const one of [header, `Basic ${header}`, `Bearer ${header}`]) {
        readAuthorization(one);
        readBearer(one);
      }
    }), { numRuns: 1000 });
  });
});

describe('Bearer', () => {
  test('the scheme in any case, one token of the grammar', () => {
    for (const header of ['Bearer abc', 'bearer abc', 'BEARER   abc', 'Bearer abc ']) {
      assert.equal(readBearer(header), 'abc', header);
    }
    assert.equal(readBearer('Bearer a-._~+/=='), 'a-._~+/==');
  });

  test('anything else is no token', () => {
    const others = [undefined, '', 'abc', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer "a"',
      'Basic abc', 'Bearer a,b', 'Bearer é', ' Bearer abc', 'Bearerabc', 'Bearer =a'];
    for (const header of others) assert.equal(readBearer(header), null, header);
  });
});
