import { isTest, projectOf } from '../paths.ts';
import { lineAt } from '../source.ts';
import type { Hit, Rule, Source } from '../source.ts';

const OPTIONAL_METHOD = /^\s*(?:readonly\s+)?(\w+)\?\s*(?:[(<]|:\s*(?:<[^>]*>\s*)?\([^)]*\)\s*=>)/;
const DECLARED = /^(?:export\s+)?interface\s+(\w+)[^{]*\{([\s\S]*?)^\}/gm;
const METHOD = /^\s*(?:readonly\s+)?\w+\??\s*(?:[(<]|:\s*(?:<[^>]*>\s*)?\([^)]*\)\s*=>)/m;

const optionalMethod: Rule = {
  id: 'optional-method',
  says: 'a port has no optional method: an absent one would switch a safeguard off in silence',
  instead: 'make it required; an adapter that cannot do it says so in its answer',
  check: (sources) =>
    sources
      .filter(({ path }) => projectOf(path) === 'ports')
      .flatMap(({ path, lines }) =>
        lines.flatMap((text, index) => {
          const name = OPTIONAL_METHOD.exec(text)?.[1];
          return name === undefined ? [] : [{ file: path, line: index + 1, what: `${name}?` }];
        }),
      ),
};

// An interface beside its only implementation is that closure's own type; apart from it, it is
// a detour that every reader has to take.
const loneInterface: Rule = {
  id: 'lone-interface',
  says: 'outside src/ports no interface is declared apart from its only implementation',
  instead: 'declare the type beside the function that makes it',
  check: (sources) => {
    const product = sources.filter(({ path }) => projectOf(path) !== undefined && !isTest(path));
    return product
      .filter(({ path }) => projectOf(path) !== 'ports')
      .flatMap((source) => behaviours(source).flatMap((found) => lonely(found, product)));
  },
};

export const interfaceRules: readonly Rule[] = [optionalMethod, loneInterface];

type Behaviour = { name: string; file: string; line: number };

function behaviours({ path, text }: Source): Behaviour[] {
  return [...text.matchAll(DECLARED)]
    .filter((match) => METHOD.test(match[2] ?? ''))
    .map((match) => ({
      name: match[1] ?? '',
      file: path,
      line: lineAt(text, match.index + 1),
    }));
}

function lonely({ name, file, line }: Behaviour, product: readonly Source[]): Hit[] {
  const implementation = new RegExp(
    `\\bimplements\\b[^{]*\\b${name}\\b` +
      `|\\bsatisfies ${name}\\b` +
      `|\\b(?:const|let) \\w+: ${name}(?:<[^=]*>)? = \\{` +
      `|\\)\\s*:\\s*${name}(?:<[^={]*>)?\\s*(?:=>|\\{)`,
    'g',
  );
  const makers = product.flatMap(({ path, text }) =>
    [...text.matchAll(implementation)].map(() => path),
  );
  if (makers.length !== 1 || makers[0] === file) return [];
  return [{ file, line, what: `${name}, made only in ${makers[0]}` }];
}
