/** Secrets of every kind that this dialect gives out, each drawn for the test that looks for it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Control } from '../../../outside/control.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import {
  accessTokenRequest, exchange, get, login, loginMembers, refresh, renew, sessionOf, tokensOf,
} from '../../../outside/tradovate.ts';
import { API_KEYS, USERS, demoRegistration } from '../../../outside/tradovate-fixtures.ts';
import type { ApiKey, Registration, User } from '../../../outside/tradovate-fixtures.ts';
import { freshAddress, from } from '../../matrix/site.ts';
import { traderIn } from '../../tradovate/trader.ts';
import type { Trader } from '../../tradovate/trader.ts';

/** An app that may see prices, so that its grants have stream tokens. */
export const PRICES = demoRegistration('prices', {
  id: '42000',
  redirect_uri: 'https://prices.example/cb',
  permissions: ['Prices:Read', 'Users:Read', 'Orders:FullAccess'],
});

export const VERIFIER = 'demo-verifier-that-nobody-but-the-app-has-ever-seen';

export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** Kinds whose values are handles or drawn by acts: what scanners can know them by. */
export const HANDLES = [
  'spent_code', 'code', 'refresh_token', 'next_refresh_token', 'request', 'sign_in_cookie',
  'flow_cookie', 'csrf', 'client_secret', 'next_client_secret', 'key_secret', 'next_key_secret',
  'first_party_secret',
] as const;

/** Tokens that say in themselves who signed them. */
export const SIGNED = [
  'access_token', 'renewed_token', 'grant_stream_token', 'id_token', 'session_token',
  'stream_token',
] as const;

/** Good once, within minutes, from one network; and what a person or an app keeps to itself. */
const OTHERS = ['ticket', 'challenge', 'user_password', 'verifier'] as const;

export const KINDS = [...HANDLES, ...SIGNED, ...OTHERS] as const;

export type Secrets = { readonly [K in (typeof KINDS)[number]]: string };

/** What the secrets are good for. */
export type Drawn = {
  readonly trader: Trader;
  readonly secrets: Secrets;
  /** Her address and body, which the ticket is bound to. */
  readonly penalized: { readonly address: string; readonly user: User };
  /** Made by acts, with the secrets they have now. */
  readonly app: Registration;
  readonly key: ApiKey;
};

/** Draws one of each; the limits of this dialect must be on, or no ticket is given. */
export async function drawSecrets(world: WorldSite, control: Control): Promise<Drawn> {
  const { app, client_secret } = await drawnApp(world, control);
  const { key, ...of_keys } = await drawnKeys(world, control);
  const user_password = await drawnPassword(world, control);
  const trader = traderIn(world, USERS.alice);
  const { code: spent_code } = await trader.allow(PRICES);
  const first = tokensOf(await exchange(world, PRICES, spent_code));
  const next = tokensOf(await refresh(world, PRICES, first.refresh_token));
  const renewed = sessionOf(await renew(world, next.access_token, fromAnywhere()));
  const { code } = await trader.allow(PRICES, {
    code_challenge: CHALLENGE, code_challenge_method: 'S256',
  });
  const session = sessionOf(await login(world, API_KEYS.K1, USERS.alice));
  const penalized = { address: freshAddress(), user: USERS.erin };
  const secrets: Secrets = {
    spent_code, code, client_secret, user_password,
    next_client_secret: app.secret ?? '',
    ...of_keys,
    refresh_token: first.refresh_token,
    next_refresh_token: next.refresh_token,
    access_token: first.access_token,
    id_token: first.id_token ?? '',
    renewed_token: renewed.accessToken,
    grant_stream_token: renewed.mdAccessToken ?? '',
    session_token: session.accessToken,
    stream_token: session.mdAccessToken ?? '',
    verifier: VERIFIER,
    ticket: await drawnTicket(world, penalized),
    challenge: await drawnChallenge(world),
    ...await drawnAtPages(trader, world),
  };
  for (const [kind, text] of Object.entries(secrets)) assert.ok(text.length >= 20, kind);
  return { trader, secrets, penalized, app, key };
}

async function drawnApp({ name: world }: WorldSite, control: Control) {
  const made = await control.act(world, 'app.create', {
    dialect: 'tradovate', name: 'Demo drawn app', redirect_uris: ['https://drawn.example/cb'],
    scopes: ['Users:Read'],
  });
  const id = String(made['client_id']);
  const { secret } = await control.act(world, 'app.rotate-secret', { app: id });
  await control.act(world, 'app.approve', { app: id });
  const app: Registration = {
    ...demoRegistration('drawn', { id, redirect_uri: 'https://drawn.example/cb' }),
    secret: String(secret),
  };
  return { app, client_secret: String(made['secret']) };
}

async function drawnKeys({ name: world }: WorldSite, control: Control) {
  const make = async (fields: object): Promise<readonly [cid: string, secret: string]> => {
    const made = await control.act(world, 'api-key.create', {
      dialect: 'tradovate', name: 'Demo drawn key', owner: 'partner', ...fields,
    });
    return [String(made['cid']), String(made['secret'])];
  };
  const [cid, key_secret] = await make({});
  const rotated = await control.act(world, 'api-key.rotate-secret', { cid });
  const next_key_secret = String(rotated['secret']);
  const [, first_party_secret] = await make({ first_party: true });
  const key: ApiKey = {
    cid: Number(cid), sec: next_key_secret, app_id: 'Demo drawn key', owner: 'partner',
  };
  return { key, key_secret, next_key_secret, first_party_secret };
}

async function drawnPassword({ name: world }: WorldSite, control: Control): Promise<string> {
  const made = await control.act(world, 'customer.create', {
    login_name: `drawn-${freshAddress()}`, name: 'Demo drawn',
  });
  return String(made['password']);
}

const fromAnywhere = () => ({ headers: [from(freshAddress())] });

/** A ticket of a wait that nobody has kept yet. */
async function drawnTicket(
  world: WorldSite,
  { address, user }: Drawn['penalized'],
): Promise<string> {
  const wrong = { ...loginMembers(API_KEYS.K1, user), password: 'wrong' };
  const how = { headers: [from(address)] };
  for (let failures = 0; failures < 5; failures += 1) await accessTokenRequest(world, wrong, how);
  return String((await accessTokenRequest(world, wrong, how)).json()['p-ticket']);
}

async function drawnChallenge(world: WorldSite): Promise<string> {
  return String((await get(world, '/auth/challenge', [from(freshAddress())])).json()['chl']);
}

/** What her browser holds while it stands before a consent. */
async function drawnAtPages(trader: Trader, { name }: WorldSite) {
  await trader.ask(PRICES);
  const fields = new Map(trader.browser.form('consent').fields);
  const cookie = (use: string): string => trader.browser.cookies.get(`cs_${name}_${use}-dev`) ?? '';
  return {
    request: fields.get('request') ?? '',
    csrf: fields.get('csrf') ?? '',
    sign_in_cookie: cookie('login'),
    flow_cookie: cookie('flow'),
  };
}
