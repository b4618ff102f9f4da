/** JSON bodies: what was serialised is read back as it was, however it was spelled (P-02). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type JsonObject, type JsonValue, canonicalJson, memberOf, readJsonObject,
} from '../../src/dialects/json.ts';

/** Names that objects have of themselves, that mean something here, and any others. */
const names = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'code', 'p-ticket', 'sec', '', '"', '\\',
    '0', '10', '9'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

/** Any sequence of 16-bit units: also halves of characters, which JSON can spell. */
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((list) => String.fromCharCode(...list));

/** Minus zero is left out: JSON writes it as zero. */
const numbers = fc.oneof(
  fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }),
).map((value) => (value === 0 ? 0 : value));

const values = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 },
    units, fc.string({ unit: 'binary', maxLength: 20 }), numbers, fc.boolean(), fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }), tie('object')),
  object: fc.uniqueArray(fc.tuple(names, tie('value')), {
    selector: ([name]) => name, maxLength: 5,
  }).map((members) => Object.fromEntries(members)),
}));

/** Every unit as its escape: the longest spelling there is. */
function escaped(text: string): string {
  const codes = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return `"${codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('')}"`;
}

function spelledOut(value: JsonValue): string {
  if (typeof value === 'string') return escaped(value);
  if (Array.isArray(value)) return `[ ${value.map(spelledOut).join(' ,')}\t]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .map(([name, inner]) => `${escaped(name)}\r\n: ${spelledOut(inner as JsonValue)}`);
  return `{\n${members.join(' , ')} }`;
}

const SPELLINGS: readonly ((object: JsonObject) => string)[] = [
  (object) => JSON.stringify(object),
  (object) => ` ${JSON.stringify(object, null, 2)}\n`,
  (object) => canonicalJson(object),
  spelledOut,
];

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function read(text: string): JsonObject {
  const reading = readJsonObject(bytesOf(text), []);
  assert.ok(reading.is === 'object', `${text}: ${JSON.stringify(reading)}`);
  return reading.object;
}

test('P-02[B] a JSON body is read back as the value it was written from', () => {
  fc.assert(fc.property(values.object, (object) => {
    for (const spell of SPELLINGS) {
      const back = read(spell(object));
      assert.deepEqual(back, object);
      for (const name of Object.keys(object)) assert.ok(Object.hasOwn(back, name), name);
      // Nothing is there that was not sent, under whatever name.
      const absent = ['constructor', '__proto__', 'code'].filter((name) =>
        !Object.hasOwn(object, name));
      for (const name of absent) assert.equal(memberOf(back, name), undefined, name);
    }
  }), { numRuns: 2000 });
});

test('P-02[B] less than a body, or more, is no other body', () => {
  const more = fc.constantFrom('{}', ',', '}', '0', '"', '\u00a0', '\ufeff', '\0', 'null', '/**/');
  fc.assert(fc.property(values.object, fc.nat(), more, (object, cut, extra) => {
    const text = JSON.stringify(object);
    const refused = [text.slice(0, cut % text.length), text + extra, extra + text];
    for (const one of refused) {
      assert.equal(readJsonObject(bytesOf(one), []).is, 'malformed', one);
    }
  }), { numRuns: 2000 });
});

test('P-02[B] equal values have one canonical text, different ones have different texts', () => {
  fc.assert(fc.property(values.object, values.object, fc.boolean(), (one, other, same) => {
    const second: JsonObject = same ? read(SPELLINGS[3]?.(reversed(one)) ?? '') : other;
    const equal = isEqual(one, second);
    if (same) assert.ok(equal);
    assert.equal(canonicalJson(one) === canonicalJson(second), equal);
  }), { numRuns: 2000 });
});

test('P-02[B] one change anywhere changes the canonical text', () => {
  fc.assert(fc.property(values.object, names, values.value, (object, name, value) => {
    const text = canonicalJson(object);
    const had = memberOf(object, name);
    const changed = Object.fromEntries([...Object.entries(object), [name, [value, had ?? 1]]]);
    assert.notEqual(canonicalJson(changed as JsonObject), text);
    const without = Object.fromEntries(
      Object.entries(object).filter(([own]) => own !== name));
    assert.equal(canonicalJson(without) === text, had === undefined);
  }), { numRuns: 1000 });
});

/** What may differ between a penalty and the repetition of its request. */
const NOT_COMPARED = ['p-ticket', 'password', 'sec'];

test('P-02[B] members that are not compared count for nothing, on the first level alone', () => {
  const left_out = fc.constantFrom(...NOT_COMPARED);
  fc.assert(fc.property(values.object, left_out, values.value, (object, name, value) => {
    const text = canonicalJson(object, NOT_COMPARED);
    const set = { ...object, [name]: value };
    assert.equal(canonicalJson(set, NOT_COMPARED), text);
    const kept = Object.entries(object).filter(([own]) => !NOT_COMPARED.includes(own));
    assert.equal(canonicalJson(Object.fromEntries(kept)), text);
    for (const deeper of [
      (inner: JsonValue): JsonObject => ({ x: { [name]: inner } }),
      (inner: JsonValue): JsonObject => ({ x: [{ [name]: inner }] }),
    ]) {
      const [one, other] = [deeper(value), deeper([value])];
      assert.notEqual(canonicalJson(one, NOT_COMPARED), canonicalJson(other, NOT_COMPARED));
    }
  }), { numRuns: 1000 });
});

function reversed(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).toReversed());
}

function isEqual(one: JsonObject, other: JsonObject): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
