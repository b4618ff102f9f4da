/** The authorize page (contract §4): a request begins and goes on in the customer's browser. */
import type { AuthorizeParameters } from '../../core/commands.ts';
import { type Codec, type Route, answerBy } from '../../core/routes.ts';
import { callbackUrl } from '../../core/rules/callback.ts';
import { type Refusal, accepted } from '../../core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../core/wire.ts';
import { CALLBACK_ERRORS } from '../callback-errors.ts';
import { decodeField, decodeForm } from '../form.ts';
import {
  enterRequest, hasRequest, openRequest, redirect, refusalPage, type RequestPage,
} from '../request-page.ts';
import { DIALECT, WORLD_WORDS, profileOf } from './profile.ts';
import type { TradovateOptions } from './settings.ts';

/** GET `/oauth`: a request's page, or a request's begin. */
export function authorizePage(options: TradovateOptions): Route['answer'] {
  const page = pageOf(options);
  const open = answerBy(openRequest(page));
  const begin = answerBy(beginRequest(options, page));
  return (request, dispatch) => {
    const signpost = demoSignpost(options, request);
    if (signpost !== null) return Promise.resolve(signpost);
    return isOwnPage(request.query) ? open(request, dispatch) : begin(request, dispatch);
  };
}

/** Our own link to it names no redirect address; in an app's link `request` is ignored (§4). */
function isOwnPage(query: string): boolean {
  const form = decodeForm(query, ['redirect_uri']);
  const asks = form.get('redirect_uri') !== null || form.malformed.length > 0;
  return !asks && hasRequest(query);
}

function pageOf({ pages }: TradovateOptions): RequestPage {
  return {
    dialect: DIALECT,
    pages,
    redirect_status: 303,
    refuse: (refusal, request) => refusalPage(pages, refusal, request, saysOf(refusal)),
  };
}

function beginRequest(options: TradovateOptions, page: RequestPage): Codec<'authorize'> {
  return {
    command: 'authorize',
    decode: (request) => accepted({
      profile: profileOf(options),
      parameters: readAuthorizeQuery(request.query),
      own_browser: true,
      flow_cookie: options.pages.readCookies(request.world, request.header('cookie')).flow_cookie,
    }),
    encode: (outcome, request) => enterRequest(page, outcome, request),
    refuse(refusal, request) {
      if (refusal.callback === undefined) return page.refuse(refusal, request);
      const value = CALLBACK_ERRORS[refusal.code];
      return redirect(303, callbackUrl(refusal.callback, { name: 'error', value }));
    },
  };
}

/** `scope` is not among them: it is ignored, whatever it says and however often. */
const LISTED = [
  'client_id', 'redirect_uri', 'response_type', 'state', 'code_challenge',
  'code_challenge_method', 'resource', 'nonce',
];

/** It travels in the request's handle and in the ID token, which both have an end. */
const NONCE_CHARACTERS_MAX = 512;

/** Reads a query; nothing is judged here. An empty parameter counts as absent, `state` excepted. */
export function readAuthorizeQuery(query: string): AuthorizeParameters {
  const form = decodeForm(query, LISTED);
  const get = (name: string): string | null => {
    const value = form.get(name);
    return value === '' ? null : value;
  };
  const long_nonce = (form.get('nonce') ?? '').length > NONCE_CHARACTERS_MAX;
  const malformed = form.malformed.includes('form') ? ['client_id'] : form.malformed;
  return {
    client_id: get('client_id'),
    // It is required here, and an address without a character is registered nowhere.
    redirect_uri: form.get('redirect_uri') ?? '',
    response_type: get('response_type'),
    scope: null,
    state: form.get('state'),
    code_challenge: get('code_challenge'),
    code_challenge_method: get('code_challenge_method'),
    resource: get('resource'),
    nonce: long_nonce ? null : get('nonce'),
    malformed: long_nonce ? [...malformed, 'nonce'] : malformed,
  };
}

const WRONG_CLIENT = 'Wrong client_id';
const WRONG_REDIRECT = 'client_id and redirect_uri do not match existing setup';

/** The vendor's own text for a refusal that never redirects. */
function saysOf({ code, parameter }: Refusal): string | undefined {
  if (code === 'redirect_uri_unusable') return WRONG_REDIRECT;
  if (code === 'client_unknown' || code === 'client_not_approved') return WRONG_CLIENT;
  if (code !== 'request_malformed') return undefined;
  return parameter === 'redirect_uri' ? WRONG_REDIRECT : WRONG_CLIENT;
}

/**
 * `env=demo` at the live page host points to the demo page host (§1.1): the same request there,
 * and nothing of this world is looked at. Without a demo environment no client is right.
 */
function demoSignpost(options: TradovateOptions, request: WireRequest): WireResponse | null {
  if (request.world !== 'live') return null;
  const pieces = request.query.split('&');
  const asks = pieces.some((piece) => isParameter(piece, 'env', WORLD_WORDS.paper));
  if (!asks) return null;
  const paper = options.worlds.paper;
  if (paper === undefined) return refusalPage(options.pages, NO_DEMO, request, WRONG_CLIENT);
  const query = pieces.filter((piece) => !isParameter(piece, 'env')).join('&');
  return redirect(303, `${paper.pages_origin}${request.path}${query === '' ? '' : `?${query}`}`);
}

const NO_DEMO: Refusal = {
  code: 'client_unknown', rule: 'authorize.env', reason: 'no demo environment is served',
};

function isParameter(piece: string, name: string, value?: string): boolean {
  const equals = piece.indexOf('=');
  const named = decodeField(equals < 0 ? piece : piece.slice(0, equals)) === name;
  if (!named || value === undefined) return named;
  return equals >= 0 && decodeField(piece.slice(equals + 1)) === value;
}
