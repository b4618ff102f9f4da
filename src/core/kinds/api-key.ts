/**
 * API key: lets programs sign customers in by name and password, within its permissions. It is no
 * app: it holds no grants, and its id is never an app's.
 */
export type ApiKey = {
  /** Decimal digits; drawn at random, never reused. */
  readonly id: string;
  readonly dialect: string;
  /** The name that a sign-in must repeat. */
  readonly name: string;
  readonly owner: ApiKeyOwner;
  /** Scope mask: the most that a session of it can hold. */
  readonly scopes: number;
  readonly secret: ApiKeySecret;
  /** The brokerage's own program: it may prove its secret by a challenge instead of sending it. */
  readonly first_party: boolean;
  /** A first-party key that must do so. */
  readonly challenge_required: boolean;
  /** Argon2id of a password for this key alone, or null; only a customer's own key has one. */
  readonly password_hash: string | null;
  readonly status: 'active' | 'disabled';
  /** Grows when it is disabled: sessions born under a lower epoch are dead. */
  readonly epoch: number;
  readonly created_at: number;
};

/** A customer's key signs in her alone; a partner's signs in everybody. */
export type ApiKeyOwner =
  | { readonly is: 'partner' }
  | { readonly is: 'customer'; readonly customer: string };

/** For a first-party key the digest is as good as the secret, so it is kept sealed (§12.3). */
export type ApiKeySecret =
  | { readonly is: 'digest'; readonly digest: string }
  | { readonly is: 'sealed'; readonly sealed: string };
