/** Code: an authorization code (RFC 6749 §4.1.2) and the pending grant it stands for. */
export type Code = {
  readonly customer: string;
  readonly app: string;
  readonly dialect: string;
  readonly digest: string;
  readonly redirect_uri: string;
  readonly scopes: number;
  readonly code_challenge: string | null;
  /** What the tokens are to be for (RFC 8707), or null. */
  readonly resource: string | null;
  /** Goes into the ID token as it came (OpenID Connect Core §3.1.2.1), or null. */
  readonly nonce: string | null;
  /** When the customer proved who she is, epoch ms. */
  readonly signed_in_at: number;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly epochs: CodeEpochs;
  readonly state: CodeState;
};

/** The epochs its consent rested on; the code is live only while each is still current. */
export type CodeEpochs = {
  readonly standing: number;
  readonly credentials: number;
  readonly app: number;
  readonly world: number;
};

export type CodeState =
  | { readonly is: 'unspent' }
  | { readonly is: 'spent'; readonly at: number; readonly grant: string }
  | { readonly is: 'replayed'; readonly at: number; readonly grant: string }
  | { readonly is: 'ended'; readonly at: number };
