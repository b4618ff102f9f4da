import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const main = `
process.on('SIGTERM', () => process.exit(7));
console.log(JSON.stringify(process.argv.slice(2)));
if (process.argv[2] === 'wait') setTimeout(() => {}, 20_000);
if (process.argv[2] === 'refuse') process.exitCode = 78;
`;
// Says that it is an old Node, whatever runs it; no machine has to have one.
const old = "Object.defineProperty(process.versions, 'node', { value: process.env.OLD_NODE });\n";

describe('bin/countersign.js', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-launcher-'));
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'src/main.ts'), main);
    writeFileSync(join(folder, 'old.cjs'), old);
  });
  after(() => rmSync(folder, { recursive: true }));

  const launch = ['bin/countersign.js'];
  const asOld = ['--require', './old.cjs', ...launch];
  const environment = (version: string): NodeJS.ProcessEnv => ({ PATH: '', OLD_NODE: version });

  it('runs the sources with the arguments it was given', async () => {
    const { stdout } = await run(process.execPath, [...launch, 'app', '--json'], { cwd: folder });
    assert.deepEqual(JSON.parse(stdout), ['app', '--json']);
  });

  for (const version of ['20.20.2', '24.14.0']) {
    it(`says one line and exits 1 on Node ${version} when no other is there`, async () => {
      const line = new RegExp(`^countersign needs Node 24.15 .* ${version}: run .*\n$`);
      await assert.rejects(
        run(process.execPath, asOld, { cwd: folder, env: environment(version) }),
        ({ code, stderr }: { code: number; stderr: string }) => code === 1 && line.test(stderr),
      );
    });
  }

  it('hands over to the locked Node, with exit code and signals', async () => {
    const bin = join(folder, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, 'node'));
    const options = { cwd: folder, env: environment('20.20.2') };
    const { stdout } = await run(process.execPath, [...asOld, 'a'], options);
    assert.deepEqual(JSON.parse(stdout), ['a']);
    const refused = run(process.execPath, [...asOld, 'refuse'], options);
    await assert.rejects(refused, (error: { code: number }) => error.code === 78);
    const child = spawn(process.execPath, [...asOld, 'wait'], { ...options, stdio: 'pipe' });
    await new Promise((started) => child.stdout.once('data', started));
    child.kill('SIGTERM');
    const code = await new Promise((ended) => child.once('exit', ended));
    assert.equal(code, 7);
  });

  it('is what package.json names, and can be executed', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    accessSync(join(root, bin.countersign), constants.X_OK);
  });
});
