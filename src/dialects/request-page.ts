/**
 * The page of an authorization request, for dialects that begin flows in a browser: its command,
 * its steps, the cookie that binds it, the way back to itself.
 */
import type { Commands, Outcomes, PageRequest, PageStep } from '../core/commands.ts';
import type { Codec } from '../core/routes.ts';
import { percentEncode } from '../core/rules/callback.ts';
import { type Refusal, type Result, accepted, refused } from '../core/rules/refusals.ts';
import type { PageRenderer } from '../core/views.ts';
import type { WireRequest, WireResponse } from '../core/wire.ts';
import { decodeForm } from './form.ts';

/** What differs between the dialects whose flows pass through it. */
export type RequestPage = {
  readonly dialect: string;
  readonly pages: PageRenderer;
  /** Of redirects that answer a GET. */
  readonly redirect_status: 302 | 303;
  readonly refuse: Codec<'open_request'>['refuse'];
};

/** Shows a request's page. */
export function openRequest(page: RequestPage): Codec<'open_request'> {
  return {
    command: 'open_request',
    decode(request): Result<Commands['open_request']> {
      const form = decodeForm(request.query, ['request', 'client_id', 'c']);
      const handle = form.get('request');
      if (handle === null) {
        const reason = 'sent twice or undecodable';
        return refused({ code: 'request_unknown', rule: 'page.decode', reason });
      }
      return accepted({
        dialect: page.dialect,
        request: handle,
        client_id: form.get('client_id'),
        returned: form.get('c') === '1',
        ...page.pages.readCookies(request.world, request.header('cookie')),
      });
    },
    encode: (step, request) => encodeStep(page, step, request),
    refuse: page.refuse,
  };
}

/** The page sends the browser to itself once with a cookie; from then on it shows what is next. */
export function encodeStep(
  page: Pick<RequestPage, 'pages' | 'redirect_status'>,
  step: PageStep,
  request: WireRequest,
): WireResponse {
  switch (step.is) {
    case 'set_browser': {
      const joiner = request.query === '' ? '' : `${request.query}&`;
      const again = redirect(page.redirect_status, `${request.path}?${joiner}c=1`);
      return page.pages.withFlowCookie(again, request.world, step.flow_cookie);
    }
    case 'sign_in':
      return page.pages.signIn(step.view, step.refusal);
    case 'consent':
      return page.pages.consent(step.view);
    case 'signed_in':
      return redirect(page.redirect_status, '/connections');
  }
}

/** To the request's own page; its URL cannot be edited into a different request. */
export function enterRequest(
  page: Pick<RequestPage, 'pages' | 'redirect_status'>,
  outcome: Outcomes['authorize'],
  { world }: WireRequest,
): WireResponse {
  const response = redirect(page.redirect_status, `${pageUrl('', outcome)}&c=1`);
  const { flow_cookie } = outcome;
  return flow_cookie === null
    ? response
    : page.pages.withFlowCookie(response, world, flow_cookie);
}

/** `client_id` comes first, as on the vendors' pages. */
export function pageUrl(origin: string, { client_id, request, path }: PageRequest): string {
  const query = `client_id=${percentEncode(client_id)}&request=${percentEncode(request)}`;
  return `${origin}${path}?${query}`;
}

export function hasRequest(query: string): boolean {
  const form = decodeForm(query, ['request']);
  return (form.get('request') ?? '') !== '' || form.malformed.includes('request');
}

/** An error page; a dialect's own text for the refusal may stand above the explanation. */
export function refusalPage(
  pages: PageRenderer,
  refusal: Refusal,
  { world, request_id }: WireRequest,
  says?: string,
): WireResponse {
  const status = refusal.code === 'overloaded' ? 503 : 400;
  const view = { world, status, refusal, request_id };
  return pages.error(says === undefined ? view : { ...view, says });
}

export function wantsHtml(request: Pick<WireRequest, 'header'>): boolean {
  return request.header('accept')?.includes('text/html') ?? false;
}

/** The body is empty and says so. */
export function redirect(status: RequestPage['redirect_status'], location: string): WireResponse {
  return {
    status,
    headers: [
      ['Location', location],
      ['Cache-Control', 'no-store'],
      ['Pragma', 'no-cache'],
      ['Referrer-Policy', 'no-referrer'],
    ],
    body: '',
    log: { outcome: 'redirected' },
  };
}
