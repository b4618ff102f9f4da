/**
 * What a Tradovate client does: the code flow, the password login, renewal, and the calls that
 * tell who somebody is. Each answer is held to what no row repeats: never a 5xx, and `no-store`
 * wherever the contract does not name another age.
 */
import { createBrowser, readCallback } from './browser.ts';
import type { AuthorizeParameters, Browser, Callback } from './browser.ts';
import { call, encodeForm } from './call.ts';
import type { Answer, Call } from './call.ts';
import type { WorldSite } from './fixtures.ts';
import type { ApiKey, Registration, User } from './tradovate-fixtures.ts';

type Headers = readonly (readonly [string, string])[];
/** Members of a body; `undefined` leaves one out. */
export type Members = { readonly [name: string]: unknown };

export type How = {
  readonly path?: string;
  readonly method?: string;
  /** Content type of the body; `none` sends none. JSON when absent. */
  readonly as?: 'json' | 'form' | 'none';
  readonly headers?: Headers;
};

export type OAuthTokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly refresh_token_expires_in: number;
  readonly id_token?: string;
};

export type SessionTokens = {
  readonly accessToken: string;
  readonly mdAccessToken?: string;
  readonly expirationTime: string;
  readonly userStatus: string;
  readonly userId: number;
  readonly name: string;
};

const CONTENT_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

/** POST `/auth/oauthtoken`: members as JSON or a form, or a text sent as it is. */
export function oauthToken(
  world: WorldSite,
  body: Members | string,
  how: How = {},
): Promise<Answer> {
  return send(world, { ...how, path: how.path ?? '/auth/oauthtoken' }, body);
}

/** Redeems a code as its client does; `extra` replaces, adds or (undefined) omits members. */
export function exchange(
  world: WorldSite,
  app: Registration,
  code: string,
  extra: Members = {},
): Promise<Answer> {
  return oauthToken(world, { ...codeMembers(app, code), ...extra });
}

export function refresh(
  world: WorldSite,
  app: Registration,
  refresh_token: string,
  extra: Members = {},
): Promise<Answer> {
  const members = { grant_type: 'refresh_token', refresh_token, ...credentials(app) };
  return oauthToken(world, { ...members, ...extra });
}

export function codeMembers(app: Registration, code: string): Members {
  const { redirect_uri } = app;
  return { grant_type: 'authorization_code', code, redirect_uri, ...credentials(app) };
}

export function credentials({ id, secret }: Registration): Members {
  return { client_id: id, ...(secret === null ? {} : { client_secret: secret }) };
}

/** `Basic …` of a registration, for the header and for `httpAuth`. */
export function basicOf({ id, secret }: Registration): string {
  return `Basic ${Buffer.from(`${id}:${secret ?? ''}`).toString('base64')}`;
}

/** POST `/auth/accesstokenrequest` with exactly this body. */
export function accessTokenRequest(
  world: WorldSite,
  body: Members | string,
  how: How = {},
): Promise<Answer> {
  return send(world, { ...how, path: how.path ?? '/auth/accesstokenrequest' }, body);
}

/** Signs a user in with a key from one device; `extra` replaces, adds or omits members. */
export function login(
  world: WorldSite,
  key: ApiKey,
  user: User,
  extra: Members = {},
): Promise<Answer> {
  return accessTokenRequest(world, { ...loginMembers(key, user), ...extra });
}

export function loginMembers(key: ApiKey, user: User): Members {
  return {
    name: user.login_name,
    password: user.password,
    appId: key.app_id,
    appVersion: '1.0',
    deviceId: 'demo-device-1',
    cid: key.cid,
    sec: key.sec,
  };
}

export function renew(
  world: WorldSite,
  token: string | null,
  how: How = {},
): Promise<Answer> {
  return bearing(world, token, { path: '/auth/renewaccesstoken', ...how });
}

export function me(world: WorldSite, token: string | null, how: How = {}): Promise<Answer> {
  return bearing(world, token, { path: '/auth/me', ...how });
}

export function userinfo(world: WorldSite, token: string | null, how: How = {}): Promise<Answer> {
  return bearing(world, token, { path: '/oidcuserinfo', ...how });
}

/** Any request with a bearer token, or without one. */
export function bearing(world: WorldSite, token: string | null, how: How): Promise<Answer> {
  const bearer: Headers = token === null ? [] : [['Authorization', `Bearer ${token}`]];
  const { method = 'GET', path = '/', headers = [] } = how;
  return checked(world, { method, path, headers: [...bearer, ...headers] });
}

/** GET without a credential. */
export function get(world: WorldSite, path: string, headers: Headers = []): Promise<Answer> {
  return checked(world, { path, headers });
}

/** The server's clock, epoch ms. */
export async function serverTime(world: WorldSite): Promise<number> {
  const { timestamp } = (await get(world, '/gettimestamp')).json<{ timestamp: string }>();
  return Date.parse(timestamp);
}

export function jwks(world: WorldSite): Promise<Answer> {
  return get(world, '/auth/jwks');
}

/** The request a browser sends before it lets a page of another origin call us. */
export function preflight(world: WorldSite, path: string, method = 'POST'): Promise<Answer> {
  return call(world.origin, {
    method: 'OPTIONS',
    path,
    headers: [
      ['Origin', 'https://tutorial.example'],
      ['Access-Control-Request-Method', method],
      ['Access-Control-Request-Headers', 'authorization, content-type'],
    ],
  });
}

/** `/oauth?…` for a registration; `undefined` leaves a parameter out. */
export function oauthPath(app: Registration, parameters: AuthorizeParameters = {}): string {
  const all = Object.entries({
    response_type: 'code',
    client_id: app.id,
    redirect_uri: app.redirect_uri,
    ...parameters,
  });
  const pairs = all.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `/oauth?${encodeForm(pairs)}`;
}

/** Signs a user in at the page where the browser stands, when that page asks for it. */
export async function signInAs(browser: Browser, user: User): Promise<void> {
  const asked = browser.page().leaves_to === null &&
    browser.forms().some(({ id }) => id === 'sign-in');
  if (!asked) return;
  await browser.submit('sign-in', { name: user.login_name, password: user.password });
}

/** Opens a request in a browser, signs in on the way and decides. */
export async function decide(
  browser: Browser,
  path: string,
  user: User,
  decision: 'allow' | 'deny' = 'allow',
): Promise<Callback> {
  await browser.open(path);
  await signInAs(browser, user);
  const { leaves_to } = browser.page();
  return leaves_to === null ? browser.consent(decision) : readCallback(leaves_to);
}

/** A user signs in with a fresh browser and allows the app; its code comes back. */
export async function approve(
  world: WorldSite,
  app: Registration,
  user: User,
  parameters: AuthorizeParameters = {},
): Promise<Callback & { readonly code: string }> {
  const callback = await decide(createBrowser(world), oauthPath(app, parameters), user);
  const { code } = callback;
  if (code === null) throw new Error(`no code at the callback: ${callback.url}`);
  return { ...callback, code };
}

/** The body of a token answer. Throws, showing it, when it is an error. */
export function tokensOf(answer: Answer): OAuthTokens {
  const body = answer.status === 200 ? answer.json<OAuthTokens & { error?: string }>() : null;
  if (body === null || body.error !== undefined || !body.access_token) {
    throw new Error(`token answer ${answer.status}: ${answer.text}`);
  }
  return body;
}

/** The body of a login or renewal. Throws, showing it, when it is an error. */
export function sessionOf(answer: Answer): SessionTokens {
  const body = answer.status === 200 ? answer.json<SessionTokens>() : null;
  if (!body?.accessToken) throw new Error(`session answer ${answer.status}: ${answer.text}`);
  return body;
}

/** The whole way: sign-in, consent, code exchange. */
export async function link(
  world: WorldSite,
  app: Registration,
  user: User,
  parameters: AuthorizeParameters = {},
): Promise<OAuthTokens> {
  const { code } = await approve(world, app, user, parameters);
  return tokensOf(await exchange(world, app, code));
}

function send(
  world: WorldSite,
  { path = '/', method = 'POST', as = 'json', headers = [] }: How,
  body: Members | string,
): Promise<Answer> {
  const type: Headers = as === 'none' ? [] : [['Content-Type', CONTENT_TYPES[as]]];
  const named = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const text = typeof body === 'string' ? body : as === 'form' ? formOf(body) : jsonOf(body);
  return checked(world, { method, path, headers: [...named ? [] : type, ...headers], body: text });
}

// Spread keeps the members' own keys, `__proto__` as well.
function jsonOf(members: Members): string {
  return JSON.stringify(members);
}

function formOf(members: Members): string {
  const pairs = Object.entries(members).filter(([, value]) => value !== undefined);
  return encodeForm(pairs.map(([name, value]) => [name, String(value)]));
}

const PUBLIC = /^\/(?:v1\/)?(?:auth\/jwks|auth\/wellknownopenid|(?:auth\/)?\.well-known\/)/i;

async function checked(world: WorldSite, request: Call): Promise<Answer> {
  const answer = await call(world.origin, request);
  const where = `${request.method ?? 'GET'} ${request.path}: ${answer.status}`;
  if (answer.status >= 500) throw new Error(`${where} ${answer.text}`);
  const age = answer.headers['cache-control'];
  const good = PUBLIC.test(request.path) && [200, 304].includes(answer.status)
    ? 'public, max-age=300'
    : 'no-store';
  if (age !== good) throw new Error(`${where} has Cache-Control ${age}, not ${good}`);
  return answer;
}
