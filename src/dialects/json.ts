/**
 * Strict reader of JSON bodies. What two readers could take for different things is refused: a
 * member that comes twice (at any depth, under any spelling of its name), bytes that are no UTF-8,
 * a byte order mark, deep nesting. Members are read by name, so `__proto__` is a name like others.
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
  if (text === null) return malformed('not UTF-8');
  const fault = scan(text, listed);
  if (fault !== null) return fault;
  const value = parse(text);
  if (value === undefined) return malformed('not JSON');
  return isObject(value) ? { is: 'object', object: value } : malformed('not an object');
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

/**
 * Looks for what `JSON.parse` would accept in silence. A text that is no JSON may pass: it is
 * refused by the parser afterwards, which then works within the depth found here.
 */
function scan(text: string, listed: readonly string[]): JsonReading | null {
  // The names of each open object; null for an open array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > DEPTH_MAX) return malformed('nested too deeply');
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = stringEnd(text, at);
      const names = open.at(-1) ?? null;
      if (names !== null && isFollowedByColon(text, end)) {
        const name = parse(text.slice(at, end));
        if (typeof name !== 'string') return malformed('not JSON');
        if (names.has(name)) return twice(name, open.length === 1 ? listed : []);
        names.add(name);
      }
      at = end - 1;
    }
  }
  return null;
}

function twice(name: string, listed: readonly string[]): JsonReading {
  const member = listed.find((one) => one === name) ?? null;
  return { is: 'malformed', member, reason: 'a member came twice' };
}

/** Index after the closing quote, or the length of a text that has none. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (isBlank(text[at])) at += 1;
  return text[at] === ':';
}

/** RFC 8259 §2. */
function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
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

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
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

function malformed(reason: string): JsonReading {
  return { is: 'malformed', member: null, reason };
}
