/** The shapes of every secret we give out: `cs_{world}_{kind}_…`, known to secret scanners. */
import type { WorldName } from '../../core/world.ts';
import { TAG_CHARS } from '../crypto/base62.ts';

/** Characters of a handle after its prefix, in this order. */
export const HANDLE_PARTS = {
  key: 2, shard: 11, record: 11, generation: 6, secret: 43, tag: TAG_CHARS,
} as const;

/** Every handle of a kind has one length: its prefix and this. */
export const HANDLE_CHARS = Object.values(HANDLE_PARTS).reduce((sum, chars) => sum + chars, 0);

/** What a value is for, in words for those who find one. */
const HANDLES = {
  code: 'authorization code',
  rt: 'refresh token',
  pt: 'personal API token',
  flow: 'flow cookie',
  login: 'sign-in cookie',
} as const;

const SEALED = {
  at: { name: 'access token', after: '[0-9A-Za-z]{2}[A-Za-z0-9_-]{60,220}' },
  req: { name: 'authorization request', after: '[0-9A-Za-z]{2}[A-Za-z0-9_-]{60,}' },
  csrf: { name: 'form token', after: '[0-9A-Za-z]{2}[A-Za-z0-9_-]{43}' },
} as const;

/** Drawn by an act, kept as a digest: no handle, but a secret scanners must know. */
const DRAWN = {
  secret: { name: 'client secret', after: '[0-9A-Za-z]{43}' },
} as const;

export type SealedKind = keyof typeof SEALED;

export function prefixOf(world: WorldName, kind: keyof typeof HANDLES | SealedKind): string {
  return `cs_${world}_${kind}_`;
}

/** Begins every value of the other world; looked at before any cryptography (EI-03). */
export function otherWorldPrefix(world: WorldName): string {
  return world === 'live' ? 'cs_paper_' : 'cs_live_';
}

export type SecretPattern = {
  readonly name: string;
  /** Regular expression source: no look-around, so that every scanner can run it. */
  readonly pattern: string;
};

/** Patterns for secret scanners (EI-07), made from the shapes above. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  ...Object.entries(HANDLES).map(([kind, name]) => ({
    name: `countersign ${name}`,
    pattern: `cs_(live|paper)_${kind}_[0-9A-Za-z]{${HANDLE_CHARS}}`,
  })),
  ...Object.entries({ ...SEALED, ...DRAWN }).map(([kind, { name, after }]) => ({
    name: `countersign ${name}`,
    pattern: `cs_(live|paper)_${kind}_${after}`,
  })),
];

const KINDS = Object.keys({ ...HANDLES, ...SEALED, ...DRAWN }).join('|');
/** Also cut or lengthened values: what begins like a secret is treated as one. */
const ANY_SECRET = new RegExp(`(cs_(?:live|paper)_(?:${KINDS})_)[A-Za-z0-9_-]+`, 'g');

/** A signed token: its header is JSON in base64url, which always begins so. */
const SIGNED = /(eyJ)[A-Za-z0-9_.-]{8,}/g;

/** The text with everything that looks like one of our secrets blotted out. */
export function redact(text: string): string {
  const handles = text.includes('cs_') ? text.replace(ANY_SECRET, '$1[redacted]') : text;
  return handles.includes('eyJ') ? handles.replace(SIGNED, '$1[redacted]') : handles;
}
