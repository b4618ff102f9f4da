import type { Dialect } from '../../src/core/routes.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { tradierDialect } from '../../src/dialects/tradier/dialect.ts';
import { tradovateDialect } from '../../src/dialects/tradovate/dialect.ts';
import type { TradovateOptions } from '../../src/dialects/tradovate/settings.ts';

const worlds = {
  live: { pages_origin: 'https://auth.broker.example' },
  paper: { pages_origin: 'https://paper.broker.example' },
};

const options = { secure_cookies: true, development: false, worlds };
const pages = pageRenderer(options);

const TRADIER = {
  token_type: 'Bearer',
  refresh_echo: false,
  api_errors: 'fault',
  read_implies_market: false,
  danger_limits_off: false,
  aliases: true,
} as const;

/** As the settings' presets make it, with the routes that a setting can add. */
export const TRADOVATE: TradovateOptions = {
  settings: {
    elsewhere: {},
    api_hosts: {},
    lifetimes: {
      code_s: 300,
      oauth_access_s: 4800,
      oauth_refresh_s: 93_600,
      family_s: 7_776_000,
      session_token_s: 4800,
      session_max_s: 86_400,
    },
    max_sessions: 2,
    evicted_status: 408,
    login_failure_status: 200,
    login_captcha: 'escalate',
    limit_exempt: [],
    danger_keyless_login: false,
    danger_limits_off: false,
    example_resources: true,
    banned_countries: [],
    socket_upstream: null,
  },
  pages,
  worlds: {
    live: { issuer: 'https://api.broker.example', ...worlds.live },
    paper: { issuer: 'https://demo.broker.example', ...worlds.paper },
  },
};

/** Every dialect as production serves it, with the routes that a setting can add. */
export function documentedDialects(): Dialect[] {
  return [
    tradierDialect({ settings: TRADIER, pages, worlds }),
    tradovateDialect(TRADOVATE),
    pagesDialect(options),
  ];
}
