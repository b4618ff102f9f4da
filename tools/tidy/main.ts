import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findUntidy, RULES } from './check.ts';
import { readTree } from './tree.ts';

const HELP = `tidy: the project's rules of form

  npm run tidy [-- --json] [-- PATH …]

  PATH     report only on files below these paths (all files are read all the same)
  --json   one JSON array of {file, line, rule, what, instead}
  --help   this text

Exit code 0: clean; 1: something is untidy; 2: tidy could not run.

Rules:
${RULES.map((rule) => `  ${rule.id.padEnd(16)} ${rule.says}`).join('\n')}
`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const sources = readTree(resolve(import.meta.dirname, '../..'));
  const findings = findUntidy(sources).filter(
    ({ file }) => positionals.length === 0 || positionals.some((path) => file.startsWith(path)),
  );
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
  } else {
    for (const { file, line, rule, what, instead } of findings) {
      process.stdout.write(`${file}:${line}: ${rule}: ${what}: ${instead}\n`);
    }
    process.stderr.write(`tidy: ${sources.length} files, ${findings.length} findings\n`);
  }
  return findings.length === 0 ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`tidy could not run: ${(error as Error).message}\n`);
  const cause = (error as Error).cause;
  if (cause instanceof Error) process.stderr.write(`  ${cause.message}\n`);
  process.exitCode = 2;
}
