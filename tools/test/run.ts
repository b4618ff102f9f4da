import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { listTests, PARTS } from './parts.ts';
import { createReporter } from './report.ts';
import type { Tally } from './report.ts';

const HELP = `test: runs the project's tests

  npm test [-- PATH …] [-- --name PATTERN]
  npm run test:long

  PATH            run only files whose path contains one of these
  --name PATTERN  run only tests whose name matches
  --long          the long suite (*.long.test.ts) instead of the quick one
  --require-all   a part that cannot run here counts as failed
  --jobs N        files run at once (default: the number of cores)
  --help          this text

Files: *.test.ts is the quick suite, *.long.test.ts the long one; *.browser.test.ts and all of
test/browser need Chromium ($CHROMIUM, or where Debian puts it); *.strace.test.ts and
*.strace.long.test.ts need strace. What cannot run here is named at the end, with the reason.

Exit code 0: all passed; 1: something failed or no test was found.
`;

const FILE_LIMIT_MS = { quick: 180_000, long: 1_500_000 };

type Options = { long: boolean; requireAll: boolean; jobs: number; name: string | undefined };

function readOptions(): { options: Options; paths: string[] } | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      long: { type: 'boolean', default: false },
      'require-all': { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(availableParallelism()) },
      name: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const jobs = Math.max(1, Number(values.jobs) || 1);
  const options = { long: values.long, requireAll: values['require-all'], jobs };
  return { options: { ...options, name: values.name }, paths: positionals };
}

/** Runs the files, each in a process of its own; the promise ends with the last of them. */
async function runFiles(files: string[], root: string, options: Options): Promise<Tally> {
  const reporter = createReporter(root, (text) => process.stdout.write(text));
  const events = run({
    files: files.map((path) => resolve(root, path)),
    cwd: root,
    concurrency: options.jobs,
    timeout: options.long ? FILE_LIMIT_MS.long : FILE_LIMIT_MS.quick,
    ...(options.name === undefined ? {} : { testNamePatterns: [options.name] }),
  });
  events.on('test:pass', reporter.passed);
  events.on('test:fail', reporter.failed);
  events.on('test:stdout', reporter.said);
  events.on('test:stderr', reporter.said);
  events.on('test:summary', reporter.closed);
  for await (const _ of events) {
    // The listeners above do the work; reading the stream is what moves it on.
  }
  reporter.end();
  return reporter.tally;
}

async function main(): Promise<number> {
  const read = readOptions();
  if (read === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options, paths } = read;
  const root = resolve(import.meta.dirname, '../..');
  const wanted = listTests(root, options.long).filter(
    (file) => paths.length === 0 || paths.some((path) => file.includes(path)),
  );
  const absent = PARTS.map((part) => ({ ...part, files: wanted.filter(part.owns) }))
    .filter(({ files }) => files.length > 0)
    .flatMap(({ name, files, missing }) => {
      const why = missing();
      return why === undefined ? [] : [{ name, files, why }];
    });
  const files = wanted.filter((file) => !absent.some((part) => part.files.includes(file)));
  const { passed, failed, skipped } = await runFiles(files, root, options);
  for (const [why, names] of skipped) {
    process.stdout.write(`\nNOT RUN: ${names.length} tests: ${why}\n`);
    for (const name of names.slice(0, 20)) process.stdout.write(`  ${name}\n`);
    if (names.length > 20) process.stdout.write(`  and ${names.length - 20} more\n`);
  }
  for (const { name, files: left, why } of absent) {
    process.stdout.write(`\nNOT RUN: ${name} (${left.length} files): ${why}\n`);
  }
  const bad = failed + (options.requireAll ? absent.length : 0);
  const unrun = [...skipped.values()].flat().length;
  const tail = unrun === 0 ? '' : `, ${unrun} skipped`;
  process.stdout.write(`\n${passed} passed, ${bad} failed${tail}\n`);
  if (passed + bad === 0 && absent.length === 0) {
    process.stdout.write('no test was found\n');
    return 1;
  }
  return bad === 0 ? 0 : 1;
}

process.exitCode = await main();
