/**
 * Strict reader of JSON bodies (RFC 8259). What two readers could take for different things is
 * refused: a member that comes twice (at any depth, under any spelling of its name), bytes that
 * are no UTF-8, a byte order mark, deep nesting. `__proto__` is a name like others.
 *
 * It is a reader of our own because `JSON.parse` keeps the last of two members in silence, and
 * because in the V8 of Node 24 an escaped name can come out as another one: `"\u0061"` as `\`,
 * when any text before had `\` as a name at the same place.
 */

export type JsonValue =
  | string | number | boolean | null | readonly JsonValue[] | JsonObject;

export type JsonObject = { readonly [name: string]: JsonValue };

export type JsonReading =
  | { readonly is: 'object'; readonly object: JsonObject }
  /** `member`: the listed one that came twice; null when the whole is at fault. */
  | { readonly is: 'malformed'; readonly member: string | null; readonly reason: string };

/** No route reads below the first level; the rest is room for members that are ignored. */
const DEPTH_MAX = 32;

/**
 * @param body one char a byte
 * @param listed names of the first level that a fault may name
 */
export function readJsonObject(body: string, listed: readonly string[]): JsonReading {
  const text = utf8Text(body);
  if (text === null) return { is: 'malformed', member: null, reason: 'not UTF-8' };
  const reader: Reader = { text, at: 0, depth: 0 };
  try {
    skipBlanks(reader);
    const object = readObject(reader);
    skipBlanks(reader);
    if (reader.at < text.length) throw new Malformed('more than one value');
    return { is: 'object', object };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const member = listed.find((name) => name === error.member) ?? null;
    return { is: 'malformed', member, reason: error.message };
  }
}

/** The object's own member, undefined when there is none. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** One text for equal values: members sorted at every depth, no blanks. */
export function canonicalJson(value: JsonValue, without: readonly string[] = []): string {
  if (Array.isArray(value)) {
    return `[${value.map((one: JsonValue) => canonicalJson(one)).join(',')}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((name) => !without.includes(name))
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** The first character that is no blank, or undefined. */
export function firstMark(text: string): string | undefined {
  let at = 0;
  while (isBlank(text[at])) at += 1;
  return text[at];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Never leaves this file. */
class Malformed extends Error {
  /** Name of the member of the outermost object that came twice. */
  readonly member: string | null;

  constructor(reason: string, member: string | null = null) {
    super(reason);
    this.member = member;
  }
}

type Reader = { readonly text: string; at: number; depth: number };

function readValue(reader: Reader): JsonValue {
  switch (reader.text.charAt(reader.at)) {
    case '{': return readObject(reader);
    case '[': return readArray(reader);
    case '"': return readString(reader);
    case 't': return readWord(reader, 'true', true);
    case 'f': return readWord(reader, 'false', false);
    case 'n': return readWord(reader, 'null', null);
    default: return readNumber(reader);
  }
}

function readObject(reader: Reader): JsonObject {
  const members = new Map<string, JsonValue>();
  readList(reader, ['{', '}'], () => {
    const name = readString(reader);
    if (members.has(name)) {
      throw new Malformed('a member came twice', reader.depth === 1 ? name : null);
    }
    skipBlanks(reader);
    take(reader, ':');
    skipBlanks(reader);
    members.set(name, readValue(reader));
  });
  // Makes own properties of whatever name.
  return Object.fromEntries(members);
}

function readArray(reader: Reader): readonly JsonValue[] {
  const values: JsonValue[] = [];
  readList(reader, ['[', ']'], () => void values.push(readValue(reader)));
  return values;
}

/** What stands between two brackets, separated by commas. */
function readList(
  reader: Reader,
  [opening, closing]: readonly [string, string],
  readOne: () => void,
): void {
  take(reader, opening);
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) throw new Malformed('nested too deeply');
  skipBlanks(reader);
  if (reader.text[reader.at] !== closing) {
    for (;;) {
      readOne();
      skipBlanks(reader);
      if (reader.text[reader.at] !== ',') break;
      reader.at += 1;
      skipBlanks(reader);
    }
  }
  take(reader, closing);
  reader.depth -= 1;
}

/** Everything in it that is no escape; the rest is for `JSON.parse`, which knows escapes. */
const STRING = /"(?:[^"\\]|\\.)*"/uy;

function readString(reader: Reader): string {
  const literal = match(reader, STRING);
  const value = literal === null ? undefined : parse(literal);
  if (typeof value !== 'string') throw new Malformed('not JSON');
  return value;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(reader: Reader): number {
  const literal = match(reader, NUMBER);
  if (literal === null) throw new Malformed('not JSON');
  return Number(literal);
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw new Malformed('not JSON');
  reader.at += word.length;
  return value;
}

function match(reader: Reader, form: RegExp): string | null {
  form.lastIndex = reader.at;
  const found = form.exec(reader.text)?.[0] ?? null;
  reader.at += found?.length ?? 0;
  return found;
}

function take(reader: Reader, char: string): void {
  if (reader.text[reader.at] !== char) throw new Malformed('not JSON');
  reader.at += 1;
}

function skipBlanks(reader: Reader): void {
  while (isBlank(reader.text[reader.at])) reader.at += 1;
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

function parse(literal: string): unknown {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}

const ASCII = /^[\x00-\x7f]*$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(body: string): string | null {
  if (ASCII.test(body)) return body;
  try {
    return UTF8.decode(Buffer.from(body, 'latin1'));
  } catch {
    return null;
  }
}
