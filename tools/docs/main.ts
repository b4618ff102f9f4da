import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { generateAll } from './generate.ts';
import type { Document } from './markdown.ts';

const HELP = `docs: writes the generated documents below docs/ from the code

  npm run docs            write them
  npm run docs:check      compare them with the code instead; write nothing

Exit code 0: written, or in step; 1: out of step.
`;

const root = resolve(import.meta.dirname, '../..');

/** The first line in which the file differs from what the code says; undefined when in step. */
function difference({ path, text }: Document): string | undefined {
  const file = resolve(root, path);
  if (!existsSync(file)) return `${path}: missing`;
  const [have, want] = [readFileSync(file, 'utf8').split('\n'), text.split('\n')];
  const at = want.findIndex((line, index) => line !== have[index]);
  if (at === -1 && have.length === want.length) return undefined;
  const line = at === -1 ? want.length : at;
  return `${path}:${line + 1}: is not what the code says: ${want[line] ?? '(the end)'}`;
}

if (process.argv.includes('--help')) {
  process.stdout.write(HELP);
} else {
  const documents = await generateAll(root);
  if (process.argv.includes('--check')) {
    const faults = documents.flatMap((document) => difference(document) ?? []);
    for (const fault of faults) process.stdout.write(`${fault}: run \`npm run docs\`\n`);
    process.stderr.write(`docs: ${documents.length} documents, ${faults.length} out of step\n`);
    process.exitCode = faults.length === 0 ? 0 : 1;
  } else {
    for (const { path, text } of documents) {
      mkdirSync(dirname(resolve(root, path)), { recursive: true });
      writeFileSync(resolve(root, path), text);
      process.stdout.write(`wrote ${path}\n`);
    }
  }
}
