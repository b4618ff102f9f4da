/**
 * Link: one customer × one app. Her grants in the order they began (at most the profile's limit
 * are live) and the codes not yet redeemed, so that removing the app ends both.
 */
export type Link = {
  readonly customer: string;
  readonly app: string;
  /** Ids of live grants, oldest first. */
  readonly grants: readonly string[];
  readonly pending: readonly PendingCode[];
};

export type PendingCode = { readonly code: string; readonly expires_at: number };
