/** The command `countersign`: starts a server, or talks to a running one. */
import { start } from './main/start.ts';

const EXIT = { refused: 1, usage: 2, boot: 78 } as const;

async function main([command = 'help', ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'dev':
      return await start('development', args);
    case 'serve':
      return await start('serve', args);
    default:
      process.stderr.write(`countersign: unknown command ${command}\n`);
      return EXIT.usage;
  }
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

process.exitCode = await main(process.argv.slice(2)).catch(report);
