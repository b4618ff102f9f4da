/** The page host's GETs of this dialect: open a request, direct entry, the login page (§3). */
import type { Commands, Outcomes, PageStep } from '../../core/commands.ts';
import { percentEncode } from '../../core/rules/callback.ts';
import { type Codec, answerBy } from '../../core/routes.ts';
import type { Route } from '../../core/routes.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../core/wire.ts';
import { decodeForm } from '../form.ts';
import { readAuthorizeQuery } from './decode-authorize.ts';
import { pageUrl, redirect, refuseAuthorize } from './encode-authorize.ts';
import { TRADIER_PROFILE } from './profile.ts';
import type { TradierOptions } from './settings.ts';

/** GET `/oauth/authorize` and `/authorize`: a request's page, or a request's begin. */
export function authorizePage(options: TradierOptions): Route['answer'] {
  const open = answerBy(openRequest(options));
  const enter = answerBy(directEntry(options, (request) => request.query));
  return (request, dispatch) =>
    hasRequest(request.query) ? open(request, dispatch) : enter(request, dispatch);
}

/** GET `/login`: with a `redirectUrl` of ours it is direct entry, else the plain sign-in page. */
export function loginPage(options: TradierOptions): Route['answer'] {
  const enter = answerBy(directEntry(options, (request) => innerQuery(request.query) ?? ''));
  const plain = answerBy(plainSignIn(options));
  return (request, dispatch) =>
    innerQuery(request.query) === null ? plain(request, dispatch) : enter(request, dispatch);
}

function openRequest(options: TradierOptions): Codec<'open_request'> {
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
        request: handle,
        client_id: form.get('client_id'),
        returned: form.get('c') === '1',
        ...options.pages.readCookies(request.world, request.header('cookie')),
      });
    },
    encode: (step, request) => encodeStep(options, step, request),
    refuse: (refusal, request) => pageRefusal(options, refusal, request),
  };
}

function directEntry(
  options: TradierOptions,
  queryOf: (request: WireRequest) => string,
): Codec<'authorize'> {
  return {
    command: 'authorize',
    decode: (request) => accepted({
      profile: TRADIER_PROFILE,
      parameters: readAuthorizeQuery(queryOf(request)),
      own_browser: true,
      flow_cookie: options.pages.readCookies(request.world, request.header('cookie')).flow_cookie,
    }),
    encode: (outcome, request) => entered(options, outcome, request),
    refuse: (refusal, request) => refuseAuthorize(options, refusal, request),
  };
}

/** To the request's own page; its URL cannot be edited into a different request. */
function entered(
  options: TradierOptions,
  outcome: Outcomes['authorize'],
  { world }: WireRequest,
): WireResponse {
  const to = `${pageUrl('', outcome)}&c=1`;
  const response = redirect(to);
  const { flow_cookie } = outcome;
  return flow_cookie === null
    ? response
    : options.pages.withFlowCookie(response, world, flow_cookie);
}

function plainSignIn(options: TradierOptions): Codec<'show_sign_in'> {
  return {
    command: 'show_sign_in',
    decode: (request) => accepted({
      returned: decodeForm(request.query, ['c']).get('c') === '1',
      ...options.pages.readCookies(request.world, request.header('cookie')),
    }),
    encode: (step, request) => encodeStep(options, step, request),
    refuse: (refusal, request) => pageRefusal(options, refusal, request),
  };
}

/** The page sends the browser to itself once with a cookie; from then on it shows what is next. */
function encodeStep(options: TradierOptions, step: PageStep, request: WireRequest): WireResponse {
  switch (step.is) {
    case 'set_browser': {
      const joiner = request.query === '' ? '' : `${request.query}&`;
      const again = redirect(`${request.path}?${joiner}c=1`);
      return options.pages.withFlowCookie(again, request.world, step.flow_cookie);
    }
    case 'sign_in':
      return options.pages.signIn(step.view, step.refusal);
    case 'consent':
      return options.pages.consent(step.view);
    case 'signed_in':
      return redirect('/connections');
  }
}

function pageRefusal(
  options: TradierOptions,
  refusal: Refusal,
  { world, request_id }: WireRequest,
): WireResponse {
  const status = refusal.code === 'overloaded' ? 503 : 400;
  return options.pages.error({ world, status, refusal, request_id });
}

function hasRequest(query: string): boolean {
  const form = decodeForm(query, ['request']);
  return (form.get('request') ?? '') !== '' || form.malformed.includes('request');
}

/** Paths that `redirectUrl` may name; everything else is ignored (RU-25, AT-T21). */
const INNER_PATHS: ReadonlySet<string> = new Set(['/authorize', '/oauth/authorize']);

/** The query of an acceptable `redirectUrl`, or null. Exactly one leading slash, no host. */
function innerQuery(query: string): string | null {
  const target = decodeForm(query, ['redirectUrl']).get('redirectUrl');
  if (target === null) return null;
  const [path = '', ...rest] = target.split('?');
  if (!INNER_PATHS.has(path) || rest.length === 0) return null;
  // Decoded once already: what is left is encoded as the inner request's own query was.
  return asciiQuery(rest.join('?'));
}

/** A query as one char a byte again, so that it is read like one that came on the wire. */
function asciiQuery(query: string): string {
  return query.replace(/[^\x21-\x7e]/gu, (char) => percentEncode(char));
}
