import { posix } from 'node:path';
import type { AnyNode, CallExpression, Expression, SpreadElement } from 'acorn';
import { lineAt, walk } from '../tidy/source.ts';
import type { Source } from '../tidy/source.ts';
import type { Issue } from './rows.ts';

/** A test whose name begins with a row's id. `issue` is set for `RU-01[B] …`, the row's rest. */
export type NamedTest = {
  readonly id: string;
  readonly issue: Issue | undefined;
  readonly file: string;
  readonly line: number;
  /** Skipped or to do: it names the row and proves nothing. */
  readonly skipped: boolean;
};

type Name = { readonly text: string; readonly line: number; readonly skipped: boolean };

/** What one file contributes: names it spells out, and the variables its other names come from. */
type Reading = {
  readonly source: Source;
  readonly names: readonly Name[];
  /** Members and variables that begin a test's name: `id` in test(`${row.id} …`). */
  readonly keys: ReadonlySet<string>;
  /** Whether one of them is a plain variable, whose values may stand in arrays and as keys. */
  readonly loose: boolean;
  /** Functions whose first parameter begins a test's name. */
  readonly wrappers: ReadonlySet<string>;
};

const runners = new Set(['test', 'it']);
const idAtStart = /^((?:[A-Z][A-Z0-9]*-[A-Z]?|I)\d(?:[\w.]*\w)?)(?:\[([A-D])\])?/;

/**
 * Finds the tests named after rows: `test('ID …')`, `it('ID …')`, tables with `id: 'ID'` (in the
 * same file or one that it imports) that feed such names, and wrappers around test. Comments do
 * not count. `files` are all TypeScript files below test/.
 */
export function findNamedTests(files: readonly Source[]): NamedTest[] {
  const readings = new Map(files.map((source) => [source.path, read(source)]));
  const found: NamedTest[] = [];
  for (const reading of readings.values()) {
    if (!reading.source.path.endsWith('.test.ts')) continue;
    collect(reading.source, reading.names, found);
    const wrappers = new Set(reading.wrappers);
    for (const near of [reading, ...importsOf(reading, readings)]) {
      for (const name of near.wrappers) wrappers.add(name);
      if (reading.keys.size > 0) collect(near.source, tableNames(near.source, reading), found);
    }
    if (wrappers.size > 0) {
      collect(reading.source, callNames(reading.source, wrappers), found);
    }
  }
  return found.filter((test, at) => found.findIndex((other) => isSame(test, other)) === at);
}

/** The row id that a test's name begins with, if it begins with anything of that shape. */
export function leadingId(name: string): { id: string; issue: Issue | undefined } | undefined {
  const [, id, issue] = idAtStart.exec(name) ?? [];
  return id === undefined ? undefined : { id, issue: issue as Issue | undefined };
}

function read(source: Source): Reading {
  const names: Name[] = [];
  const keys = new Set<string>();
  const wrappers = new Set<string>();
  let loose = false;
  visitCalls(source, (call, functions) => {
    const skipped = runnerState(call);
    const [first] = call.arguments;
    if (skipped === undefined || first === undefined) return;
    const text = literalStart(first);
    if (text !== undefined) {
      names.push({ text, line: lineAt(source.text, call.start), skipped });
      return;
    }
    const key = variableStart(first);
    if (key === undefined) return;
    keys.add(key.name);
    loose ||= key.plain;
    for (const { name, parameter } of functions) {
      if (key.plain && parameter === key.name) wrappers.add(name);
    }
  });
  return { source, names, keys, loose, wrappers };
}

/** Names in tables: `{ id: 'RU-01' }`; for a plain variable also `['RU-01', …]` and keys. */
function tableNames(source: Source, { keys, loose }: Reading): Name[] {
  const names: Name[] = [];
  const add = (node: AnyNode | null | undefined): void => {
    const text = node === undefined || node === null ? undefined : literalStart(node);
    if (text === undefined || node === undefined || node === null) return;
    names.push({ text, line: lineAt(source.text, node.start), skipped: false });
  };
  visit(source, (node) => {
    if (node.type === 'Property' && !node.computed) {
      const key = node.key.type === 'Identifier' ? node.key.name : literalStart(node.key);
      if (key !== undefined && keys.has(key)) add(node.value);
      else if (loose) add(node.key);
    } else if (node.type === 'ArrayExpression' && loose) {
      const flat = node.elements.every((element) => element?.type === 'Literal');
      for (const element of flat ? node.elements : node.elements.slice(0, 1)) add(element);
    }
  });
  return names;
}

function callNames(source: Source, wrappers: ReadonlySet<string>): Name[] {
  const names: Name[] = [];
  visitCalls(source, (call) => {
    const [first] = call.arguments;
    if (call.callee.type !== 'Identifier' || !wrappers.has(call.callee.name)) return;
    const text = first === undefined ? undefined : literalStart(first);
    if (text !== undefined) {
      names.push({ text, line: lineAt(source.text, call.start), skipped: false });
    }
  });
  return names;
}

type NamedFunction = { readonly name: string; readonly parameter: string };

function visitCalls(
  source: Source,
  see: (call: CallExpression, functions: readonly NamedFunction[]) => void,
): void {
  const functions: (NamedFunction & { start: number; end: number })[] = [];
  visit(source, (node, parent) => {
    const name = functionName(node, parent);
    const parameter = name === undefined ? undefined : firstParameter(node);
    if (name !== undefined && parameter !== undefined) {
      functions.push({ name, parameter, start: node.start, end: node.end });
    }
    if (node.type !== 'CallExpression') return;
    see(node, functions.filter(({ start, end }) => start <= node.start && node.end <= end));
  });
}

function functionName(node: AnyNode, parent: AnyNode | undefined): string | undefined {
  if (node.type === 'FunctionDeclaration') return node.id?.name;
  const plain = node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
  if (!plain || parent?.type !== 'VariableDeclarator') return undefined;
  return parent.id.type === 'Identifier' ? parent.id.name : undefined;
}

function firstParameter(node: AnyNode): string | undefined {
  if (!('params' in node)) return undefined;
  const [first] = node.params;
  return first?.type === 'Identifier' ? first.name : undefined;
}

/** Whether a call runs a test, and whether that test is skipped; undefined when it runs none. */
function runnerState({ callee, arguments: given }: CallExpression): boolean | undefined {
  if (callee.type === 'Identifier') return runners.has(callee.name) ? isSkipped(given) : undefined;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const { name } = callee.property;
  if (runners.has(name)) return isSkipped(given);
  const onRunner = callee.object.type === 'Identifier' && runners.has(callee.object.name);
  if (!onRunner) return undefined;
  return name === 'only' ? isSkipped(given) : name === 'skip' || name === 'todo' || undefined;
}

function isSkipped(given: readonly (Expression | SpreadElement)[]): boolean {
  const options = given[1];
  if (options?.type !== 'ObjectExpression') return false;
  return options.properties.some((property) => {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') return false;
    if (property.key.name !== 'skip' && property.key.name !== 'todo') return false;
    return property.value.type === 'Literal' && Boolean(property.value.value);
  });
}

/** The literal text a name begins with: of a string, a template, or the left of a sum. */
function literalStart(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type === 'BinaryExpression') return literalStart(node.left);
  if (node.type !== 'TemplateLiteral') return undefined;
  const text = node.quasis[0]?.value.cooked ?? '';
  return text === '' ? undefined : text;
}

/** The variable or member a name begins with: `id` of `${row.id} …`, `id + …`, or plain `id`. */
function variableStart(node: AnyNode): { name: string; plain: boolean } | undefined {
  if (node.type === 'Identifier') return { name: node.name, plain: true };
  if (node.type === 'BinaryExpression') return variableStart(node.left);
  if (node.type === 'MemberExpression') {
    const { property } = node;
    return property.type === 'Identifier' ? { name: property.name, plain: false } : undefined;
  }
  const [first] = node.type === 'TemplateLiteral' ? node.expressions : [];
  return first === undefined ? undefined : variableStart(first);
}

function importsOf(reading: Reading, readings: ReadonlyMap<string, Reading>): Reading[] {
  const { path, imports } = reading.source;
  return imports.flatMap(({ specifier }) => {
    const near = readings.get(posix.join(posix.dirname(path), specifier));
    return near === undefined ? [] : [near];
  });
}

function collect(source: Source, names: readonly Name[], found: NamedTest[]): void {
  for (const { text, line, skipped } of names) {
    const lead = leadingId(text);
    if (lead !== undefined) found.push({ ...lead, file: source.path, line, skipped });
  }
}

function isSame(a: NamedTest, b: NamedTest): boolean {
  return a.id === b.id && a.issue === b.issue && a.file === b.file && a.line === b.line;
}

function visit(
  source: Source,
  see: (node: AnyNode, parent: AnyNode | undefined) => void,
): void {
  if (source.tree !== undefined) walk(source.tree, see);
}
