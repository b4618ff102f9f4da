/** Signed tokens: what anybody verifies, what only their world opens, what is never published. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { calculateJwkThumbprint } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { keyEnvelope } from '../../src/adapters/keys/key-envelope.ts';
import { type Key, type SigningKey, isSigningKey } from '../../src/core/kinds/key.ts';
import { StoreFault } from '../../src/ports/store.ts';
import {
  ISSUER, claimsAt, decode, partsOf, signedNow, signingWorld, verifyWithJose,
} from './signing-world.ts';
import { START, alterations } from './world-keys.ts';

/** It has the same records, and no memory. */
async function anotherProcess(of: Awaited<ReturnType<typeof signingWorld>>) {
  const process = await signingWorld('live', of.master_key);
  process.keyring.load(of.records);
  return process;
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'];

describe('signed tokens', async () => {
  const world = await signingWorld();
  const { signer } = world;
  const CLAIMS = claimsAt(START);

  it('RFC 9068 an access token is ES256 and at+jwt, an ID token RS256 and JWT', async () => {
    for (const [purpose, alg, typ] of [
      ['access-token', 'ES256', 'at+jwt'], ['id-token', 'RS256', 'JWT'],
    ] as const) {
      const text = signedNow(world, CLAIMS, purpose);
      const [header, payload] = partsOf(text);
      const key = signer.publicKeys().find((one) => one['alg'] === alg);
      assert.equal(decode(header), JSON.stringify({ alg, kid: key?.['kid'], typ }));
      assert.equal(decode(payload), JSON.stringify(CLAIMS));
      assert.deepEqual(await verifyWithJose(text, signer.publicKeys(), START), CLAIMS);
    }
  });

  it('what is signed beside the thread is the same kind of token', async () => {
    const beside = await signingWorld('live', world.master_key, { beside: true });
    beside.keyring.load(world.records);
    for (const purpose of ['access-token', 'id-token'] as const) {
      const signing = beside.signer.sign(purpose, CLAIMS);
      assert.ok(signing instanceof Promise);
      const text = await signing;
      assert.deepEqual(await verifyWithJose(text, signer.publicKeys(), START), CLAIMS);
      if (purpose === 'access-token') assert.deepEqual(beside.signer.open(text), CLAIMS);
    }
    assert.equal(beside.counts.verified, 0, 'an own token is not verified again');
  });

  it('a client that follows RFC 9068 accepts an access token by the published keys', async () => {
    const now = Date.now();
    const text = signedNow(world, claimsAt(now));
    const request = new Request('https://api.example/', {
      headers: { authorization: `Bearer ${text}` },
    });
    const as = { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` };
    const fetched = { [oauth.customFetch]: () => Promise.resolve(keySet()) };
    const said = await oauth.validateJwtAccessToken(as, request, ISSUER, fetched);
    assert.deepEqual(said, claimsAt(now));
  });

  it('openid-client accepts an ID token by the published keys, and not one by others', async () => {
    const now = Date.now();
    const claims = claimsAt(now, { aud: '10001', nonce: 'demo-nonce' });
    const stranger = await signingWorld();
    for (const [by, accepted] of [[world, true], [stranger, false]] as const) {
      const id_token = signedNow(by, claims, 'id-token');
      const grant = () => openid.authorizationCodeGrant(
        relyingParty(id_token), new URL('https://app.example/cb?code=demo-code'),
        { expectedNonce: 'demo-nonce', idTokenExpected: true },
      );
      if (accepted) assert.equal((await grant()).claims()?.sub, '1840217');
      else await assert.rejects(grant);
    }
  });

  function keySet(): Response {
    return Response.json({ keys: signer.publicKeys() });
  }

  function relyingParty(id_token: string): openid.Configuration {
    const config = new openid.Configuration({
      issuer: ISSUER, token_endpoint: `${ISSUER}/token`, jwks_uri: `${ISSUER}/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    }, '10001', undefined, openid.None());
    openid.enableNonRepudiationChecks(config);
    config[openid.customFetch] = (url) => Promise.resolve(
      url.endsWith('/keys')
        ? keySet()
        : Response.json({ access_token: 'demo', token_type: 'Bearer', id_token }),
    );
    return config;
  }

  it('an access token opens to its claims, whatever they are; an ID token does not', async () => {
    const node = await anotherProcess(world);
    const other = fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'), fc.jsonValue(),
    );
    fc.assert(fc.property(other, (more) => {
      const claims = { ...more, ...CLAIMS };
      const text = signedNow(world, claims);
      const said: unknown = JSON.parse(JSON.stringify(claims));
      assert.deepEqual(signer.open(text), said);
      assert.deepEqual(node.signer.open(text), said, 'verified, not remembered');
    }), { numRuns: 500 });
    assert.equal(node.counts.verified, 500);
    assert.equal(signer.open(signedNow(world, CLAIMS, 'id-token')), 'malformed');
  });

  it('opened claims cannot be changed: what is remembered stays what was signed', () => {
    const said = signer.open(signedNow(world, CLAIMS));
    assert.ok(typeof said === 'object');
    assert.throws(() => Object.assign(said, { sub: '1' }), TypeError);
  });

  it('what lacks a claim of every token, or is too long for a client, is not signed', () => {
    const { exp: _exp, ...endless } = CLAIMS;
    const altered = JSON.parse(`{"__proto__":{},${JSON.stringify(CLAIMS).slice(1)}`) as object;
    const odd = [{ ...CLAIMS, exp: 1.5 }, { ...CLAIMS, aud: [ISSUER] }, { ...CLAIMS, iat: '1' }];
    for (const claims of [endless, altered, ...odd]) {
      assert.throws(() => signer.sign('access-token', claims as never), TypeError);
    }
    const long = { ...CLAIMS, name: 'x'.repeat(8192) };
    assert.throws(() => signer.sign('id-token', long), RangeError);
  });
});

describe('published keys', async () => {
  const world = await signingWorld();
  const { signer, records, keyring, signing } = world;

  it('KM-06, JW-11 are public members only, with the thumbprint as id, in one order', async () => {
    const keys = signer.publicKeys();
    assert.deepEqual(keys.map(Object.keys), [
      ['kty', 'use', 'alg', 'kid', 'crv', 'x', 'y'], ['kty', 'use', 'alg', 'kid', 'n', 'e'],
    ]);
    for (const key of keys) {
      assert.equal(key['kid'], await calculateJwkThumbprint(key as never));
      for (const member of PRIVATE_MEMBERS) assert.ok(!Object.hasOwn(key, member), member);
    }
    assert.equal(Buffer.from(keys[1]!['n']!, 'base64url').length, 256);
    keyring.load([...records].reverse());
    assert.deepEqual(signer.publicKeys(), keys);
  });

  it('KM-06, DR-05 a record shows its private half to nobody without the master key', () => {
    for (const key of signing) {
      const content = keyEnvelope(world.master_key, 'live').open(key.purpose, 1, key.sealed);
      assert.ok(content && content.length > 100);
      const shown = JSON.stringify(key);
      for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const) {
        const end = content.toString(form).slice(-40);
        assert.ok(!shown.includes(end));
      }
    }
  });

  it('DR-05 a damaged, exchanged or foreign pair is neither published nor used', async () => {
    const stranger = (await signingWorld()).signing;
    const [own, own_id] = signing as [SigningKey, SigningKey];
    const theirs = stranger[0]!;
    const token = signedNow(world, claimsAt(START));
    const replaced = (changes: Partial<SigningKey>): Key[] =>
      records.map((one) => (one.purpose === 'access-token' ? { ...own, ...changes } : one));
    const bad: [string, Partial<SigningKey>][] = [
      ['another public half', { public_jwk: theirs.public_jwk }],
      ['a member more', { public_jwk: { ...own.public_jwk, d: 'AAAA' } }],
      ['another kid', { public_jwk: { ...own.public_jwk, kid: theirs.public_jwk['kid']! } }],
      ['another use', { public_jwk: { ...own.public_jwk, use: 'enc' } }],
      ['sealed elsewhere', { sealed: theirs.sealed, public_jwk: theirs.public_jwk }],
      ['another key’s envelope', { sealed: own_id.sealed }],
      ['another algorithm', { algorithm: 'RS256' }],
      ['said to be in a module', { kept_in: 'module' }],
    ];
    for (const [name, changes] of bad) {
      const before = world.alarms.length;
      keyring.load(replaced(changes));
      assert.equal(world.alarms.length, before + 1, name);
      assert.match(world.alarms.at(-1)!, /key_damaged.*access-token\.1/, name);
      assert.deepEqual(signer.publicKeys().map((key) => key['alg']), ['RS256'], name);
      assert.throws(() => signer.sign('access-token', claimsAt(START)), StoreFault, name);
      const kid = changes.public_jwk?.['kid'] ?? own.public_jwk['kid'];
      if (kid === own.public_jwk['kid']) {
        assert.throws(() => signer.open(token), StoreFault, name);
      } else {
        assert.equal(signer.open(token), 'malformed', name);
      }
      keyring.load(records);
      assert.equal(typeof signer.open(token), 'object', name);
    }
  });

  it('DR-05 every bit of an envelope counts', () => {
    const [own] = signing as [SigningKey];
    let tried = 0;
    for (const sealed of alterations(own.sealed.slice(0, 30))) {
      const altered = { ...own, sealed: sealed + own.sealed.slice(30) };
      assert.throws(() => keyring.load([altered]), { name: 'BootError' });
      tried += 1;
    }
    assert.ok(tried > 100);
    keyring.load(records);
  });

  it('BR-01 the other world has other keys, and opens no token of this one', async () => {
    const paper = await signingWorld('paper');
    const kids = (keys: typeof signer) => keys.publicKeys().map((key) => key['kid']);
    assert.equal(new Set([...kids(signer), ...kids(paper.signer)]).size, 4);
    const token = signedNow(world, claimsAt(START));
    assert.equal(paper.signer.open(token), 'malformed');
    assert.equal(paper.signer.open(token, 'live'), 'other_world');
    assert.equal(paper.signer.open(token, 'demo'), 'malformed');
    assert.throws(() => paper.keyring.load(records), { name: 'BootError' });
  });

  it('BR-01 even under one master key a record of one world is damaged in the other', async () => {
    const paper = await signingWorld('paper', world.master_key);
    paper.keyring.load([...paper.secrets, ...signing]);
    assert.deepEqual(paper.signer.publicKeys(), []);
    assert.equal(paper.alarms.length, 2);
  });
});

describe('remembered tokens', () => {
  it('are not verified again: neither what was shown nor what was issued here', async () => {
    const world = await signingWorld();
    const issued = signedNow(world, claimsAt(START));
    assert.equal(typeof world.signer.open(issued), 'object');
    assert.equal(world.counts.verified, 0);
    const node = await anotherProcess(world);
    for (let i = 0; i < 3; i++) assert.equal(typeof node.signer.open(issued), 'object');
    assert.equal(node.counts.verified, 1);
  });

  it('are so many and no more: the oldest is verified again', async () => {
    const world = await signingWorld('live', undefined, { tokens_remembered: 10 });
    const tokens = Array.from({ length: 25 }, (_, n) =>
      signedNow(world, claimsAt(START, { jti: `a.${n}` })));
    // ID tokens take no place.
    for (let i = 0; i < 10; i++) signedNow(world, claimsAt(START), 'id-token');
    for (const token of tokens.slice(-10)) assert.equal(typeof world.signer.open(token), 'object');
    assert.equal(world.counts.verified, 0);
    for (const token of tokens.slice(0, 15)) {
      assert.equal(typeof world.signer.open(token), 'object');
    }
    assert.equal(world.counts.verified, 15);
  });

  it('one that comes back after its key did keeps its one place', async () => {
    const world = await signingWorld('live', undefined, { tokens_remembered: 2 });
    const { signer, keyring, records, counts } = world;
    const [first, second] = [1, 2].map((n) => signedNow(world, claimsAt(START, { jti: `a.${n}` })));
    assert.ok(first !== undefined && second !== undefined);
    // Away and back: the key is opened anew, so what was remembered of it counts no longer.
    keyring.load(records.filter(({ purpose }) => purpose !== 'access-token'));
    keyring.load(records);
    for (const token of [first, second]) assert.equal(typeof signer.open(token), 'object');
    assert.equal(counts.verified, 2);
    for (const token of [first, second]) assert.equal(typeof signer.open(token), 'object');
    assert.equal(counts.verified, 2);
    signedNow(world, claimsAt(START, { jti: 'a.3' }));
    assert.equal(typeof signer.open(second), 'object');
    assert.equal(counts.verified, 2, 'only the oldest made room');
  });

  it('a refused token is not remembered', async () => {
    const world = await signingWorld();
    const stranger = await signingWorld();
    const token = signedNow(stranger, claimsAt(START));
    for (let i = 0; i < 3; i++) assert.equal(world.signer.open(token), 'malformed');
    assert.equal(world.counts.verified, 3);
  });

  it('end with their key: removed, damaged or replaced under the same number', async () => {
    const world = await signingWorld();
    const { signer, keyring, records, clock } = world;
    const token = signedNow(world, claimsAt(START));
    const changed = (change: (key: SigningKey) => Key): Key[] => records.map((one) =>
      isSigningKey(one) && one.purpose === 'access-token' ? change(one) : one);
    keyring.load(changed((key) => ({ ...key, retired_at: START, removed_at: START + 10 })));
    assert.equal(typeof signer.open(token), 'object');
    clock.ms += 10;
    assert.equal(signer.open(token), 'malformed');
    const times = { created_at: START, active_from: START };
    const other = await signer.createKey('access-token', 1, times);
    keyring.load(changed(() => other));
    assert.equal(signer.open(token), 'malformed');
    keyring.load(records.filter(({ purpose }) => purpose !== 'access-token'));
    assert.equal(signer.open(token), 'malformed');
    assert.throws(() => signer.sign('access-token', claimsAt(START)), StoreFault);
  });
});
