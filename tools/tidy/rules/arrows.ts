import { posix } from 'node:path';
import { projectOf, resolveImport } from '../paths.ts';
import type { Hit, Import, Rule, Source } from '../source.ts';

/** Which folders of `src` a folder may import from, beside itself. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ['core'],
  flows: ['core', 'ports'],
  dialects: ['core'],
  http: ['core', 'ports'],
  store: ['core', 'ports'],
  adapters: ['core', 'ports'],
  config: ['core', 'ports'],
  cli: ['core', 'ports', 'config'],
  main: ['core', 'ports', 'flows', 'dialects', 'http', 'store', 'adapters', 'config', 'cli'],
};

/** What the other top folders may import from. */
const OUTER: Readonly<Record<string, readonly string[]>> = {
  src: ['src'],
  tools: ['tools', 'src'],
  bench: ['bench', 'test', 'src'],
  test: ['test', 'tools', 'src'],
};

/** Folders that decide or translate: they import neither packages nor Node's own modules. */
const CLOSED = ['core', 'ports', 'flows', 'dialects'];

const DIALECTS = ['tradier', 'tradovate', 'standard', 'pages'];

const arrows: Rule = {
  id: 'arrows',
  says: 'imports follow the arrows: core → nothing, ports → core, flows → core and ports …',
  instead: 'move the code, or pass the thing in from src/main',
  check: (sources) => everyImport(sources, brokenArrow),
};

const dialectArrows: Rule = {
  id: 'dialect-arrows',
  says: 'no dialect imports another dialect, and what dialects share imports none',
  instead: 'move what both need up into src/dialects',
  check: (sources) => everyImport(sources, crossedDialects),
};

const closedFolders: Rule = {
  id: 'packages',
  says: `no package and no module of Node in src/{${CLOSED.join(',')}}`,
  instead: 'declare a port, and pass its adapter in from src/main',
  check: (sources) => everyImport(sources, openedFolder),
};

const extension: Rule = {
  id: 'extension',
  says: 'relative imports name the .ts file',
  instead: "import from './name.ts'",
  check: (sources) =>
    everyImport(sources, ({ path }, { specifier }) =>
      path.endsWith('.ts') && specifier.startsWith('.') && !/\.(?:[cm]?[jt]s|json)$/.test(specifier)
        ? specifier
        : undefined,
    ),
};

export const arrowRules: readonly Rule[] = [arrows, dialectArrows, closedFolders, extension];

type Judge = (source: Source, found: Import) => string | undefined;

function everyImport(sources: readonly Source[], judge: Judge): Hit[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((found) => {
      const what = judge(source, found);
      return what === undefined ? [] : [{ file: source.path, line: found.line, what }];
    }),
  );
}

function brokenArrow({ path }: Source, { specifier }: Import): string | undefined {
  const target = resolveImport(path, specifier);
  if (target === undefined) return undefined;
  const [fromTop = '', toTop = ''] = [path.split('/')[0], target.split('/')[0]];
  const outer = OUTER[fromTop];
  if (outer !== undefined && !outer.includes(toTop)) return `${fromTop} imports ${target}`;
  const [from, to] = [projectOf(path), projectOf(target)];
  if (from === undefined || to === undefined || from === to) return undefined;
  return ARROWS[from]?.includes(to) === true ? undefined : `${from} imports ${target}`;
}

function crossedDialects({ path }: Source, { specifier }: Import): string | undefined {
  const target = resolveImport(path, specifier);
  const to = target === undefined ? undefined : dialectOf(target);
  if (to === undefined || projectOf(path) !== 'dialects') return undefined;
  const from = dialectOf(path);
  return from === to ? undefined : `${from ?? posix.basename(path)} imports ${target}`;
}

function dialectOf(path: string): string | undefined {
  const folder = path.split('/')[2];
  return projectOf(path) === 'dialects' && DIALECTS.includes(folder ?? '') ? folder : undefined;
}

function openedFolder({ path }: Source, { specifier }: Import): string | undefined {
  if (specifier.startsWith('.') || !CLOSED.includes(projectOf(path) ?? '')) return undefined;
  return specifier;
}
