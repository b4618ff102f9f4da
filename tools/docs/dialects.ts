import type { Dialect } from '../../src/core/routes.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { tradierDialect } from '../../src/dialects/tradier/dialect.ts';

const worlds = {
  live: { pages_origin: 'https://auth.broker.example' },
  paper: { pages_origin: 'https://paper.broker.example' },
};

/** Every dialect as production serves it, with the routes that a setting can add. */
export function documentedDialects(): Dialect[] {
  const options = { secure_cookies: true, development: false, worlds };
  const settings = {
    token_type: 'Bearer',
    refresh_echo: false,
    api_errors: 'fault',
    read_implies_market: false,
    danger_limits_off: false,
    aliases: true,
  } as const;
  return [
    tradierDialect({ settings, pages: pageRenderer(options), worlds }),
    pagesDialect(options),
  ];
}
