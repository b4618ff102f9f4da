import { isCode, resolveImport } from '../paths.ts';
import type { Rule, Source } from '../source.ts';

const RELATIVE = /['"`](\.{1,2}\/[^'"`\s]+\.(?:[cm]?[jt]s|css))['"`]/g;
const NAMED = /(?<![\w./-])(?:\.\/)?((?:src|tools|bench|test|bin)\/[\w./-]+\.[cm]?[jt]s)\b/g;

const deadFile: Rule = {
  id: 'dead-file',
  says: 'every source file is reached from src/main.ts, a script of package.json or a test',
  instead: 'delete it, or import it where it is needed (a test alone does not keep product alive)',
  check: (sources) => {
    const code = new Map(sources.filter(isCode).map((source) => [source.path, source]));
    const scripts = sources.filter(({ path }) => path === 'package.json' || path === '.ci/run');
    const entries = [
      'src/main.ts',
      'bin/countersign.js',
      ...scripts.flatMap(({ text }) => [...text.matchAll(NAMED)].map((match) => match[1] ?? '')),
    ];
    const product = reach(entries, code);
    const tests = [...code.keys()].filter((path) => path.endsWith('.test.ts'));
    const withTests = reach([...product, ...tests], code);
    return [...code.keys()]
      .filter((path) => !(path.startsWith('test/') ? withTests : product).has(path))
      .map((path) => ({ file: path, line: 1, what: 'nothing imports it' }));
  },
};

export const deadRules: readonly Rule[] = [deadFile];

function reach(entries: readonly string[], code: ReadonlyMap<string, Source>): Set<string> {
  const seen = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const source = code.get(path);
    if (source === undefined || seen.has(path)) continue;
    seen.add(path);
    open.push(...namedFiles(source));
  }
  return seen;
}

// Workers and stylesheets are named in strings (new URL('./x.ts', import.meta.url)), and tests
// start programs by their path from the root; both keep a file alive.
function namedFiles({ path, text, imports }: Source): string[] {
  const relative = [
    ...imports.map(({ specifier }) => specifier),
    ...[...text.matchAll(RELATIVE)].map((match) => match[1] ?? ''),
  ];
  return [
    ...relative.flatMap((specifier) => resolveImport(path, specifier) ?? []),
    ...[...text.matchAll(NAMED)].map((match) => match[1] ?? ''),
  ];
}
