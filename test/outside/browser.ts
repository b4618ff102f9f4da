/**
 * A customer's browser without JavaScript: cookies, redirects, forms, and the headers that real
 * browsers add (Fetch Metadata, Origin). It stops before it leaves the world's own authority, so
 * that a test sees the callback instead of requesting it.
 */
import { call, encodeForm } from './call.ts';
import type { Answer } from './call.ts';
import type { App, CustomerName, WorldSite } from './fixtures.ts';
import { CUSTOMERS } from './fixtures.ts';
import { readForms } from './forms.ts';
import type { PageForm } from './forms.ts';

/** Where a visit ended: a page of ours, or a redirect to somewhere else. */
export type Visit = {
  readonly url: string;
  readonly answer: Answer;
  /** Redirects that were followed to come here, oldest first. */
  readonly hops: readonly Answer[];
  /** The address outside this authority that the last answer leads to, or null. */
  readonly leaves_to: string | null;
};

export type AuthorizeParameters = { readonly [name: string]: string | undefined };

/** What came back at the callback. */
export type Callback = {
  readonly url: string;
  readonly code: string | null;
  readonly state: string | null;
  readonly error: string | null;
  readonly iss: string | null;
};

export type Browser = {
  readonly world: WorldSite;
  /** Cookies by name, as a browser would send them to this host. */
  readonly cookies: Map<string, string>;
  /** The page where the browser stands. Throws before the first visit. */
  readonly page: () => Visit;
  readonly forms: () => readonly PageForm[];
  /** The form with this id. Throws, showing the page, when it is not there. */
  readonly form: (id: string) => PageForm;
  /** Opens an address (absolute, or a path of this world) and follows redirects. */
  readonly open: (address: string, headers?: Headers) => Promise<Visit>;
  /** Sends a form of the page; `fields` replace or add to its own. */
  readonly submit: (id: string, fields?: Fields, headers?: Headers) => Promise<Visit>;
  /** Opens the app's authorization request; `undefined` leaves a parameter out. */
  readonly authorize: (app: App, parameters?: AuthorizeParameters) => Promise<Visit>;
  readonly signIn: (customer: CustomerName, password?: string) => Promise<Visit>;
  /** Decides at the consent page; the callback is read, not requested. */
  readonly consent: (decision: 'allow' | 'deny') => Promise<Callback>;
};

type Headers = readonly (readonly [string, string])[];
type Fields = { readonly [name: string]: string };
type Step = { readonly url: string; readonly method: string; readonly body: string | undefined };
type Site = 'none' | 'same-origin' | 'cross-site';

const REDIRECTS_MAX = 10;
const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** A fresh browser, with no cookie, that talks to one world. */
export function createBrowser(world: WorldSite): Browser {
  const cookies = new Map<string, string>();
  let at: Visit | undefined;
  const page = (): Visit => {
    if (at === undefined) throw new Error('the browser has opened no page yet');
    return at;
  };
  const go = async (first: Step, site: Site, extra: Headers): Promise<Visit> => {
    at = await follow({ world, cookies, site, extra, from: at }, first);
    return at;
  };
  const forms = (): readonly PageForm[] => readForms(page().answer.text);
  const form = (id: string): PageForm => {
    const found = forms().find((own) => own.id === id);
    if (found !== undefined) return found;
    const { url, answer, leaves_to } = page();
    const where = `${answer.status} ${url}${leaves_to === null ? '' : ` -> ${leaves_to}`}`;
    throw new Error(`no form "${id}" at ${where}:\n${answer.text.slice(0, 2_000)}`);
  };
  const open: Browser['open'] = (address, headers = []) => {
    const url = new URL(address, world.origin).href;
    return go({ url, method: 'GET', body: undefined }, 'none', headers);
  };
  const submit: Browser['submit'] = (id, fields = {}, headers = []) => {
    const { action, method, fields: own } = form(id);
    const pairs = [
      ...own.filter(([name]) => !(name in fields)),
      ...Object.entries(fields),
    ];
    const url = new URL(action, page().url).href;
    const body = encodeForm(pairs);
    return go({ url, method: method.toUpperCase(), body }, 'same-origin', headers);
  };
  return {
    world,
    cookies,
    page,
    forms,
    form,
    open,
    submit,
    authorize: (app, parameters = {}) => open(authorizePath(app, parameters)),
    signIn: (customer, password = CUSTOMERS[customer].password) =>
      submit('sign-in', { name: CUSTOMERS[customer].login_name, password }),
    consent: async (decision) => {
      const { leaves_to, answer } = await submit('consent', { decision });
      if (leaves_to !== null) return readCallback(leaves_to);
      throw new Error(`consent led to no callback: ${answer.status}\n${answer.text}`);
    },
  };
}

/** `/v1/oauth/authorize?…` for an app; `undefined` leaves a parameter out. */
export function authorizePath(app: App, parameters: AuthorizeParameters = {}): string {
  const all = Object.entries({ client_id: app.id, ...parameters });
  const pairs = all.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/v1/oauth/authorize?${encodeForm(pairs)}`;
}

/** The parameters of a callback address. */
export function readCallback(url: string): Callback {
  const query = new URL(url).searchParams;
  const get = (name: string): string | null => query.get(name);
  return { url, code: get('code'), state: get('state'), error: get('error'), iss: get('iss') };
}

type Trip = {
  readonly world: WorldSite;
  readonly cookies: Map<string, string>;
  readonly site: Site;
  readonly extra: Headers;
  readonly from: Visit | undefined;
};

async function follow(trip: Trip, first: Step): Promise<Visit> {
  const hops: Answer[] = [];
  let step = first;
  for (let count = 0; count <= REDIRECTS_MAX; count += 1) {
    const { pathname, search, origin } = new URL(step.url);
    const answer = await call(origin, {
      method: step.method,
      path: `${pathname}${search}`,
      headers: headersFor(trip, step),
      ...(step.body === undefined ? {} : { body: step.body }),
    });
    keepCookies(trip.cookies, answer);
    const location = answer.headers.location;
    if (answer.status < 300 || answer.status > 399 || location === undefined) {
      return { url: step.url, answer, hops, leaves_to: null };
    }
    const next = nextUrl(location, step.url);
    if (!next.startsWith(`${trip.world.origin}/`)) {
      return { url: step.url, answer, hops, leaves_to: next };
    }
    hops.push(answer);
    const keeps = answer.status === 307 || answer.status === 308;
    step = keeps ? { ...step, url: next } : { url: next, method: 'GET', body: undefined };
  }
  throw new Error(`more than ${REDIRECTS_MAX} redirects from ${first.url}`);
}

// An absolute address stays as the server wrote it: tests compare callbacks byte for byte.
function nextUrl(location: string, base: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(location) ? location : new URL(location, base).href;
}

function headersFor({ cookies, site, extra, from }: Trip, step: Step): Headers {
  const own: (readonly [string, string])[] = [
    ['User-Agent', 'Mozilla/5.0 (outside test)'],
    ['Accept', ACCEPT],
    ['Accept-Language', 'en-US,en;q=0.5'],
    ['Sec-Fetch-Site', site],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'],
    ['Sec-Fetch-User', '?1'],
  ];
  if (cookies.size > 0) {
    own.push(['Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')]);
  }
  if (step.method !== 'GET') {
    own.push(['Content-Type', 'application/x-www-form-urlencoded']);
    // A page with `no-referrer` posts with `Origin: null`, also to itself (Fetch §3.1).
    const hidden = from?.answer.headers['referrer-policy'] === 'no-referrer';
    own.push(['Origin', hidden ? 'null' : new URL(step.url).origin]);
  }
  const replaced = new Set(extra.map(([name]) => name.toLowerCase()));
  return [...own.filter(([name]) => !replaced.has(name.toLowerCase())), ...extra];
}

function keepCookies(cookies: Map<string, string>, answer: Answer): void {
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const cut = pair.indexOf('=');
    const name = pair.slice(0, cut);
    const ends = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (ends) cookies.delete(name);
    else cookies.set(name, pair.slice(cut + 1));
  }
}
