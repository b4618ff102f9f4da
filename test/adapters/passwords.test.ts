import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { argon2Passwords } from '../../src/adapters/argon2-passwords.ts';
import { PasswordsBusy } from '../../src/ports/passwords.ts';

const QUICK = { memory_kib: 64, iterations: 1 };

describe('passwords', () => {
  it('DR-04 are Argon2id with the floor’s parameters when nothing else is said', async () => {
    const passwords = argon2Passwords();
    const hash = await passwords.hash('correct horse');
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.equal(await passwords.verify(hash, 'correct horse'), true);
    assert.equal(await passwords.verify(hash, 'correct horsf'), false);
    assert.notEqual(await passwords.hash('correct horse'), hash);
  });

  it('DR-04 are never cut and never trimmed', async () => {
    const passwords = argon2Passwords(QUICK);
    for (const length of [65, 200, 1000]) {
      const hash = await passwords.hash(`${'x'.repeat(length - 1)}a`);
      assert.equal(await passwords.verify(hash, `${'x'.repeat(length - 1)}a`), true);
      assert.equal(await passwords.verify(hash, `${'x'.repeat(length - 1)}b`), false);
    }
    const hash = await passwords.hash(' a\0b ');
    for (const other of ['a\0b', ' a\0b', ' a\0c ', ' a', '']) {
      assert.equal(await passwords.verify(hash, other), false, JSON.stringify(other));
    }
  });

  it('are one in every Unicode spelling (NFC), and no other folding', async () => {
    const passwords = argon2Passwords(QUICK);
    const hash = await passwords.hash('Zo\u0065\u0308');
    assert.equal(await passwords.verify(hash, 'Zo\u00eb'), true);
    assert.equal(await passwords.verify(hash, 'zo\u00eb'), false);
  });

  it('an unknown name costs the same hash as a known one, and never matches', async () => {
    const passwords = argon2Passwords(QUICK);
    const hash = await passwords.hash('pw');
    const before_known = passwords.counts.hashes;
    await passwords.verify(hash, 'wrong');
    const known = passwords.counts.hashes - before_known;
    assert.equal(await passwords.verify(null, 'pw'), false);
    assert.equal(await passwords.verify(null, ''), false);
    assert.equal(passwords.counts.hashes - before_known, known + 2);
  });

  it('an unknown name takes as long as a known one', async () => {
    const passwords = argon2Passwords();
    const hash = await passwords.hash('pw');
    const time = async (of: string | null) => {
      const start = performance.now();
      await passwords.verify(of, 'wrong');
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 9; i++) {
      known.push(await time(hash));
      unknown.push(await time(null));
    }
    const median = (times: number[]) => times.sort((a, b) => a - b)[4] ?? 0;
    const ratio = median(unknown) / median(known);
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`);
  });

  it('hashes of weaker parameters are known as outdated', async () => {
    const weak = await argon2Passwords(QUICK).hash('pw');
    const strong = argon2Passwords({ memory_kib: 128, iterations: 2 });
    assert.equal(strong.outdated(weak), true);
    assert.equal(strong.outdated(await strong.hash('pw')), false);
    assert.equal(argon2Passwords(QUICK).outdated(await strong.hash('pw')), false);
    assert.equal(strong.outdated('plain'), true);
    assert.equal(await strong.verify(weak, 'pw'), true);
  });

  it('a pepper is needed to check what was hashed with it', async () => {
    const peppered = argon2Passwords({ ...QUICK, pepper: Buffer.alloc(32, 7) });
    const hash = await peppered.hash('pw');
    assert.equal(await peppered.verify(hash, 'pw'), true);
    assert.equal(await argon2Passwords(QUICK).verify(hash, 'pw'), false);
  });

  it('a full queue refuses at once, the waiting are served in order', async () => {
    const passwords = argon2Passwords({ ...QUICK, concurrency: 1, queue_max: 2 });
    const ended: number[] = [];
    const jobs = [0, 1, 2].map((n) => passwords.hash('pw').then(() => ended.push(n)));
    await assert.rejects(passwords.hash('pw'), PasswordsBusy);
    await assert.rejects(passwords.verify(null, 'pw'), PasswordsBusy);
    await Promise.all(jobs);
    assert.deepEqual(ended, [0, 1, 2]);
    assert.equal(passwords.counts.hashes, 3);
    await passwords.hash('pw');
  });

  it('a hash that cannot be read is a fault and frees its place', async () => {
    const passwords = argon2Passwords({ ...QUICK, concurrency: 1, queue_max: 0 });
    await assert.rejects(passwords.verify('not a hash', 'pw'));
    assert.equal(await passwords.verify(null, 'pw'), false);
  });
});
