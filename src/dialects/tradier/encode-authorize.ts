/** Answers of the authorize endpoint: a redirect with an empty body, or no redirect at all. */
import type { Outcomes } from '../../core/commands.ts';
import { callbackUrl, percentEncode } from '../../core/rules/callback.ts';
import type { Refusal, RefusalCode } from '../../core/rules/refusals.ts';
import type { WireHeader, WireRequest, WireResponse } from '../../core/wire.ts';
import type { TradierOptions } from './settings.ts';
import { tokenError } from './token-errors.ts';

/** The error words that may travel to a callback (RFC 6749 §4.1.2.1); others stay on our page. */
const CALLBACK_ERRORS: { readonly [C in RefusalCode]?: string } = {
  authorization_request_malformed: 'invalid_request',
  request_malformed: 'invalid_request',
  response_type_unsupported: 'unsupported_response_type',
  scope_empty: 'invalid_scope',
  pkce_malformed: 'invalid_request',
  pkce_missing: 'invalid_request',
  consent_denied: 'access_denied',
  overloaded: 'temporarily_unavailable',
};

export function encodeAuthorize(
  { pages_origin }: { readonly pages_origin: string },
  outcome: Outcomes['authorize'],
): WireResponse {
  return redirect(pageUrl(pages_origin, outcome));
}

/** `client_id` comes first, as on the vendor's page. */
export function pageUrl(
  origin: string,
  { client_id, request }: { readonly client_id: string; readonly request: string },
): string {
  const query = `client_id=${percentEncode(client_id)}&request=${percentEncode(request)}`;
  return `${origin}/oauth/authorize?${query}`;
}

/** To the validated callback when there is one, else 400 in the form the caller reads. */
export function refuseAuthorize(
  options: TradierOptions,
  refusal: Refusal,
  request: WireRequest,
): WireResponse {
  if (refusal.callback !== undefined) {
    const value = CALLBACK_ERRORS[refusal.code] ?? 'server_error';
    return redirect(callbackUrl(refusal.callback, { name: 'error', value }));
  }
  if (!wantsHtml(request)) return plainRefusal(refusal, request.authority);
  const { world, request_id } = request;
  const status = refusal.code === 'overloaded' ? 503 : 400;
  return options.pages.error({ world, status, refusal, request_id });
}

export function wantsHtml(request: Pick<WireRequest, 'header'>): boolean {
  return request.header('accept')?.includes('text/html') ?? false;
}

/** At this endpoint every refusal but two is `invalid_request` (contract §3). */
function plainRefusal(refusal: Refusal, authority: string): WireResponse {
  if (refusal.code === 'overloaded' || refusal.code === 'client_not_approved') {
    return tokenError(refusal, authority);
  }
  return tokenError({ ...refusal, code: 'request_malformed' }, authority);
}

/** 302 because it answers a GET; the body is empty and says so. */
export function redirect(location: string, headers: readonly WireHeader[] = []): WireResponse {
  return {
    status: 302,
    headers: [
      ['Location', location],
      ['Cache-Control', 'no-store'],
      ['Pragma', 'no-cache'],
      ['Referrer-Policy', 'no-referrer'],
      ...headers,
    ],
    body: '',
    log: { outcome: 'redirected' },
  };
}
