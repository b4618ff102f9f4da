/** Customer: the person who signs in and owns accounts (RFC 6749 §1.1 "resource owner"). */
export type CustomerStatus = 'active' | 'locked' | 'closed';

export type Customer = {
  /** 11 characters of base62; the shard of everything she owns. Never reused. */
  readonly id: string;
  readonly name: string;
  /** What she types to sign in, as she chose it; `login-name` records hold the canonical form. */
  readonly login_name: string;
  /** Argon2id in PHC form. */
  readonly password_hash: string;
  readonly status: CustomerStatus;
  /**
   * `standing` grows when she is locked or closed and ends every grant, code and sign-in;
   * `credentials` grows when her password changes and ends codes and sign-ins.
   */
  readonly epochs: { readonly standing: number; readonly credentials: number };
  /** Numbers of her accounts in this world, oldest first; closed ones stay. */
  readonly accounts: readonly string[];
  /** Accounts of others that she may act on, as an advisor and through advisor apps only. */
  readonly delegated_accounts: readonly string[];
  /** Her one personal API token in this world, or null. */
  readonly personal_token: PersonalToken | null;
  /** Number of her latest personal token; a lower one presented with a right tag has ended. */
  readonly personal_token_count: number;
  readonly created_at: number;
};

export type PersonalToken = {
  readonly digest: string;
  readonly issued_at: number;
};
