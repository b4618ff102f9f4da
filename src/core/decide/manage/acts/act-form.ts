/**
 * The form of an operator's act: its arguments as data. The command line, its help, the control
 * listener and the documentation are all made from the same rows.
 */
import { type Result, accepted, refused } from '../../../rules/refusals.ts';

export type ArgForm =
  | {
    readonly is: 'text';
    readonly choices?: readonly string[];
    /** `null` (on the command line `none`) clears the field. */
    readonly clears?: true;
    /** Held back from process lists: the command line reads it from the terminal or stdin. */
    readonly secret?: true;
  }
  | { readonly is: 'list'; readonly choices?: readonly string[] }
  | { readonly is: 'flag' }
  | { readonly is: 'number'; readonly min: number; readonly max: number };

export type Arg = ArgForm & { readonly says: string; readonly required?: true };

export type Act = {
  readonly says: string;
  readonly args: { readonly [name: string]: Arg };
  /** Arguments that the command line takes by place. */
  readonly by_place?: readonly string[];
  /** It changes nothing: its refusals leave no event. */
  readonly reads_only?: true;
  /** Members of the answer that a table on a terminal shows, in this order. */
  readonly columns?: readonly string[];
};

export type ArgValue = string | number | boolean | readonly string[] | null;

type ValueOf<A> =
  A extends { is: 'text'; choices: readonly (infer C)[] } ? C
  : A extends { is: 'text'; clears: true } ? string | null
  : A extends { is: 'text' } ? string
  : A extends { is: 'list' } ? readonly string[]
  : A extends { is: 'flag' } ? boolean
  : number;

type RequiredNames<T> = {
  [K in keyof T]: T[K] extends { required: true } ? K : never;
}[keyof T];

/** The checked arguments of an act, typed from its row. */
export type ArgsOf<A extends Act> =
  & { readonly [K in RequiredNames<A['args']>]: ValueOf<A['args'][K]> }
  & { readonly [K in Exclude<keyof A['args'], RequiredNames<A['args']>>]?: ValueOf<A['args'][K]> };

const TEXT_MAX = 4096;
const LIST_MAX = 100;

/** Arguments of the right names and types, or a refusal that names the first wrong one (AD-06). */
export function checkArgs(
  act: Act,
  given: { readonly [name: string]: unknown },
): Result<{ readonly [name: string]: ArgValue }> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(act.args, name)) continue;
    const known = Object.keys(act.args).join(', ') || 'none';
    return malformed(`unknown argument ${JSON.stringify(name.slice(0, 40))}; known: ${known}`);
  }
  const checked: { [name: string]: ArgValue } = {};
  for (const [name, arg] of Object.entries(act.args)) {
    const value = given[name];
    if (value === undefined) {
      if (arg.required) return malformed(`${name} is missing: ${arg.says}`, name);
      continue;
    }
    const fault = argFault(arg, value);
    if (fault !== null) return malformed(`${name} ${fault}: ${arg.says}`, name);
    checked[name] = value as ArgValue;
  }
  return accepted(checked);
}

function malformed(reason: string, parameter?: string): Result<never> {
  const named = parameter === undefined ? {} : { parameter };
  return refused({ code: 'act_malformed', rule: 'act.arguments', reason, ...named });
}

function argFault(arg: Arg, value: unknown): string | null {
  switch (arg.is) {
    case 'text':
      if (value === null && arg.clears) return null;
      return textFault(arg.choices, value);
    case 'list':
      if (!Array.isArray(value)) return 'must be a list of texts';
      if (value.length > LIST_MAX) return `has more than ${LIST_MAX} entries`;
      return value.map((one) => textFault(arg.choices, one)).find((fault) => fault !== null) ??
        null;
    case 'flag':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'number':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return 'must be a number';
      return value >= arg.min && value <= arg.max
        ? null
        : `must be ${arg.min} to ${arg.max}`;
  }
}

function textFault(choices: readonly string[] | undefined, value: unknown): string | null {
  if (typeof value !== 'string') return 'must be text';
  if (value.length > TEXT_MAX) return `is longer than ${TEXT_MAX} characters`;
  if (choices !== undefined && !choices.includes(value)) return `must be ${choices.join(' or ')}`;
  return null;
}
