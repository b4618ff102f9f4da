/** The pages dialect: HTML for customers. Other dialects own the GETs that open a flow. */
import { answerBy } from '../../core/routes.ts';
import type { Dialect, ProblemRequest, Route } from '../../core/routes.ts';
import type { WireResponse } from '../../core/wire.ts';
import { ASSETS } from './assets.ts';
import { pageCodecs } from './codecs.ts';
import { pageResponse, seeOther } from './headers.ts';
import { pageFrame, pageRenderer } from './renderer.ts';
import type { PagesOptions } from './renderer.ts';
import { signedOutPage } from './templates/message-page.ts';

/** Room for a name, a password and our handles, all percent-encoded. */
const FORM_BYTES_MAX = 16_384;

type Answer = Pick<Route, 'path' | 'says' | 'answer'>;

export function pagesDialect(options: PagesOptions): Dialect {
  const renderer = pageRenderer(options);
  return {
    name: 'pages',
    routes: [
      ...formRoutes(options),
      ...pageRoutes(options),
      ...ASSETS.map((asset) => pageRoute({
        path: asset.path,
        says: asset.says,
        answer: () => Promise.resolve(asset.response),
      })),
    ],
    owned_prefixes: [''],
    problem: (problem, request) => {
      const { status, allow, retry_after_s } = problem;
      const { world, request_id } = request;
      if (status === 404 && !readsPages(request)) return NOTHING_HERE;
      const response = renderer.error({ world, status, refusal: null, request_id });
      const headers = [...response.headers, ...problemHeaders(allow, retry_after_s)];
      return { ...response, headers };
    },
  };
}

/** A program that asks for what nobody serves is told so without a page. */
const NOTHING_HERE: WireResponse = { status: 404, headers: [], body: '' };

function readsPages({ header }: ProblemRequest): boolean {
  return header('accept')?.includes('text/html') === true;
}

function pageRoutes(options: PagesOptions): Route[] {
  const codecs = pageCodecs(options);
  const secure = options.secure_cookies;
  return [
    pageRoute({
      path: '/connections',
      says: 'The apps a customer has connected, her trading sessions, personal token, accounts',
      answer: answerBy(codecs.show_connections),
    }),
    pageRoute({
      path: '/signed-out',
      says: 'Where signing out ends',
      answer: (request) => Promise.resolve(signedOut(options, request.world)),
    }),
    pageRoute({
      path: '/',
      says: 'Leads to the connected apps',
      answer: () => Promise.resolve(seeOther('/connections', secure)),
    }),
  ];
}

function signedOut(options: PagesOptions, world: 'live' | 'paper'): WireResponse {
  const page = signedOutPage(pageFrame(options, world));
  return pageResponse({ status: 200, page }, options.secure_cookies);
}

function formRoutes(options: PagesOptions): Route[] {
  const codecs = pageCodecs(options);
  return [
    formRoute({
      path: '/login',
      says: 'Sign-in form: name and password',
      answer: answerBy(codecs.sign_in),
    }),
    formRoute({
      path: '/consent',
      says: 'Consent form: allow or deny',
      answer: answerBy(codecs.decide_consent),
    }),
    formRoute({
      path: '/connections/end',
      says: 'Ends the access of one app',
      answer: answerBy(codecs.end_connections),
    }),
    formRoute({
      path: '/connections/end-all',
      says: 'Ends the access of every app',
      answer: answerBy(codecs.end_all_connections),
    }),
    formRoute({
      path: '/connections/sessions/end',
      says: 'Ends one trading session',
      answer: answerBy(codecs.end_session),
    }),
    formRoute({
      path: '/connections/personal-token',
      says: 'Makes, replaces or deletes the personal token',
      answer: answerBy(codecs.change_personal_token),
    }),
    formRoute({
      path: '/logout',
      says: 'Signs the browser out',
      answer: answerBy(codecs.sign_out),
    }),
  ];
}

function pageRoute(answer: Answer): Route {
  return { ...route(answer), methods: ['GET'], body_bytes_max: 0 };
}

function formRoute(answer: Answer): Route {
  return { ...route(answer), methods: ['POST'], body_bytes_max: FORM_BYTES_MAX };
}

function route(answer: Answer): Omit<Route, 'methods' | 'body_bytes_max'> {
  const name = answer.path.replace(/-[0-9a-f]{16}(?=\.)/, '').slice(1) || 'home';
  return {
    ...answer,
    id: `pages.${name.replaceAll('/', '.')}`,
    dialect: 'pages',
    role: 'pages',
    fold_case: false,
  };
}

function problemHeaders(
  allow: readonly string[] | undefined,
  retry_after_s: number | undefined,
): (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = [];
  if (allow !== undefined) headers.push(['Allow', allow.join(', ')]);
  if (retry_after_s !== undefined) headers.push(['Retry-After', String(retry_after_s)]);
  return headers;
}
