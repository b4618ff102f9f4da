/** One object of each kind that each dialect gives in each world, all of them good. */
import assert from 'node:assert/strict';
import { call } from '../../../outside/call.ts';
import { APPS } from '../../../outside/fixtures.ts';
import type { WorldName, WorldSite } from '../../../outside/fixtures.ts';
import {
  accessTokenRequest, get, login, loginMembers, renew, sessionOf,
} from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import { customerIn } from '../../tradier/customer.ts';
import type { Customer } from '../../tradier/customer.ts';
import { traderIn } from '../../tradovate/trader.ts';
import type { Trader } from '../../tradovate/trader.ts';
import { BOTH, ONLY, freshAddress, from } from '../site.ts';

export type DialectName = 'tradier' | 'tradovate';

export const KINDS = [
  'code', 'access_token', 'refresh_token', 'session_token', 'stream_token', 'grant_stream_token',
  'id_token', 'ticket', 'challenge', 'client', 'api_key', 'request', 'sign_in_cookie',
  'flow_cookie', 'csrf', 'personal_token',
] as const;

export type Kind = (typeof KINDS)[number];

export type Thing = {
  readonly kind: Kind;
  readonly world: WorldName;
  readonly dialect: DialectName;
  /** The value; of credentials the secret. */
  readonly text: string;
  /** Of credentials the id. */
  readonly id: string | null;
};

/** What was given in one world by one dialect, and the browser in which it was. */
export type Given = {
  readonly things: readonly Thing[];
  readonly cookies: string;
};

type Values = { readonly [K in Kind]?: string | readonly [id: string, secret: string] };

export type Holder = {
  readonly tradier: Given & { readonly customer: Customer };
  readonly tradovate: Given & { readonly trader: Trader };
};

export async function objectsIn(world: WorldSite): Promise<Holder> {
  return { tradier: await tradierObjects(world), tradovate: await tradovateObjects(world) };
}

async function tradierObjects(world: WorldSite): Promise<Holder['tradier']> {
  const customer = customerIn(world, 'alice');
  const { code } = await customer.allow(APPS.A2);
  const { access_token, refresh_token = '' } = await customer.link(APPS.A2);
  const personal_token = await customer.newPersonalToken();
  await customer.ask(APPS.A2);
  const { app } = ONLY[world.name];
  const values: Values = {
    code, access_token, refresh_token, personal_token,
    client: [app.id, app.secret],
    ...pageValues(customer.browser, world),
  };
  return { customer, ...given(world, 'tradier', values, customer.browser.cookies) };
}

async function tradovateObjects(world: WorldSite): Promise<Holder['tradovate']> {
  const trader = traderIn(world, USERS.alice);
  const { code } = await trader.allow(BOTH);
  const { access_token, refresh_token, id_token = '' } = await trader.link(BOTH);
  const how = { headers: [from(freshAddress())] };
  const { mdAccessToken: grant_stream_token = '' } =
    sessionOf(await renew(world, access_token, how));
  const session = sessionOf(await login(world, API_KEYS.K1, USERS.alice));
  await trader.ask(BOTH);
  const { registration, key } = ONLY[world.name];
  const values: Values = {
    code, access_token, refresh_token, id_token, grant_stream_token,
    session_token: session.accessToken,
    stream_token: session.mdAccessToken ?? '',
    ticket: await ticketOf(world),
    challenge: await challengeOf(world),
    client: [registration.id, registration.secret ?? ''],
    api_key: [String(key.cid), key.sec],
    ...pageValues(trader.browser, world),
  };
  return { trader, ...given(world, 'tradovate', values, trader.browser.cookies) };
}

/** A ticket of a wait that nobody has kept yet. */
async function ticketOf(world: WorldSite): Promise<string> {
  const how = { headers: [from(freshAddress())] };
  const wrong = { ...loginMembers(API_KEYS.K1, USERS.erin), password: 'wrong' };
  for (let failures = 0; failures < 5; failures += 1) await accessTokenRequest(world, wrong, how);
  const body = (await accessTokenRequest(world, wrong, how)).json();
  assert.equal(typeof body['p-ticket'], 'string', JSON.stringify(body));
  return String(body['p-ticket']);
}

async function challengeOf(world: WorldSite): Promise<string> {
  const body = (await get(world, '/auth/challenge', [from(freshAddress())])).json();
  return String(body['chl']);
}

/** Names of our cookies in development, as a browser sends them. */
export function cookieName(world: WorldName, use: 'flow' | 'login'): string {
  return `cs_${world}_${use}-dev`;
}

function pageValues(browser: Customer['browser'], { name }: WorldSite): Values {
  const fields = new Map(browser.form('consent').fields);
  return {
    request: fields.get('request') ?? '',
    csrf: fields.get('csrf') ?? '',
    sign_in_cookie: browser.cookies.get(cookieName(name, 'login')) ?? '',
    flow_cookie: browser.cookies.get(cookieName(name, 'flow')) ?? '',
  };
}

function given(
  { name: world }: WorldSite,
  dialect: DialectName,
  values: Values,
  cookies: ReadonlyMap<string, string>,
): Given {
  const things = KINDS.flatMap((kind): Thing[] => {
    const value = values[kind];
    if (value === undefined) return [];
    const [id, text] = typeof value === 'string' ? [null, value] : value;
    assert.notEqual(text, '', `${dialect} ${kind} of ${world}`);
    return [{ kind, world, dialect, text, id }];
  });
  return { things, cookies: cookieHeader(cookies) };
}

export function cookieHeader(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** The page of forms that a browser with these cookies sees. */
export async function pageFor({ origin }: WorldSite, path: string, cookies: string) {
  return call(origin, { path, headers: [['Cookie', cookies], ['Accept', 'text/html']] });
}
