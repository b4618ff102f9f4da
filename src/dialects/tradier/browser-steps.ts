/** The page host's GETs of this dialect: open a request, direct entry, the login page (§3). */
import { percentEncode } from '../../core/rules/callback.ts';
import { type Codec, answerBy } from '../../core/routes.ts';
import type { Route } from '../../core/routes.ts';
import { accepted } from '../../core/rules/refusals.ts';
import type { WireRequest } from '../../core/wire.ts';
import { decodeForm } from '../form.ts';
import {
  type RequestPage, encodeStep, enterRequest, hasRequest, openRequest, refusalPage,
} from '../request-page.ts';
import { readAuthorizeQuery } from './decode-authorize.ts';
import { refuseAuthorize } from './encode-authorize.ts';
import { TRADIER_PROFILE } from './profile.ts';
import type { TradierOptions } from './settings.ts';

/** GET `/oauth/authorize` and `/authorize`: a request's page, or a request's begin. */
export function authorizePage(options: TradierOptions): Route['answer'] {
  const open = answerBy(openRequest(pageOf(options)));
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

function pageOf({ pages }: TradierOptions): RequestPage {
  return {
    dialect: TRADIER_PROFILE.dialect,
    pages,
    redirect_status: 302,
    refuse: (refusal, request) => refusalPage(pages, refusal, request),
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
    encode: (outcome, request) => enterRequest(pageOf(options), outcome, request),
    refuse: (refusal, request) => refuseAuthorize(options, refusal, request),
  };
}

function plainSignIn(options: TradierOptions): Codec<'show_sign_in'> {
  return {
    command: 'show_sign_in',
    decode: (request) => accepted({
      returned: decodeForm(request.query, ['c']).get('c') === '1',
      ...options.pages.readCookies(request.world, request.header('cookie')),
    }),
    encode: (step, request) => encodeStep(pageOf(options), step, request),
    refuse: (refusal, request) => refusalPage(options.pages, refusal, request),
  };
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
