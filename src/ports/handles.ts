/**
 * Handles: opaque values that find a record and carry 256 random bits and a 96-bit tag, so that
 * garbage is refused without touching the store (DR-01). Shape `cs_{world}_{kind}_{base62}`.
 */
export type HandleKind = 'code' | 'rt' | 'pt' | 'flow' | 'login';

export type HandleParts = {
  /** 11 base62 characters: the customer, or random where there is none. */
  readonly shard: string;
  /** 11 base62 characters. */
  readonly record: string;
  /** Refresh generation or personal-token number; 0 elsewhere. */
  readonly generation: number;
};

export type OpenedHandle = HandleParts & {
  /** base64url SHA-256 of the whole handle. */
  readonly digest: string;
};

/** Why a string is no handle of ours. `other_world` is told apart for the log only. */
export type NotOurs = 'malformed' | 'other_world';

export type Handles = {
  mint(kind: HandleKind, parts: HandleParts): { readonly text: string; readonly digest: string };
  /** Checks shape, world, key and tag; 0 queries. */
  open(kind: HandleKind, text: string): OpenedHandle | NotOurs;
};
