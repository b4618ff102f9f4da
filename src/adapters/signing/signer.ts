/**
 * The signer of one world: ES256 and RS256 on `node:crypto`, at once for keys in their records,
 * through a module for those that are kept there.
 */
import { type SignKeyObjectInput, hash, sign, verify } from 'node:crypto';
import {
  type PublicJwk, SIGNING_ALGORITHM, type SigningKey, type SigningPurpose, keyRecordId,
} from '../../core/kinds/key.ts';
import type { WorldName } from '../../core/world.ts';
import type { NotOurs } from '../../ports/handles.ts';
import type { Claims, KeyTimes, Signer } from '../../ports/signer.ts';
import { StoreFault } from '../../ports/store.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';
import type { SigningKeys } from '../keys/keyring.ts';
import { type SigningPair, drawPair, moduleContent, publicJwkOf } from '../keys/signing-pair.ts';
import {
  TOKEN_CHARS_MAX, type TokenParts, areClaims, claimsOfText, claimsText, kidOf, splitToken,
  unverifiedWord,
} from './compact-token.ts';
import type { KeyModule } from './key-module.ts';
import { type Remembered, type TokenMemory, createTokenMemory } from './token-memory.ts';

/** A few tens of megabytes when it is full. */
const TOKENS_REMEMBERED = 50_000;

export type SignerParts = {
  readonly keys: SigningKeys;
  readonly world: WorldName;
  /** Where new keys are made and stay; null = in their records, sealed. */
  readonly module: KeyModule | null;
  readonly tokens_remembered?: number;
  /** Sign on other threads: for a server, whose own has callers waiting. False when absent. */
  readonly beside?: boolean;
};

export function createSigner(parts: SignerParts): Signer {
  const { keys } = parts;
  const memory = createTokenMemory(parts.tokens_remembered ?? TOKENS_REMEMBERED);
  return {
    sign(purpose, claims) {
      const pair = keys.activePair(purpose);
      if (!areClaims(claims)) throw new TypeError('a token says iss, aud, iat and exp');
      const said = JSON.stringify(claims);
      const input = pair.header + Buffer.from(said).toString('base64url');
      const signature = signatureOf(pair, parts, Buffer.from(input, 'latin1'));
      return signature instanceof Promise
        ? signature.then((bytes) => issued(memory, pair, { input, said, bytes }))
        : issued(memory, pair, { input, said, bytes: signature });
    },
    mustBeReady(purpose) {
      keys.activePair(purpose);
    },
    open(text, other_word) {
      const token = splitToken(text);
      if (token === null) return 'malformed';
      const digest = hash('sha256', text, 'base64url');
      const known = memory.find(digest);
      if (known !== undefined && keys.isPublished(known.pair)) return claimsOf(known);
      const opened = openToken(keys, token, other_word);
      if (typeof opened === 'string') return opened;
      memory.keep(digest, opened);
      return claimsOf(opened);
    },
    publicKeys: () => keys.published().map(({ public_jwk }): PublicJwk => public_jwk),
    createKey: (purpose, number, times) => createKey(parts, { purpose, number, times }),
  };
}

function signatureOf(
  { purpose, number, algorithm, sign_with }: SigningPair,
  { module, beside = false }: SignerParts,
  input: Buffer,
): Buffer | Promise<Buffer> {
  if (!('module_id' in sign_with)) {
    return beside ? signBeside(input, sign_with) : sign('sha256', input, sign_with);
  }
  if (module !== null) return module.sign(sign_with.module_id, algorithm, input);
  const id = keyRecordId(purpose, number);
  throw new StoreFault(`key ${id} is kept in a module, and none is configured`, false);
}

/** On another thread: a signature takes longer than all else that a renewal does on this one. */
function signBeside(input: Buffer, key: SignKeyObjectInput): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign('sha256', input, key, (failure, bytes) => {
      if (failure === null) resolve(bytes);
      else reject(new StoreFault('a signing key failed', false, failure));
    });
  });
}

type Signed = { readonly input: string; readonly said: string; readonly bytes: Buffer };

/** The whole token. An access token is remembered: what we just signed is not verified again. */
function issued(memory: TokenMemory, pair: SigningPair, { input, said, bytes }: Signed): string {
  const text = `${input}.${bytes.toString('base64url')}`;
  if (text.length > TOKEN_CHARS_MAX) throw new RangeError('a token of over 8192 characters');
  if (pair.purpose === 'access-token') {
    memory.keep(hash('sha256', text, 'base64url'), { pair, said });
  }
  return text;
}

/** Parsed at the first look: many tokens are never shown to the process that issued them. */
function claimsOf(token: Remembered): Claims | NotOurs {
  if (typeof token.said !== 'string') return token.said;
  const claims = claimsOfText(token.said);
  if (claims === null) return 'malformed';
  token.said = claims;
  return claims;
}

function openToken(
  keys: SigningKeys,
  token: TokenParts,
  other_word: string | undefined,
): Remembered | NotOurs {
  const kid = kidOf(token);
  if (kid === null) return 'malformed';
  const pair = keys.pairOf('access-token', kid);
  if (pair === undefined) {
    return other_word !== undefined && other_word === unverifiedWord(token)
      ? 'other_world'
      : 'malformed';
  }
  const said = token.header === pair.header ? claimsText(token) : null;
  const signature = bytesOfBase64url(token.signature);
  if (said === null || signature === null) return 'malformed';
  // Both parts are known to be ASCII by now: their one canonical spelling was asked for.
  const input = Buffer.from(token.header + token.payload, 'latin1');
  return verify('sha256', input, pair.verify_with, signature) ? { pair, said } : 'malformed';
}

type NewKey = {
  readonly purpose: SigningPurpose;
  readonly number: number;
  readonly times: KeyTimes;
};

async function createKey(
  { keys, world, module }: SignerParts,
  { purpose, number, times: { created_at, active_from } }: NewKey,
): Promise<SigningKey> {
  const algorithm = SIGNING_ALGORITHM[purpose];
  const label = `countersign ${world} ${keyRecordId(purpose, number)}`;
  const { public_jwk, content } = module === null
    ? await drawPair(algorithm)
    : await pairInModule(module, algorithm, label);
  const sealed = keys.sealPair(purpose, number, content);
  content.fill(0);
  return {
    purpose, number, created_at, active_from, retired_at: null, removed_at: null, sealed,
    algorithm, kept_in: module === null ? 'record' : 'module', public_jwk,
  };
}

async function pairInModule(
  module: KeyModule,
  algorithm: SigningKey['algorithm'],
  label: string,
): ReturnType<typeof drawPair> {
  const { module_id, public_key } = await module.createPair(algorithm, label);
  const public_jwk = publicJwkOf(public_key, algorithm);
  return { public_jwk, content: moduleContent(module_id, public_jwk) };
}
