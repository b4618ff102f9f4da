/** A world that signs, on a clock of the test's, with jose as the independent verifier. */
import { createPrivateKey, sign } from 'node:crypto';
import { type JWTPayload, createLocalJWKSet, jwtVerify } from 'jose';
import { keyEnvelope } from '../../src/adapters/keys/key-envelope.ts';
import { openKeyring } from '../../src/adapters/keys/keyring.ts';
import { createSigner } from '../../src/adapters/signing/signer.ts';
import {
  type Key, type PublicJwk, SECRET_PURPOSES, SIGNING_PURPOSES, type SigningKey,
} from '../../src/core/kinds/key.ts';
import type { WorldName } from '../../src/core/world.ts';
import type { Claims } from '../../src/ports/signer.ts';
import { START, aMasterKey } from './world-keys.ts';

export const ISSUER = 'https://live.example';

export function claimsAt(now: number, over: Partial<Claims> = {}): Claims {
  const iat = Math.floor(now / 1000);
  return {
    iss: ISSUER, sub: '1840217', aud: ISSUER, exp: iat + 4800, iat, jti: 'abcdefghijk.3',
    client_id: '10001', sid: 'ABCDEFGHIJK', env: 'live', ...over,
  };
}

export type SigningOptions = {
  readonly tokens_remembered?: number;
  readonly beside?: boolean;
};

export async function signingWorld(
  world: WorldName = 'live',
  master_key = aMasterKey(),
  options: SigningOptions = {},
) {
  const clock = { ms: START, now: () => clock.ms };
  const alarms: string[] = [];
  const log = {
    write: (_level: string, message: string, fields: object) =>
      void alarms.push(`${message} ${JSON.stringify(fields)}`),
  };
  const keyring = openKeyring({ master_key, world, clock, log });
  /** How often a token was looked for by its key: once a verification. */
  const counts = { verified: 0 };
  const keys: typeof keyring = {
    ...keyring,
    pairOf(purpose, kid) {
      counts.verified += 1;
      return keyring.pairOf(purpose, kid);
    },
  };
  const signer = createSigner({ keys, world, module: null, ...options });
  const times = { created_at: START, active_from: START };
  const secrets = SECRET_PURPOSES.map((purpose) => keyring.create(purpose, 1, times));
  const signing = await Promise.all(
    SIGNING_PURPOSES.map((purpose) => signer.createKey(purpose, 1, times)),
  );
  const records: readonly Key[] = [...secrets, ...signing];
  keyring.load(records);
  return { clock, alarms, keyring, signer, records, secrets, signing, counts, master_key };
}

/** A local key answers at once. */
export function signedNow(
  { signer }: Pick<Awaited<ReturnType<typeof signingWorld>>, 'signer'>,
  claims: Claims,
  purpose: 'access-token' | 'id-token' = 'access-token',
): string {
  const text = signer.sign(purpose, claims);
  if (typeof text !== 'string') throw new Error('a local key must not make one wait');
  return text;
}

/** Verifies as anybody would who has the published keys. */
export async function verifyWithJose(
  text: string,
  keys: readonly PublicJwk[],
  now: number,
): Promise<JWTPayload> {
  const published = createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) as never });
  const { payload } = await jwtVerify(text, published, { currentDate: new Date(now) });
  return payload;
}

/** The parts of a token, encoded. */
export function partsOf(text: string): [header: string, payload: string, signature: string] {
  const parts = text.split('.');
  return [parts[0]!, parts[1]!, parts[2]!];
}

export function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

export function decode(part: string): string {
  return Buffer.from(part, 'base64url').toString();
}

/** A forger with the world's own private key, who writes any header and payload he likes. */
export function forger(master_key: ReturnType<typeof aMasterKey>, key: SigningKey) {
  const content = keyEnvelope(master_key, 'live').open(key.purpose, key.number, key.sealed);
  const private_key = createPrivateKey({ key: content!, format: 'der', type: 'pkcs8' });
  const header = {
    alg: key.algorithm, kid: key.public_jwk['kid'],
    typ: key.purpose === 'access-token' ? 'at+jwt' : 'JWT',
  };
  return {
    header,
    private_key,
    forge(head: unknown, payload: unknown): string {
      const input = `${encode(head)}.${encode(payload)}`;
      const form = { key: private_key, dsaEncoding: 'ieee-p1363' as const };
      return `${input}.${sign('sha256', Buffer.from(input), form).toString('base64url')}`;
    },
  };
}
