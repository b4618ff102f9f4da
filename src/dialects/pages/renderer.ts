/** Pages as answers, for this dialect and for those whose flows pass through pages. */
import { refusalLog } from '../../core/routes.ts';
import type { PageRenderer } from '../../core/views.ts';
import type { World, WorldName } from '../../core/world.ts';
import { cookieName, readCookies, setCookie } from './cookies.ts';
import { pageResponse } from './headers.ts';
import { problemWords, REFUSAL_WORDS } from './refusal-words.ts';
import { consentPage } from './templates/consent-page.ts';
import type { Frame } from './templates/layout.ts';
import { errorPage } from './templates/message-page.ts';
import { signInPage } from './templates/sign-in-page.ts';

export type PagesOptions = {
  /** False in development on plain http only: cookies lose `__Host-` and `Secure`. */
  readonly secure_cookies: boolean;
  /** Shows the development strip on the sign-in page; never true under `serve`. */
  readonly development: boolean;
  /** The worlds served, with the origin of their pages. */
  readonly worlds: { readonly [W in WorldName]?: Pick<World<W>, 'pages_origin'> | undefined };
  /** Name of the brokerage, as its customers know it. */
  readonly brand?: string;
  /** How many trading sessions a customer can have at a time; two when absent. */
  readonly sessions_max?: number;
};

/** What a world's pages have in common. */
export function pageFrame(options: PagesOptions, world: WorldName): Frame {
  const origin = options.worlds[world]?.pages_origin;
  const host = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
  const { brand = 'Countersign', sessions_max = 2 } = options;
  return { world, brand, host, sessions_max };
}

export function pageRenderer(options: PagesOptions): PageRenderer {
  const secure = options.secure_cookies;
  return {
    signIn: (view, refusal) => {
      const { status, extra } = signInAnswer(refusal);
      const frame = pageFrame(options, view.world);
      const page = signInPage(frame, view, refusal, options.development);
      const response = pageResponse({ status, page, extra }, secure);
      return refusal === null ? response : { ...response, log: refusalLog(refusal) };
    },
    consent: (view) => {
      const page = consentPage(pageFrame(options, view.world), view);
      return pageResponse({ status: 200, page, form_target: view.form_target }, secure);
    },
    error: (view) => {
      const { world, status, refusal } = view;
      const words = refusal === null ? problemWords(status) : REFUSAL_WORDS[refusal.code];
      const page = errorPage(pageFrame(options, world), words, view);
      return pageResponse({ status, page, extra: retryAfter(refusal?.retry_after_s) }, secure);
    },
    withFlowCookie: (response, world, value) => ({
      ...response,
      headers: [...response.headers, setCookie(cookieName(world, 'flow', secure), value, secure)],
    }),
    readCookies: (world, header) => readCookies(header, world, secure),
  };
}

type SignInAnswer = {
  readonly status: number;
  readonly extra: readonly (readonly [string, string])[];
};

function signInAnswer(refusal: Parameters<PageRenderer['signIn']>[1]): SignInAnswer {
  if (refusal === null) return { status: 200, extra: [] };
  const { status } = REFUSAL_WORDS[refusal.code];
  return { status, extra: retryAfter(refusal.retry_after_s) };
}

function retryAfter(wait_s: number | undefined): readonly (readonly [string, string])[] {
  return wait_s === undefined ? [] : [['Retry-After', String(Math.max(1, Math.ceil(wait_s)))]];
}
