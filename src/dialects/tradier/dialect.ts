/** The Tradier dialect: routes, codecs and answers of one wire contract over the one core. */
import { type Dialect, type Route, answerBy } from '../../core/routes.ts';
import { accepted } from '../../core/rules/refusals.ts';
import type { Codec, HttpProblem, ProblemRequest } from '../../core/routes.ts';
import type { WireHeader, WireResponse } from '../../core/wire.ts';
import { readBearer } from '../credentials.ts';
import { wantsHtml } from '../request-page.ts';
import { apiProblem, apiRefusal } from './api-errors.ts';
import { authorizePage, loginPage } from './browser-steps.ts';
import { decodeAuthorize } from './decode-authorize.ts';
import { decodeToken } from './decode-token.ts';
import { encodeAuthorize, refuseAuthorize } from './encode-authorize.ts';
import { encodeProfile } from './encode-profile.ts';
import { encodeToken } from './encode-token.ts';
import { TRADIER_PROFILE } from './profile.ts';
import type { TradierOptions } from './settings.ts';
import { tokenError, tokenProblem } from './token-errors.ts';

/** The contract's limit of a token request's body (§5.1). */
const TOKEN_BODY_BYTES_MAX = 65_536;

const AUTHORIZE = '/v1/oauth/authorize';
const PAGE_PATHS: ReadonlySet<string> = new Set(['/oauth/authorize', '/authorize', '/login']);

type RouteRow = Pick<Route, 'id' | 'methods' | 'path' | 'says' | 'answer'> & {
  readonly role?: Route['role'];
};

export function tradierDialect(options: TradierOptions): Dialect {
  const rows = [...apiRows(options), ...pageRows(options)];
  const aliases = options.settings.aliases ? aliasRows(options) : [];
  return {
    name: 'tradier',
    routes: [...rows, ...aliases].map((row) => ({
      role: 'api',
      ...row,
      dialect: 'tradier',
      fold_case: false,
      body_bytes_max: row.methods.includes('POST') ? TOKEN_BODY_BYTES_MAX : 0,
    })),
    owned_prefixes: [
      '/v1/oauth/', '/v1/user/profile', '/v1/user/balances', '/v1/user/positions',
      '/v1/user/history', '/v1/user/gainloss', '/v1/user/orders', '/v1/accounts', '/v1/markets',
      '/v1/watchlists', '/beta/', '/oauth/authorize', '/authorize', '/login',
    ],
    problem: (problem, request) => answerProblem(options, problem, request),
  };
}

function apiRows(options: TradierOptions): RouteRow[] {
  return [
    {
      id: 'tradier.authorize',
      methods: ['GET'],
      path: AUTHORIZE,
      says: 'Judges an authorization request; 302 to its page, or to the callback with an error',
      answer: answerBy(authorizeCodec(options)),
    },
    {
      id: 'tradier.accesstoken',
      methods: ['POST'],
      path: '/v1/oauth/accesstoken',
      says: 'Exchanges a code, or a refresh token, for an access token',
      answer: answerBy(tokenCodec(options)),
    },
    {
      id: 'tradier.refreshtoken',
      methods: ['POST'],
      path: '/v1/oauth/refreshtoken',
      says: 'The same endpoint under its second address',
      answer: answerBy(tokenCodec(options)),
    },
    {
      id: 'tradier.profile',
      methods: ['GET', 'HEAD'],
      path: '/v1/user/profile',
      says: 'The customer and her accounts; scope read',
      answer: answerBy(profileCodec(options)),
    },
  ];
}

function pageRows(options: TradierOptions): RouteRow[] {
  const page = { role: 'pages', methods: ['GET'] } as const;
  return [
    {
      ...page,
      id: 'tradier.page',
      path: '/oauth/authorize',
      says: 'Sign-in or consent of a request; without `request` it begins one',
      answer: authorizePage(options),
    },
    {
      ...page,
      id: 'tradier.page_short',
      path: '/authorize',
      says: 'The same page under its second address',
      answer: authorizePage(options),
    },
    {
      ...page,
      id: 'tradier.login',
      path: '/login',
      says: 'Sign-in; `redirectUrl` may name an authorization request',
      answer: loginPage(options),
    },
  ];
}

/** Addresses of generated clients, off by default (contract §3). */
function aliasRows(options: TradierOptions): RouteRow[] {
  return ['/oauth/accesstoken', '/oauth/refreshtoken', '/v1/oauth/token'].map((path) => ({
    id: `tradier.alias${path.replaceAll('/', '.')}`,
    methods: ['POST'],
    path,
    says: 'Alias of the token endpoint (`tradier.aliases`)',
    answer: answerBy(tokenCodec(options)),
  }));
}

function authorizeCodec(options: TradierOptions): Codec<'authorize'> {
  return {
    command: 'authorize',
    decode: decodeAuthorize,
    encode(outcome, { world }) {
      const pages_origin = options.worlds[world]?.pages_origin ?? '';
      return encodeAuthorize({ pages_origin }, outcome);
    },
    refuse: (refusal, request) => refuseAuthorize(options, refusal, request),
  };
}

function tokenCodec({ settings }: TradierOptions): Codec<'token'> {
  return {
    command: 'token',
    decode: decodeToken,
    encode: (outcome) => encodeToken(outcome, settings),
    refuse: (refusal, { authority }) => tokenError(refusal, authority),
  };
}

function profileCodec({ settings }: TradierOptions): Codec<'read_profile'> {
  return {
    command: 'read_profile',
    decode: (request) => accepted({
      profile: TRADIER_PROFILE,
      bearer: request.headerCount('authorization') > 1
        ? null
        : readBearer(request.header('authorization')),
      scopes: ['read'],
      bucket: 'standard',
      account: null,
    }),
    encode: (profile, request) => encodeProfile(profile, request, settings),
    refuse: (refusal, request) => apiRefusal(refusal, request, settings),
  };
}

/**
 * 404, 405, 413 and their like: the OAuth paths in §6's form, the API's in §8's; a browser on the
 * way through our pages gets a page.
 */
function answerProblem(
  options: TradierOptions,
  problem: HttpProblem,
  request: ProblemRequest,
): WireResponse {
  const headers: WireHeader[] = [];
  if (problem.allow !== undefined) headers.push(['Allow', problem.allow.join(', ')]);
  if (problem.retry_after_s !== undefined) {
    headers.push(['Retry-After', String(problem.retry_after_s)]);
  }
  const { status, allow } = problem;
  const { path, world, request_id } = request;
  if (wantsHtml(request) && (PAGE_PATHS.has(path) || (path === AUTHORIZE && status >= 500))) {
    const page = options.pages.error({ world, status, refusal: null, request_id });
    return { ...page, headers: [...page.headers, ...headers] };
  }
  // What has no path at all gets the form that both kinds of readers understand.
  return (path === '' || path.startsWith('/v1/oauth/')) && status !== 404
    ? tokenProblem(status, headers, allow)
    : apiProblem(status, headers);
}
