/** What a Tradier client does: exchange, refresh, profile; and the whole way to a link. */
import { createBrowser } from './browser.ts';
import type { AuthorizeParameters, Callback } from './browser.ts';
import { call, post } from './call.ts';
import type { Answer } from './call.ts';
import type { App, CustomerName, WorldSite } from './fixtures.ts';

export type TokenBody = {
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  readonly refresh_token?: string;
  readonly scope: string;
  readonly status: string;
  readonly token_type?: string;
};

export type TokenErrorBody = {
  readonly error: string;
  readonly error_description: string;
  readonly fault: {
    readonly faultstring: string;
    readonly detail: { readonly errorcode: string };
  };
};

type Extra = readonly (readonly [string, string])[];

/** POST `/v1/oauth/accesstoken` with Basic credentials; `extra` adds form fields. */
export function exchange(
  world: WorldSite,
  app: App,
  code: string,
  extra: Extra = [],
): Promise<Answer> {
  const form = [['grant_type', 'authorization_code'], ['code', code], ...extra] as const;
  return post(world.origin, '/v1/oauth/accesstoken', form, [['Authorization', app.basic]]);
}

/** POST `/v1/oauth/refreshtoken` with Basic credentials; `extra` adds form fields. */
export function refresh(
  world: WorldSite,
  app: App,
  refresh_token: string,
  extra: Extra = [],
): Promise<Answer> {
  const form = [
    ['grant_type', 'refresh_token'],
    ['refresh_token', refresh_token],
    ...extra,
  ] as const;
  return post(world.origin, '/v1/oauth/refreshtoken', form, [['Authorization', app.basic]]);
}

/** GET `/v1/user/profile` as JSON, with or without a bearer token. */
export function profile(world: WorldSite, access_token: string | null): Promise<Answer> {
  const bearer: Extra = access_token === null ? [] : [['Authorization', `Bearer ${access_token}`]];
  return call(world.origin, {
    path: '/v1/user/profile',
    headers: [['Accept', 'application/json'], ...bearer],
  });
}

/** A customer signs in with a fresh browser and allows the app; the callback comes back. */
export async function approve(
  world: WorldSite,
  app: App,
  customer: CustomerName,
  parameters: AuthorizeParameters = {},
): Promise<Callback & { readonly code: string }> {
  const browser = createBrowser(world);
  await browser.authorize(app, parameters);
  await browser.signIn(customer);
  const callback = await browser.consent('allow');
  const { code } = callback;
  if (code === null) throw new Error(`no code at the callback: ${callback.url}`);
  return { ...callback, code };
}

/** The body of a token answer. Throws, showing it, unless the status is 200. */
export function tokens(answer: Answer): TokenBody {
  if (answer.status !== 200) throw new Error(`token answer ${answer.status}: ${answer.text}`);
  return answer.json<TokenBody>();
}

/** The whole way: sign-in, consent, code exchange. */
export async function link(
  world: WorldSite,
  app: App,
  customer: CustomerName,
  parameters: AuthorizeParameters = {},
): Promise<TokenBody> {
  const { code } = await approve(world, app, customer, parameters);
  return tokens(await exchange(world, app, code));
}
