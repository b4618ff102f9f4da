/** The compact form of a signed token (RFC 7515 §7.1), read as strictly as we write it. */
import { isUtf8 } from 'node:buffer';
import type { Claims } from '../../ports/signer.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';

/** Longer ones are not looked at (JW-06). */
export const TOKEN_CHARS_MAX = 8192;
/** Ours has 114. */
const HEADER_CHARS_MAX = 256;
/** 64 bytes. */
const SIGNATURE_CHARS = 86;
/** The decoded header of an access token as we write it: one spelling, nothing besides (JW-02). */
const HEADER = /^\{"alg":"ES256","kid":"([A-Za-z0-9_-]{43})","typ":"at\+jwt"\}$/;

/** The encoded parts. */
export type TokenParts = {
  /** With the dot behind it. */
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
};

/** Three parts of possible lengths, or null; nothing is decoded or copied whole before this. */
export function splitToken(text: string): TokenParts | null {
  if (text.length > TOKEN_CHARS_MAX) return null;
  const payload = text.indexOf('.') + 1;
  if (payload < 2 || payload > HEADER_CHARS_MAX) return null;
  const signature = text.length - SIGNATURE_CHARS;
  if (signature < payload + 2 || text.indexOf('.', payload) !== signature - 1) return null;
  if (text.indexOf('.', signature) >= 0) return null;
  return {
    header: text.slice(0, payload),
    payload: text.slice(payload, signature - 1),
    signature: text.slice(signature),
  };
}

/** The key id in a header of the one form we write; null for any other header. */
export function kidOf({ header }: TokenParts): string | null {
  const text = Buffer.from(header.slice(0, -1), 'base64url').toString('latin1');
  return HEADER.exec(text)?.[1] ?? null;
}

/** What a token says of its world, unverified: for the log, never for a decision. */
export function unverifiedWord({ payload }: TokenParts): unknown {
  try {
    const said: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof said === 'object' && said !== null && 'env' in said ? said.env : undefined;
  } catch {
    return undefined;
  }
}

/** The text of the claims, or null when it is not spelled canonically. */
export function claimsText({ payload }: TokenParts): string | null {
  const bytes = bytesOfBase64url(payload);
  return bytes !== null && isUtf8(bytes) ? bytes.toString() : null;
}

/**
 * Claims of one JSON object in the one form that `JSON.stringify` gives it, so that no name stands
 * there twice and no number is out of range (JW-07); null for any other text.
 */
export function claimsOfText(text: string): Claims | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  return areClaims(said) && JSON.stringify(said) === text ? Object.freeze(said) : null;
}

/** An object with the four claims of every token, and none that changes what an object is. */
export function areClaims(said: unknown): said is Claims {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return false;
  if (Object.hasOwn(said, '__proto__')) return false;
  const { iss, aud, iat, exp } = said as { readonly [name: string]: unknown };
  return typeof iss === 'string' && typeof aud === 'string' &&
    Number.isSafeInteger(iat) && Number.isSafeInteger(exp);
}
