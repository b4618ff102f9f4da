/**
 * Grant: what one customer allowed one app in one world. Begins when its code is redeemed.
 * Access tokens leave no row: the grant counts them, and masks those ended one by one.
 */
export type Grant = {
  readonly customer: string;
  readonly app: string;
  readonly dialect: string;
  readonly scopes: number;
  readonly begun_at: number;
  /** Absolute end (epoch ms) or null when it has none. */
  readonly ends_at: number | null;
  readonly epochs: GrantEpochs;
  readonly state: GrantState;
  /** Number of the newest access token; the first is 1. */
  readonly last_number: number;
  /** Hex mask (≤ 33 digits) of numbers ended singly; bit 0 is `last_number`; '' = none. */
  readonly ended_numbers: string;
  readonly refresh: GrantRefresh | null;
  /** What its tokens are for (RFC 8707), or null. */
  readonly resource: string | null;
  /** The exchange or the latest refresh: renewals count from here (epoch ms). */
  readonly chain_began_at: number;
  readonly last_used_at: number;
};

export type GrantEpochs = {
  readonly standing: number;
  readonly app: number;
  /** The app's refresh epoch when the refresh token was issued. */
  readonly refresh: number;
  readonly world: number;
};

export type GrantEnd =
  | 'customer' | 'operator' | 'code_replay' | 'grant_limit' | 'refresh_replay' | 'customer_closed';

export type GrantState =
  | { readonly is: 'live' }
  | { readonly is: 'ended'; readonly at: number; readonly by: GrantEnd };

export type GrantRefresh = {
  /** Generation of the current refresh token; a stable one stays at 1. */
  readonly generation: number;
  readonly digest: string;
  /** Exact limit: refreshes in the window that began then (epoch ms). */
  readonly window_began_at: number;
  readonly window_count: number;
  /** When the current token was issued or given again; an idle window runs from then. */
  readonly issued_at: number;
  /** Network of its latest use; a replay's alert names both. Null for a stable one. */
  readonly network: string | null;
  /** The token before the current one, while the current one was never used; else null. */
  readonly predecessor: RefreshPredecessor | null;
};

/**
 * What a lost reply needs: the predecessor may come again while its successor is unused. The
 * successor opens under the presented predecessor and a key that is gone after the window (RP-20).
 */
export type RefreshPredecessor = {
  readonly generation: number;
  readonly digest: string;
  readonly used_at: number;
  /** Number of the window key, and the successor sealed under it and the predecessor. */
  readonly window_key: number;
  readonly sealed_successor: string;
};
