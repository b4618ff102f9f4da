/** A customer in one browser who stays signed in from one authorization to the next. */
import { createBrowser, readCallback } from '../../outside/browser.ts';
import type { AuthorizeParameters, Browser, Callback, Visit } from '../../outside/browser.ts';
import { authorizePath } from '../../outside/browser.ts';
import type { App, CustomerName, WorldSite } from '../../outside/fixtures.ts';
import { textById } from '../../outside/forms.ts';
import { exchange, tokens } from '../../outside/tradier.ts';
import type { TokenBody } from '../../outside/tradier.ts';
import { noteSecrets } from './secrets.ts';

/** Parameters beside `client_id`, or the rest of the query exactly as it is to be sent. */
type Asked = AuthorizeParameters | string;

export type Customer = {
  readonly browser: Browser;
  /** Opens the app's request up to the consent page, signing in on the way. */
  readonly ask: (app: App, asked?: Asked) => Promise<Visit>;
  readonly allow: (app: App, asked?: Asked) => Promise<Callback & { readonly code: string }>;
  readonly deny: (app: App, asked?: Asked) => Promise<Callback>;
  /** Consent and code exchange. */
  readonly link: (app: App, asked?: Asked) => Promise<TokenBody>;
  /** Opens her page of connected apps, signing in on the way. */
  readonly connections: () => Promise<Visit>;
  /** Makes or replaces her personal token and reads it from the page. */
  readonly newPersonalToken: () => Promise<string>;
};

export function customerIn(world: WorldSite, name: CustomerName): Customer {
  const browser = createBrowser(world);
  const signInIfAsked = async (): Promise<Visit> => {
    const asked = browser.page().leaves_to === null &&
      browser.forms().some(({ id }) => id === 'sign-in');
    return asked ? browser.signIn(name) : browser.page();
  };
  const ask: Customer['ask'] = async (app, asked = {}) => {
    await browser.open(typeof asked === 'string'
      ? `/v1/oauth/authorize?client_id=${app.id}${asked === '' ? '' : `&${asked}`}`
      : authorizePath(app, asked));
    return signInIfAsked();
  };
  const allow: Customer['allow'] = async (app, asked) => {
    await ask(app, asked);
    const callback = await browser.consent('allow');
    const { code } = callback;
    if (code === null) throw new Error(`no code at the callback: ${callback.url}`);
    noteSecrets(code, ...browser.cookies.values());
    return { ...callback, code };
  };
  const connections = async (): Promise<Visit> => {
    await browser.open('/connections');
    await signInIfAsked();
    return browser.open('/connections');
  };
  return {
    browser,
    ask,
    allow,
    connections,
    deny: async (app, asked) => {
      await ask(app, asked);
      return browser.consent('deny');
    },
    link: async (app, asked) => {
      const { code } = await allow(app, asked);
      const body = tokens(await exchange(world, app, code));
      noteSecrets(body.access_token, body.refresh_token ?? body.access_token);
      return body;
    },
    newPersonalToken: async () => {
      await connections();
      const { answer } = await browser.submit('personal-token', { change: 'replace' });
      const token = textById(answer.text, 'personal-token-value')?.trim() ?? '';
      if (token === '') throw new Error(`no token on the page:\n${answer.text}`);
      noteSecrets(token);
      return token;
    },
  };
}

/** Where an authorization request that goes wrong at once leads to. */
export async function errorCallback(
  world: WorldSite,
  app: App,
  query: string,
): Promise<Callback> {
  const visit = await createBrowser(world).open(
    `/v1/oauth/authorize?client_id=${app.id}&${query}`,
  );
  if (visit.leaves_to === null) throw new Error(`no redirect: ${visit.answer.status}`);
  return readCallback(visit.leaves_to);
}
