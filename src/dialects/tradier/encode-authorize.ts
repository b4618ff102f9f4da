/** Answers of the authorize endpoint: a redirect with an empty body, or no redirect at all. */
import type { Outcomes } from '../../core/commands.ts';
import { callbackUrl } from '../../core/rules/callback.ts';
import type { Refusal } from '../../core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../core/wire.ts';
import { CALLBACK_ERRORS } from '../callback-errors.ts';
import { pageUrl, redirect, refusalPage, wantsHtml } from '../request-page.ts';
import type { TradierOptions } from './settings.ts';
import { tokenError } from './token-errors.ts';

export function encodeAuthorize(
  { pages_origin }: { readonly pages_origin: string },
  outcome: Outcomes['authorize'],
): WireResponse {
  return redirect(302, pageUrl(pages_origin, outcome));
}

/** To the validated callback when there is one, else 400 in the form the caller reads. */
export function refuseAuthorize(
  options: TradierOptions,
  refusal: Refusal,
  request: WireRequest,
): WireResponse {
  if (refusal.callback !== undefined) {
    const value = CALLBACK_ERRORS[refusal.code];
    return redirect(302, callbackUrl(refusal.callback, { name: 'error', value }));
  }
  if (!wantsHtml(request)) return plainRefusal(refusal, request.authority);
  return refusalPage(options.pages, refusal, request);
}

/** At this endpoint every refusal but two is `invalid_request` (contract §3). */
function plainRefusal(refusal: Refusal, authority: string): WireResponse {
  if (refusal.code === 'overloaded' || refusal.code === 'client_not_approved') {
    return tokenError(refusal, authority);
  }
  const parameter = refusal.parameter ?? 'client_id';
  return tokenError({ ...refusal, code: 'request_malformed', parameter }, authority);
}
