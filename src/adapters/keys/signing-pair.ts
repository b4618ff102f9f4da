/**
 * Signing pairs: made, and opened from their records. A pair counts only when its public half is
 * the one the envelope answers for, so that who can write the database but not open envelopes
 * cannot have a key of his own published or believed.
 */
import {
  type KeyObject, type SignKeyObjectInput, type VerifyKeyObjectInput, createPrivateKey,
  createPublicKey, generateKeyPair, hash,
} from 'node:crypto';
import { isDeepStrictEqual, promisify } from 'node:util';
import type {
  PublicJwk, SigningAlgorithm, SigningKey, SigningPurpose,
} from '../../core/kinds/key.ts';

/** An opened pair, with what every signature needs of it made once. */
export type SigningPair = {
  readonly purpose: SigningPurpose;
  readonly number: number;
  readonly algorithm: SigningAlgorithm;
  readonly public_jwk: PublicJwk;
  /** The encoded header of its tokens, with the dot behind it. */
  readonly header: string;
  readonly verify_with: VerifyKeyObjectInput;
  /** The private half, or the id of it in a module that keeps it. */
  readonly sign_with: SignKeyObjectInput | ModuleKeyId;
};

export type ModuleKeyId = { readonly module_id: Buffer };

export const RSA_BITS = 2048;
export const CURVE = 'P-256';
/** Ids of keys in a module: random, so that two drawn at once never meet. */
export const MODULE_ID_BYTES = 16;
const THUMBPRINT_BYTES = 32;

/** The media type of a token, by which no kind passes for another (RFC 9068 §4; MX-06). */
const TYP: { readonly [P in SigningPurpose]: string } = {
  'access-token': 'at+jwt',
  'id-token': 'JWT',
};

/** A new pair; its private half as PKCS #8. RSA takes tens of milliseconds, on another thread. */
export async function drawPair(algorithm: SigningAlgorithm): Promise<
  { readonly public_jwk: PublicJwk; readonly content: Buffer }
> {
  const draw = promisify(generateKeyPair);
  const { publicKey, privateKey } = await (algorithm === 'ES256'
    ? draw('ec', { namedCurve: CURVE })
    : draw('rsa', { modulusLength: RSA_BITS }));
  return {
    public_jwk: publicJwkOf(publicKey, algorithm),
    content: privateKey.export({ format: 'der', type: 'pkcs8' }),
  };
}

/** What the envelope of a key in a module holds: its id there, and whose it must prove to be. */
export function moduleContent(module_id: Buffer, public_jwk: PublicJwk): Buffer {
  return Buffer.concat([module_id, Buffer.from(public_jwk['kid'] ?? '', 'base64url')]);
}

/**
 * The public half as it is published. `kid` is the thumbprint (RFC 7638), so that no two keys share
 * one. Throws when the key is none of this algorithm, or too short for it.
 */
export function publicJwkOf(public_key: KeyObject, algorithm: SigningAlgorithm): PublicJwk {
  const jwk = public_key.export({ format: 'jwk' });
  if (algorithm === 'ES256') {
    const { crv, kty, x, y } = jwk;
    if (kty !== 'EC' || crv !== CURVE || !x || !y) throw new Error('no P-256 key');
    const kid = thumbprint({ crv, kty, x, y });
    return Object.freeze({ kty, use: 'sig', alg: algorithm, kid, crv, x, y });
  }
  const { e, kty, n } = jwk;
  if (kty !== 'RSA' || !e || !n) throw new Error('no RSA key');
  if ((public_key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS) {
    throw new Error('an RSA key below 2048 bits');
  }
  return Object.freeze({ kty, use: 'sig', alg: algorithm, kid: thumbprint({ e, kty, n }), n, e });
}

/** The members that RFC 7638 §3.2 names for the type, in alphabetical order. */
function thumbprint(members: { readonly [member: string]: string }): string {
  return hash('sha256', JSON.stringify(members), 'base64url');
}

/** The pair of a record whose envelope held `content`; null when they do not belong together. */
export function openPair(record: SigningKey, content: Buffer): SigningPair | null {
  try {
    return record.kept_in === 'record' ? openOwn(record, content) : openInModule(record, content);
  } catch {
    return null;
  }
}

function openOwn(record: SigningKey, content: Buffer): SigningPair | null {
  const key = createPrivateKey({ key: content, format: 'der', type: 'pkcs8' });
  return pairOf(record, createPublicKey(key), inForm(key));
}

function openInModule(record: SigningKey, content: Buffer): SigningPair | null {
  if (content.length !== MODULE_ID_BYTES + THUMBPRINT_BYTES) return null;
  const public_key = createPublicKey({ key: record.public_jwk, format: 'jwk' });
  const module_id = Buffer.from(content.subarray(0, MODULE_ID_BYTES));
  const pair = pairOf(record, public_key, { module_id });
  return pair && content.equals(moduleContent(module_id, pair.public_jwk)) ? pair : null;
}

function pairOf(
  { purpose, number, algorithm, ...record }: SigningKey,
  public_key: KeyObject,
  sign_with: SigningPair['sign_with'],
): SigningPair | null {
  const public_jwk = publicJwkOf(public_key, algorithm);
  if (!isDeepStrictEqual({ ...public_jwk }, { ...record.public_jwk })) return null;
  const header = JSON.stringify({ alg: algorithm, kid: public_jwk['kid'], typ: TYP[purpose] });
  return {
    purpose, number, algorithm, public_jwk, sign_with,
    header: `${Buffer.from(header).toString('base64url')}.`,
    verify_with: inForm(public_key),
  };
}

/** JWS has ECDSA signatures as r ‖ s (RFC 7518 §3.4); for RSA the form says nothing. */
function inForm(key: KeyObject): { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' } {
  return { key, dsaEncoding: 'ieee-p1363' };
}
