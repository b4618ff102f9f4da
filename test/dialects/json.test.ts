/** The strict reader of JSON bodies (HP-08, BR-15). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type JsonValue, canonicalJson, memberOf, readJsonObject,
} from '../../src/dialects/json.ts';

/** One char a byte, as bodies come. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const read = (text: string, listed: readonly string[] = ['code']) =>
  readJsonObject(bytes(text), listed);

function objectOf(text: string) {
  const reading = read(text);
  assert.ok(reading.is === 'object', text);
  return reading.object;
}

const escaped = (name: string): string =>
  `"${[...Array(name.length).keys()]
    .map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;

describe('what is refused', () => {
  test('a member twice, at any depth and under any spelling', () => {
    const table: readonly (readonly [string, string | null])[] = [
      ['{"code":1,"code":1}', 'code'],
      ['{"code":1,"c\\u006fde":2}', 'code'],
      ['{"\\u0063ode":1,"x":2,"code" :3}', 'code'],
      ['{"code":1,"code"\n:2}', 'code'],
      ['{"other":1,"other":2}', null],
      ['{"x":{"code":1,"code":2}}', null],
      ['{"x":[[{"a":{"code":1,"code":2}}]]}', null],
      ['{"x":{"a":1},"x":{"a":1}}', null],
      ['{"__proto__":1,"__proto__":2}', null],
      ['{"":1,"":2}', null],
      ['{"\\"":1,"\\u0022":2}', null],
      ['{"é":1,"\\u00e9":2}', null],
      ['{"a\\\\":1,"a\\\\":2}', null],
    ];
    for (const [text, member] of table) {
      const reading = read(text);
      assert.ok(reading.is === 'malformed', text);
      assert.equal(reading.member, member, text);
    }
  });

  test('what is no JSON object', () => {
    for (const text of ['', ' ', 'x', '[]', 'null', '"{}"', '1', '{', '{}{}', '{"a":1,}', '{a:1}',
      '{"a":NaN}', '{"a":Infinity}', '{"a":01}', '{"a":"\t"}', "{'a':1}", '{"a"}', '{"a":"\\x"}',
      '{"a\\x":1}', '{"a', '{"a\\', '\ufeff{}', '{}\u0000', '//\n{}', '}', ']', '{"a":1]', '{]}']) {
      assert.equal(read(text).is, 'malformed', text);
    }
  });

  test('bytes that are no UTF-8', () => {
    for (const body of ['{"a":"\xff"}', '{"a":"\xc3"}', '{"a":"\xed\xa0\x80"}', '{"\xc0\x80":1}',
      Buffer.from('{"a":1}', 'utf16le').toString('latin1'), '\xff\xfe{\x00}\x00']) {
      assert.equal(readJsonObject(body, []).is, 'malformed', body);
    }
  });

  test('deep nesting, before anything is parsed', () => {
    for (const open of ['[', '{"a":']) {
      assert.equal(read(`{"x":${open.repeat(10_000)}`).is, 'malformed');
      assert.equal(read(`{"x":${'['.repeat(31)}${']'.repeat(31)}}`).is, 'object');
      assert.equal(read(`{"x":${'['.repeat(32)}${']'.repeat(32)}}`).is, 'malformed');
    }
  });
});

describe('what is read', () => {
  test('equal names in different objects, and names inside texts', () => {
    assert.deepEqual(objectOf('{"code":{"code":{"code":1}},"x":[{"code":1},{"code":2}]}'),
      { code: { code: { code: 1 } }, x: [{ code: 1 }, { code: 2 }] });
    assert.deepEqual(objectOf('{"code":"\\"code\\":1,\\"code\\":2","a":["code","code"]}'),
      { code: '"code":1,"code":2', a: ['code', 'code'] });
    assert.deepEqual(objectOf(' {"code":"{[","b":"]}\\\\"}\r\n'), { code: '{[', b: ']}\\' });
    assert.equal(memberOf(objectOf('{"code":"é€😀"}'), 'code'), 'é€😀');
  });

  test('own members alone; prototypes are neither read nor changed', () => {
    const object = objectOf('{"__proto__":{"code":"P","polluted":1},"constructor":1}');
    assert.equal(memberOf(object, 'code'), undefined);
    assert.equal(memberOf(object, 'toString'), undefined);
    assert.equal(memberOf(object, 'constructor'), 1);
    assert.deepEqual(memberOf(object, '__proto__'), JSON.parse('{"code":"P","polluted":1}'));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});

test('an escaped name is itself, whatever was read before', () => {
  // JSON.parse of V8 13.6 takes it for the name that stood there in an earlier text.
  for (const text of ['{"r":1,"\\\\":1}', '{"r":1,"c\\\\u0":1}']) JSON.parse(text);
  for (const name of ['"', '\n', 'a', 'code']) {
    const object = objectOf(`{"r":1,${escaped(name)}:2}`);
    assert.deepEqual(Object.entries(object), [['r', 1], [name, 2]]);
  }
  assert.deepEqual(Object.keys(objectOf('{"r":1,"c\\u006fde":2}')), ['r', 'code']);
});

/** Without a backslash, which JSON.parse cannot be trusted with in names. */
const plainJson = fc.oneof(
  fc.json(), fc.string({ unit: 'binary' }), fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'a', '1', ' ', '"a"', 'null', '-',
    '.5', 'e1', 'true', 'false', '\t', '0'), { maxLength: 30 }).map((parts) => parts.join('')),
).map((text) => text.toWellFormed().replaceAll('\\', '/'));

test('P-01 any text is read as JSON.parse reads it, or refused; it never throws', () => {
  fc.assert(fc.property(plainJson, (text) => {
    const reading = read(text);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      assert.equal(reading.is, 'malformed');
      return;
    }
    if (reading.is === 'object') return assert.deepEqual(reading.object, parsed);
    const is_object = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    const why = is_object ? /^(a member came twice|nested too deeply)$/ : /^not JSON$/;
    assert.match(reading.reason, why);
  }), { numRuns: 3000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
    readJsonObject(Buffer.from(body).toString('latin1'), []);
  }), { numRuns: 1000 });
});

/** Objects and arrays, written with members in any order, blanks, and escapes in their names. */
const objects = fc.letrec<{ value: unknown; object: [string, unknown][] }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string(), fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }), tie('object').map(fromEntries)),
  object: fc.uniqueArray(fc.tuple(fc.string({ maxLength: 4 }), tie('value')),
    { selector: ([name]) => name, maxLength: 4 }),
}));

function fromEntries(entries: readonly [string, unknown][]): unknown {
  const object: unknown = JSON.parse('{}');
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true });
  }
  return object;
}

test('P-01 an object is read; the same with one member again, however spelled, is not', () => {
  fc.assert(fc.property(objects.object, fc.nat(), fc.boolean(), (entries, pick, escape) => {
    const members = entries.map(([name, value]) =>
      `${JSON.stringify(name)} :\n${JSON.stringify(value)}`);
    const names = entries.map(([name]) => name);
    const whole = read(`{${members.join(' , ')}}`, names);
    assert.equal(whole.is, 'object');
    const again = names[pick % Math.max(1, names.length)];
    if (again === undefined) return;
    const spelled = escape ? escaped(again) : JSON.stringify(again);
    const reading = read(`{${[...members, `${spelled}:0`].join(',')}}`, names);
    assert.ok(reading.is === 'malformed');
    assert.equal(reading.member, again);
    const inner = `{${[...members, `${spelled}:0`].join(',')}}`;
    assert.equal(read(`{"x":[${inner}]}`, names).is, 'malformed');
  }), { numRuns: 1000 });
});

describe('the canonical text', () => {
  test('sorts members at every depth, leaves out what it is told, once', () => {
    const value = objectOf(
      '{"b":[{"p":1,"c":"x"},2],"a":{"p":1},"p":2,"__proto__":{"z":1,"y":2}}');
    assert.equal(canonicalJson(value, ['p']),
      '{"__proto__":{"y":2,"z":1},"a":{"p":1},"b":[{"c":"x","p":1},2]}');
  });

  test('P-02 equal values have one text, which reads back as the value', () => {
    fc.assert(fc.property(objects.object, (entries) => {
      const value = fromEntries(entries) as JsonValue;
      const text = canonicalJson(value);
      const whole = objectOf(text);
      assert.deepEqual(whole, value);
      assert.equal(canonicalJson(whole), text);
    }), { numRuns: 500 });
    fc.assert(fc.property(objects.object, (entries) => {
      const shuffled = canonicalJson(fromEntries(entries.toReversed()) as JsonValue);
      assert.equal(canonicalJson(fromEntries(entries) as JsonValue), shuffled);
    }), { numRuns: 500 });
  });
});
