import { posix } from 'node:path';
import { isCode } from '../paths.ts';
import type { Rule, Source } from '../source.ts';

const KEBAB = /^\.?[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
const DRAWERS = ['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'misc', 'lib'];

const kebabCase: Rule = {
  id: 'kebab-case',
  says: 'files and folders of code are named in kebab-case',
  instead: 'lower-case words joined by hyphens',
  check: (sources) =>
    sources
      .filter(isCode)
      .filter(({ path }) => !path.split('/').every((part) => KEBAB.test(part)))
      .map(({ path }) => ({ file: path, line: 1, what: path })),
};

const drawer: Rule = {
  id: 'drawer',
  says: `no folder is named ${DRAWERS.join(', ')}`,
  instead: 'name the folder after the thing it holds',
  check: (sources) => {
    const folders = new Set(sources.flatMap(({ path }) => ancestors(path)));
    return [...folders]
      .filter((folder) => DRAWERS.includes(posix.basename(folder)))
      .map((folder) => ({ file: folder, line: 1, what: posix.basename(folder) }));
  },
};

const defaultExport: Rule = {
  id: 'default-export',
  says: 'exports have names',
  instead: 'export it by name',
  check: (sources) =>
    sources.flatMap(({ path, tree }) =>
      (tree?.body ?? [])
        .filter((node) => node.type === 'ExportDefaultDeclaration')
        .map((node) => ({ file: path, line: node.loc?.start.line ?? 1, what: 'default export' })),
    ),
};

const barrel: Rule = {
  id: 'barrel',
  says: 'no file only passes on the exports of others',
  instead: 'import from the file that defines the name',
  check: (sources) =>
    sources.filter(passesOn).map(({ path }) => ({ file: path, line: 1, what: 're-exports only' })),
};

export const nameRules: readonly Rule[] = [kebabCase, drawer, defaultExport, barrel];

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

// Types are blanked out of the tree, so a barrel of types shows as an empty one with `from`.
function passesOn({ tree, text }: Source): boolean {
  if (tree === undefined) return false;
  const reexports = tree.body.every(
    (node) =>
      node.type === 'ExportAllDeclaration' ||
      (node.type === 'ExportNamedDeclaration' && node.source),
  );
  if (!reexports) return false;
  if (tree.body.length > 0) return true;
  return (
    /^export\s+type\s*(?:\*|\{[^}]*\})\s*from\b/m.test(text) &&
    !/^export\s+(?:declare\s+)?(?:interface|type\s+\w)/m.test(text)
  );
}
