/** A user in one browser who stays signed in from one authorization to the next. */
import assert from 'node:assert/strict';
import { createBrowser } from '../../outside/browser.ts';
import type { AuthorizeParameters, Browser, Callback, Visit } from '../../outside/browser.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import {
  decide, exchange, oauthPath, signInAs, tokensOf, userinfo,
} from '../../outside/tradovate.ts';
import type { OAuthTokens } from '../../outside/tradovate.ts';
import { fixtureSecrets } from '../../outside/tradovate-fixtures.ts';
import type { Registration, User } from '../../outside/tradovate-fixtures.ts';
import { noteSecrets } from '../tradier/secrets.ts';

noteSecrets(...fixtureSecrets());

export type Trader = {
  readonly browser: Browser;
  /** Opens a request up to the consent page, signing in on the way. */
  readonly ask: (app: Registration, parameters?: AuthorizeParameters) => Promise<Visit>;
  readonly allow: (
    app: Registration,
    parameters?: AuthorizeParameters,
  ) => Promise<Callback & { readonly code: string }>;
  readonly deny: (app: Registration, parameters?: AuthorizeParameters) => Promise<Callback>;
  /** Consent and code exchange. */
  readonly link: (app: Registration, parameters?: AuthorizeParameters) => Promise<OAuthTokens>;
};

export function traderIn(world: WorldSite, user: User): Trader {
  const browser = createBrowser(world);
  const allow: Trader['allow'] = async (app, parameters) => {
    const callback = await decide(browser, oauthPath(app, parameters), user);
    const { code } = callback;
    if (code === null) throw new Error(`no code at the callback: ${callback.url}`);
    noteSecrets(code, ...browser.cookies.values());
    return { ...callback, code };
  };
  return {
    browser,
    allow,
    ask: async (app, parameters) => {
      await browser.open(oauthPath(app, parameters));
      await signInAs(browser, user);
      return browser.page();
    },
    deny: (app, parameters) => decide(browser, oauthPath(app, parameters), user, 'deny'),
    link: async (app, parameters) => {
      const { code } = await allow(app, parameters);
      return noted(tokensOf(await exchange(world, app, code)));
    },
  };
}

/** Remembers the secrets of a token answer, for the look into the log afterwards. */
export function noted(tokens: OAuthTokens): OAuthTokens {
  noteSecrets(tokens.access_token, tokens.refresh_token, tokens.id_token ?? '');
  return tokens;
}

/** Uses a token where no limit counts its failures. */
export async function assertAlive(world: WorldSite, token: string): Promise<void> {
  const { status, text } = await userinfo(world, token);
  assert.equal(status, 200, `the token is dead: ${text}`);
}

export async function assertDead(world: WorldSite, ...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const { status, text } = await userinfo(world, token);
    assert.equal(`${status} ${text}`, '401 ', 'the token is alive');
  }
}
