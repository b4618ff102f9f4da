/** Answers to what no route and no rule has judged: 404, 405, 413 and their like (contract §2). */
import type { HttpProblem, ProblemRequest } from '../../core/routes.ts';
import type { WireHeader, WireResponse } from '../../core/wire.ts';
import { wantsHtml } from '../request-page.ts';
import { emptyAnswer, jsonAnswer } from './answers.ts';
import { elsewhereAnswer } from './elsewhere.ts';
import { API_PREFIXES, TOKEN_PATH } from './rows.ts';
import type { TradovateOptions } from './settings.ts';

const TEXTS: { readonly [S in Exclude<HttpProblem['status'], 404>]: string } = {
  400: 'Bad request',
  405: 'Method not allowed',
  413: 'Request too large',
  414: 'Request line too long',
  421: 'This host is not served here',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Try again',
};

export function answerProblem(
  options: TradovateOptions,
  problem: HttpProblem,
  request: ProblemRequest,
): WireResponse {
  const { status } = problem;
  const path = request.path.toLowerCase();
  const elsewhere = status === 404 ? elsewhereAnswer(options.settings, request) : null;
  if (elsewhere !== null) return elsewhere;
  const headers = problemHeaders(problem);
  if (wantsHtml(request) && !isApi(path)) {
    const { world, request_id } = request;
    const page = options.pages.error({ world, status, refusal: null, request_id });
    return { ...page, headers: [...page.headers, ...headers] };
  }
  if (status === 404) return emptyAnswer(404);
  const errorText = TEXTS[status];
  if (status !== 413 || !isTokenPath(path)) return jsonAnswer(status, { errorText }, headers);
  // Its readers look for the members of OAuth (§2).
  const error = { error: 'invalid_request', error_description: errorText };
  return jsonAnswer(status, { errorText, ...error }, headers);
}

/** Of the methods: a preflight is answered everywhere and does nothing. */
function problemHeaders({ allow, retry_after_s }: HttpProblem): WireHeader[] {
  const headers: WireHeader[] = [];
  if (allow !== undefined) {
    headers.push(['Allow', allow.filter((method) => method !== 'OPTIONS').join(', ')]);
  }
  if (retry_after_s !== undefined) headers.push(['Retry-After', String(retry_after_s)]);
  return headers;
}

/** Programs call there, whatever they accept. */
function isApi(path: string): boolean {
  return API_PREFIXES.some((prefix) => path.startsWith(prefix));
}

function isTokenPath(path: string): boolean {
  return path === TOKEN_PATH || path === `/v1${TOKEN_PATH}`;
}
