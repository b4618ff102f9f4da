import type { AnyNode } from 'acorn';
import { isTest, projectOf } from '../paths.ts';
import { walk } from '../source.ts';
import type { Hit, Rule, Source } from '../source.ts';

const FROM_CRYPTO = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync'];
const DIALECT_NAMES = /tradier|tradovate|ninja/i;
const RULE_FOLDERS = ['core', 'ports', 'flows', 'store'];

const clock: Rule = {
  id: 'clock',
  says: 'only src/adapters reads the clock',
  instead: 'take the time from the clock port (in the core: from the facts)',
  check: (sources) =>
    nodesOf(sources, outsideAdapters, (node, { path }) => {
      if (isMember(node, 'Date', 'now')) return 'Date.now';
      const makesDate = node.type === 'NewExpression' && isName(node.callee, 'Date');
      if (!makesDate) return undefined;
      const ofGivenTime = node.arguments.length > 0 && projectOf(path) !== 'core';
      return ofGivenTime ? undefined : 'new Date()';
    }),
};

const entropy: Rule = {
  id: 'entropy',
  says: 'only src/adapters draws random values',
  instead: 'take them from the entropy port (in the core: from the facts)',
  check: (sources) =>
    nodesOf(sources, outsideAdapters, (node) => {
      if (isMember(node, 'Math', 'random')) return 'Math.random';
      if (isMember(node, 'crypto', 'getRandomValues')) return 'crypto.getRandomValues';
      if (node.type !== 'CallExpression') return undefined;
      const { callee } = node;
      const name = callee.type === 'MemberExpression' ? callee.property : callee;
      return name.type === 'Identifier' && FROM_CRYPTO.includes(name.name) ? name.name : undefined;
    }),
};

const pureCore: Rule = {
  id: 'async-core',
  says: 'the core is synchronous',
  instead: 'do the slow work in prepare (src/flows) and pass its result in as a fact',
  check: (sources) =>
    nodesOf(sources, ({ path }) => projectOf(path) === 'core', (node) => {
      if (node.type === 'AwaitExpression') return 'await';
      return 'async' in node && node.async === true ? 'async' : undefined;
    }),
};

const dialectName: Rule = {
  id: 'dialect-name',
  says: `no dialect is named in src/{${RULE_FOLDERS.join(',')}}`,
  instead: 'make the difference a field of the profile, and name the profile in src/dialects',
  check: (sources) =>
    sources
      .filter(({ path }) => RULE_FOLDERS.includes(projectOf(path) ?? ''))
      .flatMap(({ path, lines }) =>
        [path, ...lines].flatMap((text, line) => {
          const found = DIALECT_NAMES.exec(text)?.[0];
          return found === undefined ? [] : [{ file: path, line: Math.max(line, 1), what: found }];
        }),
      ),
};

const onlyTest: Rule = {
  id: 'only-test',
  says: 'no test silences the others',
  instead: 'remove .only',
  check: (sources) =>
    nodesOf(sources, ({ path }) => isTest(path), (node) =>
      ['test', 'it', 'describe', 'suite'].some((name) => isMember(node, name, 'only'))
        ? '.only'
        : undefined,
    ),
};

export const banRules: readonly Rule[] = [clock, entropy, pureCore, dialectName, onlyTest];

function outsideAdapters({ path }: Source): boolean {
  const project = projectOf(path);
  return project !== undefined && project !== 'adapters';
}

function nodesOf(
  sources: readonly Source[],
  applies: (source: Source) => boolean,
  judge: (node: AnyNode, source: Source) => string | undefined,
): Hit[] {
  const hits: Hit[] = [];
  for (const source of sources.filter(applies)) {
    if (source.tree === undefined) continue;
    walk(source.tree, (node) => {
      const what = judge(node, source);
      if (what === undefined) return;
      hits.push({ file: source.path, line: node.loc?.start.line ?? 1, what });
    });
  }
  return hits;
}

function isMember(node: AnyNode, object: string, property: string): boolean {
  return (
    node.type === 'MemberExpression' &&
    isName(node.object, object) &&
    isName(node.property, property)
  );
}

function isName(node: AnyNode, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}
