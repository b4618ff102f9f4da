/**
 * App: a registered client application (RFC 6749 §1.1 "client") in one world.
 * An app allowed in both worlds has one record in each, with the same id and its own approvals.
 */
export type AppStatus = 'pending' | 'approved' | 'disabled';

export type App = {
  /** `client_id`, in the form its dialect registers. Never reused. */
  readonly id: string;
  /** The only dialect this app may speak; a code or token of another is unknown to it. */
  readonly dialect: string;
  readonly name: string;
  readonly home_page: string | null;
  readonly logo: string | null;
  /** The operator vouches for who stands behind the app; shown at consent. */
  readonly publisher_verified: boolean;
  /** Registered callbacks, compared byte for byte (RFC 9700 §2.1). */
  readonly redirect_uris: readonly string[];
  /** `ignore`: an unregistered `redirect_uri` is overlooked when one callback is registered. */
  readonly redirect_uri_mode: 'strict' | 'ignore';
  /** Scope mask: the most a grant of this app can hold. */
  readonly scopes: number;
  readonly type: 'standard' | 'advisor';
  /** How it proves who it is: `none` is a public client (RFC 6749 §2.1), which must use PKCE. */
  readonly authentication: 'client_secret' | 'none';
  /** Resources its tokens may be for (RFC 8707); compared byte for byte. */
  readonly resources: readonly string[];
  /** Append `iss` to callbacks (RFC 9207). */
  readonly response_iss: boolean;
  readonly status: AppStatus;
  /** Grows when the app is disabled: everything born under a lower epoch is dead. */
  readonly epoch: number;
  /** The second approval: may this app hold refresh tokens? Withdrawing grows its epoch. */
  readonly refresh: { readonly approved: boolean; readonly epoch: number };
  /** SHA-256 digests of valid secrets; two during a change, the older one until `until`. */
  readonly secrets: readonly AppSecret[];
  readonly created_at: number;
};

export type AppSecret = {
  readonly digest: string;
  readonly since: number;
  /** Epoch milliseconds after which it is dead; null while current. */
  readonly until: number | null;
};
