/** What is no access token of ours is refused, whatever it looks like, and never throws. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompactSign, SignJWT, exportJWK } from 'jose';
import type { SigningKey } from '../../src/core/kinds/key.ts';
import {
  claimsAt, encode, forger, partsOf, signedNow, signingWorld, verifyWithJose,
} from './signing-world.ts';
import { START, alterations } from './world-keys.ts';

const world = await signingWorld();
const { signer, counts, master_key } = world;
const [own, own_id] = world.signing as [SigningKey, SigningKey];
const own_kid = own.public_jwk['kid']!;
const CLAIMS = claimsAt(START);
const TOKEN = signedNow(world, CLAIMS);
const [HEADER, PAYLOAD, SIGNATURE] = partsOf(TOKEN);
const { header, forge, private_key } = forger(master_key, own);
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });

type Hostile = readonly (readonly [name: string, text: string])[];

function refuses(row: string, texts: () => Hostile | Promise<Hostile>, verifications_max = 0) {
  it(row, async () => {
    const all = await texts();
    assert.ok(all.length > 0);
    for (const [name, text] of all) {
      const before = counts.verified;
      assert.equal(signer.open(text), 'malformed', name);
      assert.ok(counts.verified - before <= verifications_max, `${name}: looked for a key`);
    }
    assert.equal(typeof signer.open(TOKEN), 'object', 'a good one still opens');
    assert.deepEqual(Object.keys(Object.prototype), []);
  });
}

/** Signed by the attacker's key, by jose, under any header. */
async function byAttacker(over: object): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(CLAIMS));
  return new CompactSign(text)
    .setProtectedHeader({ ...header, ...over } as never)
    .sign(attacker.privateKey, { crit: { 'urn:demo': true } } as never);
}

describe('hostile access tokens', () => {
  it('the forger’s tools make good tokens: what follows is refused for its own fault', () => {
    assert.deepEqual(signer.open(forge(header, CLAIMS)), CLAIMS);
    assert.equal(`${HEADER}.${PAYLOAD}`, forge(header, CLAIMS).split('.').slice(0, 2).join('.'));
  });

  refuses('JW-01 alg none in every spelling, with, without and with our own signature', () => {
    const { alg: _alg, ...rest } = header;
    const algs = ['none', 'None', 'nOnE', 'NONE', '', ' ES256', 'es256', 'ES384', 'EdDSA', 'RS256',
      'HS256', ['ES256'], ['none'], null, 0, true, { alg: 'ES256' }];
    const heads = algs.flatMap((alg) => [{ ...rest, alg }, { alg, ...rest }]);
    return [rest, ...heads]
      .filter((head) => JSON.stringify(head) !== JSON.stringify(header))
      .flatMap((head) => [
        [`unsigned ${JSON.stringify(head)}`, `${encode(head)}.${PAYLOAD}.`],
        [`our signature ${JSON.stringify(head)}`, `${encode(head)}.${PAYLOAD}.${SIGNATURE}`],
        [`signed ${JSON.stringify(head)}`, forge(head, CLAIMS)],
      ] as const);
  });

  refuses('JW-01 HMAC under a public key of ours as PEM, DER and JWK', () =>
    [own, own_id].flatMap(({ public_jwk }) => {
      const key = createPublicKey({ key: public_jwk, format: 'jwk' });
      const secrets = [
        key.export({ type: 'spki', format: 'pem' }), key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(public_jwk),
      ];
      return [256, 384, 512].flatMap((bits) => secrets.map((secret) => {
        const input = `${encode({ ...header, alg: `HS${bits}` })}.${PAYLOAD}`;
        const mac = createHmac(`sha${bits}`, secret).update(input).digest('base64url');
        return [`HS${bits}`, `${input}.${mac}`] as const;
      }));
    }));

  refuses('JW-01, JW-14 signatures of nothing, of other lengths and in DER', () => {
    const der = sign('sha256', Buffer.from(`${HEADER}.${PAYLOAD}`), attacker.privateKey);
    const raw = Buffer.from(SIGNATURE, 'base64url');
    const own_der = derOf(raw);
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
    return [
      Buffer.alloc(64), Buffer.alloc(64, 255), Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(65),
      Buffer.alloc(132), der, own_der, raw.subarray(0, 63), Buffer.concat([raw, Buffer.alloc(1)]),
      Buffer.from(order + order, 'hex'), Buffer.concat([raw.subarray(0, 32), Buffer.alloc(32)]),
      Buffer.concat([Buffer.alloc(32), raw.subarray(32)]),
      Buffer.concat([raw.subarray(32), raw.subarray(0, 32)]),
    ].map((bytes, at) => [
      `signature ${at}`, `${HEADER}.${PAYLOAD}.${bytes.toString('base64url')}`,
    ] as const);
  }, 1);

  refuses('JW-02 keys named or carried by the header, signed by the attacker', async () => {
    const jwk = await exportJWK(attacker.publicKey);
    const heads = [
      { jwk }, { jwk, kid: undefined }, { jku: 'https://evil.example/keys' },
      { x5u: 'https://evil.example/cert' }, { x5c: ['MIIB'] }, { kid: 'theirs', jwk },
    ];
    return Promise.all(heads.map(async (head) =>
      [JSON.stringify(head), await byAttacker(head)] as const));
  });

  refuses('JW-02 the same headers over our own signature', async () => {
    const jwk = await exportJWK(attacker.publicKey);
    return [
      { jwk }, { jku: 'https://evil.example/keys' }, { x5u: 'x' }, { x5c: [] }, { cty: 'JWT' },
      { extra: 1 }, { '__proto__x': 1 },
    ].map((more) => [JSON.stringify(more), forge({ ...header, ...more }, CLAIMS)] as const);
  });

  refuses('JW-03 hostile key ids', async () => {
    const kids = [
      '../../x', '\' OR 1=1 --', 'https://evil.example/k', '__proto__', 'constructor', 'toString',
      'hasOwnProperty', '', `${own_kid} `, own_kid.slice(1), own_kid.toLowerCase(),
      'k'.repeat(8192), 'k'.repeat(1_000_000), [own_kid], { kid: own_kid }, null, 1,
    ];
    const forged = kids.map((kid) => [
      `${JSON.stringify(kid).slice(0, 40)}, our key`, forge({ ...header, kid }, CLAIMS),
    ] as const);
    const theirs = await Promise.all(kids.map(async (kid) => [
      `${JSON.stringify(kid).slice(0, 40)}, their key`, await byAttacker({ kid }),
    ] as const));
    return [...forged, ...theirs];
  }, 1);

  refuses('JW-03 ids of other keys: another issuer’s, and our own for ID tokens', async () => {
    const stranger = await signingWorld();
    const id_forger = forger(master_key, own_id);
    return [
      ['of another issuer', signedNow(stranger, CLAIMS)],
      ['of our ID tokens, our key', forge({ ...header, kid: own_id.public_jwk['kid'] }, CLAIMS)],
      ['ID token', signedNow(world, CLAIMS, 'id-token')],
      ['ID key, typ of access tokens', id_forger.forge(
        { ...id_forger.header, typ: 'at+jwt' }, CLAIMS,
      )],
      ['the attacker’s key under our id', await byAttacker({})],
    ];
  }, 1);

  refuses('JW-04 critical extensions, detached payloads, nesting, JSON forms', async () => {
    const signature = SIGNATURE;
    return [
      ['crit', forge({ ...header, crit: ['urn:demo'], 'urn:demo': 1 }, CLAIMS)],
      ['crit by jose', await byAttacker({ crit: ['urn:demo'], 'urn:demo': 1 })],
      ['b64 false', forge({ ...header, crit: ['b64'], b64: false }, CLAIMS)],
      ['detached', `${HEADER}..${SIGNATURE}`],
      ['nested', forge(header, TOKEN)],
      ['nested, declared', forge({ ...header, cty: 'JWT' }, TOKEN)],
      ['general JSON', JSON.stringify({
        payload: PAYLOAD, signatures: [{ protected: HEADER, signature }],
      })],
      ['flattened JSON', JSON.stringify({ payload: PAYLOAD, protected: HEADER, signature })],
      ['two signatures', `${TOKEN}.${SIGNATURE}`],
      ['two tokens', `${TOKEN} ${TOKEN}`],
    ];
  }, 1);

  refuses('JW-05 encrypted tokens and bombs', () => {
    const heads = [
      { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 1_000_000_000, p2s: 'AAAA' },
      { alg: 'dir', enc: 'A128GCM', zip: 'DEF' }, { alg: 'RSA1_5', enc: 'A128CBC-HS256' },
    ];
    return heads.flatMap((head) => [
      [`${head.alg}, five parts`, `${encode(head)}.AAAA.AAAA.AAAA.AAAA`],
      [`${head.alg}, three parts`, forge({ ...head, kid: own_kid, typ: 'at+jwt' }, CLAIMS)],
    ] as const);
  });

  refuses('JW-06 sizes, parts and alphabets', () => [
    ['nothing', ''], ['a dot', '.'], ['two dots', '..'], ['1 MB of dots', '.'.repeat(1_000_000)],
    ['10 000 parts', 'a.'.repeat(10_000)], ['8192 dots', '.'.repeat(8192)],
    ['one part', HEADER], ['two parts', `${HEADER}.${PAYLOAD}`],
    ['a long header', `${'A'.repeat(8000)}.${PAYLOAD.slice(0, 9)}.${SIGNATURE}`],
    ['8193 characters', forge(header, { ...CLAIMS, name: 'x'.repeat(6000) }).padEnd(8193, 'A')],
    ['our own, but too long', forge(header, { ...CLAIMS, name: 'x'.repeat(8192) })],
    ...[' ', '\t', '\r\n', '\0', '=', '==', '+', '/', '%', '\u0141'].flatMap((more) =>
      [0, 1, 2].flatMap((at) => [
        [`${JSON.stringify(more)} before part ${at}`, altered(at, (part) => more + part)],
        [`${JSON.stringify(more)} in part ${at}`, altered(at, (part) =>
          part.slice(0, 9) + more + part.slice(9))],
        [`${JSON.stringify(more)} behind part ${at}`, altered(at, (part) => part + more)],
      ] as const)),
    ['stray bits in the signature', altered(2, (part) => part.slice(0, -1) + nextOf(part))],
    ['upper case', TOKEN.toUpperCase()],
  ], 1);

  refuses('JW-06 characters whose low byte is one of ours, anywhere', () =>
    Array.from(TOKEN, (character, at) => [
      `at ${at}`,
      TOKEN.slice(0, at) + String.fromCharCode(character.charCodeAt(0) + 256) + TOKEN.slice(at + 1),
    ] as const), 1);

  refuses('JW-07 claims in no form of ours, though our key has signed them', () => {
    const text = JSON.stringify(CLAIMS);
    const more = (member: string): string => `${text.slice(0, -1)},${member}}`;
    return [
      ['a name twice', more('"sub":"1"')], ['exp twice', more('"exp":9999999999')],
      ['__proto__', more('"__proto__":{"admin":true}')], ['blanks', ` ${text}`],
      ['a line end', `${text}\n`], ['1e400', text.replace(/"exp":\d+/, '"exp":1e400')],
      ['exponent', text.replace(/"exp":(\d+)/, '"exp":1e9')],
      ['a fraction', text.replace(/"exp":\d+/, '"exp":1.5')],
      ['a text', text.replace(/"exp":(\d+)/, '"exp":"$1"')],
      ['an array', text.replace(/"iss":"[^"]*"/, '"iss":["https://live.example"]')],
      ['many audiences', text.replace(/"aud":("[^"]*")/, '"aud":[$1]')],
      ['no exp', text.replace(/"exp":\d+,/, '')], ['no iat', text.replace(/"iat":\d+,/, '')],
      ['null', 'null'], ['a list', `[${text}]`], ['a number', '1'], ['no JSON', '{'],
      ['escaped', text.replace('"sub"', '"\\u0073ub"')],
    ].map(([name = '', payload = '']) => [name, forge(header, payload)] as const);
  }, 1);

  refuses('JW-10, MX-06 another type', () => {
    const { typ: _typ, ...rest } = header;
    const types = ['JWT', 'jwt', 'dpop+jwt', 'logout+jwt', 'AT+JWT', 'application/at+jwt', '',
      'at+jwt ', null, ['at+jwt']];
    return [
      ['none', forge(rest, CLAIMS)],
      ...types.map((typ) => [String(typ), forge({ ...rest, typ }, CLAIMS)] as const),
      ['made by jose', forge({ alg: 'ES256', typ: 'at+jwt', kid: own_kid }, CLAIMS)],
    ];
  });

  refuses('any single altered character, cut or addition', () =>
    [...alterations(TOKEN)].map((text) => [text, text] as const), 1);
});

describe('twins and other worlds', () => {
  it('JW-14 the twin of a signature gains nothing: it says the same, number and all', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const raw = Buffer.from(SIGNATURE, 'base64url');
    const s = (order - BigInt(`0x${raw.toString('hex', 32)}`)).toString(16).padStart(64, '0');
    const twin = `${HEADER}.${PAYLOAD}.${
      Buffer.concat([raw.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`;
    assert.notEqual(twin, TOKEN);
    assert.deepEqual(await verifyWithJose(twin, signer.publicKeys(), START), CLAIMS);
    assert.deepEqual(signer.open(twin), signer.open(TOKEN));
  });

  it('BR-01 the word of the other world is heard only under a key we do not know', async () => {
    const paper = await signingWorld('paper');
    const theirs = signedNow(paper, claimsAt(START, { env: 'demo' }));
    assert.equal(signer.open(theirs, 'demo'), 'other_world');
    assert.equal(signer.open(theirs), 'malformed');
    assert.equal(signer.open(forge({ ...header, typ: 'JWT' }, { env: 'demo' }), 'demo'),
      'malformed');
    const claimed = forge(header, { ...CLAIMS, env: 'demo' });
    assert.equal(typeof signer.open(claimed, 'demo'), 'object', 'ours is ours, the core judges');
    const [head] = partsOf(theirs);
    for (const payload of ['{', '[]', 'null', '"demo"', '{"env":["demo"]}', '['.repeat(5000)]) {
      assert.equal(signer.open(`${head}.${encode(payload)}.${SIGNATURE}`, 'demo'), 'malformed');
    }
  });

  it('P-08 what opens, jose verifies too', async () => {
    const valid = [TOKEN, signedNow(world, claimsAt(START, { jti: 'b.1' }))];
    const piece = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('.', '=', 'A', ''));
    const mutated = fc.tuple(
      fc.constantFrom(...valid), fc.nat({ max: TOKEN.length }), fc.nat({ max: 3 }), piece,
    ).map(([text, at, cut, more]) => text.slice(0, at) + more + text.slice(at + cut));
    let opened = 0;
    await fc.assert(fc.asyncProperty(mutated, async (text) => {
      if (typeof signer.open(text) === 'string') return;
      opened += 1;
      await verifyWithJose(text, signer.publicKeys(), START);
    }), { numRuns: 3000 });
    assert.ok(opened > 0 && opened < 3000);
  });

  it('what jose signs with our key in our form opens; in any other form it does not', async () => {
    const jwt = (head: object) =>
      new SignJWT({ ...CLAIMS }).setProtectedHeader(head as never).sign(private_key);
    assert.deepEqual(signer.open(await jwt(header)), CLAIMS);
    const { alg, kid, typ } = header;
    assert.equal(signer.open(await jwt({ typ, alg, kid })), 'malformed');
  });
});

function altered(part: number, change: (part: string) => string): string {
  return [HEADER, PAYLOAD, SIGNATURE].map((one, at) => (at === part ? change(one) : one)).join('.');
}

/** The last character with its stray bits set. */
function nextOf(part: string): string {
  return String.fromCharCode(part.charCodeAt(part.length - 1) + 1);
}

/** r ‖ s as a DER SEQUENCE of two INTEGERs. */
function derOf(raw: Buffer): Buffer {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((half) => {
    const body = (half[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), half]) : half;
    return Buffer.concat([Buffer.from([2, body.length]), body]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
