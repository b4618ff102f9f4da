/** JSON Web Tokens as a verifier of another firm reads them: with `jose`, by published keys. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWTPayload, JWTHeaderParameters } from 'jose';
import type { WorldSite } from './fixtures.ts';
import { jwks } from './tradovate.ts';

export type KeySet = JSONWebKeySet;
export type Payload = JWTPayload;

export async function keysOf(world: WorldSite): Promise<KeySet> {
  return (await jwks(world)).json<KeySet>();
}

export function headerOf(token: string): JWTHeaderParameters {
  return decodeProtectedHeader(token) as JWTHeaderParameters;
}

/** The claims, unverified. */
export function claimsOf(token: string): Payload {
  return decodeJwt(token);
}

/** Verifies the signature with these keys, at this time of the token's own clock (epoch s). */
export async function verify(token: string, keys: KeySet, at_s?: number): Promise<Payload> {
  const now_s = at_s ?? claimsOf(token).iat ?? 0;
  const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
    currentDate: new Date(now_s * 1_000),
    algorithms: ['ES256', 'RS256'],
  });
  return payload;
}
