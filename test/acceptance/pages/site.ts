/** A world's pages as browsers reach them: in development, or in production behind TLS. */
import { createBrowser, authorizePath } from '../../outside/browser.ts';
import type { Browser, Visit } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import type { App, WorldSite } from '../../outside/fixtures.ts';

type Headers = readonly (readonly [string, string])[];

export type Site = {
  readonly world: WorldSite;
  readonly app: App;
  readonly customer: { readonly login_name: string; readonly password: string };
  /** `Host` for the API and for the pages; none in development, where one name is both. */
  readonly api_host: Headers;
  readonly pages_host: Headers;
};

/** The development server's own names, with the fixtures. */
export function developmentSite(world: WorldSite): Site {
  return { world, app: APPS.A1, customer: CUSTOMERS.alice, api_host: [], pages_host: [] };
}

/** From the app's link to the first page of the flow. */
export async function enterFlow(site: Site, browser: Browser): Promise<Visit> {
  const visit = await browser.open(authorizePath(site.app, { state: 's1' }), site.api_host);
  if (visit.leaves_to === null) return visit;
  const { pathname, search } = new URL(visit.leaves_to);
  return browser.open(`${pathname}${search}`, site.pages_host);
}

export function signIn(site: Site, browser: Browser, password?: string): Promise<Visit> {
  const { login_name, password: own } = site.customer;
  const fields = { name: login_name, password: password ?? own };
  return browser.submit('sign-in', fields, site.pages_host);
}

export type Seen = {
  /** Final answers that show a page, by what it shows. */
  readonly pages: ReadonlyMap<string, Answer>;
  /** Every answer, redirects included. */
  readonly answers: readonly Answer[];
};

/** Walks to every page that the product has, errors included. */
export async function seeEveryPage(site: Site): Promise<Seen> {
  const pages = new Map<string, Answer>();
  const answers: Answer[] = [];
  const browser = createBrowser(site.world);
  const keep = (name: string, { answer, hops }: Visit): void => {
    pages.set(name, answer);
    answers.push(...hops, answer);
  };
  const go = (path: string): Promise<Visit> => browser.open(path, site.pages_host);
  keep('sign-in', await go('/login'));
  keep('sign-in refused', await signIn(site, browser, 'wrong'));
  keep('sign-in in a flow', await enterFlow(site, browser));
  keep('consent', await signIn(site, browser));
  keep('connections', await go('/connections'));
  const replace = { change: 'replace' };
  keep('personal token', await browser.submit('personal-token', replace, site.pages_host));
  await enterFlow(site, browser);
  const callback = await browser.submit('consent', { decision: 'deny' }, site.pages_host);
  answers.push(callback.answer);
  await go('/connections');
  const forged = { csrf: 'x', change: 'replace' };
  keep('forged form', await browser.submit('personal-token', forged, site.pages_host));
  await go('/connections');
  keep('signed out', await browser.submit('sign-out', {}, site.pages_host));
  keep('unknown request', await go('/oauth/authorize?client_id=x&request=nothing'));
  for (const [name, answer] of Object.entries(await errorPages(site))) {
    pages.set(name, answer);
    answers.push(answer);
  }
  return { pages, answers };
}

async function errorPages(site: Site): Promise<{ readonly [name: string]: Answer }> {
  const { origin } = site.world;
  const html = ['Accept', 'text/html'] as const;
  const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
  const send = (path: string, method = 'GET', body?: string): Promise<Answer> => call(origin, {
    method, path, headers: [html, form, ...site.pages_host],
    ...(body === undefined ? {} : { body }),
  });
  return {
    'no cookie': await send('/login?c=1'),
    'no page': await send('/nothing'),
    'no such method': await send('/connections', 'DELETE'),
    'form without cookie': await send('/login', 'POST', 'name=x&password=y'),
    'form too large': await send('/login', 'POST', `name=${'x'.repeat(70_000)}`),
    'no form': await call(origin, {
      method: 'POST', path: '/consent', body: '{}',
      headers: [html, ['Content-Type', 'application/json'], ...site.pages_host],
    }),
    'direct entry, app unknown': await send('/authorize?client_id=x'),
    'authorize, app unknown': await call(origin, {
      path: '/v1/oauth/authorize?client_id=x', headers: [html, ...site.api_host],
    }),
  };
}
