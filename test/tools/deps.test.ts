import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { findFaults } from '../../tools/deps/check.ts';
import { entriesOf } from '../../tools/deps/lock.ts';
import type { Lock, LockedPackage, Manifest } from '../../tools/deps/lock.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(resolve(root, name), 'utf8');
const real = {
  manifest: JSON.parse(read('package.json')) as Manifest,
  lock: JSON.parse(read('package-lock.json')) as Lock,
  document: read('DEPENDENCIES.md'),
};

const integrity = `sha512-${'A'.repeat(86)}==`;
const locked = (more: LockedPackage = {}): LockedPackage => ({
  version: '1.0.0',
  license: 'MIT',
  integrity,
  ...more,
});
const lockOf = (packages: Record<string, LockedPackage>): Lock => ({
  lockfileVersion: 3,
  packages: {
    '': {},
    ...Object.fromEntries(
      Object.entries(packages).map(([name, value]) => [`node_modules/${name}`, value]),
    ),
  },
});
const line = (name: string, licence = 'MIT'): string => `| \`${name}\` | http | it | ${licence} |`;
const documentOf = (...lines: string[]): string => ['## At run time', ...lines].join('\n');
const manifest: Manifest = { dependencies: { a: '1.0.0' } };

describe('dependencies', () => {
  it('SC-01 the project documents every package and keeps the limits', () => {
    const faults = findFaults(real.manifest, real.lock, real.document);
    assert.deepEqual(faults, []);
    assert.ok(entriesOf(real.lock).length > 50, 'the lock file was read');
  });

  it('SC-01 a new package without a line fails', () => {
    assert.deepEqual(findFaults(manifest, lockOf({ a: locked() }), documentOf()), [
      'a has no line under "At run time"',
    ]);
  });

  it('SC-01 a line without reason, a line too many and a wrong licence fail', () => {
    const text = documentOf('| `a` | http |  | MIT |', line('b'));
    const lock = lockOf({ a: locked({ license: 'GPL-3.0' }) });
    assert.deepEqual(findFaults(manifest, lock, text), [
      'a has no reason in DEPENDENCIES.md',
      'b stands in DEPENDENCIES.md without being asked for, or twice',
      'a is under GPL-3.0, not MIT',
    ]);
  });

  it('SC-01 more than 15 direct or 120 packages in all fail; those of development do not', () => {
    const names = Array.from({ length: 121 }, (_, n) => `a${n}`);
    const direct = names.slice(0, 16);
    const judge = (dev: boolean): string[] =>
      findFaults(
        { dependencies: Object.fromEntries(direct.map((name) => [name, '1.0.0'])) },
        lockOf(Object.fromEntries(names.map((name) => [name, locked({ dev })]))),
        documentOf(...direct.map((name) => line(name))),
      );
    assert.deepEqual(judge(false), [
      '16 direct packages at run time, of 15',
      '121 packages at run time, of 120',
    ]);
    assert.deepEqual(judge(true), ['16 direct packages at run time, of 15']);
  });

  it('SC-01 cryptography and native code come only from the named packages', () => {
    const lock = lockOf({ 'node-jwt': locked(), 'deep-native': locked({ os: ['linux'] }) });
    const asked = { dependencies: { 'node-jwt': '1.0.0' } };
    assert.deepEqual(findFaults(asked, lock, documentOf(line('node-jwt'))), [
      'deep-native is native and not on the list',
      'node-jwt is cryptography and not on the list',
    ]);
  });

  const unsafe: [string, LockedPackage, string][] = [
    ['SHA-1', { integrity: 'sha1-AAAA' }, 'node_modules/a has no SHA-512 integrity'],
    ['plain http', { resolved: 'http://a.example/a' }, 'node_modules/a does not come over https'],
    ['a script', { hasInstallScript: true }, 'node_modules/a runs a script when installed'],
    ['a link', { link: true }, 'node_modules/a is a link out of the tree'],
    ['a range', { version: '1.0.1' }, 'a is asked for as 1.0.0: pin it exactly'],
  ];
  for (const [what, more, fault] of unsafe) {
    it(`SC-02 ${what} in the lock file fails`, () => {
      const faults = findFaults(manifest, lockOf({ a: locked(more) }), documentOf(line('a')));
      assert.deepEqual(faults, [fault]);
    });
  }

  it('SC-02 packages from two hosts fail', () => {
    const lock = lockOf({
      a: locked({ resolved: 'https://a.example/a' }),
      b: locked({ resolved: 'https://b.example/b' }),
    });
    const faults = findFaults(manifest, lock, documentOf(line('a')));
    assert.deepEqual(faults, ['the lock file names 2 hosts']);
  });

  it('SC-02 installing runs no script, and no installed package would', () => {
    assert.match(read('.npmrc'), /^ignore-scripts=true$/m);
    const scripted = globSync(['node_modules/*/package.json', 'node_modules/@*/*/package.json'], {
      cwd: root,
    }).filter((path) => {
      const { scripts = {} } = JSON.parse(read(path)) as { scripts?: Record<string, string> };
      const gyp = existsSync(resolve(root, path, '../binding.gyp'));
      return gyp || ['preinstall', 'install', 'postinstall'].some((name) => scripts[name]);
    });
    assert.deepEqual(scripted, []);
  });
});
