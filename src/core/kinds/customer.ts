/** Customer: the person who signs in and owns accounts (RFC 6749 §1.1 "resource owner"). */
export const CUSTOMER_STATUS = [
  'active', 'locked', 'closed', 'initiated', 'unconfirmed',
] as const;

/** `initiated`: registration is not complete; `unconfirmed`: the e-mail address is not. */
export type CustomerStatus = (typeof CUSTOMER_STATUS)[number];

export type Customer = {
  /** 11 characters of base62; the shard of everything she owns. Never reused. */
  readonly id: string;
  /** Her public number, random, below 2^53; a record of its own keeps it unique. */
  readonly number: number;
  readonly name: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly features: CustomerFeatures;
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

/** What of the brokerage's offer she uses; told to her own clients. */
export type CustomerFeatures = {
  readonly is_trial: boolean;
  readonly sim_plus: boolean;
  readonly funded: boolean;
  readonly market_data: boolean;
};

/** Customer number: its id. Points to the one customer who has it. */
export type CustomerNumber = { readonly customer: string };
