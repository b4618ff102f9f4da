/** Tradovate: codes and rotating refresh tokens. */
import { APPS } from '../../../outside/fixtures.ts';
import { basicOf, credentials, exchange, refresh, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS } from '../../../outside/tradovate-fixtures.ts';
import {
  type Case, O, type Row, approve, disable, lock, unlock, wait, withdraw,
} from './cells.ts';
import type { Lab } from './lab.ts';
import { challengeOf, verifierOf } from './pkce.ts';
import { BOTH } from '../site.ts';

const { O1, O3 } = REGISTRATIONS;
const [FIRST = '', SECOND = ''] = BOTH.resources;
const OTHER_CLIENT = credentials(O1);
const NO_CREDENTIALS = { client_id: undefined, client_secret: undefined };

const CLIENT: readonly Case[] = [
  {
    says: 'no credentials', rule: 'client.presented', refused: O('client'),
    change: () => ({ members: NO_CREDENTIALS }),
  },
  {
    says: 'a wrong secret', rule: 'client.secret', reason: 'wrong secret',
    refused: O('client'),
    change: () => ({ members: { client_secret: 'wrong' } }),
  },
  {
    says: 'no secret', rule: 'client.secret', reason: 'no secret',
    refused: O('client'),
    change: () => ({ members: { client_secret: undefined } }),
  },
  {
    says: 'a secret for an app that has none', rule: 'client.secret',
    reason: 'a secret of an app that has none',
    refused: O('client'),
    change: () => ({ members: { client_id: O3.id, client_secret: 'any' } }),
  },
  {
    says: 'an app of the other dialect', rule: 'client.secret', reason: 'an app of another dialect',
    refused: O('client'),
    change: () => ({ members: { client_id: APPS.A2.id, client_secret: APPS.A2.secret } }),
  },
  {
    says: 'another client_id beside', rule: 'client.hint', refused: O('client'),
    change: () => ({
      members: { client_id: O1.id, client_secret: undefined }, authorization: basicOf(BOTH),
    }),
  },
  {
    says: 'an app that is disabled', rule: 'client.enabled', refused: O('client'),
    before: disable(BOTH.id), after: approve(BOTH.id),
  },
];

const FORM: readonly Case[] = [
  {
    says: 'no grant_type', rule: 'token.grant_type_present', refused: O('required', 'grant_type'),
    change: () => ({ members: { grant_type: undefined } }),
  },
  {
    says: 'another grant_type', rule: 'token.grant_type_offered', refused: O('grant_type'),
    change: () => ({ members: { grant_type: 'password' } }),
  },
];

const RESOURCE: Case = {
  says: 'a resource that the app is not registered for', rule: 'token.resource',
  refused: O('resource'), change: () => ({ members: { resource: 'https://other.example/' } }),
};

const scopes = (words: readonly string[]) => ({ act }: Lab): Promise<unknown> =>
  act('app.change', { app: BOTH.id, scopes: words });

const NO_PASSWORD = 'the user signs in on our pages before any code is given';

export const TRADOVATE_CODE: Row = {
  'client binding': [{
    says: 'the code of another app', rule: 'code.own', refused: O('code'),
    change: () => ({ members: OTHER_CLIENT }),
  }],
  'client authentication': CLIENT,
  'user state': [{
    says: 'a user locked since', rule: 'code.standing', reason: 'customer is not active',
    refused: O('code'),
    before: lock, after: unlock,
  }, {
    says: 'a user locked and unlocked since', rule: 'code.standing',
    reason: 'customer was locked or closed since',
    refused: O('code'),
    before: async (lab) => {
      await lock(lab);
      await unlock(lab);
    },
  }],
  consent: [{
    says: 'an app taken off her list', rule: 'code.standing',
    reason: 'the connection was removed before the code was used',
    refused: O('code'),
    before: withdraw(BOTH.id),
  }],
  scope: [{
    says: 'no permission of it left to the app', rule: 'code.standing', refused: O('code'),
    reason: 'no scope of it is registered any more', after: scopes(BOTH.permissions),
    change: async (lab) => {
      await scopes(['Fees:Read'])(lab);
      const { code } = await lab.trader(lab.live).allow(BOTH);
      await scopes(['Chat:Read'])(lab);
      return { members: { code } };
    },
  }],
  audience: [RESOURCE, {
    says: 'another resource than the request named', rule: 'code.resource',
    refused: O('resource'), asks: { resource: FIRST },
    change: () => ({ members: { resource: SECOND } }),
  }],
  world: [{
    says: 'a code of the other world', rule: 'code.known', reason: 'env_mismatch',
    refused: O('code'), minted_in: 'paper',
  }],
  expiry: [{
    says: 'a code of 301 s', rule: 'code.fresh', refused: O('code'), before: wait(301),
  }],
  replay: [{
    says: 'a code for the second time', rule: 'code.unused', refused: O('code'),
    before: async ({ live }, code) => tokensOf(await exchange(live, BOTH, code)),
  }],
  'redirect address': [{
    says: 'another address', rule: 'code.redirect_uri', refused: O('client'),
    change: () => ({ members: { redirect_uri: `${BOTH.redirect_uri}/` } }),
  }, {
    says: 'no address', rule: 'code.redirect_uri', refused: O('client'),
    change: () => ({ members: { redirect_uri: undefined } }),
  }],
  PKCE: [{
    says: 'another verifier', rule: 'code.pkce', refused: O('code'), asks: challengeOf(),
    usual: { members: { code_verifier: verifierOf() } },
    change: () => ({ members: { code_verifier: verifierOf('another') } }),
  }, {
    says: 'no verifier', rule: 'code.pkce', refused: O('code'), asks: challengeOf(),
    usual: { members: { code_verifier: verifierOf() } },
    change: () => ({ members: { code_verifier: undefined } }),
  }, {
    says: 'a verifier that nothing asked for', rule: 'code.pkce', refused: O('code'),
    change: () => ({ members: { code_verifier: verifierOf() } }),
  }],
  dialect: [{
    says: 'a code of the other dialect', rule: 'code.known', reason: 'a code of another dialect',
    refused: O('code'),
    change: async (lab) =>
      ({ members: { code: (await lab.customer(lab.live).allow(APPS.A2)).code } }),
  }],
  'user authentication': NO_PASSWORD,
  'form of the request': [...FORM, {
    says: 'no code', rule: 'token.code_present', refused: O('required', 'code'),
    change: () => ({ members: { code: undefined } }),
  }],
};

export const TRADOVATE_REFRESH: Row = {
  'client binding': [{
    says: 'the refresh token of another app', rule: 'refresh.own', refused: O('refresh'),
    change: () => ({ members: OTHER_CLIENT }),
  }],
  'client authentication': CLIENT,
  'user state': [{
    says: 'a user locked since', rule: 'refresh.standing', refused: O('refresh'),
    before: lock, after: unlock,
  }],
  consent: [{
    says: 'an app taken off her list', rule: 'refresh.standing', refused: O('refresh'),
    before: withdraw(BOTH.id),
  }],
  scope: 'requests do not ask; what the app has lost is missing in the tokens, not a refusal',
  audience: [RESOURCE, {
    says: 'another resource than that of the grant', rule: 'refresh.resource',
    refused: O('resource'), asks: { resource: FIRST },
    change: () => ({ members: { resource: SECOND } }),
  }],
  world: [{
    says: 'a refresh token of the other world', rule: 'refresh.known', reason: 'env_mismatch',
    refused: O('refresh'), minted_in: 'paper',
  }],
  expiry: [{
    says: 'a token unused for 93 601 s', rule: 'refresh.window', refused: O('refresh'),
    before: wait(93_601),
  }],
  replay: [{
    says: 'a token whose successor was used', rule: 'refresh.replay', refused: O('refresh'),
    before: async ({ live }, token) => {
      const { refresh_token } = tokensOf(await refresh(live, BOTH, token));
      tokensOf(await refresh(live, BOTH, refresh_token));
    },
  }],
  'redirect address': 'a refresh leads nowhere: it has no redirect address',
  PKCE: 'the challenge was spent with the code',
  dialect: [{
    says: 'a refresh token of the other dialect', rule: 'refresh.known',
    reason: 'a token of another dialect',
    refused: O('refresh'),
    change: async (lab) =>
      ({ members: { refresh_token: (await lab.customer(lab.live).link(APPS.A2)).refresh_token } }),
  }],
  'user authentication': NO_PASSWORD,
  'form of the request': [...FORM, {
    says: 'no refresh token', rule: 'token.refresh_token_present',
    refused: O('required', 'refresh_token'),
    change: () => ({ members: { refresh_token: undefined } }),
  }],
};
