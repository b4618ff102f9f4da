/** What pages show: plain data, decided by flows, worded and drawn by the pages dialect. */
import type { WireResponse } from './wire.ts';
import type { WorldName } from './world.ts';
import type { Refusal } from './rules/refusals.ts';

export type AppView = {
  readonly id: string;
  readonly name: string;
  readonly home_page: string | null;
  readonly logo: string | null;
  readonly publisher_verified: boolean;
};

export type SignInView = {
  readonly world: WorldName;
  /** The app that waits for the answer, null on the plain sign-in page. */
  readonly app: AppView | null;
  readonly csrf: string;
  /** Request handle to carry through the form, or null. */
  readonly request: string | null;
  /** The name she typed, to show it again after a refusal. */
  readonly name: string;
};

export type ScopeView = { readonly word: string; readonly says: string };

export type ConsentView = {
  readonly world: WorldName;
  readonly app: AppView;
  readonly customer_name: string;
  /** Host (or scheme) the answer goes to. */
  readonly redirect_host: string;
  /** Origin or scheme the form may end at besides https: (CSP form-action), or null. */
  readonly form_target: string | null;
  readonly scopes: readonly ScopeView[];
  readonly accounts: readonly AccountView[];
  readonly access_token_lifetime_s: number;
  /** True when the app may stay connected by a refresh token until she ends it. */
  readonly stays_connected: boolean;
  /** When it ends at the latest, from now; null = when she ends it. */
  readonly grant_lifetime_s: number | null;
  readonly csrf: string;
  readonly request: string;
};

export type AccountView = {
  readonly number: string;
  readonly type: string;
  readonly classification: string;
  readonly status: string;
};

export type ConnectionView = {
  readonly app: AppView;
  readonly scopes: readonly ScopeView[];
  readonly grants: number;
  /** Epoch ms. */
  readonly since: number;
  readonly last_used_at: number;
  readonly stays_connected: boolean;
  /** When the last of the grants ends at the latest; null = when she ends it. */
  readonly ends_at: number | null;
};

/** A trading session: a program that signed in with her name and password. */
export type SessionView = {
  readonly id: string;
  /** Name of the API key, which is the program's. */
  readonly app_name: string;
  readonly app_version: string | null;
  readonly device: string | null;
  readonly address: string;
  /** Epoch ms. */
  readonly opened_at: number;
  readonly last_used_at: number;
  readonly scopes: readonly ScopeView[];
};

export type ConnectionsView = {
  readonly world: WorldName;
  readonly customer_name: string;
  readonly connections: readonly ConnectionView[];
  /** Newest first. */
  readonly sessions: readonly SessionView[];
  readonly personal_token: { readonly issued_at: number } | null;
  readonly accounts: readonly AccountView[];
  readonly csrf: string;
  readonly now: number;
};

/** An error page: what happened and what to do, worded by refusal code; nothing of the request. */
export type ErrorView = {
  readonly world: WorldName;
  readonly status: number;
  readonly refusal: Refusal | null;
  /** A dialect's own fixed text for this refusal, above the explanation; never of a request. */
  readonly says?: string;
  /** Shown so that support can find the log line. */
  readonly request_id: string;
};

/** Renderers that the pages dialect gives to dialects whose flows pass through pages. */
export type PageRenderer = {
  signIn(view: SignInView, refusal: Refusal | null): WireResponse;
  consent(view: ConsentView): WireResponse;
  error(view: ErrorView): WireResponse;
  /** Adds `Set-Cookie` for the flow cookie of the world. */
  withFlowCookie(response: WireResponse, world: WorldName, value: string): WireResponse;
  /** The values of our cookies in a request of that world. */
  readCookies(world: WorldName, header: string | undefined): {
    readonly flow_cookie: string | null;
    readonly login_cookie: string | null;
  };
};
