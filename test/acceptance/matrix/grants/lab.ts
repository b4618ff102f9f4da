/** The four grants as doors: what is good at each, and a request that differs where it is told. */
import assert from 'node:assert/strict';
import type { AuthorizeParameters } from '../../../outside/browser.ts';
import { post } from '../../../outside/call.ts';
import type { Answer } from '../../../outside/call.ts';
import { APPS } from '../../../outside/fixtures.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import * as tradier from '../../../outside/tradier.ts';
import {
  accessTokenRequest, codeMembers, credentials, loginMembers, oauthToken, renew, sessionOf,
  tokensOf,
} from '../../../outside/tradovate.ts';
import type { Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import type { Server } from '../../../world.ts';
import { customerIn } from '../../tradier/customer.ts';
import type { Customer } from '../../tradier/customer.ts';
import { traderIn } from '../../tradovate/trader.ts';
import type { Trader } from '../../tradovate/trader.ts';
import { BOTH, freshAddress, from } from '../site.ts';

export type Lab = {
  readonly server: Server;
  readonly live: WorldSite;
  readonly paper: WorldSite;
  readonly act: (name: string, args: object) => Promise<unknown>;
  readonly customer: (site: WorldSite) => Customer;
  readonly trader: (site: WorldSite) => Trader;
};

export function createLab(server: Server): Lab {
  const { live, paper, control } = server;
  const customers = { live: customerIn(live, 'alice'), paper: customerIn(paper, 'alice') };
  const traders = { live: traderIn(live, USERS.alice), paper: traderIn(paper, USERS.alice) };
  return {
    server,
    live,
    paper,
    act: (name, args) => control.act('live', name, args),
    customer: ({ name }) => customers[name],
    trader: ({ name }) => traders[name],
  };
}

/** What differs from the good request; `undefined` leaves a member out. */
export type Change = {
  readonly members?: Members;
  /** Value of `Authorization`, null for none; the door's own when absent. */
  readonly authorization?: string | null;
  /** Where it must come from, if that matters. */
  readonly address?: string;
};

export type Door = {
  /** Gives what the door takes; `asks` are parameters of the authorization request. */
  readonly mint: (lab: Lab, site: WorldSite, asks?: AuthorizeParameters) => Promise<string>;
  readonly send: (value: string, change: Change, at: At) => Promise<Answer>;
  /** Throws unless the answer is one to a good request. */
  readonly assertGood: (answer: Answer) => unknown;
};

export type At = { readonly site: WorldSite; readonly address: string };

export const DIALECTS = ['tradier', 'tradovate'] as const;
export const GRANTS = [
  'authorization_code', 'refresh_token', 'renew', 'password sign-in',
] as const;

export type Grant = (typeof GRANTS)[number];
export type DoorName = `${(typeof DIALECTS)[number]} ${Grant}`;

const { A2 } = APPS;
const K1 = API_KEYS.K1;

function tradierToken(fields: Members, change: Change, { site, address }: At): Promise<Answer> {
  const form = Object.entries({ ...fields, ...change.members })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)] as const);
  const authorization = change.authorization === undefined ? A2.basic : change.authorization;
  const headers = authorization === null ? [] : [['Authorization', authorization] as const];
  return post(site.origin, '/v1/oauth/accesstoken', form, [...headers, from(address)]);
}

function tradovateToken(fields: Members, change: Change, { site, address }: At): Promise<Answer> {
  const { authorization } = change;
  const headers = typeof authorization === 'string'
    ? [['Authorization', authorization] as const]
    : [];
  return oauthToken(site, { ...fields, ...change.members }, {
    headers: [...headers, from(address)],
  });
}

/** Doors that exist; the others say in their cells why they do not. */
export const DOORS: { readonly [N in DoorName]?: Door } = {
  'tradier authorization_code': {
    mint: async (lab, site, asks) => (await lab.customer(site).allow(A2, asks)).code,
    send: (code, change, at) =>
      tradierToken({ grant_type: 'authorization_code', code }, change, at),
    assertGood: tradier.tokens,
  },
  'tradier refresh_token': {
    mint: async (lab, site, asks) =>
      (await lab.customer(site).link(A2, asks)).refresh_token ?? assert.fail('no refresh token'),
    send: (refresh_token, change, at) =>
      tradierToken({ grant_type: 'refresh_token', refresh_token }, change, at),
    assertGood: tradier.tokens,
  },
  'tradovate authorization_code': {
    mint: async (lab, site, asks) => (await lab.trader(site).allow(BOTH, asks)).code,
    send: (code, change, at) => tradovateToken(codeMembers(BOTH, code), change, at),
    assertGood: tokensOf,
  },
  'tradovate refresh_token': {
    mint: async (lab, site, asks) => (await lab.trader(site).link(BOTH, asks)).refresh_token,
    send: (refresh_token, change, at) => tradovateToken({
      grant_type: 'refresh_token', refresh_token, ...credentials(BOTH),
    }, change, at),
    assertGood: tokensOf,
  },
  'tradovate renew': {
    mint: async (_lab, site) => sessionOf(await signIn({}, site)).accessToken,
    send: (token, { authorization }, { site, address }) => renew(site, null, {
      headers: [
        ...authorization === null ? [] : [['Authorization', authorization ?? `Bearer ${token}`]],
        from(address),
      ] as [string, string][],
    }),
    assertGood: sessionOf,
  },
  'tradovate password sign-in': {
    mint: () => Promise.resolve(''),
    send: (_value, change, { site, address }) => signIn(change.members ?? {}, site, address),
    assertGood: sessionOf,
  },
};

export function signIn(
  members: Members,
  site: WorldSite,
  address = freshAddress(),
): Promise<Answer> {
  const body = { ...loginMembers(K1, USERS.alice), ...members };
  return accessTokenRequest(site, body, { headers: [from(address)] });
}
