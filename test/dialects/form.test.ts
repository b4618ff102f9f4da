import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { percentEncode } from '../../src/core/rules/callback.ts';
import { decodeForm } from '../../src/dialects/form.ts';

const read = (text: string, ...names: string[]): (string | null)[] => {
  const form = decodeForm(text, names);
  return names.map((name) => form.get(name));
};

describe('what a form says', () => {
  test('values are decoded once, plus is a blank, a name without = is empty', () => {
    assert.deepEqual(read('a=1&b=x+y%20z&c&d=&e=%2525', 'a', 'b', 'c', 'd', 'e', 'f'),
      ['1', 'x y z', '', '', '%25', null]);
    assert.deepEqual(read('%61=1', 'a'), ['1']);
    assert.deepEqual(read('a=b=c', 'a'), ['b=c']);
    assert.deepEqual(read('&&a=1&', 'a'), ['1']);
    assert.deepEqual(read('', 'a'), [null]);
  });

  test('brackets, dots and prototype names are plain names', () => {
    assert.deepEqual(read('a[]=1&a[b]=2&a.b=3&__proto__=4&constructor=5', 'a'), [null]);
    assert.equal(Object.keys(Object.prototype).length, 0);
    assert.deepEqual(read('__proto__=4', '__proto__', 'toString'), ['4', null]);
  });

  test('UTF-8 is read from raw bytes and from escapes, a byte order mark is kept', () => {
    const raw = Buffer.from('a=é€😀').toString('latin1');
    assert.deepEqual(read(raw, 'a'), ['é€😀']);
    assert.deepEqual(read('a=%C3%A9%E2%82%AC%F0%9F%98%80', 'a'), ['é€😀']);
    assert.deepEqual(read('a=%EF%BB%BFx', 'a'), ['\ufeffx']);
  });
});

describe('what a form cannot say', () => {
  const cases: { readonly [name: string]: string } = {
    'sent twice': 'a=1&a=1',
    'sent twice under an escape': 'a=1&%61=2',
    'half an escape': 'a=%4',
    'no escape': 'a=%zz',
    'overlong UTF-8': 'a=%C0%AF',
    'a surrogate': 'a=%ED%A0%80',
    'a lone continuation byte': 'a=\x80',
    'cut UTF-8': 'a=%E2%82',
    'over 8192 characters': `a=${'x'.repeat(8193)}`,
    'over 8192 decoded characters': `a=${'%41'.repeat(8193)}`,
  };
  for (const [name, text] of Object.entries(cases)) {
    test(`${name}: reported, not repaired`, () => {
      const form = decodeForm(`${text}&b=2`, ['a', 'b']);
      assert.deepEqual(form.malformed, ['a']);
      assert.equal(form.get('a'), null);
      assert.equal(form.get('b'), '2');
    });
  }

  test('names that no route lists may be repeated and broken', () => {
    assert.deepEqual(decodeForm('x=%zz&x=1&x=2&%zz=3&a=1', ['a']).malformed, []);
  });

  test('8192 characters and 100 parameters are the limit', () => {
    assert.deepEqual(decodeForm(`a=${'x'.repeat(8192)}`, ['a']).malformed, []);
    const hundred = Array.from({ length: 100 }, (_, at) => `p${at}=1`).join('&');
    assert.deepEqual(decodeForm(hundred, ['p99']).malformed, []);
    assert.deepEqual(decodeForm(`${hundred}&a=1`, ['a']).malformed, ['form']);
  });
});

describe('properties', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some));
  const text = fc.string({ unit: 'binary', maxLength: 200 })
    .filter((some) => some.isWellFormed());

  test('P-02 a form: what is serialised is parsed back, escaped and raw', () => {
    fc.assert(fc.property(text, (value) => {
      const raw = Buffer.from(value.replace(/[%&+=]/g, percentEncode)).toString('latin1');
      assert.deepEqual(read(`a=${percentEncode(value)}`, 'a'), [value]);
      assert.deepEqual(read(new URLSearchParams([['a', value]]).toString(), 'a'), [value]);
      assert.deepEqual(read(`a=${raw}`, 'a'), [value]);
    }), { numRuns: 500 });
  });

  test('any bytes are decoded without a throw, and a value is either right or reported', () => {
    fc.assert(fc.property(bytes, (some) => {
      const form = decodeForm(some.toString('latin1'), ['a', 'b', '']);
      for (const name of form.malformed) assert.equal(form.get(name), null);
      assert.ok(form.get('a')?.isWellFormed() !== false);
    }), { numRuns: 1000 });
  });
});
