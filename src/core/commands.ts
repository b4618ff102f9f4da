/**
 * Commands and what they come to: the one language between dialects and flows. A dialect decodes
 * HTTP into a command and encodes its result; commands carry no principal, only credentials.
 */
import type { Account } from './kinds/account.ts';
import type { CustomerFeatures, CustomerStatus } from './kinds/customer.ts';
import type { Bucket, Profile } from './rules/profile.ts';
import type { Quota, Refusal, Result } from './rules/refusals.ts';
import type { ConnectionsView, ConsentView, SignInView } from './views.ts';

/** Where a command came from. */
export type CommandContext = {
  /** Client address from the trusted hop. */
  readonly address: string;
  readonly request_id: string;
};

/** Client credentials as presented (RFC 6749 §2.3.1). */
export type ClientCredentials = {
  readonly id: string;
  /** Null when only an id came, as public clients send it. */
  readonly secret: string | null;
};

/** What must never stand in a URL, where logs and proxies see it, and did. */
export type LeakedSecret = {
  readonly parameter: 'client_secret' | 'code' | 'refresh_token' | 'code_verifier';
  /** '' when it came in a form that nobody can read. */
  readonly value: string;
  /** The app that a secret would be of. */
  readonly client_id: string | null;
};

/** An authorization request as decoded, nothing judged (RFC 6749 §4.1.1, RFC 7636 §4.3). */
export type AuthorizeParameters = {
  readonly client_id: string | null;
  readonly redirect_uri: string | null;
  readonly response_type: string | null;
  /** The dialect's words in core scope words; null = the parameter was absent or empty. */
  readonly scope: readonly string[] | null;
  readonly state: string | null;
  readonly code_challenge: string | null;
  readonly code_challenge_method: string | null;
  readonly resource: string | null;
  readonly nonce: string | null;
  /** Names of listed parameters that came more than once or could not be decoded. */
  readonly malformed: readonly string[];
};

export type Commands = {
  /** Judge an authorization request and seal it. */
  authorize: {
    readonly profile: Profile;
    readonly parameters: AuthorizeParameters;
    /** True when the browser asked on the page host: the request is its own from the start. */
    readonly own_browser: boolean;
    readonly flow_cookie: string | null;
  };
  /** Show what an authorization request needs next from this browser. */
  open_request: BrowserCookies & {
    /** The dialect whose page it is: another's request is unknown there. */
    readonly dialect: string;
    readonly request: string;
    readonly client_id: string | null;
    /** True on the second visit: the flow cookie should be here by now. */
    readonly returned: boolean;
  };
  show_sign_in: BrowserCookies & { readonly returned: boolean };
  sign_in: BrowserCookies & BrowserForm & {
    readonly name: string;
    readonly password: string;
    readonly request: string | null;
  };
  decide_consent: BrowserCookies & BrowserForm & {
    readonly request: string;
    /** The app that the form names; another than the request's is refused (CO-02). */
    readonly client_id: string | null;
    readonly decision: 'allow' | 'deny';
  };
  show_connections: BrowserCookies;
  end_connections: BrowserCookies & BrowserForm & {
    /** One app's id, or null for all of them. */
    readonly app: string | null;
  };
  change_personal_token: BrowserCookies & BrowserForm & {
    readonly change: 'replace' | 'delete';
  };
  /** Ends one trading session of hers. */
  end_session: BrowserCookies & BrowserForm & { readonly session: string };
  sign_out: BrowserCookies & BrowserForm;
  /** The token endpoint: both grants (RFC 6749 §4.1.3, §6). */
  token: {
    readonly profile: Profile;
    readonly client: ClientCredentials | null;
    /** Body `client_id` beside Basic, which must match (RFC 6749 §2.3). */
    readonly client_id_hint: string | null;
    readonly grant_type: string | null;
    readonly code: string | null;
    readonly code_verifier: string | null;
    readonly redirect_uri: string | null;
    readonly refresh_token: string | null;
    readonly scope: readonly string[] | null;
    readonly resource: string | null;
    /** Set when the query held a secret; nothing else is read then. */
    readonly leaked?: LeakedSecret;
  };
  /** What may this bearer token do here? (RFC 6750) */
  check_token: TokenCheck;
  /** The customer's profile and accounts, for a token with the route's scope. */
  read_profile: TokenCheck;
  /** Opens a trading session by name, password and API key. */
  open_session: SessionSignIn;
  /** A new token of the same session or grant. */
  renew_token: PenalizedCheck;
  /** Who the customer of a token is. */
  read_identity: PenalizedCheck;
  /** What a token may do, area by area; without a token only that the call was counted. */
  read_permissions: TokenCheck & { readonly token_needed: boolean };
  /** A challenge for first-party keys. */
  issue_challenge: { readonly profile: Profile; readonly device: string | null };
  /** A call without a token that needs nothing but the time. */
  count_call: { readonly profile: Profile };
  /** The public keys that verify this world's tokens. */
  read_keys: { readonly profile: Profile };
  /** Binds a stream to the session or grant of a token. */
  open_socket: SocketOpening;
  /** Is what the stream is bound to still good? Cheap: asked every other second. */
  watch_socket: { readonly socket: string };
  close_socket: { readonly socket: string };
  /** An operator's act by name; arguments are judged by the act's own schema. */
  act: { readonly act: string; readonly args: { readonly [name: string]: unknown } };
};

export type TokenCheck = {
  readonly profile: Profile;
  /** The token, or null when none was sent or the header was malformed. */
  readonly bearer: string | null;
  /** Scope words the route needs, all of them. */
  readonly scopes: readonly string[];
  readonly bucket: Bucket;
  /** Account number in the path, or null. */
  readonly account: string | null;
  /** An open stream in place of a token: it speaks for the session or grant it is bound to. */
  readonly socket?: string;
};

/** A check whose failures or calls the subnet pays for by waiting. */
export type PenalizedCheck = TokenCheck & {
  /** False for calls under another name of the endpoint that no limit is set for. */
  readonly penalized: boolean;
  readonly ticket: string | null;
};

export type SessionSignIn = {
  readonly profile: Profile;
  /** Id and secret of the API key as presented; null when none were. */
  readonly key: { readonly id: string; readonly secret: string } | null;
  readonly app_name: string | null;
  readonly app_version: string | null;
  readonly device: string | null;
  readonly name: string | null;
  readonly password: string | null;
  /** True when the password came encoded by the client. */
  readonly password_encoded: boolean;
  /** Ask whether the password stands in the list of breached ones. */
  readonly breach_check: boolean;
  readonly challenge: string | null;
  readonly ticket: string | null;
  /** The body in one canonical text, without ticket, password and secret. */
  readonly body_text: string;
};

export type SocketOpening = {
  readonly profile: Profile;
  /** Drawn by the adapter, unique in the process. */
  readonly socket: string;
  readonly bearer: string | null;
};

export type BrowserCookies = {
  readonly flow_cookie: string | null;
  readonly login_cookie: string | null;
};

export type BrowserForm = {
  readonly csrf: string | null;
  /** `Sec-Fetch-Site` as sent, or null (Fetch Metadata): other sites may not post our forms. */
  readonly fetch_site: string | null;
};

/** A token answer (RFC 6749 §5.1) before a dialect words it. */
export type TokenAnswer = {
  readonly access_token: string;
  /** Epoch ms. */
  readonly issued_at: number;
  readonly lifetime_s: number;
  readonly scopes: number;
  /** The refresh token when one was issued in this answer, else null. */
  readonly refresh_token: string | null;
  /** The stable refresh token that was presented, for dialects that repeat it; else null. */
  readonly presented_refresh_token: string | null;
  /** How long the refresh token lives from now; null = until it is ended. */
  readonly refresh_lifetime_s: number | null;
  readonly id_token: string | null;
};

/** Who a customer is, as her own clients are told. */
export type Identity = {
  readonly number: number;
  readonly login_name: string;
  readonly name: string;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly status: CustomerStatus;
  readonly features: CustomerFeatures;
  /** True when she has an account in the live world; false where only paper is served. */
  readonly has_accounts: boolean;
};

/** The tokens of a session, or of a grant that was renewed. */
export type SessionAnswer = {
  readonly access_token: string;
  /** A second token for streams alone; null when the grant does not cover prices. */
  readonly stream_token: string | null;
  /** Epoch ms. */
  readonly expires_at: number;
  readonly identity: Identity;
  readonly breach: 'name_and_password' | 'password' | null;
};

/** Why a stream must end; `open` while it need not. */
export type SocketState = 'open' | 'session_evicted' | 'sockets_full' | 'addresses_full' | 'ended';

export type TokenVerdict = {
  readonly customer: string;
  readonly app: string | null;
  readonly scopes: number;
  readonly expires_at: number | null;
  readonly quota: Quota;
};

export type ProfileAnswer = TokenVerdict & {
  readonly name: string;
  /** Her public number. */
  readonly number: number;
  readonly accounts: readonly Account[];
};

/** What the browser must do next. */
export type PageStep =
  | { readonly is: 'set_browser'; readonly flow_cookie: string }
  | { readonly is: 'sign_in'; readonly view: SignInView; readonly refusal: Refusal | null }
  | { readonly is: 'consent'; readonly view: ConsentView }
  | { readonly is: 'signed_in' };

export type Outcomes = {
  authorize: {
    readonly client_id: string;
    readonly request: string;
    readonly path: string;
    /** A new flow cookie to set, when the browser brought none of ours. */
    readonly flow_cookie: string | null;
  };
  open_request: PageStep;
  show_sign_in: PageStep;
  sign_in:
    | { readonly is: 'done'; readonly login_cookie: string; readonly request: PageRequest | null }
    | Extract<PageStep, { is: 'sign_in' }>;
  decide_consent:
    | { readonly is: 'answered'; readonly location: string; readonly denied: boolean }
    | { readonly is: 'sign_in_again'; readonly request: PageRequest };
  show_connections: ConnectionsView | null;
  end_connections: { readonly ended: number };
  /** The new token, shown once, with the page around it; null token after a delete. */
  change_personal_token: { readonly token: string | null; readonly view: ConnectionsView };
  end_session: { readonly ended: boolean };
  sign_out: { readonly was_signed_in: boolean };
  open_session: SessionAnswer;
  renew_token: SessionAnswer;
  read_identity: Identity;
  read_permissions: { readonly scopes: number | null; readonly now: number };
  issue_challenge: { readonly challenge: string; readonly expires_at: number };
  count_call: { readonly now: number };
  read_keys: {
    readonly keys: readonly { readonly [member: string]: string }[];
    /** Of one length however many keys there are, and another one for other keys. */
    readonly tag: string;
  };
  open_socket: { readonly customer: string };
  watch_socket: { readonly state: SocketState };
  close_socket: null;
  token: TokenAnswer;
  check_token: TokenVerdict;
  read_profile: ProfileAnswer;
  act: { readonly [name: string]: unknown };
};

/** What a page URL of a request carries. */
export type PageRequest = {
  readonly client_id: string;
  readonly request: string;
  /** Path of the request's page. */
  readonly path: string;
};

export type CommandName = keyof Commands;

/** Runs one command of one world to its result. Faults reject. */
export type Dispatch = <N extends CommandName>(
  name: N,
  command: Commands[N],
  context: CommandContext,
) => Promise<Result<Outcomes[N]>>;
