import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findUntidy, RULES } from '../../tools/tidy/check.ts';
import { readSource } from '../../tools/tidy/source.ts';

/** A rule with files that break it at `line` of the first one, and files that keep it. */
type Row = {
  rule: string;
  bad: Record<string, string>;
  line?: number;
  good: Record<string, string>;
};

const lines = (count: number): string => 'f();\n'.repeat(count);
const body = (count: number): string => `export function f() {\n${'  a();\n'.repeat(count)}}\n`;
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`src/flows/f${n}.ts`, 'f();']));
const up = (steps: number): string => '../'.repeat(steps);
const behaviour = 'export interface Door {\n  open(): void;\n}\n';
const door = 'export const make = (): Door => ({ open() {} });\n';

const rows: Row[] = [
  {
    rule: 'file-length',
    bad: { 'src/flows/a.ts': lines(401) },
    line: 401,
    good: { 'src/flows/a.ts': lines(400), 'docs/a.md': lines(900) },
  },
  {
    rule: 'function-length',
    bad: { 'src/flows/a.ts': body(69) },
    good: {
      'src/flows/a.ts': body(68),
      'test/a.test.ts': `describe('a', () => {\n${'  a();\n'.repeat(90)}});\n`,
    },
  },
  {
    rule: 'parameters',
    bad: { 'src/flows/a.ts': 'f();\nconst f = (a, b, c, d, e) => a;' },
    line: 2,
    good: { 'src/flows/a.ts': 'const f = (a: A<1, 2>, b, c, d) => a;' },
  },
  {
    rule: 'columns',
    bad: { 'src/flows/a.ts': `const a =\n  '${'x'.repeat(96)}';` },
    line: 2,
    good: {
      'src/flows/a.ts': `const a =\n  '${'ü'.repeat(95)}';\n// https://a.example/${'x'.repeat(99)}`,
    },
  },
  { rule: 'folder-size', bad: many(17), good: many(16) },
  {
    rule: 'kebab-case',
    bad: { 'src/flows/signIn.ts': 'f();' },
    good: { 'src/flows/sign-in.ts': 'f();', 'test/a/b-c.long.test.ts': 'f();' },
  },
  {
    rule: 'drawer',
    bad: { 'src/flows/utils/a.ts': 'f();' },
    good: { 'src/flows/limits/a.ts': 'f();' },
  },
  {
    rule: 'default-export',
    bad: { 'src/flows/a.ts': 'f();\nexport default f;' },
    line: 2,
    good: { 'src/flows/a.ts': 'export const f = 1;' },
  },
  {
    rule: 'barrel',
    bad: { 'src/flows/a.ts': "export * from './b.ts';\nexport { c } from './c.ts';" },
    good: { 'src/flows/a.ts': "export { c } from './c.ts';\nexport const b = 1;" },
  },
  {
    rule: 'barrel',
    bad: { 'src/flows/a.ts': "export type { B } from './b.ts';\n" },
    good: { 'src/flows/a.ts': "import type { B } from './b.ts';\nexport type C = B;\n" },
  },
  {
    rule: 'arrows',
    bad: { 'src/core/a.ts': "f();\nimport type { B } from '../flows/b.ts';" },
    line: 2,
    good: { 'src/flows/a.ts': "import type { B } from '../core/b.ts';" },
  },
  {
    rule: 'arrows',
    bad: { 'src/dialects/tradier/a.ts': "import {\n  b,\n} from '../../flows/b.ts';" },
    line: 3,
    good: { 'src/main/a.ts': "import { b } from '../flows/b.ts';" },
  },
  {
    rule: 'arrows',
    bad: { 'src/main/a.ts': "import { b } from '../../test/b.ts';" },
    good: { 'test/a.ts': "import { b } from '../src/flows/b.ts';" },
  },
  {
    rule: 'arrows',
    bad: { 'src/store/a.ts': "const b = await import('../adapters/b.ts');" },
    good: { 'src/store/a.ts': "const b = await import('./b.ts');" },
  },
  {
    rule: 'dialect-arrows',
    bad: { 'src/dialects/tradier/a.ts': "import { b } from '../pages/b.ts';" },
    good: { 'src/dialects/tradier/a.ts': "import { b } from '../form.ts';" },
  },
  {
    rule: 'dialect-arrows',
    bad: { 'src/dialects/form.ts': "import { b } from './tradier/b.ts';" },
    good: { 'src/dialects/tradier/a.ts': "import { b } from './b.ts';" },
  },
  {
    rule: 'packages',
    bad: { 'src/core/a.ts': "import { createHash } from 'node:crypto';" },
    good: { 'src/adapters/a.ts': "import { createHash } from 'node:crypto';" },
  },
  {
    rule: 'packages',
    bad: { 'src/flows/a.ts': "import { Type } from 'typebox';" },
    good: { 'src/http/a.ts': "import { Type } from 'typebox';" },
  },
  {
    rule: 'extension',
    bad: { 'src/flows/a.ts': "import { b } from './b';" },
    good: { 'src/flows/a.ts': "import { b } from './b.ts';" },
  },
  {
    rule: 'clock',
    bad: { 'src/flows/a.ts': 'f();\nconst t = Date.now();' },
    line: 2,
    good: { 'src/adapters/a.ts': 'const t = Date.now();', 'test/a.ts': 'Date.now();' },
  },
  {
    rule: 'clock',
    bad: { 'src/core/a.ts': 'const t = new Date(5);' },
    good: { 'src/flows/a.ts': "// Date.now() is banned\nconst t = [new Date(5), 'Date.now()'];" },
  },
  {
    rule: 'entropy',
    bad: { 'src/store/a.ts': 'const t = Math.random();' },
    good: { 'src/adapters/a.ts': 'const t = Math.random();' },
  },
  {
    rule: 'entropy',
    bad: { 'src/main/a.ts': 'const t = crypto.randomBytes(16);' },
    good: { 'src/main/a.ts': 'const t = entropy.bytes(16);' },
  },
  {
    rule: 'async-core',
    bad: { 'src/core/a.ts': 'export const f = async () => 1;' },
    good: { 'src/core/a.ts': '// not async\nexport const f = () => 1;' },
  },
  {
    rule: 'dialect-name',
    bad: { 'src/core/a.ts': 'f();\n// as Tradier does' },
    line: 2,
    good: { 'src/dialects/tradier/a.ts': "const id = 'tradier';" },
  },
  {
    rule: 'only-test',
    bad: { 'test/a.test.ts': "f();\nit.only('a', f);" },
    line: 2,
    good: { 'test/a.test.ts': "it('a', f);" },
  },
  {
    rule: 'optional-method',
    bad: { 'src/ports/a.ts': 'export type A = {\n  close?(): void;\n};' },
    line: 2,
    good: { 'src/ports/a.ts': 'export type A = {\n  close(): void;\n  name?: string;\n};' },
  },
  {
    rule: 'optional-method',
    bad: { 'src/ports/a.ts': 'export type A = {\n  readonly close?: () => void;\n};' },
    line: 2,
    good: { 'src/flows/a.ts': 'export type A = {\n  close?: () => void;\n};' },
  },
  {
    rule: 'lone-interface',
    bad: { 'src/flows/a.ts': behaviour, 'src/flows/b.ts': door },
    good: { 'src/flows/a.ts': behaviour + door },
  },
  {
    rule: 'lone-interface',
    bad: { 'src/flows/a.ts': behaviour, 'src/flows/b.ts': 'class Wood implements Door {}' },
    good: { 'src/ports/a.ts': behaviour, 'src/adapters/b.ts': 'class Wood implements Door {}' },
  },
  {
    rule: 'machine-path',
    bad: { 'docs/a.md': `a\nsee /${'root'}/x` },
    line: 2,
    good: { 'docs/a.md': 'see https://a.example/root/x', 'test/a.ts': "const a = '/tmp/x';" },
  },
  {
    rule: 'machine-path',
    bad: { 'src/main/a.ts': `const a = '/${'tmp'}/x';` },
    good: { 'src/main/a.ts': "const a = 'https://a.example/tmp/x';" },
  },
  {
    rule: 'machine-path',
    bad: { 'test/a.ts': `const a = '/${'home'}/x';` },
    good: { 'test/a.ts': "const a = '/homes/x';" },
  },
  {
    rule: 'machine-path',
    bad: { 'docs/a.md': `see ${up(2)}shared/design.md` },
    good: { 'docs/a.md': 'see ../docs/shared.md' },
  },
  {
    rule: 'registry',
    bad: { 'docs/a.md': `from https://registry.${'npmjs'}.org/a` },
    good: { 'docs/a.md': 'from the registry' },
  },
  {
    rule: 'leftover',
    bad: { 'docs/a.md': `a\n${'FIX'}${'ME'}: later` },
    line: 2,
    good: { 'docs/a.md': 'todos are a word' },
  },
  {
    rule: 'silenced',
    bad: { 'src/flows/a.ts': `f();\n// @ts${'-ignore'}` },
    line: 2,
    good: { 'src/flows/a.ts': '// @ts-expect-error: the library lies' },
  },
  {
    rule: 'silenced',
    bad: { 'src/flows/a.ts': `// ox${'lint'}-disable-next-line no-var` },
    good: { 'src/flows/a.ts': `// ox${'lint'}-disable-next-line no-var -- the sample has it` },
  },
  {
    rule: 'secret-place',
    bad: { 'src/main/seed.ts': `const secret = '${'demo'}-secret-1';` },
    good: { 'src/main/demo-seed.ts': `const secret = '${'demo'}-secret-1';` },
  },
  {
    rule: 'secret-place',
    bad: { 'src/main/seed.ts': `// -----BEGIN ${'PRIVATE'} KEY-----` },
    good: { 'test/a.ts': `// -----BEGIN ${'PRIVATE'} KEY-----` },
  },
  {
    rule: 'dead-file',
    bad: { 'src/flows/a.ts': 'f();', 'test/a.test.ts': "import '../src/flows/a.ts';" },
    good: {
      'src/main.ts': "import type { A } from './flows/a.ts';\nnew URL('./main/w.ts', base);",
      'src/flows/a.ts': 'f();',
      'src/main/w.ts': 'f();',
      'test/a.test.ts': "import './world.ts';",
      'test/world.ts': 'f();',
    },
  },
];

const broken = (rule: string, files: Record<string, string>): string[] =>
  findUntidy(Object.entries(files).map(([path, text]) => readSource(path, text)))
    .filter((finding) => finding.rule === rule)
    .map(({ file, line }) => `${file}:${line}`);

describe('tidy', () => {
  for (const [index, { rule, bad, good, line = 1 }] of rows.entries()) {
    it(`${rule} finds the bad file and leaves the good one (row ${index + 1})`, () => {
      const file = Object.keys(bad)[0];
      const place = { 'folder-size': 'src/flows', drawer: 'src/flows/utils' }[rule] ?? file;
      assert.deepEqual(broken(rule, bad), [`${place}:${line}`]);
      assert.deepEqual(broken(rule, good), []);
    });
  }

  it('has a row here for every rule', () => {
    assert.deepEqual(new Set(rows.map(({ rule }) => rule)), new Set(RULES.map(({ id }) => id)));
  });

  it('says in each finding what to do instead', () => {
    assert.deepEqual(findUntidy([readSource('src/flows/utils/a.ts', 'f();')])[0], {
      file: 'src/flows/utils',
      line: 1,
      rule: 'drawer',
      what: 'utils',
      instead: 'name the folder after the thing it holds',
    });
  });
});
