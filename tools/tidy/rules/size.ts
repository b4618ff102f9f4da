import type { AnyNode, Function as FunctionNode } from 'acorn';
import { posix } from 'node:path';
import { isCode } from '../paths.ts';
import { walk } from '../source.ts';
import type { Rule, Source } from '../source.ts';

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;
export const PARAMETERS_MAX = 4;
export const COLUMNS_MAX = 100;
export const FOLDER_FILES_MAX = 16;

const fileLength: Rule = {
  id: 'file-length',
  says: `a file has at most ${FILE_LINES_MAX} lines`,
  instead: 'split it by what each part knows',
  check: (sources) =>
    sources.filter(isCode).flatMap(({ path, lines }) => {
      const count = lines.length - (lines.at(-1) === '' ? 1 : 0);
      if (count <= FILE_LINES_MAX) return [];
      return [{ file: path, line: FILE_LINES_MAX + 1, what: `${count} lines` }];
    }),
};

const functionLength: Rule = {
  id: 'function-length',
  says: `a function has at most ${FUNCTION_LINES_MAX} lines (the body of a describe excepted)`,
  instead: 'name its steps as functions of their own',
  check: (sources) =>
    functionsOf(sources).flatMap(({ file, node, parent }) => {
      const line = node.loc?.start.line ?? 1;
      const count = (node.loc?.end.line ?? 1) - line + 1;
      if (count <= FUNCTION_LINES_MAX || isSuite(parent)) return [];
      return [{ file, line, what: `${count} lines` }];
    }),
};

const parameters: Rule = {
  id: 'parameters',
  says: `a function takes at most ${PARAMETERS_MAX} parameters`,
  instead: 'take one object with named members',
  check: (sources) =>
    functionsOf(sources)
      .filter(({ node }) => node.params.length > PARAMETERS_MAX)
      .map(({ file, node }) => ({
        file,
        line: node.loc?.start.line ?? 1,
        what: `${node.params.length} parameters`,
      })),
};

const columns: Rule = {
  id: 'columns',
  says: `a line has at most ${COLUMNS_MAX} columns (an address that cannot be broken excepted)`,
  instead: 'break the line',
  check: (sources) =>
    sources
      .filter((source) => isCode(source) || source.path.endsWith('.css'))
      .flatMap(({ path, lines }) =>
        lines.flatMap((text, index) => {
          const width = Array.from(text).length;
          if (width <= COLUMNS_MAX || /^\s*(?:\/\/|\*)?\s*https?:\S+$/.test(text)) return [];
          return [{ file: path, line: index + 1, what: `${width} columns` }];
        }),
      ),
};

const folderSize: Rule = {
  id: 'folder-size',
  says: `a folder holds at most ${FOLDER_FILES_MAX} source files, sub-folders not counted`,
  instead: 'group them in sub-folders by task',
  check: (sources) => {
    const files = sources.filter((source) => /\.(?:[cm]?[jt]s|css|sql)$/.test(source.path));
    return [...Map.groupBy(files, (source) => posix.dirname(source.path))]
      .filter(([, members]) => members.length > FOLDER_FILES_MAX)
      .map(([folder, members]) => ({
        file: folder,
        line: 1,
        what: `${members.length} source files`,
      }));
  },
};

export const sizeRules: readonly Rule[] = [
  fileLength,
  functionLength,
  parameters,
  columns,
  folderSize,
];

type FoundFunction = { file: string; node: FunctionNode; parent: AnyNode | undefined };

function functionsOf(sources: readonly Source[]): FoundFunction[] {
  const found: FoundFunction[] = [];
  for (const { path, tree } of sources) {
    if (tree === undefined) continue;
    walk(tree, (node, parent) => {
      if (isFunction(node)) found.push({ file: path, node, parent });
    });
  }
  return found;
}

function isFunction(node: AnyNode): node is AnyNode & FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

function isSuite(parent: AnyNode | undefined): boolean {
  return (
    parent?.type === 'CallExpression' &&
    parent.callee.type === 'Identifier' &&
    (parent.callee.name === 'describe' || parent.callee.name === 'suite')
  );
}
