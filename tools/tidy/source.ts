import { stripTypeScriptTypes } from 'node:module';
import { parse } from 'acorn';
import type { AnyNode, Program } from 'acorn';

/** One file of the project as the rules see it; `path` is relative to the root, with slashes. */
export type Source = {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The syntax tree of a .ts or .js file with its types blanked out; positions are unchanged. */
  readonly tree: Program | undefined;
  /** Every module this file names, type imports included. */
  readonly imports: readonly Import[];
};

/** A module that a file names: `./x.ts`, `typebox` or `node:fs`. */
export type Import = { readonly specifier: string; readonly line: number };

/** A place that breaks a rule; `instead` overrides the rule's own advice. */
export type Hit = {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly instead?: string;
};

/** A rule looks at the whole tree, because some (dead files, folder sizes) need all of it. */
export type Rule = {
  readonly id: string;
  readonly says: string;
  readonly instead: string;
  readonly check: (sources: readonly Source[]) => Hit[];
};

const statement = /^[ \t]*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const bare = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const inline = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Reads one file into what the rules need. Throws SyntaxError when it is no valid TypeScript. */
export function readSource(path: string, text: string): Source {
  const code = /\.[cm]?[jt]s$/.test(path) && !path.endsWith('.d.ts');
  return {
    path,
    text,
    lines: text.split('\n'),
    tree: code ? parseCode(path, text) : undefined,
    imports: code ? findImports(text) : [],
  };
}

/** The line, from 1, of a character offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

/** Calls `visit` for each node below (and with) `node`, parents first. */
export function walk(
  node: AnyNode,
  visit: (node: AnyNode, parent: AnyNode | undefined) => void,
  parent?: AnyNode,
): void {
  visit(node, parent);
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function parseCode(path: string, text: string): Program {
  const plain = path.endsWith('.ts') ? stripTypeScriptTypes(text, { mode: 'strip' }) : text;
  return parse(plain, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    allowHashBang: true,
  });
}

function findImports(text: string): Import[] {
  return [statement, bare, inline]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => ({
      specifier: match[1] ?? '',
      line: lineAt(text, match.index + match[0].length),
    }))
    .sort((a, b) => a.line - b.line);
}
