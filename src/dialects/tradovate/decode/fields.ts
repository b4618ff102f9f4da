/**
 * Reads the fields of a body, JSON or form, strictly by type and length (contract §2): nothing is
 * coerced but ids, which are numbers or digits.
 */
import { type Refusal, type Result, accepted, refused } from '../../../core/rules/refusals.ts';
import type { WireRequest } from '../../../core/wire.ts';
import { decodeForm } from '../../form.ts';
import {
  type JsonObject, type JsonValue, firstMark, memberOf, readJsonObject,
} from '../../json.ts';

/** Names of fields, in the order in which a fault names the first. */
export type FieldForms = { readonly [name: string]: FieldForm };

/** `id`: an integer too, as its decimal digits. Lengths in characters. */
export type FieldForm =
  | { readonly is: 'text' | 'id'; readonly max: number }
  | { readonly is: 'integer' | 'flag' };

export type Fields = {
  /** Null when it is absent or empty. */
  text(name: string): string | null;
  integer(name: string): number | null;
  flag(name: string): boolean;
  /** The body as it was sent, for what depends on all of it; null when it was a form. */
  readonly json: JsonObject | null;
};

export const LONG = 8192;

/**
 * @param rule named in the refusal
 * @param forms whether a form is read as well
 */
export function readFields(
  request: WireRequest,
  listed: FieldForms,
  { rule, forms }: { readonly rule: string; readonly forms: boolean },
): Result<Fields> {
  const refuse = (parameter: string, reason: string) =>
    refused(malformed(rule, parameter, reason));
  const kind = kindOf(request, forms);
  if (kind === null) return refuse('Content-Type', 'not a type that is read here');
  if (firstMark(request.body) === undefined) return refuse('body', 'empty');
  const names = Object.keys(listed);
  if (kind === 'form') {
    const form = decodeForm(request.body, names);
    const [broken] = form.malformed;
    if (broken !== undefined) return refuse(broken, 'repeated, too long or not UTF-8');
    return fieldsOf(listed, { valueOf: (name) => form.get(name) ?? undefined, json: null }, rule);
  }
  const reading = readJsonObject(request.body, names);
  if (reading.is === 'malformed') return refuse(reading.member ?? 'body', reading.reason);
  const { object } = reading;
  return fieldsOf(listed, { valueOf: (name) => memberOf(object, name), json: object }, rule);
}

export function malformed(rule: string, parameter: string, reason: string): Refusal {
  return { code: 'body_malformed', rule, reason, parameter };
}

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json$/;

/** Types that programs send without having been told to. */
const UNSAID: readonly string[] = ['', 'text/plain'];

/** By the declared type; where none was meant, by the first character. Null = not read here. */
function kindOf(request: WireRequest, forms: boolean): 'json' | 'form' | null {
  if (request.headerCount('content-type') > 1) return null;
  const header = request.header('content-type') ?? '';
  const type = header.split(';')[0]?.trim().toLowerCase() ?? '';
  if (JSON_TYPE.test(type)) return 'json';
  if (forms && type === 'application/x-www-form-urlencoded') return 'form';
  if (!UNSAID.includes(type)) return null;
  // What is no form cannot be meant as one: a JSON reader then says what is wrong with it.
  return forms && firstMark(request.body) !== '{' && request.body.includes('=') ? 'form' : 'json';
}

type Source = {
  readonly valueOf: (name: string) => JsonValue | undefined;
  readonly json: JsonObject | null;
};

function fieldsOf(listed: FieldForms, { valueOf, json }: Source, rule: string): Result<Fields> {
  const values = new Map<string, string | number | boolean>();
  for (const [name, form] of Object.entries(listed)) {
    const sent = valueOf(name);
    if (sent === undefined) continue;
    const value = take(sent, form);
    if (value === null) return refused(malformed(rule, name, 'not of its type, or too long'));
    values.set(name, value);
  }
  return accepted({
    text(name) {
      const value = values.get(name);
      return typeof value === 'string' && value !== '' ? value : null;
    },
    integer(name) {
      const value = values.get(name);
      return typeof value === 'number' ? value : null;
    },
    flag: (name) => values.get(name) === true,
    json,
  });
}

/** The value when it has its form, else null. */
function take(value: JsonValue, form: FieldForm): string | number | boolean | null {
  switch (form.is) {
    case 'flag':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      return takeInteger(value);
    case 'id':
      return takeInteger(value)?.toString() ?? takeText(value, form.max);
    case 'text':
      return takeText(value, form.max);
  }
}

/** Larger ones are not what was sent any more. */
function takeInteger(value: JsonValue): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** A lone surrogate is no character: what would be compared or stored is something else. */
function takeText(value: JsonValue, max: number): string | null {
  return typeof value === 'string' && value.length <= max && value.isWellFormed() ? value : null;
}
