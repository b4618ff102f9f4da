/** Sealed values: opaque to all but the server, symmetric, per world. */
import type { RequestedAuthorization } from '../core/kinds/request.ts';
import type { NotOurs } from './handles.ts';

/** What an access token says (to us only). */
export type AccessTokenClaims = {
  readonly customer: string;
  /** Full id of the grant. */
  readonly grant: string;
  /** Its number within the grant. */
  readonly number: number;
  readonly scopes: number;
  /** Epoch s. */
  readonly issued_at_s: number;
  readonly lifetime_s: number;
};

export type Seals = {
  /** `cs_{world}_at_…`, at most 255 characters of [A-Za-z0-9._~-]. */
  sealToken(claims: AccessTokenClaims): string;
  openToken(text: string): AccessTokenClaims | NotOurs;
  /** `cs_{world}_req_…`: an authorization request that leaves no row. */
  sealRequest(request: RequestedAuthorization): string;
  openRequest(text: string): RequestedAuthorization | NotOurs;
  /** Seals a `Location` under a key derived from the flow cookie (RP-32). */
  sealForBrowser(flow_cookie: string, text: string): string;
  openForBrowser(flow_cookie: string, sealed: string): string | null;
  /** `cs_{world}_csrf_…`: bound to a cookie and a purpose, stored nowhere (CS-01). */
  csrf(cookie: string, purpose: string): string;
  /** Is this the token of that cookie and purpose, under any key that still checks? */
  isCsrf(text: string, cookie: string, purpose: string): boolean;
};
