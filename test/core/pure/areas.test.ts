/** Areas as masks: the lower of two levels is an intersection. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ALL_AREAS, AREAS, type Area, type Level, areaWord, levelIn, levelsOf,
} from '../../../src/core/rules/scopes/areas.ts';
import {
  ALL_SCOPES, VOCABULARIES, scopeMask, scopeWords, scopesOf, scopesWithin,
} from '../../../src/core/rules/scopes/scopes.ts';

const LEVELS: readonly Level[] = ['Denied', 'Read', 'FullAccess'];
const maskOf = ({ read, full }: Area, level: Level) =>
  ({ Denied: 0, Read: read, FullAccess: read | full })[level];

/** Levels of all areas, as somebody could be granted them. */
const held = fc.tuple(...AREAS.map(() => fc.constantFrom(...LEVELS)));
const maskOfAll = (levels: readonly Level[]) => AREAS.reduce(
  (mask, area, place) => mask | maskOf(area, levels[place] ?? 'Denied'), 0,
);
const lower = (one: Level, other: Level) =>
  LEVELS[Math.min(LEVELS.indexOf(one), LEVELS.indexOf(other))];

describe('areas', () => {
  it('are these eleven, by ids that never change', () => {
    assert.deepEqual(AREAS.map((area) => [area.id, area.name, levelsOf(area).slice(1).join()]), [
      [1, 'Accounting', 'Read'],
      [2, 'Alerts', 'Read,FullAccess'],
      [3, 'Chat', 'Read,FullAccess'],
      [4, 'Configuration', 'Read'],
      [5, 'ContractLibrary', 'Read'],
      [6, 'Fees', 'Read'],
      [7, 'Orders', 'Read,FullAccess'],
      [8, 'Positions', 'Read'],
      [9, 'Prices', 'Read'],
      [10, 'Risks', 'Read,FullAccess'],
      [11, 'Users', 'Read'],
    ]);
    for (const area of AREAS) assert.equal(levelsOf(area)[0], 'Denied');
  });

  it('have two bits each that nothing else has, and no sign', () => {
    const bits = AREAS.flatMap(({ read, full }) => [read, full]);
    for (const bit of bits) {
      assert.ok(bit > 0);
      assert.equal(bit & (bit - 1), 0);
      assert.equal(bit & ALL_SCOPES, 0);
    }
    assert.equal(new Set(bits).size, 22);
    assert.equal(ALL_AREAS, bits.reduce((sum, bit) => sum + bit, 0));
    assert.ok(ALL_AREAS > 0);
  });

  it('say what each level means', () => {
    for (const { read_says, full_says, description, offers_full } of AREAS) {
      assert.notEqual(read_says, full_says);
      assert.equal(description, offers_full ? full_says : read_says);
    }
  });

  it('of two holders together are at the lower of two levels', () => {
    fc.assert(fc.property(held, held, (one, other) => {
      const both = maskOfAll(one) & maskOfAll(other);
      assert.deepEqual(
        AREAS.map((area) => levelIn(both, area)), one.map((level, i) => lower(level, other[i]!)),
      );
      const within = one.every((level, i) => lower(level, other[i]!) === level);
      assert.equal(scopesWithin(maskOfAll(one), maskOfAll(other)), within);
    }));
  });

  it('without their full access still hold reading', () => {
    for (const area of AREAS) {
      assert.equal(levelIn(ALL_AREAS & ~area.full, area), 'Read');
      assert.equal(levelIn(ALL_AREAS & ~area.full & ~area.read, area), 'Denied');
    }
  });
});

describe('words of areas', () => {
  it('name an area and a level, the higher one first', () => {
    const words = VOCABULARIES.areas.map(({ word }) => word);
    assert.deepEqual(words.slice(0, 4), [
      'Accounting:FullAccess', 'Accounting:Read', 'Alerts:FullAccess', 'Alerts:Read',
    ]);
    assert.equal(words.length, 22);
    for (const { name } of AREAS) assert.equal(areaWord(name, 'Read'), `${name}:Read`);
  });

  it('full access includes reading', () => {
    for (const area of AREAS) {
      const full = scopeMask([areaWord(area.name, 'FullAccess')]);
      assert.equal(full, area.read | area.full);
      assert.ok(scopesWithin(scopeMask([areaWord(area.name, 'Read')]), full));
      assert.equal(levelIn(full, area), 'FullAccess');
    }
  });

  it('come back from a mask, one an area, at the highest level it holds', () => {
    fc.assert(fc.property(held, fc.nat({ max: ALL_SCOPES }), (levels, plain) => {
      const mask = maskOfAll(levels) | plain;
      const words = scopeWords(mask);
      const expected = AREAS.flatMap(({ name }, i) =>
        levels[i] === 'Denied' ? [] : [`${name}:${levels[i]}`]);
      assert.deepEqual(words.filter((word) => word.includes(':')), expected);
      assert.deepEqual(words.filter((word) => !word.includes(':')), scopeWords(plain));
      assert.equal(scopeMask(words), mask);
      assert.deepEqual(scopesOf(mask).map(({ word }) => word), words);
    }));
  });

  it('both levels of one area are the higher one', () => {
    const mask = scopeMask(['Orders:Read', 'Orders:FullAccess']);
    assert.deepEqual(scopeWords(mask), ['Orders:FullAccess']);
  });

  it('in another form count for nothing', () => {
    const words = [
      'Orders', 'orders:read', 'Orders:read', 'Orders:Denied', 'Orders :Read', 'Orders:Read ',
      'Authentication:Read', '__proto__', '',
    ];
    assert.equal(scopeMask(words), 0);
  });
});

describe('vocabularies', () => {
  it('share no word and no bit', () => {
    const bitsOf = (name: 'words' | 'areas') =>
      VOCABULARIES[name].reduce((mask, { bits }) => mask | bits, 0);
    assert.equal(bitsOf('words'), ALL_SCOPES);
    assert.equal(bitsOf('areas'), ALL_AREAS);
    assert.equal(bitsOf('words') & bitsOf('areas'), 0);
    const words = [...VOCABULARIES.words, ...VOCABULARIES.areas].map(({ word }) => word);
    assert.equal(new Set(words).size, words.length);
  });
});
