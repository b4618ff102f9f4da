import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { judge, recordTests } from '../../tools/rows/judge.ts';
import { formatRows, parseRows } from '../../tools/rows/rows.ts';
import type { Row } from '../../tools/rows/rows.ts';
import { findNamedTests, leadingId } from '../../tools/rows/scan.ts';
import { readSource } from '../../tools/tidy/source.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOOL = join(ROOT, 'tools/rows/report.ts');

function row(id: string, more: Partial<Row> = {}): Row {
  return { id, says: `what ${id} says`, owes: 'A', test: null, ...more };
}

function scan(files: Record<string, string>): string[] {
  const sources = Object.entries(files).map(([path, text]) => readSource(path, text));
  return findNamedTests(sources).map(
    ({ id, issue, skipped }) => `${id}${issue ? `[${issue}]` : ''}${skipped ? ' skipped' : ''}`,
  );
}

function scanOne(text: string): string[] {
  return scan({ 'test/one.test.ts': text });
}

function report(rows: Row[], code: string, resolved: 'A'[] = []): ReturnType<typeof judge> {
  return judge({ resolved, rows }, findNamedTests([readSource('test/one.test.ts', code)]));
}

test('rows: a test counts by the id that its name begins with', () => {
  assert.deepEqual(
    scanOne(`
      test('AT-T1 answers', () => {});
      it("RU-01: pages", () => {});
      test(\`I3 \${n} replies\`, () => {});
      await t.test('ASVS-10.4.1 matches', () => {});
      test.only('RU-02[B] the other dialect', () => {});
      test('ATK-A1a' + suffix, () => {});
      test('the row RU-03 comes too late', () => {});
      describe('RU-04 is no test', () => {});
      log('RU-05 is no test');
      // test('RU-06 in a comment', () => {});
      /* test('RU-07 in a comment', () => {}); */
    `),
    ['AT-T1', 'RU-01', 'I3', 'ASVS-10.4.1', 'RU-02[B]', 'ATK-A1a'],
  );
});

test('rows: a skipped test names its row and proves nothing', () => {
  const code = `
    test.skip('RU-01 later', () => {});
    test('RU-02 later', { skip: 'no time' }, () => {});
    test.todo('RU-03');
    test('RU-04 runs where it can', { skip: !browser }, () => {});
    test('RU-05 runs', { skip: false }, () => {});
  `;
  assert.deepEqual(scanOne(code), [
    'RU-01 skipped',
    'RU-02 skipped',
    'RU-03 skipped',
    'RU-04',
    'RU-05',
  ]);
  const { missing } = report([row('RU-01'), row('RU-04')], code).issues[0]!;
  assert.deepEqual(missing.map((part) => part.row), ['RU-01']);
});

test('rows: a table counts when its ids begin the names of tests', () => {
  const table = `const rows = [{ id: 'RU-01' }, { id: 'RU-02[B]' }];`;
  assert.deepEqual(scanOne(`${table} for (const r of rows) test(\`\${r.id} x\`, go);`), [
    'RU-01',
    'RU-02[B]',
  ]);
  assert.deepEqual(scanOne(`${table} for (const { id } of rows) test(id + ' x', go);`), [
    'RU-01',
    'RU-02[B]',
  ]);
  assert.deepEqual(scanOne(`${table} for (const r of rows) check(r.id);`), []);
  assert.deepEqual(scanOne(`${table} for (const r of rows) test(\`x \${r.id}\`, go);`), []);
  assert.deepEqual(
    scanOne(`for (const [id, x] of [['RU-01', 'x'], ['RU-02', 'y']]) test(\`\${id} x\`, go);`),
    ['RU-01', 'RU-02'],
  );
});

test('rows: tables and wrappers count from a file that the test imports, and from no other', () => {
  const table = `export const cases = [{ id: 'RU-01' }];`;
  const use = `
    import { cases } from './cases.ts';
    for (const each of cases) test(\`\${each.id} x\`, go);
  `;
  assert.deepEqual(scan({ 'test/cases.ts': table, 'test/a.test.ts': use }), ['RU-01']);
  assert.deepEqual(scan({ 'test/others.ts': table, 'test/a.test.ts': use }), []);
  const wrapper = `export function attack(id: string) { test(\`\${id} refused\`, go); }`;
  const calls = `import { attack } from './attack.ts'; attack('RU-02'); other('RU-03');`;
  assert.deepEqual(scan({ 'test/attack.ts': wrapper, 'test/a.test.ts': calls }), ['RU-02']);
});

test('rows: names that only look like ids are let be, unknown ids are not', () => {
  assert.equal(leadingId('the flow'), undefined);
  const rows = [row('P-01'), row('RU-01')];
  const fine = report(rows, `test('P-256 signs', go); test('SHA-256 digests', go);`);
  assert.deepEqual(fine.faults, []);
  for (const name of ['RU-99 x', 'RU-01b x', 'RU-01[C] x']) {
    const { faults } = report(rows, `test('${name}', go);`);
    assert.equal(faults.length, 1, name);
    assert.match(faults[0]!, /^test\/one\.test\.ts:1: names RU-/);
  }
});

test('rows: a resolved issue fails with every row and rest that has no test', () => {
  const rows = [
    row('RU-01', { rest: 'B: more' }),
    row('RU-02', { owes: 'B', rest: 'A: some' }),
    row('RU-03', { owes: 'later: why not' }),
  ];
  const code = `test('RU-02 x', go); test('RU-03 x', go);`;
  assert.deepEqual(report(rows, code).faults, []);
  const { faults, early, later } = report(rows, code, ['A']);
  assert.deepEqual(faults, [
    'RU-01: owed by resolved issue A: what RU-01 says',
    'RU-02[A]: owed by resolved issue A: some',
  ]);
  assert.deepEqual(early, ['RU-03']);
  assert.deepEqual(later, { 'later: why not': 1 });
  assert.deepEqual(report(rows, `test('RU-01 x', go); test('RU-02[A] x', go);`, ['A']).faults, []);
});

test('rows: the file of a test is recorded, and a record that is gone is a fault', () => {
  const tests = findNamedTests([readSource('test/one.test.ts', `test('RU-01 x', go);`)]);
  const file = { resolved: [], rows: [row('RU-01'), row('RU-02', { test: 'test/gone.test.ts' })] };
  assert.deepEqual(judge(file, tests).unrecorded, ['RU-01']);
  assert.match(judge(file, tests).faults[0]!, /^RU-02: test\/gone\.test\.ts holds no live test/);
  const recorded = recordTests(file, tests);
  assert.deepEqual(recorded.rows.map((each) => each.test), ['test/one.test.ts', null]);
  assert.deepEqual(judge(recorded, tests).faults, []);
});

test('rows: doubled ids and malformed rows are faults', () => {
  const wrong: [unknown, RegExp][] = [
    [[row('RU-01'), row('RU-01')], /RU-01: stands twice/],
    [[row('RU-01', { says: 'x'.repeat(111) })], /more than 110/],
    [[row('RU-01', { says: ' ' })], /says nothing/],
    [[row('RU-01', { owes: 'E' })], /owes must be/],
    [[row('RU-01', { owes: 'later' })], /owes must be/],
    [[row('RU-01', { rest: 'soon' })], /rest must read/],
    [[row('RU-01', { rest: 'A: again' })], /names one issue twice/],
    [[{ ...row('RU-01'), note: 1 }], /unknown member note/],
    [[{ ...row('RU-01'), test: 1 }], /test must be/],
    [['RU-01'], /must be an object/],
  ];
  for (const [rows, says] of wrong) {
    const { faults } = parseRows(JSON.stringify({ resolved: [], rows }));
    assert.equal(faults.length, 1, String(says));
    assert.match(faults[0]!, says);
  }
  assert.match(parseRows('{"resolved":["E"],"rows":[]}').faults[0]!, /^resolved: /);
  assert.throws(() => parseRows('[]'), TypeError);
});

test('rows: the list of this project is sound and stands in its own form', () => {
  const text = readFileSync(join(ROOT, 'test/acceptance/rows.json'), 'utf8');
  const { file, faults } = parseRows(text);
  assert.deepEqual(faults, []);
  assert.equal(formatRows(file), text);
  assert.ok(file.rows.length >= 900);
});

test('rows: the command exits 1 on a fault, 0 when in order, 2 when it cannot tell', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'rows-'));
  t.after(() => rmSync(root, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const run = (...flags: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [TOOL, '--root', root, ...flags], { encoding: 'utf8' });
  execFileSync('git', ['init', '-q', root]);
  const list = 'test/acceptance/rows.json';
  put(list, formatRows({ resolved: ['A'], rows: [row('RU-01')] }));
  assert.equal(run().status, 1);
  assert.match(run('--issue', 'A').stdout, /owed by A, no test:\n {2}RU-01 +what RU-01 says/);
  put('test/one.test.ts', `test('RU-01 pages', () => {});`);
  const json: unknown = JSON.parse(run('--json').stdout);
  assert.deepEqual((json as { unrecorded: string[] }).unrecorded, ['RU-01']);
  assert.equal(run('--write').status, 0);
  assert.equal(run('--issue', 'A').status, 0);
  assert.match(run('--issue', 'Z').stderr, /--issue takes one of A, B, C, D/);
  assert.match(readFileSync(join(root, list), 'utf8'), /"test": "test\/one\.test\.ts"/);
  put('test/one.test.ts', `test('RU-02 pages', () => {});`);
  assert.equal(run().status, 1);
  put('test/one.test.ts', `test('RU-02 pages', () => {`);
  assert.equal(run().status, 2);
  assert.match(run().stderr, /test\/one\.test\.ts cannot be read/);
  assert.match(run('--help').stdout, /^rows: /);
});
