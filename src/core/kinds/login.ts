/** Login: one browser sign-in of a customer; its id is the shard and a record id. */
export type Login = {
  readonly customer: string;
  /** SHA-256 of the whole cookie handle. */
  readonly digest: string;
  readonly state: { readonly is: 'live' } | { readonly is: 'ended'; readonly at: number };
  readonly epochs: { readonly standing: number; readonly credentials: number };
  /** When she proved who she is. */
  readonly signed_in_at: number;
  /** Absolute end, epoch milliseconds; activity never moves it. */
  readonly expires_at: number;
  readonly address: string;
};

/** Login name: the canonical (NFKC, case-folded, trimmed) name; its id. Points to one customer. */
export type LoginName = { readonly customer: string };
