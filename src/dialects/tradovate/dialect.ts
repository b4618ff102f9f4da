/** The Tradovate dialect: routes, codecs and answers of one wire contract over the one core. */
import type { Dialect, Route } from '../../core/routes.ts';
import type { SocketRoute } from '../../core/sockets.ts';
import { PREFLIGHT } from './answers.ts';
import { authorizePage } from './authorize.ts';
import { exampleOf } from './calls/entities.ts';
import { elsewhereAnswer } from './elsewhere.ts';
import { answerProblem } from './problems.ts';
import { DIALECT, PAGE_PATH, profileOf } from './profile.ts';
import { API_PREFIXES, type ApiRow, apiRows } from './rows.ts';
import type { TradovateOptions } from './settings.ts';
import { socketAnswers } from './socket/answers.ts';
import { socketRoutes } from './socket/routes.ts';

/** The contract's limit of a body (§2). */
const BODY_BYTES_MAX = 65_536;

/** Where people look for the page besides (§4). */
const ALIAS_PATH = '/oauth/authorize';

export function tradovateDialect(options: TradovateOptions): Dialect {
  return {
    name: DIALECT,
    routes: [
      ...apiRows(options).flatMap((row) => apiRoutes(options, row)),
      pageRoute(options, 'tradovate.page', PAGE_PATH),
      // For authorities where no other dialect has it.
      { ...pageRoute(options, 'tradovate.page_alias', ALIAS_PATH), yields: true },
    ],
    socket_routes: streamRoutes(options),
    owned_prefixes: [...API_PREFIXES, PAGE_PATH],
    problem: (problem, request) => answerProblem(options, problem, request),
  };
}

function pageRoute(options: TradovateOptions, id: string, path: string): Route {
  return {
    id,
    dialect: DIALECT,
    role: 'pages',
    methods: ['GET'],
    path,
    fold_case: true,
    says: 'Sign-in or consent of a request; without `request` it begins one',
    body_bytes_max: 0,
    answer: authorizePage(options),
  };
}

/** With and without `/v1`, or with it alone. */
function apiRoutes(options: TradovateOptions, row: ApiRow): Route[] {
  const { name, methods, path, says } = row;
  const route = {
    dialect: DIALECT,
    role: 'api',
    methods: [...methods, 'OPTIONS'],
    fold_case: true,
    says,
    // Of a GET, too: what it carries is not read, and no reason to refuse it.
    body_bytes_max: BODY_BYTES_MAX,
    answer: serve(options, row.answer),
  } as const;
  const versioned = { ...route, id: `tradovate.v1.${name}`, path: `/v1${path}` };
  return row.version === 'needed'
    ? [versioned]
    : [{ ...route, id: `tradovate.${name}`, path }, versioned];
}

/** A preflight is answered for every path alike; another host is named before any token is read. */
function serve(options: TradovateOptions, answer: Route['answer']): Route['answer'] {
  return (request, dispatch) => {
    if (request.method === 'OPTIONS') return Promise.resolve(PREFLIGHT);
    const elsewhere = elsewhereAnswer(options.settings, request);
    return elsewhere === null ? answer(request, dispatch) : Promise.resolve(elsewhere);
  };
}

function streamRoutes(options: TradovateOptions): readonly SocketRoute[] {
  const { settings } = options;
  return socketRoutes({
    answers: socketAnswers(settings),
    profile: () => profileOf(options),
    upstream: () => settings.socket_upstream,
    example: (operation) => exampleOf(options, operation),
  });
}
