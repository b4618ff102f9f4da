import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { listFiles } from '../tidy/tree.ts';
import { readSource } from '../tidy/source.ts';
import type { Source } from '../tidy/source.ts';
import { judge, recordTests } from './judge.ts';
import type { Report } from './judge.ts';
import { formatRows, ISSUES, parseRows } from './rows.ts';
import { findNamedTests } from './scan.ts';

const ROWS = 'test/acceptance/rows.json';
const HELP = `rows: which acceptance rows are owed, which have a test

  npm run rows [-- --issue A] [--json] [--write]

  --issue X   list what this issue owes and has no test for
  --json      the whole report as one JSON object
  --write     record the file of each row's test in ${ROWS}
  --root DIR  another tree than this one
  --help      this text

A test proves the row whose id its name begins with: test('RU-01 …'), a table with id: 'RU-01'
that feeds test(\`\${row.id} …\`), or 'RU-01[B] …' for what issue B owes of the row besides. That
it passes is for the test run to say. Skipped tests and comments prove nothing.

Exit code 0: in order; 1: a row of a resolved issue has no test, a test names no row, an id stands
twice, or a recorded test is gone; 2: the report could not be made.
`;

function main(): number {
  const { values } = parseArgs({
    options: {
      issue: { type: 'string' },
      json: { type: 'boolean' },
      write: { type: 'boolean' },
      root: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const only = ISSUES.find((issue) => issue === values.issue);
  if (values.issue !== undefined && only === undefined) {
    throw new Error(`--issue takes one of ${ISSUES.join(', ')}`);
  }
  const root = resolve(values.root ?? join(import.meta.dirname, '../..'));
  const { file, faults } = parseRows(readFileSync(join(root, ROWS), 'utf8'));
  const tests = findNamedTests(
    listFiles(root)
      .filter((path) => path.startsWith('test/') && path.endsWith('.ts'))
      .map((path) => readTest(root, path)),
  );
  if (values.write === true && faults.length > 0) {
    throw new Error(`${ROWS} is not sound, so nothing was written:\n  ${faults.join('\n  ')}`);
  }
  const shown = values.write === true ? recordTests(file, tests) : file;
  if (values.write === true) writeFileSync(join(root, ROWS), formatRows(shown));
  const report = judge(shown, tests, faults);
  const text = values.json === true ? JSON.stringify(report, undefined, 2) : print(report, only);
  process.stdout.write(`${text}\n`);
  return report.faults.length === 0 ? 0 : 1;
}

function readTest(root: string, path: string): Source {
  try {
    return readSource(path, readFileSync(join(root, path), 'utf8'));
  } catch (cause) {
    throw new Error(`${path} cannot be read as TypeScript: ${(cause as Error).message}`, { cause });
  }
}

function print(report: Report, only: string | undefined): string {
  const lines = ['issue   owed  proven  missing'];
  for (const { issue, resolved, owed, proven, missing } of report.issues) {
    const figures = [owed, proven, missing.length].map((n) => String(n).padStart(7)).join(' ');
    lines.push(`${issue} ${figures}${resolved ? '  resolved' : ''}`);
  }
  const later = Object.entries(report.later).sort(([, a], [, b]) => b - a);
  lines.push(`later: ${later.reduce((sum, [, n]) => sum + n, 0)} of ${report.rows} rows`);
  for (const [why, n] of later) lines.push(`  ${String(n).padStart(4)}  ${why.slice(7)}`);
  if (report.early.length > 0) lines.push(`proven early: ${report.early.join(' ')}`);
  for (const { issue, resolved, proven, missing } of report.issues) {
    const begun = only === undefined && (proven > 0 || resolved);
    if (missing.length === 0 || (issue !== only && !begun)) continue;
    lines.push('', `owed by ${issue}, no test:`);
    if (begun) lines.push(...wrap(missing.map(({ row }) => row)));
    else for (const { row, what } of missing) lines.push(`  ${row.padEnd(10)} ${what}`);
  }
  if (only === undefined) lines.push('', 'what the ids say: npm run rows -- --issue A');
  if (report.unrecorded.length > 0) {
    lines.push('', `${report.unrecorded.length} tests not yet recorded: npm run rows -- --write`);
  }
  for (const fault of report.faults) lines.push(`fault: ${fault}`);
  return lines.join('\n');
}

/** Words in lines of at most 100 columns, indented. */
function wrap(words: readonly string[]): string[] {
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length > 97) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === '' ? `  ${word}` : `${last} ${word}`;
  }
  return lines;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`rows could not report: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
