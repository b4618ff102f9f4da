import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createMasterKey, loadMasterKey } from '../../src/adapters/keys/master-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-key-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function newFile(): string {
  files += 1;
  return join(folder, `key-${files}`);
}

function load(file: string | null, environment = {}) {
  return loadMasterKey({ world: 'live', file, environment });
}

describe('master keys', () => {
  it('KM-02 a made key is 32 random bytes in a file only its owner can read', () => {
    const file = newFile();
    const key = createMasterKey(file);
    assert.equal(statSync(file).mode & 0o777, 0o400);
    assert.match(readFileSync(file, 'latin1'), /^[A-Za-z0-9_-]{43}\n$/);
    assert.ok(load(file).equals(key));
    assert.ok(!createMasterKey(newFile()).equals(key));
    assert.throws(() => createMasterKey(file), /EEXIST/);
  });

  it('KM-02 a file that others may read or anyone may change is refused, with the way out', () => {
    const file = newFile();
    createMasterKey(file);
    for (const mode of [0o644, 0o440, 0o404, 0o600, 0o500, 0o401]) {
      chmodSync(file, mode);
      assert.throws(() => load(file), (error: Error) => {
        assert.equal(error.name, 'BootError');
        assert.match(error.message, /chmod 0400/);
        return true;
      }, mode.toString(8));
    }
    chmodSync(file, 0o400);
    load(file);
  });

  it('KM-02 the environment may hold it, and goes before the file', () => {
    const text = Buffer.alloc(32, 9).toString('base64url');
    const key = load(null, { COUNTERSIGN_LIVE_MASTER_KEY: text });
    assert.equal(key.export().toString('base64url'), text);
    const file = newFile();
    createMasterKey(file);
    assert.ok(load(file, { COUNTERSIGN_LIVE_MASTER_KEY: text }).equals(key));
    assert.throws(() => load(null, { COUNTERSIGN_PAPER_MASTER_KEY: text }), /LIVE_MASTER_KEY/);
  });

  it('what is not 32 bytes in base64url is refused, and never shown', () => {
    const bad = ['', 'abc', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, '='.repeat(43)];
    for (const text of bad) {
      assert.throws(() => load(null, { COUNTERSIGN_LIVE_MASTER_KEY: text }), (error: Error) => {
        assert.equal(error.name, 'BootError');
        assert.ok(text === '' || !error.message.includes(text));
        return true;
      }, text);
      const file = newFile();
      writeFileSync(file, text, { mode: 0o400 });
      assert.throws(() => load(file), { name: 'BootError' });
    }
    assert.throws(() => load(join(folder, 'absent')), /ENOENT/);
  });
});
