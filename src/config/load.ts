/** Loads the settings: file, then environment, then `--set`; unknown keys are refused. */
import { readFileSync } from 'node:fs';
import { Check, Errors } from 'typebox/value';
import { parse } from 'yaml';
import { WORLD_NAMES } from '../core/world.ts';
import {
  SETTINGS, SETTING_KEYS, type SettingKey, type Settings, environmentName,
} from './settings.ts';

/** The configuration cannot be used: says which key, where it came from, and what to do. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

export type ConfigSources = {
  /** Path of a YAML file, or null. */
  readonly file: string | null;
  readonly environment: { readonly [name: string]: string | undefined };
  /** `KEY=VALUE` of the command line. */
  readonly set: readonly string[];
};

export function loadSettings({ file, environment, set }: ConfigSources): Settings {
  const values = new Map<string, { readonly value: unknown; readonly from: string }>();
  if (file !== null) {
    for (const [key, value] of flatten(readFile(file), '')) {
      if (values.has(key)) throw new ConfigError(`${file}: ${key} stands there twice`);
      values.set(key, { value, from: file });
    }
  }
  refuseUnknownVariables(environment);
  for (const key of SETTING_KEYS) {
    const name = environmentName(key);
    const text = environment[name];
    if (text !== undefined) values.set(key, { value: readText(key, text), from: name });
  }
  for (const pair of set) {
    const [key, text] = splitPair(pair);
    values.set(key, { value: readText(key, text), from: '--set' });
  }
  return settle(values);
}

/** Variables of ours that are no settings: master keys, and the launcher's own note. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  ...WORLD_NAMES.map((world) => `COUNTERSIGN_${world.toUpperCase()}_MASTER_KEY`),
  'COUNTERSIGN_HANDED_OVER',
]);

/** A misspelt variable would otherwise be a setting that silently does not hold. */
function refuseUnknownVariables(environment: ConfigSources['environment']): void {
  const known = new Set(SETTING_KEYS.map(environmentName));
  const unknown = Object.keys(environment).find((name) =>
    name.startsWith('COUNTERSIGN_') && !known.has(name) && !OTHER_VARIABLES.has(name));
  if (unknown === undefined) return;
  throw new ConfigError(`environment: ${unknown} is no setting; names are in docs/config.md`);
}

/** Checks one value that is already typed; throws a ConfigError that says what to do. */
export function checkOne(key: string, value: unknown, from: string): asserts key is SettingKey {
  if (!isKey(key)) {
    throw new ConfigError(`${from}: unknown setting ${key}${nearest(key)}`);
  }
  const { schema, says } = SETTINGS[key];
  if (Check(schema, value)) return;
  const [first] = Errors(schema, value);
  const why = first === undefined ? 'has the wrong form' : first.message;
  throw new ConfigError(`${from}: ${key} ${why}. ${key}: ${says}`);
}

function settle(
  values: ReadonlyMap<string, { readonly value: unknown; readonly from: string }>,
): Settings {
  const settings: { [key: string]: unknown } = {};
  for (const key of SETTING_KEYS) settings[key] = structuredClone(SETTINGS[key].preset);
  for (const [key, { value, from }] of values) {
    checkOne(key, value, from);
    settings[key] = value;
  }
  return settings as Settings;
}

function readFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new ConfigError(`cannot read the configuration file ${file}`);
  }
  try {
    return parse(text, { strict: true, uniqueKeys: true }) ?? {};
  } catch (error) {
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : 'not YAML'}`);
  }
}

/** Nested members to dotted keys; a key of the table keeps what is below it whole. */
function flatten(value: unknown, prefix: string): [string, unknown][] {
  if (isKey(prefix) || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[prefix, value]];
  }
  return Object.entries(value).flatMap(([name, below]) =>
    flatten(below, prefix === '' ? name : `${prefix}.${name}`));
}

/** Text to a value of the key's type: JSON where it is not plain text. */
function readText(key: string, text: string): unknown {
  const preset: unknown = isKey(key) ? SETTINGS[key].preset : '';
  if (typeof preset === 'string') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new ConfigError(`--set ${pair}: write KEY=VALUE`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function isKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

/** A key that ends alike: most mistakes forget the prefix. */
function nearest(key: string): string {
  const last = key.split('.').at(-1) ?? key;
  const found = SETTING_KEYS.find((known) => known.split('.').at(-1) === last);
  return found === undefined ? '; see docs/config.md' : `; did you mean ${found}?`;
}
