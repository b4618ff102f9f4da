/**
 * Request: an authorization request that one browser has claimed. Before that it travels sealed in
 * its handle and leaves no row. Its id is the random id inside the handle.
 */
export type AuthorizationRequest = {
  /** SHA-256 of the flow cookie of the browser that owns it. */
  readonly browser: string;
  readonly state: RequestState;
  readonly expires_at: number;
};

export type RequestState =
  | { readonly is: 'claimed' }
  | {
    readonly is: 'answered';
    readonly at: number;
    /** The `Location` given, sealed under a key derived from the flow cookie (RP-32). */
    readonly sealed_location: string;
  };

/** What an authorization request asks for, validated; travels sealed inside the request handle. */
export type RequestedAuthorization = {
  readonly id: string;
  readonly app: string;
  readonly dialect: string;
  readonly redirect_uri: string;
  readonly scopes: number;
  /** Decoded text; null when it was not sent, '' when it was sent empty. */
  readonly state: string | null;
  /** S256 challenge (RFC 7636 §4.2) or null. */
  readonly code_challenge: string | null;
  /** What the tokens are to be for (RFC 8707), or null. */
  readonly resource: string | null;
  readonly nonce: string | null;
  readonly expires_at: number;
  /** Lifetimes of what a consent to it leads to, from the profile it was judged by. */
  readonly code_lifetime_s: number;
  readonly access_token_lifetime_s: number;
  /** True when refresh tokens follow without an approval of the operator. */
  readonly refreshes: boolean;
  /** From consent; null = until somebody ends it. */
  readonly grant_lifetime_s: number | null;
  /** Who answers (RFC 9207 `iss`), and the path of the request's own page. */
  readonly issuer: string;
  readonly page_path: string;
  /** SHA-256 of the flow cookie when the request began on the page host; else null. */
  readonly browser: string | null;
};
