/** Two worlds are two types: what belongs to one does not compile in the place of the other. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from './run.ts';

/** Below the root, so that the project's own types are found. */
mkdirSync(join(ROOT, 'dist'), { recursive: true });
const place = mkdtempSync(join(ROOT, 'dist', 'worlds-types-'));
after(() => rmSync(place, { recursive: true, force: true }));

const HEAD = `
import type { World } from '../../src/core/world.ts';
import type { Ports } from '../../src/flows/deps.ts';
import { type ProcessParts, type WorldStore, openWorld } from '../../src/main/open-world.ts';
declare const parts: ProcessParts;
declare const live: World<'live'>;
declare const paper: World<'paper'>;
declare const live_store: WorldStore<'live'>;
declare const paper_store: WorldStore<'paper'>;
declare const live_ports: Omit<Ports<'live'>, 'store'>;
`;

/** What the compiler says of these lines, by line. */
function compile(name: string, lines: readonly string[]): Promise<string> {
  writeFileSync(join(place, `${name}.ts`), HEAD + lines.join('\n'));
  writeFileSync(join(place, `${name}.json`), JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      noEmit: true, composite: false, allowImportingTsExtensions: true, types: ['node'],
      rewriteRelativeImportExtensions: false,
    },
    files: [`${name}.ts`],
  }));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return new Promise((resolve) => {
    execFile(tsc, ['-p', join(place, `${name}.json`)], (_, out) => resolve(out));
  });
}

test('EI-04 the store of one world does not compile in the other', async () => {
  const right = await compile('right', [
    'void openWorld(parts, live, live_store);',
    'void openWorld(parts, paper, paper_store);',
    'export const ports: Ports<"live"> = { ...live_ports, store: live_store };',
  ]);
  assert.equal(right, '', 'the same lines with the right store compile');
  const wrong = [
    'void openWorld(parts, live, paper_store);',
    'void openWorld(parts, paper, live_store);',
    'export const ports: Ports<"live"> = { ...live_ports, store: paper_store };',
    'export const world: World<"paper"> = live;',
  ];
  const said = await compile('wrong', wrong);
  const first = HEAD.split('\n').length;
  wrong.forEach((line, i) => {
    assert.match(said, new RegExp(`wrong\\.ts\\(${first + i},\\d+\\): error TS2\\d+`), line);
  });
});
