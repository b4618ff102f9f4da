import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { ARROWS } from '../../tools/tidy/rules/arrows.ts';

const root = resolve(import.meta.dirname, '../..');
type Project = {
  references?: { path: string }[];
  compilerOptions: { types?: string[]; lib?: string[] };
};

const project = (name: string): Project => {
  const folder = name === 'main' ? 'src' : `src/${name}`;
  return JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8'));
};

const references = (name: string): string[] =>
  (project(name).references ?? []).map(({ path }) => basename(path)).sort();

/** Compiles `files` as the project's own sources; gives what the compiler says. */
function compile(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-arrows-'));
  try {
    const configs = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    })
      .split('\n')
      .filter((path) => /(?:^|\/)tsconfig[^/]*\.json$/.test(path) || path === 'package.json');
    for (const path of configs) write(folder, path, readFileSync(join(root, path), 'utf8'));
    for (const name of ['core', 'ports', 'flows', 'dialects']) {
      write(folder, `src/${name}/there.ts`, 'export const there: number = 1;\n');
    }
    for (const [path, text] of Object.entries(files)) write(folder, path, text);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const args = ['-b', '--pretty', 'false', 'src/flows', 'src/dialects'];
    return spawnSync(process.execPath, [compiler, ...args], { cwd: folder, encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('import arrows', () => {
  for (const [name, allowed] of Object.entries(ARROWS)) {
    it(`are the same for tidy and for the compiler: ${name}`, () => {
      assert.deepEqual(references(name), [...allowed].sort());
    });
  }

  it('leave the core without types of Node or of a browser', () => {
    const { types, lib } = project('core').compilerOptions;
    assert.deepEqual({ types, lib }, { types: [], lib: undefined });
  });

  it('let flows import the core', () => {
    const use = "import { there } from '../core/there.ts';\nexport const use: number = there;\n";
    assert.equal(compile({ 'src/flows/use.ts': use }), '');
  });

  it('do not compile when the core imports a flow', () => {
    const use = "import { there } from '../flows/there.ts';\nexport const use: number = there;\n";
    assert.match(compile({ 'src/core/use.ts': use }), /src\/core\/use\.ts.*error TS6307/);
  });

  it('do not compile when a dialect imports a flow', () => {
    const use = "import { there } from '../flows/there.ts';\nexport const use: number = there;\n";
    assert.match(compile({ 'src/dialects/use.ts': use }), /src\/dialects\/use\.ts.*error TS6307/);
  });

  it('do not compile when the core names a thing of Node', () => {
    const use = "export const use = Buffer.from('');\n";
    assert.match(compile({ 'src/core/use.ts': use }), /error TS2591: Cannot find name 'Buffer'/);
  });
});
