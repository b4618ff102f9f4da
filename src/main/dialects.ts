/** The dialects of this product: their live settings, registrations and composition. */
import type { Settings } from '../config/settings.ts';
import type { Registrations } from '../core/decide/manage/app-rules.ts';
import type { Dialect } from '../core/routes.ts';
import { ALL_SCOPES, scopeWords } from '../core/rules/scopes/scopes.ts';
import type { World, WorldName } from '../core/world.ts';
import { pagesDialect } from '../dialects/pages/dialect.ts';
import { type PagesOptions, pageRenderer } from '../dialects/pages/renderer.ts';
import { tradierDialect } from '../dialects/tradier/dialect.ts';
import type { TradierSettings } from '../dialects/tradier/settings.ts';
import { tradovateDialect } from '../dialects/tradovate/dialect.ts';
import type { TradovateSettings, TradovateWorld } from '../dialects/tradovate/settings.ts';

/** Apps may be registered for these; the first is meant when none is named. */
export const REGISTRATIONS: Registrations = {
  first: 'tradier',
  of: {
    tradier: {
      client_id: 'text',
      vocabulary: 'words',
      authentications: ['client_secret'],
      redirect_uri_modes: ['strict', 'ignore'],
      default_scopes: scopeWords(ALL_SCOPES),
    },
    tradovate: {
      client_id: 'number',
      vocabulary: 'areas',
      authentications: ['client_secret', 'none'],
      redirect_uri_modes: ['strict'],
      default_scopes: null,
    },
  },
};

/** The dialect whose API keys are meant when none is named: the only one that has them. */
export const API_KEY_DIALECT = 'tradovate';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Read at each use, so that a development control may change them while running. */
export type DialectSettings = {
  readonly tradier: Mutable<TradierSettings>;
  readonly tradovate: Mutable<TradovateSettings>;
};

const LIFETIMES: TradovateSettings['lifetimes'] = {
  code_s: 300,
  oauth_access_s: 4800,
  oauth_refresh_s: 93_600,
  family_s: 7_776_000,
  session_token_s: 4800,
  session_max_s: 86_400,
};

export function dialectSettings(settings: Settings): DialectSettings {
  return {
    tradier: {
      token_type: settings['tradier.token_type'],
      refresh_echo: settings['tradier.refresh_echo'],
      api_errors: settings['tradier.api_errors'],
      read_implies_market: settings['tradier.read_implies_market'],
      danger_limits_off: settings['tradier.danger_limits_off'],
      aliases: settings['tradier.aliases'],
    },
    tradovate: {
      elsewhere: settings['tradovate.elsewhere'],
      api_hosts: definedOnly(settings['tradovate.api_hosts']),
      lifetimes: { ...LIFETIMES, ...definedOnly(settings['tradovate.lifetimes']) },
      max_sessions: settings['tradovate.max_sessions'],
      evicted_status: settings['tradovate.evicted_status'],
      login_failure_status: settings['tradovate.login_failure_status'],
      login_captcha: settings['tradovate.login_captcha'],
      limit_exempt: settings['tradovate.limit_exempt'],
      danger_keyless_login: settings['tradovate.danger_keyless_login'],
      danger_limits_off: settings['tradovate.danger_limits_off'],
      example_resources: settings['tradovate.example_resources'],
      banned_countries: settings['signup.banned_countries'],
      socket_upstream: emptyAsNull(settings['tradovate.socket_upstream']),
    },
  };
}

function emptyAsNull(text: string): string | null {
  return text === '' ? null : text;
}

function definedOnly<T>(
  values: { readonly [name: string]: T | undefined },
): { readonly [name: string]: T } {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined),
  );
}

/** Keys that a running development server may be told anew. */
const SWITCHABLE: { readonly [D in keyof DialectSettings]: readonly string[] } = {
  tradier: [
    'token_type', 'refresh_echo', 'api_errors', 'read_implies_market', 'danger_limits_off',
  ],
  tradovate: [
    'elsewhere', 'api_hosts', 'lifetimes', 'max_sessions', 'evicted_status',
    'login_failure_status', 'login_captcha', 'limit_exempt', 'danger_keyless_login',
    'danger_limits_off', 'example_resources',
  ],
};

export const SWITCHABLE_KEYS: readonly string[] = Object.entries(SWITCHABLE)
  .flatMap(([dialect, names]) => names.map((name) => `${dialect}.${name}`));

/** Changes one switchable key, already checked. */
export function switchSetting(live: DialectSettings, key: string, value: unknown): void {
  const [dialect = '', name = ''] = key.split('.');
  const of_dialect: { [name: string]: unknown } = dialect === 'tradier'
    ? live.tradier
    : live.tradovate;
  const whole = name === 'lifetimes' ? { ...LIFETIMES, ...(value as object) } : value;
  of_dialect[name] = whole;
}

export function limitsOff({ tradier, tradovate }: DialectSettings): boolean {
  return tradier.danger_limits_off || tradovate.danger_limits_off;
}

export function composeDialects(
  live: DialectSettings,
  made: {
    readonly pages: PagesOptions;
    readonly worlds: { readonly [W in WorldName]?: World<WorldName> };
    readonly stream_worlds: { readonly [W in WorldName]?: TradovateWorld };
  },
): readonly Dialect[] {
  const { pages, worlds, stream_worlds } = made;
  const renderer = pageRenderer(pages);
  return [
    tradierDialect({ settings: live.tradier, pages: renderer, worlds }),
    tradovateDialect({ settings: live.tradovate, pages: renderer, worlds: stream_worlds }),
    pagesDialect(pages),
  ];
}
