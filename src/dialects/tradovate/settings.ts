/** The settings of this dialect (contract §17) and what it is composed with. */
import type { PageRenderer } from '../../core/views.ts';
import type { WorldName } from '../../core/world.ts';

export type TradovateLifetimes = {
  readonly code_s: number;
  readonly oauth_access_s: number;
  readonly oauth_refresh_s: number;
  /** From consent, whatever the refreshes; 0 = never over. */
  readonly family_s: number;
  readonly session_token_s: number;
  /** Of a chain of renewals; 0 = never over. */
  readonly session_max_s: number;
};

/** Read at each use: a development control may change values while running. */
export type TradovateSettings = {
  /** Paths to be called on another host: lower case, without `/v1`, to `host[:port]`. */
  readonly elsewhere: { readonly [path: string]: string };
  /** Bare host names that clients are told after a sign-in; empty = they are told none. */
  readonly api_hosts: { readonly [name: string]: string };
  readonly lifetimes: TradovateLifetimes;
  readonly max_sessions: number;
  /** Status of a token whose session a newer sign-in has closed. */
  readonly evicted_status: 408 | 401;
  /** Status of a wrong name or password. */
  readonly login_failure_status: 200 | 401;
  readonly login_captcha: 'escalate' | 'always' | 'never';
  /** Subnets, login names, API keys and apps that no limit meets. */
  readonly limit_exempt: readonly string[];
  readonly danger_keyless_login: boolean;
  readonly danger_limits_off: boolean;
  /** Serve the resources that end-to-end tests read. */
  readonly example_resources: boolean;
  /** Where resource operations of a stream go; null = they do not exist. */
  readonly socket_upstream: string | null;
  /** ISO 3166-1 alpha-2, any case. */
  readonly banned_countries: readonly string[];
};

export type TradovateWorld = {
  /** `https://LIVE`: issuer, and base of the addresses in the metadata. */
  readonly issuer: string;
  readonly pages_origin: string;
};

export type TradovateOptions = {
  readonly settings: TradovateSettings;
  readonly pages: PageRenderer;
  /** The worlds served. */
  readonly worlds: { readonly [W in WorldName]?: TradovateWorld | undefined };
};
