/** The command `countersign`: starts a server, or talks to a running one. */
import { runActCommand } from './cli/run-act.ts';
import { runDemo } from './main/demo/demo.ts';
import { checkConfig, init, tunePasswords } from './main/setup-commands.ts';
import { start } from './main/start.ts';

const EXIT = { refused: 1, usage: 2, boot: 78 } as const;

type Command = (args: readonly string[]) => number | Promise<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['dev', (args) => start('development', args)],
  ['serve', (args) => start('serve', args)],
  ['demo', runDemo],
  ['init', init],
  ['check-config', checkConfig],
  ['tune-passwords', tunePasswords],
]);

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
