/** docs/testing-from-outside.md holds what the server does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACTS } from '../../src/core/decide/manage/acts/acts.ts';
import { readSeed } from '../../src/core/seed/judge-seed.ts';
import { DEMO_SEED } from '../../src/main/demo/demo-data.ts';
import { REGISTRATIONS } from '../../src/main/dialects.ts';
import { ROOT } from './run.ts';

const text = readFileSync(join(ROOT, 'docs/testing-from-outside.md'), 'utf8');

test('its seed file is accepted, and so is the demo’s', () => {
  const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const seed = blocks.find((block) => block.includes('"customers"')) ?? '';
  const read = readSeed(JSON.parse(seed), REGISTRATIONS);
  assert.ok(read.ok, read.ok ? '' : read.refusal.reason);
  assert.ok(readSeed(DEMO_SEED, REGISTRATIONS).ok);
});

test('the acts it names exist, with the arguments it names', () => {
  const [, table = ''] = /\| act \| arguments \|\n([\s\S]*?)\n\n/.exec(text) ?? [];
  const rows = table.split('\n').slice(1).map((row) => row.split('|').map((cell) => cell.trim()));
  assert.ok(rows.length > 5);
  for (const [, names = '', says = ''] of rows) {
    const acts = [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const args = [...says.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    for (const act of acts) {
      const row = ACTS[act];
      assert.ok(row !== undefined, act);
      const words = Object.entries(row.args).flatMap(([name, arg]) =>
        [name, ...('choices' in arg ? arg.choices ?? [] : [])]);
      for (const arg of args) assert.ok(words.includes(arg), `${act}: ${arg}`);
    }
  }
});
