/**
 * Signing keys in a PKCS #11 module, against SoftHSM. The package that calls it is no dependency:
 * name its file in PKCS11JS, or install `pkcs11js` beside the project.
 */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { KeyModule } from '../../src/adapters/signing/key-module.ts';
import { CKA, type Pkcs11, loadPkcs11 } from '../../src/adapters/signing/pkcs11-binding.ts';
import { openPkcs11Module } from '../../src/adapters/signing/pkcs11-module.ts';
import { openSessions } from '../../src/adapters/signing/pkcs11-sessions.ts';
import { createSigner } from '../../src/adapters/signing/signer.ts';
import { BootError } from '../../src/core/boot-error.ts';
import { type SigningKey, SIGNING_PURPOSES } from '../../src/core/kinds/key.ts';
import type { Signer } from '../../src/ports/signer.ts';
import { StoreFault } from '../../src/ports/store.ts';
import { claimsAt, signingWorld, verifyWithJose } from './signing-world.ts';
import { START } from './world-keys.ts';

const PIN = '2468';
const TOKEN = 'countersign-demo';
const package_name = process.env['PKCS11JS'] ?? 'pkcs11js';
const [library] = globSync('/usr/lib/{*/,}softhsm/libsofthsm2.so');

const skip = await whyMissing();

async function whyMissing(): Promise<string | false> {
  const what = 'signing keys in a PKCS #11 module NOT RUN';
  if (library === undefined) return `${what}: no SoftHSM here; \`apt-get install softhsm2\``;
  try {
    await loadPkcs11(package_name);
    return false;
  } catch {
    return `${what}: no pkcs11js here; install it and name its index.js in PKCS11JS`;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'countersign-hsm-'));
after(() => rmSync(folder, { recursive: true }));

/** A fresh SoftHSM of this test's own, told by its one variable. */
function initToken(): void {
  const tokens = join(folder, 'tokens');
  mkdirSync(tokens);
  writeFileSync(join(folder, 'softhsm2.conf'), `directories.tokendir = ${tokens}\n`);
  process.env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
  execFileSync('softhsm2-util', [
    '--init-token', '--free', '--label', TOKEN, '--pin', PIN, '--so-pin', '13579',
  ], { stdio: 'ignore' });
}

const settings = { library: library ?? '', token: TOKEN, pin: PIN, package_name };

describe('signing keys in a module', { skip }, async () => {
  if (skip !== false) return;
  initToken();
  const world = await signingWorld();
  const { keyring, secrets, clock, master_key } = world;
  // Before the right one: once a process has signed in, the token asks for no PIN again.
  const wrong_pin = await openPkcs11Module({ ...settings, pin: '1111' }).catch(
    (error: unknown) => error,
  );
  const module: KeyModule = await openPkcs11Module(settings);
  after(() => module.close());
  const signer = createSigner({ keys: keyring, world: 'live', module });
  const times = { created_at: START, active_from: START };
  const made = await Promise.all(
    SIGNING_PURPOSES.map((purpose) => signer.createKey(purpose, 1, times)),
  );
  keyring.load([...secrets, ...made]);

  it('sign what anybody verifies, in both algorithms, and open what they signed', async () => {
    for (const purpose of SIGNING_PURPOSES) {
      const signing = signer.sign(purpose, claimsAt(START));
      assert.ok(signing instanceof Promise);
      const text = await signing;
      assert.deepEqual(
        await verifyWithJose(text, signer.publicKeys(), START), claimsAt(START), purpose,
      );
      if (purpose === 'access-token') assert.deepEqual(signer.open(text), claimsAt(START));
    }
  });

  it('KM-06 the record holds no private half, and the module gives none out', async () => {
    const pkcs11 = await loadPkcs11(package_name);
    pkcs11.load(settings.library);
    const slot = pkcs11.C_GetSlotList(true).find(
      (one) => pkcs11.C_GetTokenInfo(one).label.trim() === TOKEN)!;
    const session = pkcs11.C_OpenSession(slot, 4);
    pkcs11.C_FindObjectsInit(session, [{ type: CKA.CLASS, value: 3 }]);
    const found = pkcs11.C_FindObjects(session, 10);
    pkcs11.C_FindObjectsFinal(session);
    assert.equal(found.length, 2);
    const flag = (key: Buffer, type: number): unknown =>
      (pkcs11.C_GetAttributeValue(session, key, [{ type }])[0]!.value as Buffer)[0];
    for (const key of found) {
      assert.equal(flag(key, CKA.SENSITIVE), 1);
      assert.equal(flag(key, CKA.EXTRACTABLE), 0);
      for (const secret of [0x11, 0x123]) {
        assert.throws(() => pkcs11.C_GetAttributeValue(session, key, [{ type: secret }]));
      }
    }
    pkcs11.C_CloseSession(session);
    for (const key of made) {
      assert.equal(key.kept_in, 'module');
      assert.ok(Buffer.from(key.sealed.slice(3), 'base64url').length < 100, 'an id and a digest');
    }
  });

  it('many signatures at once: each is right', async () => {
    const texts = await Promise.all(Array.from({ length: 100 }, async (_, n) =>
      signer.sign('access-token', claimsAt(START, { jti: `a.${n}` }))));
    assert.equal(new Set(texts).size, 100);
    for (const text of texts) await verifyWithJose(text, signer.publicKeys(), START);
  });

  it('a local key hands over to one in the module by its times, and back', async () => {
    const mixed = await signingWorld('live', master_key);
    const own = createSigner({ keys: mixed.keyring, world: 'live', module });
    const later = await own.createKey('access-token', 2, {
      created_at: START, active_from: START + 10,
    });
    mixed.keyring.load([...mixed.records, later]);
    const local = own.sign('access-token', claimsAt(START));
    assert.equal(typeof local, 'string');
    mixed.clock.ms += 10;
    const kept = own.sign('access-token', claimsAt(START));
    assert.ok(kept instanceof Promise);
    for (const text of [await local, await kept]) {
      assert.deepEqual(own.open(text), claimsAt(START));
    }
  });

  it('without the module its keys are published and checked, and sign nothing', async () => {
    const text = await signer.sign('access-token', claimsAt(START));
    const alone = createSigner({ keys: keyring, world: 'live', module: null });
    assert.deepEqual(alone.open(text), claimsAt(START));
    assert.deepEqual(alone.publicKeys(), signer.publicKeys());
    assert.throws(() => alone.sign('access-token', claimsAt(START)), /kept in a module/);
    assert.throws(() => alone.sign('access-token', claimsAt(START)), StoreFault);
  });

  it('DR-05 a public half that is not the module’s is damage', async () => {
    const stranger = (await signingWorld()).signing[0]!;
    const [own] = made as [SigningKey];
    for (const bad of [
      { ...own, public_jwk: stranger.public_jwk }, { ...own, kept_in: 'record' as const },
      { ...own, sealed: stranger.sealed },
    ]) {
      keyring.load([...secrets, bad]);
      assert.deepEqual(signer.publicKeys(), []);
    }
    keyring.load([...secrets, ...made]);
    assert.equal(signer.publicKeys().length, 2);
  });

  it('a key the module has lost is a fault; what else it holds goes on', async () => {
    const lost = await module.sign(Buffer.alloc(16), 'ES256', Buffer.from('x')).then(
      () => null, (error: unknown) => error,
    );
    assert.ok(lost instanceof StoreFault);
    // More failures than sessions: each is opened anew.
    for (let i = 0; i < 10; i++) {
      await assert.rejects(module.sign(Buffer.alloc(16), 'RS256', Buffer.from('x')), StoreFault);
    }
    const text = await signer.sign('access-token', claimsAt(clock.ms));
    await verifyWithJose(text, signer.publicKeys(), clock.ms);
  });

  it('a wrong PIN, token or library is a refusal to start', async () => {
    assert.ok(wrong_pin instanceof BootError);
    assert.doesNotMatch(wrong_pin.message, /1111/);
    for (const wrong of [
      { token: 'no-such-token' }, { library: join(folder, 'none.so') },
    ]) {
      await assert.rejects(openPkcs11Module({ ...settings, ...wrong }), { name: 'BootError' });
    }
  });
});

describe('a module without its package', () => {
  it('is a refusal to start that says what to install', async () => {
    await assert.rejects(
      openPkcs11Module({ ...settings, package_name: 'no-such-pkcs11-package' }),
      { name: 'BootError', message: /npm install no-such-pkcs11-package/ },
    );
  });
});

describe('sessions with a module', () => {
  /** A module of which only the sessions are real: what was opened, closed and asked for. */
  function sessionsOf() {
    const said: string[] = [];
    let opened = 0;
    const pkcs11 = {
      load: () => undefined,
      C_Initialize: () => undefined,
      C_GetSlotList: () => [Buffer.from('slot')],
      C_GetTokenInfo: () => ({ label: 'demo   ' }),
      C_OpenSession: () => Buffer.from(`s${++opened}`),
      C_Login: () => said.push(`login s${opened}`),
      C_CloseSession: (session: Buffer) => said.push(`close ${session.toString()}`),
    } as unknown as Pkcs11;
    const sessions = openSessions(pkcs11, { library: '', token: 'demo', pin: PIN });
    return { sessions, said };
  }

  it('one call a session at a time, four sessions, each opened when it is needed', async () => {
    const { sessions, said } = sessionsOf();
    const running = new Map<string, number>();
    let most = 0;
    await Promise.all(Array.from({ length: 50 }, () => sessions.use(9999, async (session) => {
      const name = session.toString();
      running.set(name, (running.get(name) ?? 0) + 1);
      assert.equal(running.get(name), 1, 'alone in its session');
      most = Math.max(most, [...running.values()].filter((count) => count > 0).length);
      await new Promise(setImmediate);
      running.set(name, 0);
    })));
    assert.equal(most, 4);
    assert.deepEqual(said, ['login s1', 'login s2', 'login s3', 'login s4']);
  });

  it('a session in which a call failed is closed and replaced', async () => {
    const { sessions, said } = sessionsOf();
    const failing = sessions.use(9999, () => {
      throw new Error('demo');
    });
    await assert.rejects(failing, StoreFault);
    assert.equal(said.filter((text) => text.startsWith('close')).length, 1);
    for (let i = 0; i < 8; i++) await sessions.use(9999, () => 1);
    sessions.close();
    const count = (word: string): number => said.filter((text) => text.startsWith(word)).length;
    assert.equal(count('close'), count('login'), 'what was opened is closed at the end');
  });

  it('a call that does not end is a fault in time; those behind it wait no longer either',
    async () => {
      const { sessions } = sessionsOf();
      const stuck = (): Promise<never> => new Promise(() => undefined);
      const calls = Array.from({ length: 4 + 256 }, () => sessions.use(30, stuck));
      await assert.rejects(sessions.use(9999, () => 1), /overloaded/);
      for (const call of calls) await assert.rejects(call, /does not answer/);
    });
});

describe('a signer over any module', async () => {
  const world = await signingWorld();

  it('passes the module’s fault on, and signs again when it answers', async () => {
    let fails = true;
    const [own] = world.signing as [SigningKey];
    const public_key = createPublicKey({ key: own.public_jwk, format: 'jwk' });
    const module: KeyModule = {
      createPair: () => Promise.resolve({ module_id: Buffer.alloc(16, 7), public_key }),
      sign: (id) => fails
        ? Promise.reject(new StoreFault('the key module does not answer', false))
        : Promise.resolve(Buffer.alloc(64, id[0])),
      close: () => undefined,
    };
    const signer: Signer = createSigner({ keys: world.keyring, world: 'live', module });
    const times = { created_at: START, active_from: START + 1 };
    world.keyring.load([...world.records, await signer.createKey('access-token', 2, times)]);
    world.clock.ms += 1;
    await assert.rejects(async () => signer.sign('access-token', claimsAt(START)), StoreFault);
    fails = false;
    assert.match(await signer.sign('access-token', claimsAt(START)), /\.(BwcHBw)/);
  });
});
