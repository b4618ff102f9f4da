/** How our own pages speak: forms to commands, outcomes to pages and redirects. */
import { accepted } from '../../core/rules/refusals.ts';
import type { Refusal } from '../../core/rules/refusals.ts';
import type { Codec } from '../../core/routes.ts';
import type { CommandName, PageRequest } from '../../core/commands.ts';
import type { ConnectionsView } from '../../core/views.ts';
import type { WireHeader, WireRequest, WireResponse } from '../../core/wire.ts';
import { cookieName, readCookies, setCookie } from './cookies.ts';
import { malformed, NOT_A_FORM, readPageForm } from './form-command.ts';
import { pageResponse, seeOther } from './headers.ts';
import { localUrl, urlText } from './local-url.ts';
import { REFUSAL_WORDS } from './refusal-words.ts';
import { pageFrame, pageRenderer } from './renderer.ts';
import type { PagesOptions } from './renderer.ts';
import { connectionsPage, DONE_WORDS } from './templates/connections-page.ts';
import type { Done } from './templates/connections-page.ts';

export type PageCodecs = {
  readonly sign_in: Codec<'sign_in'>;
  readonly decide_consent: Codec<'decide_consent'>;
  readonly show_connections: Codec<'show_connections'>;
  readonly end_connections: Codec<'end_connections'>;
  readonly end_all_connections: Codec<'end_connections'>;
  readonly end_session: Codec<'end_session'>;
  readonly change_personal_token: Codec<'change_personal_token'>;
  readonly sign_out: Codec<'sign_out'>;
};

export function pageCodecs(options: PagesOptions): PageCodecs {
  return {
    sign_in: signIn(options),
    decide_consent: decideConsent(options),
    show_connections: showConnections(options),
    end_connections: endConnections(options, true),
    end_all_connections: endConnections(options, false),
    end_session: endSession(options),
    change_personal_token: changePersonalToken(options),
    sign_out: signOut(options),
  };
}

function signIn(options: PagesOptions): Codec<'sign_in'> {
  const secure = options.secure_cookies;
  return {
    command: 'sign_in',
    decode: (request) => {
      const form = readPageForm(request, ['name', 'password', 'request', 'client_id'], secure);
      if (!form.ok) return form;
      const { browser, fields } = form.value;
      return accepted({
        ...browser,
        name: fields.get('name') ?? '',
        password: fields.get('password') ?? '',
        request: emptyAsNull(fields.get('request')),
      });
    },
    encode: (outcome, { world }) => {
      if (outcome.is === 'sign_in') {
        return pageRenderer(options).signIn(outcome.view, outcome.refusal);
      }
      const cookie = setCookie(cookieName(world, 'login', secure), outcome.login_cookie, secure);
      return outcome.request === null
        ? goTo('/connections', options, [cookie])
        : goToRequest(outcome.request, options, [cookie]);
    },
    refuse: refuseBy(options),
  };
}

function decideConsent(options: PagesOptions): Codec<'decide_consent'> {
  return {
    command: 'decide_consent',
    decode: (request) => {
      const listed = ['request', 'client_id', 'decision'];
      const form = readPageForm(request, listed, options.secure_cookies);
      if (!form.ok) return form;
      const { browser, fields } = form.value;
      const decision = fields.get('decision');
      if (decision !== 'allow' && decision !== 'deny') return malformed('decision');
      const client_id = fields.get('client_id');
      return accepted({ ...browser, request: fields.get('request') ?? '', client_id, decision });
    },
    encode: (outcome) => {
      if (outcome.is !== 'answered') return goToRequest(outcome.request, options);
      const answer = seeOther(outcome.location, options.secure_cookies);
      return { ...answer, log: { outcome: outcome.denied ? 'denied' : 'allowed' } };
    },
    refuse: refuseBy(options),
  };
}

function showConnections(options: PagesOptions): Codec<'show_connections'> {
  return {
    command: 'show_connections',
    decode: (request) => accepted(
      readCookies(request.header('cookie'), request.world, options.secure_cookies),
    ),
    encode: (view, request) => view === null
      ? goTo('/login', options)
      : connectionsAnswer(options, view, { done: whatWasDone(request), token: null }),
    refuse: refuseBy(options, goTo('/login', options)),
  };
}

function endConnections(options: PagesOptions, one: boolean): Codec<'end_connections'> {
  return {
    command: 'end_connections',
    decode: (request) => {
      const form = readPageForm(request, one ? ['app'] : [], options.secure_cookies);
      if (!form.ok) return form;
      const app = one ? emptyAsNull(form.value.fields.get('app')) : null;
      // Without this, a form that lost its app would end every one of them.
      if (one && app === null) return malformed('app');
      return accepted({ ...form.value.browser, app });
    },
    encode: () => goTo('/connections', options, [], { done: 'ended' }),
    refuse: refuseBy(options, goTo('/login', options)),
  };
}

function endSession(options: PagesOptions): Codec<'end_session'> {
  return {
    command: 'end_session',
    decode: (request) => {
      const form = readPageForm(request, ['session'], options.secure_cookies);
      if (!form.ok) return form;
      const session = emptyAsNull(form.value.fields.get('session'));
      return session === null
        ? malformed('session')
        : accepted({ ...form.value.browser, session });
    },
    // One that had ended before has ended, too: what she wanted is so.
    encode: () => goTo('/connections', options, [], { done: 'session_ended' }),
    refuse: refuseBy(options, goTo('/login', options)),
  };
}

function changePersonalToken(options: PagesOptions): Codec<'change_personal_token'> {
  return {
    command: 'change_personal_token',
    decode: (request) => {
      const form = readPageForm(request, ['change'], options.secure_cookies);
      if (!form.ok) return form;
      const change = form.value.fields.get('change');
      if (change !== 'replace' && change !== 'delete') return malformed('change');
      return accepted({ ...form.value.browser, change });
    },
    encode: ({ token, view }) => token === null
      ? goTo('/connections', options, [], { done: 'deleted' })
      : connectionsAnswer(options, view, { done: null, token }),
    refuse: refuseBy(options, goTo('/login', options)),
  };
}

function signOut(options: PagesOptions): Codec<'sign_out'> {
  const secure = options.secure_cookies;
  // The flow cookie goes, too: open flows and kept answers are not the next customer's (RT-17).
  const signedOut = ({ world }: WireRequest): WireResponse =>
    goTo('/signed-out', options, (['login', 'flow'] as const).map((use) =>
      setCookie(cookieName(world, use, secure), null, secure)));
  return {
    command: 'sign_out',
    decode: (request) => {
      const form = readPageForm(request, [], secure);
      return form.ok ? accepted(form.value.browser) : form;
    },
    encode: (_outcome, request) => signedOut(request),
    refuse: (refusal, request) => refusal.code === 'sign_in_needed'
      ? signedOut(request)
      : refuseBy(options)(refusal, request),
  };
}

function connectionsAnswer(
  options: PagesOptions,
  view: ConnectionsView,
  shown: { readonly done: Done | null; readonly token: string | null },
): WireResponse {
  const frame = pageFrame(options, view.world);
  const page = connectionsPage(frame, view, shown.done, shown.token);
  return pageResponse({ status: 200, page }, options.secure_cookies);
}

const DONES = Object.keys(DONE_WORDS) as Done[];

/** Told only when our own form led here, so that no other site can make us claim it. */
function whatWasDone(request: WireRequest): Done | null {
  if (request.header('sec-fetch-site') !== 'same-origin') return null;
  return DONES.find((done) => request.query === `done=${done}`) ?? null;
}

function goTo(
  path: string,
  options: PagesOptions,
  extra: readonly WireHeader[] = [],
  parameters: { readonly [name: string]: string } = {},
): WireResponse {
  return seeOther(urlText(localUrl(path, parameters)), options.secure_cookies, extra);
}

function goToRequest(
  request: PageRequest,
  options: PagesOptions,
  extra: readonly WireHeader[] = [],
): WireResponse {
  const { client_id, request: handle, path } = request;
  return goTo(path, options, extra, { client_id, request: handle });
}

/** @param signed_out answer when she is no longer signed in; without it, a page says so */
function refuseBy(options: PagesOptions, signed_out?: WireResponse): Codec<CommandName>['refuse'] {
  const renderer = pageRenderer(options);
  return (refusal, { world, method, request_id }) => {
    if (refusal.code === 'sign_in_needed' && signed_out !== undefined) return signed_out;
    const status = statusOf(refusal, method);
    // Her own pages hang on the login cookie: without it she signed out, cookies work.
    const gone = refusal.code === 'browser_unknown' && signed_out !== undefined;
    const shown: Refusal = gone ? { ...refusal, code: 'sign_in_needed' } : refusal;
    return renderer.error({ world, status, refusal: shown, request_id });
  };
}

/** A form without the cookie of its browser is a forged form until shown otherwise (CS-01). */
function statusOf(refusal: Refusal, method: string): number {
  if (refusal.parameter === NOT_A_FORM) return 415;
  if (refusal.code === 'browser_unknown' && method === 'POST') return 403;
  return REFUSAL_WORDS[refusal.code].status;
}

function emptyAsNull(value: string | null): string | null {
  return value === '' ? null : value;
}
