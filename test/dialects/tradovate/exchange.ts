/** One request to the Tradovate dialect without a server; the test scripts the core's answers. */
import type {
  CommandContext, CommandName, Commands, Dispatch, Identity, Outcomes, SessionAnswer, TokenAnswer,
} from '../../../src/core/commands.ts';
import type { Dialect } from '../../../src/core/routes.ts';
import {
  type Refusal, type RefusalCode, type Result, accepted, refused,
} from '../../../src/core/rules/refusals.ts';
import type { PageRenderer } from '../../../src/core/views.ts';
import type { WireRequest, WireResponse } from '../../../src/core/wire.ts';
import { tradovateDialect } from '../../../src/dialects/tradovate/dialect.ts';
import type {
  TradovateOptions, TradovateSettings,
} from '../../../src/dialects/tradovate/settings.ts';
import { routeTable } from '../../../src/http/route-table.ts';
import { type Sent, wireRequest } from '../page-requests.ts';

export const DEFAULTS: TradovateSettings = {
  elsewhere: {},
  api_hosts: {},
  lifetimes: {
    code_s: 300, oauth_access_s: 4800, oauth_refresh_s: 93_600, family_s: 7_776_000,
    session_token_s: 4800, session_max_s: 86_400,
  },
  max_sessions: 2,
  evicted_status: 408,
  login_failure_status: 200,
  login_captcha: 'escalate',
  limit_exempt: [],
  danger_keyless_login: false,
  danger_limits_off: false,
  example_resources: false,
  socket_upstream: null,
  banned_countries: [],
};

export const WORLDS = {
  live: { issuer: 'https://live.example', pages_origin: 'https://trader.example' },
  paper: { issuer: 'https://demo.example', pages_origin: 'https://trader-demo.example' },
};

/** Pages as plain text: what they look like is another test's matter. */
export const PAGES: PageRenderer = {
  signIn: () => page(200, 'sign-in'),
  consent: () => page(200, 'consent'),
  error: ({ status, refusal, says }) => page(status, `${refusal?.code ?? status} ${says ?? ''}`),
  withFlowCookie: (response, world, value) => ({
    ...response, headers: [...response.headers, ['Set-Cookie', `${world}=${value}`]],
  }),
  readCookies: (_world, header) => ({ flow_cookie: header ?? null, login_cookie: null }),
};

function page(status: number, body: string): WireResponse {
  return { status, headers: [['Content-Type', 'text/html; charset=utf-8']], body };
}

export function optionsWith(
  settings: Partial<TradovateSettings> = {},
  worlds: TradovateOptions['worlds'] = WORLDS,
): TradovateOptions {
  return { settings: { ...DEFAULTS, ...settings }, pages: PAGES, worlds };
}

export type Exchange = {
  readonly response: WireResponse;
  /** What reached the core, or null when the decoder refused. */
  readonly command: Commands[CommandName] | null;
  readonly name: CommandName | null;
};

export type Scripted = {
  readonly result?: Result<Outcomes[CommandName]>;
  readonly settings?: Partial<TradovateSettings>;
  readonly worlds?: TradovateOptions['worlds'];
  /** Headers that were sent more than once. */
  readonly twice?: readonly string[];
  readonly authority?: string;
};

export async function exchange(sent: Sent, scripted: Scripted = {}): Promise<Exchange> {
  const dialect = tradovateDialect(optionsWith(scripted.settings, scripted.worlds));
  return exchangeWith(dialect, sent, scripted);
}

export async function exchangeWith(
  dialect: Dialect,
  sent: Sent,
  { result = accepted(null), twice = [], authority = 'live.example' }: Scripted,
): Promise<Exchange> {
  const seen: { name: CommandName; command: Commands[CommandName] }[] = [];
  const dispatch = ((name: CommandName, command: Commands[CommandName], _: CommandContext) => {
    seen.push({ name, command });
    return Promise.resolve(result);
  }) as Dispatch;
  const plain = wireRequest(sent);
  const request: WireRequest = {
    ...plain,
    authority,
    headerCount: (name) => twice.includes(name) ? 2 : plain.headerCount(name),
  };
  const table = routeTable([dialect], ['api', 'pages'], authority);
  const entry = table.find(request.path);
  const route = entry?.by_method.get(request.method);
  const response = route === undefined
    ? dialect.problem(
      entry === undefined ? { status: 404 } : { status: 405, allow: entry.methods }, request)
    : await route.answer(request, dispatch);
  const [first] = seen;
  return { response, command: first?.command ?? null, name: first?.name ?? null };
}

export function post(path: string, body: string, headers: Sent['headers'] = {}): Sent {
  return { method: 'POST', path, body, headers };
}

/** JSON with its content type; a text is sent as it is. */
export function json(path: string, body: unknown, headers: Sent['headers'] = {}): Sent {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  // One char a byte, as the adapter gives it.
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return post(path, bytes, { 'content-type': 'application/json', ...headers });
}

export function refusal(code: RefusalCode, more: Partial<Refusal> = {}): Result<never> {
  return refused({ code, rule: 'a.rule', reason: 'a private reason', ...more });
}

export const ok = accepted;

export function headerOf({ headers }: WireResponse, name: string): string | undefined {
  return headers.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
}

export function objectOf({ body }: WireResponse): { readonly [member: string]: unknown } {
  return JSON.parse(body) as { readonly [member: string]: unknown };
}

export const API_HEADERS = [
  ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'], ['Access-Control-Allow-Origin', '*'],
];

export const JSON_HEADERS = [['Content-Type', 'application/json'], ...API_HEADERS];

export const HOSTS = {
  reportingDemo: 'demo.example', live: 'live.example', demo: 'demo.example', mdLive: 'md.example',
  mdDemo: 'md-demo.example', replay: 'replay.example', reportingLive: 'live.example',
};

export const HOSTS_TEXT = '"apiHosts":{"live":"live.example","demo":"demo.example",' +
  '"mdLive":"md.example","mdDemo":"md-demo.example","replay":"replay.example",' +
  '"reportingLive":"live.example","reportingDemo":"demo.example"}';

export const ALICE: Identity = {
  number: 1_840_217,
  login_name: 'alice',
  name: 'Alice Example',
  email: 'alice@example.com',
  email_verified: true,
  status: 'active',
  features: { is_trial: false, sim_plus: false, funded: false, market_data: true },
  has_accounts: true,
};

export const SESSION: SessionAnswer = {
  access_token: 'eyJ.demo.access',
  stream_token: 'eyJ.demo.stream',
  expires_at: Date.parse('2026-11-22T10:50:00.999Z'),
  identity: ALICE,
  breach: null,
};

export const TOKENS: TokenAnswer = {
  access_token: 'eyJ.demo.access',
  issued_at: Date.parse('2026-11-22T09:30:00Z'),
  lifetime_s: 4800,
  scopes: 0,
  refresh_token: 'cs_demo_rt',
  presented_refresh_token: null,
  refresh_lifetime_s: 93_600,
  id_token: 'eyJ.demo.id',
};
