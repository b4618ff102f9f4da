/** Command-line options of an act, made from its row: names, repetition, places, secrets. */
import { parseArgs } from 'node:util';
import type { Act, Arg } from '../core/decide/manage/acts/act-form.ts';

export type ActCall = {
  readonly args: { readonly [name: string]: unknown };
  /** Names of secret arguments to be read from stdin or the terminal. */
  readonly ask_for: readonly string[];
  readonly worlds: readonly string[];
  readonly data: string | null;
  readonly json: boolean;
  readonly help: boolean;
};

/** What was typed cannot be meant: exit 2, with what to type instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const COMMON = {
  'world': { type: 'string' },
  'data': { type: 'string' },
  'json': { type: 'boolean' },
  'help': { type: 'boolean', short: 'h' },
} as const;

/** Words of a closed list are typed `--scopes read,trade`; addresses `--redirect-uri`, each. */
export function optionName(name: string, arg: Arg): string {
  const kebab = name.replaceAll('_', '-');
  return arg.is === 'list' && arg.choices === undefined ? kebab.replace(/s$/, '') : kebab;
}

export function readActCall(act: Act, typed: readonly string[]): ActCall {
  const { values, positionals } = parse(act, typed);
  const args: { [name: string]: unknown } = {};
  const ask_for: string[] = [];
  for (const [name, arg] of Object.entries(act.args)) {
    const value = values[optionName(name, arg)];
    if (arg.is === 'text' && arg.secret === true) {
      if (value !== undefined && value !== '-') {
        const option = `--${optionName(name, arg)}`;
        throw new UsageError(
          `${option} takes only "-" (read it from stdin): others can see a command line`,
        );
      }
      if (value !== undefined || arg.required === true) ask_for.push(name);
      continue;
    }
    if (value !== undefined) args[name] = typedValue(arg, value);
  }
  placed(act, positionals, args);
  return {
    args,
    ask_for,
    worlds: readWorlds(values['world']),
    data: typeof values['data'] === 'string' ? values['data'] : null,
    json: values['json'] === true,
    help: values['help'] === true,
  };
}

type Typed = string | boolean | readonly (string | boolean)[];

function parse(act: Act, typed: readonly string[]) {
  const options: { [name: string]: { type: 'string' | 'boolean'; multiple?: boolean } } = {
    ...COMMON,
  };
  for (const [name, arg] of Object.entries(act.args)) {
    const type = arg.is === 'flag' ? 'boolean' : 'string';
    options[optionName(name, arg)] = { type, multiple: arg.is === 'list' };
  }
  try {
    const parsed = parseArgs({
      args: [...typed], options, strict: true, allowPositionals: true, allowNegative: true,
    });
    const values = parsed.values as { readonly [name: string]: Typed | undefined };
    return { values, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'cannot read the options');
  }
}

function typedValue(arg: Arg, value: Typed): unknown {
  switch (arg.is) {
    case 'number':
      return Number(value);
    case 'list':
      return listOf(arg, value);
    case 'text':
      return arg.clears === true && value === 'none' ? null : value;
    case 'flag':
      return value;
  }
}

/** Words of a closed list may be typed with commas; addresses may hold commas themselves. */
function listOf(arg: Extract<Arg, { is: 'list' }>, value: Typed): readonly string[] {
  const given = (Array.isArray(value) ? value : [value]).map(String);
  if (arg.choices === undefined) return given;
  return given.flatMap((one) => one.split(/[\s,]+/)).filter((one) => one !== '');
}

function placed(act: Act, positionals: readonly string[], args: { [name: string]: unknown }): void {
  const places = act.by_place ?? [];
  positionals.forEach((value, i) => {
    const name = places[i];
    if (name === undefined) throw new UsageError(`unexpected argument ${value}`);
    const arg = act.args[name];
    args[name] = arg === undefined ? value : typedValue(arg, value);
  });
}

function readWorlds(value: Typed | undefined): readonly string[] {
  const world = value ?? 'live';
  if (world === 'both') return ['live', 'paper'];
  if (world === 'live' || world === 'paper') return [world];
  throw new UsageError('--world is live, paper or both');
}
