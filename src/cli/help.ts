/** Help texts, made from the table of acts. */
import type { Act, Arg } from '../core/decide/manage/acts/act-form.ts';
import { ACTS } from '../core/decide/manage/acts/acts.ts';
import { optionName } from './act-arguments.ts';

const SERVER_COMMANDS: readonly (readonly [name: string, says: string])[] = [
  ['dev', 'start a development server with demo data (npm start)'],
  ['serve', 'start a server for production'],
  ['init', 'make a data directory with a master key for each world'],
  ['demo', 'walk through the whole flow against the running development server'],
  ['check-config', 'check the configuration and print the values in force'],
  ['version', 'print the version'],
  ['tune-passwords', 'measure password hashing and propose parameters'],
];

export function generalHelp(): string {
  const groups = new Map<string, string[]>();
  for (const name of Object.keys(ACTS)) {
    const [group = name, verb = ''] = name.split('.');
    groups.set(group, [...(groups.get(group) ?? []), verb]);
  }
  const acts = [...groups].map(([group, verbs]) => `  ${group.padEnd(16)}${verbs.join(', ')}`);
  const servers = SERVER_COMMANDS.map(([name, says]) => `  ${name.padEnd(16)}${says}`);
  return [
    'countersign <command> [options]',
    '',
    'Servers and setup:',
    ...servers,
    '',
    'Acts on the running server (countersign <what> <do> [options]):',
    ...acts,
    '',
    'Every command has --help; acts have --json, --world live|paper|both and --data DIR.',
    'Exit codes: 0 done, 1 refused, 2 not understood, 3 no server answers, 78 must not start.',
    '',
  ].join('\n');
}

/** Help of `countersign app` (all its verbs). */
export function groupHelp(group: string): string {
  const rows = Object.entries(ACTS)
    .filter(([name]) => name.startsWith(`${group}.`))
    .map(([name, act]) => `  ${name.replace('.', ' ').padEnd(28)}${act.says}`);
  return `countersign ${group} <do> [options]\n\n${rows.join('\n')}\n`;
}

export function actHelp(name: string, act: Act): string {
  const places = (act.by_place ?? []).map((place) => ` ${place.toUpperCase()}`).join('');
  const options = Object.entries(act.args)
    .filter(([arg]) => !(act.by_place ?? []).includes(arg))
    .map(([arg, form]) => optionLine(arg, form));
  return [
    `countersign ${name.replace('.', ' ')}${places} [options]`,
    '',
    act.says,
    '',
    ...options,
    line('--world live|paper|both', 'in which world (live)'),
    line('--data DIR', 'data directory of the server (.countersign)'),
    line('--json', 'print JSON'),
    '',
  ].join('\n');
}

function optionLine(name: string, arg: Arg): string {
  const value = arg.is === 'flag' ? '' : ` ${valueOf(arg)}`;
  const notes = [
    arg.says,
    ...(arg.required === true ? ['required'] : []),
    ...(arg.is === 'list' ? [arg.choices === undefined ? 'once for each' : 'with commas'] : []),
  ];
  const option = optionName(name, arg);
  return line(`--${arg.is === 'flag' ? '[no-]' : ''}${option}${value}`, notes.join('; '));
}

function valueOf(arg: Exclude<Arg, { is: 'flag' }>): string {
  if (arg.is === 'number') return 'N';
  if (arg.is === 'text' && arg.secret === true) return '-';
  return arg.choices === undefined ? 'TEXT' : arg.choices.join(arg.is === 'list' ? ',' : '|');
}

function line(option: string, says: string): string {
  const gap = option.length > 30 ? `\n${' '.repeat(34)}` : ' '.repeat(32 - option.length);
  return `  ${option}${gap}${says}`;
}
