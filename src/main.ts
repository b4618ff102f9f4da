/** The command `countersign`: starts a server, or talks to a running one. */
import { readFileSync } from 'node:fs';
import { runActCommand } from './cli/run-act.ts';

const EXIT = { refused: 1, usage: 2, boot: 78 } as const;

type Command = (args: readonly string[]) => number | Promise<number>;

/** Loaded when they are named: an act on a running server needs none of the server's code. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['dev', async (args) => (await import('./main/start.ts')).start('development', args)],
  ['serve', async (args) => (await import('./main/start.ts')).start('serve', args)],
  ['demo', async (args) => (await import('./main/demo/demo.ts')).runDemo(args)],
  ['init', async (args) => (await import('./main/setup-commands.ts')).init(args)],
  ['check-config', async (args) => (await import('./main/setup-commands.ts')).checkConfig(args)],
  ['tune-passwords', async (args) =>
    (await import('./main/setup-commands.ts')).tunePasswords(args)],
  ['version', sayVersion],
  ['--version', sayVersion],
]);

/** `countersign --version`. */
function sayVersion(): number {
  const file = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  process.stdout.write(`countersign ${version}\n`);
  return 0;
}

async function main(typed: readonly string[]): Promise<number> {
  const [name = 'help', ...args] = typed;
  const command = COMMANDS.get(name);
  if (command !== undefined) return await command(args);
  return await runActCommand(typed, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    input: process.stdin,
    data_dir: process.env['COUNTERSIGN_DATA_DIR'] ?? '.countersign',
  });
}

/** One line for an operator; a stack only for what nobody foresaw. */
function report(error: unknown): number {
  const known = error instanceof Error ? error : new Error(String(error));
  const foreseen = ['BootError', 'ConfigError'].includes(known.name);
  const usage = 'code' in known && String(known.code).startsWith('ERR_PARSE_ARGS');
  const text = foreseen || usage ? known.message : (known.stack ?? known.message);
  process.stderr.write(`countersign: ${text}\n`);
  if (usage) return EXIT.usage;
  return foreseen ? EXIT.boot : EXIT.refused;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A start that failed half-way may have left ports open.
  process.exit(report(error));
}
