/** Forged and malformed tokens at every place that takes an access token (JW-01…JW-06, JW-14). */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { callRaw } from '../../../outside/call.ts';
import { keysOf } from '../../../outside/jwt.ts';
import { me, oauthToken } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertOAuthError, assertUnauthorized } from '../../tradovate/answers.ts';
import { assertAlive, traderIn } from '../../tradovate/trader.ts';
import {
  ATTACKER, encode, es256, forge, hmac, partsOf, passesEverywhere, refusedEverywhere,
} from './forge.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, paper, control } = server;
const { O1 } = REGISTRATIONS;
const { access_token } = await traderIn(live, USERS.alice).link(O1);
const { header, claims, signature } = partsOf(access_token);
const { keys } = await keysOf(live);

/** Of the curve: r and s of a signature are below it. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const withAlg = (alg: unknown, more: object = {}) => ({ ...header, alg, ...more });

test('JW-01 no algorithm but the key\'s own: none, in any spelling', async () => {
  await passesEverywhere(live, access_token);
  const algorithms = ['none', 'None', 'nOnE', '', undefined, null, 0, ['none'], ['ES256'], 'RS256',
    'es256', 'ES384', 'PS256', 'EdDSA'];
  for (const alg of algorithms) {
    for (const end of ['', signature, 'AA']) {
      const token = forge(withAlg(alg), claims, () => end);
      await refusedEverywhere(live, token, `alg ${JSON.stringify(alg)}, signature "${end}"`);
    }
  }
  await refusedEverywhere(live, `${access_token.split('.').slice(0, 2).join('.')}`, 'two parts');
});

test('JW-01 no published key is a shared secret', async () => {
  for (const jwk of keys) {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const secrets = {
      pem: key.export({ format: 'pem', type: 'spki' }),
      'pem trimmed': key.export({ format: 'pem', type: 'spki' }).toString().trim(),
      der: key.export({ format: 'der', type: 'spki' }),
      jwk: JSON.stringify(jwk),
      'bare jwk': JSON.stringify(key.export({ format: 'jwk' })),
      empty: '',
    };
    for (const [form, secret] of Object.entries(secrets)) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        for (const kid of [jwk.kid, header['kid'], undefined]) {
          const token = forge(withAlg(alg, { kid }), claims, hmac(alg, secret));
          await refusedEverywhere(live, token, `${alg} by the ${form} of ${String(jwk.kty)}`);
        }
      }
    }
  }
});

test('JW-01 a signature of zeros, of another length or of other claims is none', async () => {
  const zeros = Buffer.alloc(64);
  const one = Buffer.alloc(64);
  one[31] = 1;
  one[63] = 1;
  const order = Buffer.from(ORDER.toString(16), 'hex');
  const wrong = {
    zeros, one, order: Buffer.concat([order, order]), short: zeros.subarray(1),
    long: Buffer.alloc(65), 'of RS256': Buffer.alloc(256),
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    await refusedEverywhere(live, forge(header, claims, () => bytes), what);
  }
  const changed = [
    { sub: '1' }, { client_id: '40002' }, { exp: Number(claims['exp']) + 86_400 }, { env: 'demo' },
    { iss: paper.origin },
  ];
  for (const change of changed) {
    const token = forge(header, { ...claims, ...change }, () => signature);
    await refusedEverywhere(live, token, JSON.stringify(change));
  }
  await refusedEverywhere(live, forge(header, claims, es256(ATTACKER.privateKey)), 'his own key');
});

test('JW-01 an assertion is read and ignored, whatever it says', async () => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const unsigned = forge(withAlg('none'), claims, () => '');
  for (const assertion of [access_token, unsigned, 'x'.repeat(8_192)]) {
    assertOAuthError(await oauthToken(live, { grant_type, assertion }), 'grant_type');
    const as_client = { grant_type: 'authorization_code', code: 'x', assertion,
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    assertOAuthError(await oauthToken(live, as_client), 'client');
  }
});

test('JW-02 keys that a header brings or points to are not looked at', async () => {
  let visits = 0;
  const listener = createServer((_, reply) => {
    visits += 1;
    reply.end(JSON.stringify({ keys: [own] }));
  });
  const own = { ...ATTACKER.publicKey.export({ format: 'jwk' }), kid: 'attacker', alg: 'ES256' };
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
  const der = ATTACKER.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const brought = [
    { jku: url }, { x5u: url }, { jwk: own }, { x5c: [der] }, { jku: url, jwk: own },
    { x5t: 'AAAA' },
  ];
  try {
    for (const more of brought) {
      for (const kid of ['attacker', header['kid'], undefined]) {
        const token = forge({ ...header, ...more, kid }, claims, es256(ATTACKER.privateKey));
        await refusedEverywhere(live, token, JSON.stringify(more).slice(0, 60));
      }
      const unsigned = forge({ ...header, ...more }, claims, () => signature);
      await refusedEverywhere(live, unsigned, 'the real signature, another header');
    }
    assert.equal(visits, 0, 'no outbound request is made');
  } finally {
    listener.close();
  }
});

test('JW-03 a key id is a name in our own list and nothing else', async () => {
  const of_paper = (await keysOf(paper)).keys.map(({ kid }) => kid);
  const id_key = keys.find(({ kty }) => kty === 'RSA')?.kid;
  const kids = ['../../x', '/dev/null', '\' OR 1=1', 'http://evil.test/keys', '', null, 7, ['a'],
    'x'.repeat(6_000), '__proto__', 'constructor', id_key, ...of_paper,
    `${String(header['kid'])}\u0000`, ` ${String(header['kid'])}`];
  const before = await work();
  for (const kid of kids) {
    const token = forge({ ...header, kid }, claims, es256(ATTACKER.privateKey));
    await refusedEverywhere(live, token, `kid ${JSON.stringify(kid)?.slice(0, 60)}`);
    const unsigned = forge({ ...header, kid }, claims, () => signature);
    await refusedEverywhere(live, unsigned, 'the real signature');
  }
  for (let count = 0; count < 100; count += 1) {
    const token = forge({ ...header, kid: `unknown-${count}` }, claims, () => signature);
    assertUnauthorized(await me(live, token));
  }
  assert.deepEqual(await work(), before, 'no store is asked, however many unknown kids arrive');
});

/** What the server did in the live world, apart from counting. */
async function work(): Promise<object> {
  const { reads, commits, lists, computed } = (await control.counts())['live'] as {
    readonly [name: string]: number;
  };
  return { reads, commits, lists, computed };
}

test('JW-04 critical headers, unencoded payloads, JSON forms and tokens in tokens', async () => {
  const [first = '', second = '', third = ''] = access_token.split('.');
  const flattened = { protected: first, payload: second, signature: third };
  const general = { payload: second, signatures: [{ protected: first, signature: third }] };
  const nested = forge({ ...header, cty: 'JWT' }, access_token, es256(ATTACKER.privateKey));
  const tokens = {
    'crit unknown': forge({ ...header, crit: ['demo'], demo: 1 }, claims, () => signature),
    'crit b64': forge({ ...header, crit: ['b64'], b64: false }, claims, () => signature),
    b64: forge({ ...header, b64: false }, claims, () => signature),
    'two signatures': `${access_token}.${third}`,
    'JSON, flattened': JSON.stringify(flattened),
    'JSON, general': JSON.stringify(general),
    'JSON, encoded': encode(flattened),
    nested,
    twice: `${access_token}.${access_token}`,
  };
  for (const [what, token] of Object.entries(tokens)) await refusedEverywhere(live, token, what);
});

test('JW-05 no encrypted token is worked on', async () => {
  const before = await work();
  const expensive = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 1_000_000_000, p2s: 'AAAA' };
  const headers = [
    expensive, { alg: 'RSA1_5', enc: 'A128CBC-HS256', kid: keys.at(-1)?.kid },
    { alg: 'dir', enc: 'A128GCM' }, { alg: 'ECDH-ES', enc: 'A128GCM', epk: keys[0] },
    { alg: 'dir', enc: 'A256GCM', zip: 'DEF' },
  ];
  for (const one of headers) {
    const five = [encode(one), encode('key'), encode('iv'), encode(Buffer.alloc(3_000)), 'AAAA'];
    await refusedEverywhere(live, five.join('.'), `${one.alg} ${one.enc}`);
    await refusedEverywhere(live, [encode(one), five[3], signature].join('.'), 'in three parts');
  }
  const recipients = Array.from({ length: 30 }, () => ({ header: expensive, encrypted_key: 'AA' }));
  await refusedEverywhere(live, JSON.stringify({ recipients, iv: '', tag: '' }), 'recipients');
  assert.deepEqual(await work(), before);
});

const bearerOf = (text: string): string =>
  `GET /auth/me HTTP/1.1\r\nHost: ${new URL(live.origin).host}\r\n` +
  `Authorization: Bearer ${text}\r\nConnection: close\r\n\r\n`;

test('JW-06 size and segments are limited before anything is decoded', async () => {
  const huge = await callRaw(live.origin, bearerOf('.'.repeat(1_000_000)), 3_000);
  // Refused before its path is read, so in the form of whichever dialect words such requests.
  assert.match(huge, /^HTTP\/1\.1 431 [^{]+\r\n\r\n\{"[^\r\n]+\}$/);
  const segments = await callRaw(live.origin, bearerOf('a.'.repeat(10_000)), 3_000);
  assert.match(segments, /^HTTP\/1\.1 4[03]1 /);
  const before = await work();
  const long = forge({ ...header, more: 'x'.repeat(6_000) }, claims, () => signature);
  assert.ok(long.length > 8_192);
  const [first = '', second = '', third = ''] = access_token.split('.');
  const others = {
    dots: '.'.repeat(8_000), segments: 'a.'.repeat(4_000), long,
    padded: `${access_token}=`, 'padded header': `${first}=.${second}.${third}`,
    'a blank inside': `${first}. ${second}.${third}`, tab: `${first}.\t${second}.${third}`,
    'plus and slash': `${first}.${second}.${third.slice(0, -2)}+/`,
    'standard alphabet': access_token.replaceAll('-', '+').replaceAll('_', '/'),
    'not canonical': `${first}.${second}.${otherSpelling(third)}`,
    'no header': `.${second}.${third}`, 'no claims': `${first}..${third}`,
    'only dots': '..', empty: '""', percent: access_token.replaceAll('.', '%2E'),
  };
  for (const [what, token] of Object.entries(others)) {
    if (token !== access_token) await refusedEverywhere(live, token, what);
  }
  assert.deepEqual(await work(), before);
});

/** Another last character that decodes to the same bytes: 86 characters hold 516 bits, not 512. */
function otherSpelling(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const found = alphabet.split('').map((last) => `${text.slice(0, -1)}${last}`)
    .find((own) => own !== text && Buffer.from(own, 'base64url').equals(bytes));
  assert.ok(found !== undefined);
  return found;
}

test('JW-14 a signature in DER, and the twin that verifies too', async () => {
  const { access_token: own, refresh_token } = await traderIn(live, USERS.erin).link(O1);
  const parts = partsOf(own);
  const bytes = Buffer.from(parts.signature, 'base64url');
  const der = derOf(bytes.subarray(0, 32), bytes.subarray(32));
  await refusedEverywhere(live, forge(parts.header, parts.claims, () => der), 'DER');
  const twin = forge(parts.header, parts.claims, () => highTwin(bytes));
  assert.notEqual(twin, own);
  const { status } = await me(live, twin);
  assert.ok(status === 200 || status === 401);
  // It is the same token or none: what ends one ends the other.
  await assertAlive(live, own);
  const customer = USERS.erin.login_name;
  await control.act('live', 'grant.end', { customer, app: O1.id });
  await refusedEverywhere(live, own, 'ended');
  await refusedEverywhere(live, twin, 'the twin of an ended one');
  assertOAuthError(await oauthToken(live, {
    grant_type: 'refresh_token', refresh_token, client_id: O1.id, client_secret: O1.secret,
  }), 'refresh');
});

/** `(r, n − s)` verifies wherever `(r, s)` does. */
function highTwin(bytes: Buffer): Buffer {
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const twin = (ORDER - s).toString(16).padStart(64, '0');
  return Buffer.concat([bytes.subarray(0, 32), Buffer.from(twin, 'hex')]);
}

function derOf(...numbers: readonly Buffer[]): Buffer {
  const integers = numbers.map((number) => {
    const trimmed = number.subarray(number.findIndex((byte) => byte !== 0));
    const positive = (trimmed[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
    return Buffer.concat([Buffer.of(2, positive.length), positive]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(48, body.length), body]);
}

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
