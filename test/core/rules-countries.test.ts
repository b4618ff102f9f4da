import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countryIsBanned, countryOf } from '../../src/core/rules/countries.ts';

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const PAIRS = LETTERS.flatMap((a) => LETTERS.map((b) => `${a}${b}`));

test('AT-V54 the officially assigned codes of ISO 3166-1, in any letter case', () => {
  const known = PAIRS.filter((code) => countryOf(code) === code);
  assert.equal(known.length, 249);
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  for (const code of known) assert.notEqual(names.of(code), undefined, code);
  // Reserved, withdrawn or private: names that programs know, but no country's code.
  for (const code of ['XK', 'EU', 'UK', 'SU', 'YU', 'AN', 'XX', 'ZZ', 'AC', 'IC', 'UN', 'EZ']) {
    assert.equal(countryOf(code), null, code);
  }
  for (const [text, code] of [['kp', 'KP'], ['De', 'DE'], ['gB', 'GB']] as const) {
    assert.equal(countryOf(text), code);
  }
  for (const text of ['', 'K', 'KPX', 'USA', ' KP', 'KP\n', 'K P', 'KP KR', '12', 'ＫＰ', 'ıs']) {
    assert.equal(countryOf(text), null, JSON.stringify(text));
  }
});

test('AT-V54 banned is what stands in the list, in any letter case', () => {
  for (const list of [['KP'], ['kp'], ['IR', 'Kp']]) {
    assert.equal(countryIsBanned('KP', list), true);
    assert.equal(countryIsBanned('KR', list), false);
  }
  assert.equal(countryIsBanned('KP', []), false);
});
