/**
 * Every endpoint that takes a credential, from the dialects' own route tables: a route that no
 * row knows is an error here.
 */
import { APPS } from '../../../outside/fixtures.ts';
import type { Route } from '../../../../src/core/routes.ts';
import { documentedDialects } from '../../../../tools/docs/dialects.ts';
import type { Kind } from './objects.ts';
import { BOTH } from '../site.ts';
import {
  CSRF, PASSWORD_SIGN_IN, REDIRECT_URL, REQUEST_FIELD, TICKET_IN_QUERY, TRADIER_TOKEN,
  TRADOVATE_TOKEN, bearerSlot, clientIdSlot, cookieSlot, formCookieSlot, requestSlot,
} from './slots.ts';
import type { Slot } from './slots.ts';

export type Place = {
  readonly route: string;
  readonly dialect: string;
  readonly method: string;
  readonly path: string;
  readonly slot: Slot;
};

const SIGNED: readonly Kind[] = [
  'access_token', 'session_token', 'stream_token', 'grant_stream_token',
];
const SIGNED_BEARER = bearerSlot(SIGNED);
const A2_CALLBACK = APPS.A2.redirect_uris[0] ?? '';
const FORM_COOKIES = [formCookieSlot('sign_in_cookie'), formCookieSlot('flow_cookie')];
const VIEW_COOKIES = [cookieSlot('sign_in_cookie'), cookieSlot('flow_cookie')];

/** Slots of the routes that a pattern names, or why they have none. */
const ROWS: readonly (readonly [route: RegExp, slots: readonly Slot[] | string])[] = [
  [/^tradier\.authorize$/, [clientIdSlot(A2_CALLBACK)]],
  [/^tradier\.(accesstoken|refreshtoken|alias\..+)$/, TRADIER_TOKEN],
  [/^tradier\.profile$/, [bearerSlot(['access_token', 'personal_token'])]],
  [/^tradier\.page(_short)?$/, [requestSlot(APPS.A2.id), clientIdSlot(A2_CALLBACK)]],
  [/^tradier\.login$/, [REDIRECT_URL, ...VIEW_COOKIES]],
  [/^tradovate\.(v1\.)?oauthtoken$/, TRADOVATE_TOKEN],
  [/^tradovate\.(v1\.)?accesstokenrequest$/, PASSWORD_SIGN_IN],
  [/^tradovate\.(v1\.)?(renewaccesstoken|me)$/, [SIGNED_BEARER, TICKET_IN_QUERY]],
  [/^tradovate\.(v1\.)?(oidcuserinfo|userinfo|products|search)$/, [SIGNED_BEARER]],
  [/^tradovate\.(v1\.)?challenge$/, 'gives a challenge to anybody'],
  [/^tradovate\.(v1\.)?countryisbanned$/, 'a country is no credential'],
  [/^tradovate\.(v1\.)?getproduct$/, 'a product is no credential'],
  [/^tradovate\.(v1\.)?(gettimestamp|timestamp)$/, 'a clock'],
  [/^tradovate\.(v1\.)?(auth\.jwks|.*well-?known.*)$/, 'published to everybody'],
  [/^tradovate\.page$/, [requestSlot(BOTH.id), clientIdSlot(BOTH.redirect_uri)]],
  [/^tradovate\.page_alias$/, 'served only where no other dialect has its path'],
  [/^pages\.connections$/, VIEW_COOKIES],
  // A sign-in replaces the cookie of an earlier one, and does not read it.
  [/^pages\.login$/, [CSRF, REQUEST_FIELD, formCookieSlot('flow_cookie')]],
  [/^pages\.consent$/, [CSRF, REQUEST_FIELD, ...FORM_COOKIES]],
  [/^pages\.(connections\..+|logout)$/, [CSRF, ...FORM_COOKIES]],
  [/^pages\.(signed-out|home|assets\..+)$/, 'the same for all'],
];

export function placesOf(): readonly Place[] {
  const routes = documentedDialects().flatMap((dialect) => dialect.routes);
  return routes.flatMap((route) => slotsOf(route).flatMap((slot) =>
    route.methods.filter((method) => method !== 'OPTIONS').map((method) => ({
      route: route.id,
      dialect: route.dialect,
      method,
      // An operation that every entity has, and that needs the lowest level.
      path: route.path.replace('*', 'list'),
      slot,
    }))));
}

function slotsOf({ id, dialect, path }: Route): readonly Slot[] {
  // The operations of the brokerage's entities, all behind one check.
  if (dialect === 'tradovate' && path.endsWith('/*')) return [SIGNED_BEARER];
  const found = ROWS.find(([pattern]) => pattern.test(id));
  if (found === undefined) throw new Error(`the matrix has no row for the route ${id}`);
  const [, slots] = found;
  return typeof slots === 'string' ? [] : slots;
}
