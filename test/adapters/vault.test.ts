/** The vault: a secret opens for its record and world alone, a successor only with two secrets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createVault } from '../../src/adapters/keys/vault.ts';
import type { SuccessorKey } from '../../src/ports/vault.ts';
import { aMasterKey, alterations } from './world-keys.ts';

const MASTER = aMasterKey();
const vault = createVault(MASTER, 'live');
const RECORD = 'api-key/8';
const SECRET = 'demo secret of a key';

const UNDER: SuccessorKey = {
  presented: `cs_live_rt_${'p'.repeat(70)}`,
  window_secret: 'w'.repeat(43),
  family: 'customer001grantgrantg',
  generation: 2,
};
const SUCCESSOR = `cs_live_rt_${'s'.repeat(70)}`;

describe('a secret in the vault', () => {
  it('comes back as it went in, whatever it is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(fc.property(text, text, (record, secret) => {
      assert.equal(vault.open(record, vault.seal(record, secret)), secret);
    }));
    assert.equal(vault.open(RECORD, vault.seal(RECORD, '')), '');
  });

  it('is another text each time, and none of it is shown', () => {
    const texts = Array.from({ length: 100 }, () => vault.seal(RECORD, SECRET));
    assert.equal(new Set(texts).size, 100);
    for (const text of texts) {
      assert.match(text, /^v1\.[A-Za-z0-9_-]+$/);
      assert.ok(!Buffer.from(text.slice(3), 'base64url').includes('demo'));
    }
  });

  it('opens for its record alone', () => {
    const sealed = vault.seal(RECORD, SECRET);
    const others = [
      'api-key/9', 'api-key/88', 'api-key/', 'api-key', '', ' api-key/8', 'API-KEY/8',
      'window-key/8', 'api-key/8|live',
    ];
    for (const other of others) assert.equal(vault.open(other, sealed), null, other);
  });

  it('opens in its world alone, and under its master key alone', () => {
    const sealed = vault.seal(RECORD, SECRET);
    assert.equal(createVault(MASTER, 'live').open(RECORD, sealed), SECRET);
    assert.equal(createVault(MASTER, 'paper').open(RECORD, sealed), null);
    assert.equal(createVault(aMasterKey(), 'live').open(RECORD, sealed), null);
  });

  it('opens unaltered alone', () => {
    const sealed = vault.seal(RECORD, SECRET);
    let tried = 0;
    for (const other of alterations(sealed)) {
      assert.equal(vault.open(RECORD, other), null, other);
      tried += 1;
    }
    assert.ok(tried > 500);
    for (const other of ['', 'v1.', 'v1', 'v2.' + sealed.slice(3), sealed.slice(3)]) {
      assert.equal(vault.open(RECORD, other), null, other);
    }
  });

  it('is no successor, and a successor is no secret of a record', () => {
    const under = { ...UNDER, family: RECORD };
    assert.equal(vault.open(RECORD, vault.sealSuccessor(under, SECRET)), null);
    assert.equal(vault.openSuccessor(under, vault.seal(RECORD, SECRET)), null);
  });
});

describe('a successor in the vault (RP-20)', () => {
  const sealed = vault.sealSuccessor(UNDER, SUCCESSOR);

  it('opens with the token before it and the window key together', () => {
    assert.equal(vault.openSuccessor(UNDER, sealed), SUCCESSOR);
    assert.equal(createVault(MASTER, 'live').openSuccessor(UNDER, sealed), SUCCESSOR);
  });

  it('opens with neither of them alone, whatever the server knows besides', () => {
    const { presented, window_secret } = UNDER;
    const without: readonly SuccessorKey[] = [
      { ...UNDER, presented: '' },
      { ...UNDER, window_secret: '' },
      { ...UNDER, presented: `${presented}x` },
      { ...UNDER, presented: presented.slice(0, -1) },
      { ...UNDER, presented: SUCCESSOR },
      { ...UNDER, window_secret: 'v'.repeat(43) },
      { ...UNDER, presented: window_secret, window_secret: presented.slice(0, 43) },
    ];
    for (const under of without) assert.equal(vault.openSuccessor(under, sealed), null);
  });

  it('opens for its generation alone, and each generation is another text', () => {
    const generations = [0, 1, 3, 4, 258, 2 ** 32 + 2, 2 ** 48 - 1];
    for (const generation of generations) {
      assert.equal(vault.openSuccessor({ ...UNDER, generation }, sealed), null);
    }
    const texts = generations.map(
      (generation) => vault.sealSuccessor({ ...UNDER, generation }, SUCCESSOR),
    );
    assert.equal(new Set([sealed, ...texts]).size, generations.length + 1);
  });

  it('opens for its family and its world alone', () => {
    for (const family of ['customer001grantgrant2', 'customer001', '']) {
      assert.equal(vault.openSuccessor({ ...UNDER, family }, sealed), null);
    }
    assert.equal(createVault(MASTER, 'paper').openSuccessor(UNDER, sealed), null);
  });

  it('opens unaltered alone', () => {
    for (const other of alterations(sealed)) {
      assert.equal(vault.openSuccessor(UNDER, other), null, other);
    }
  });

  it('shows nothing of what it holds or hangs on', () => {
    assert.match(sealed, /^[A-Za-z0-9_-]+$/);
    const bytes = Buffer.from(sealed, 'base64url');
    for (const part of ['ssssssss', 'pppppppp', 'wwwwwwww', 'cs_live']) {
      assert.ok(!bytes.includes(part) && !sealed.includes(part));
    }
  });

  it('hangs on no master key', () => {
    assert.equal(createVault(aMasterKey(), 'live').openSuccessor(UNDER, sealed), SUCCESSOR);
  });
});
