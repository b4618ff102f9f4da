/** Command-line options of the two ways to start. */
import { parseArgs } from 'node:util';
import { loadSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';

export type StartFlags = {
  readonly settings: Settings;
  readonly seed_file: string | null;
  readonly json: boolean;
  readonly control: boolean;
  readonly help: boolean;
};

const OPTIONS = {
  'data': { type: 'string' },
  'port': { type: 'string' },
  'paper-port': { type: 'string' },
  'seed': { type: 'string' },
  'config': { type: 'string' },
  'set': { type: 'string', multiple: true },
  'json': { type: 'boolean' },
  'control': { type: 'boolean' },
  'help': { type: 'boolean', short: 'h' },
} as const;

/** Reads flags and settings; throws a ConfigError, or a TypeError for an unknown flag. */
export function readStartFlags(args: readonly string[]): StartFlags {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  const set = [
    ...(values.set ?? []),
    ...(values.data === undefined ? [] : [`data_dir=${values.data}`]),
    ...(values.port === undefined ? [] : [`live.port=${values.port}`]),
    ...(values['paper-port'] === undefined ? [] : [`paper.port=${values['paper-port']}`]),
  ];
  return {
    settings: loadSettings({ file: values.config ?? null, environment: process.env, set }),
    seed_file: values.seed ?? null,
    json: values.json ?? false,
    control: values.control ?? false,
    help: values.help ?? false,
  };
}

export const START_HELP = `
  --data DIR          data directory (default .countersign)
  --port N            port of the live world (default 4400; 0 = any free port)
  --paper-port N      port of the paper world (default 4401; 0 = any free port)
  --config FILE       settings in YAML (docs/config.md)
  --set KEY=VALUE     one setting; may be repeated
  --seed FILE         records to begin with instead of the demo data (development)
  --control           open the control listener (development)
  --json              one JSON line on stdout when ready; everything else goes to stderr
`;
