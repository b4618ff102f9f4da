/**
 * Roster: a customer's trading sessions in one world, on one record, so that their number is an
 * invariant. A session is one sign-in with an API key; its tokens leave no row.
 */
export type Roster = {
  readonly customer: string;
  /** Live sessions, oldest first; at most the profile's limit. */
  readonly sessions: readonly Session[];
  /** Closed by newer ones; remembered until their last token is over, to be told apart. */
  readonly evicted: readonly EvictedSession[];
  /** Devices the operator has blocked for her. */
  readonly blocked_devices: readonly string[];
};

export type Session = {
  /** 11 characters of base62; the full id begins with the customer's. */
  readonly id: string;
  readonly dialect: string;
  /** Id of the API key it was opened with. */
  readonly api_key: string;
  readonly device: string | null;
  /** True where it may not trade without a device (of its world and dialect, when opened). */
  readonly device_needed: boolean;
  readonly app_version: string | null;
  readonly address: string;
  readonly opened_at: number;
  readonly last_used_at: number;
  /** When its newest token ends; without a renewal the session ends then. */
  readonly tokens_end_at: number;
  readonly last_number: number;
  readonly ended_numbers: string;
  readonly epochs: SessionEpochs;
};

/** The epochs its sign-in rested on. */
export type SessionEpochs = {
  readonly standing: number;
  readonly credentials: number;
  readonly api_key: number;
  readonly world: number;
};

export type EvictedSession = { readonly id: string; readonly tokens_end_at: number };
