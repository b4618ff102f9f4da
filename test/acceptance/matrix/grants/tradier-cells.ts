/** Tradier: codes and stable refresh tokens. */
import assert from 'node:assert/strict';
import { APPS, demoApp } from '../../../outside/fixtures.ts';
import { challengeOf, verifierOf } from './pkce.ts';
import * as tradier from '../../../outside/tradier.ts';
import { seedRecords } from '../../../outside/seed.ts';
import { customerIn } from '../../tradier/customer.ts';
import {
  type Case, E, type Row, approve, disable, lock, unlock, wait, withdraw,
} from './cells.ts';
import type { Lab } from './lab.ts';
import { BOTH } from '../site.ts';

const { A, A2, pending } = APPS;
const ALL = A2.scopes.split(' ');

const wrongBasic = `Basic ${Buffer.from(`${A2.id}:wrong`).toString('base64')}`;

/** Who the client is, the same for both grants. */
const CLIENT: readonly Case[] = [
  {
    says: 'no credentials', rule: 'client.presented', refused: E('E1'),
    change: () => ({ authorization: null }),
  },
  {
    says: 'a wrong secret', rule: 'client.secret', reason: 'wrong secret',
    refused: E('E1'),
    change: () => ({ authorization: wrongBasic }),
  },
  {
    says: 'another client_id beside', rule: 'client.hint', refused: E('E1'),
    change: () => ({ members: { client_id: A.id } }),
  },
  {
    says: 'an app that is disabled', rule: 'client.enabled', refused: E('E1'),
    before: disable(A2.id), after: approve(A2.id),
  },
  {
    says: 'an app that waits for its approval', rule: 'token.app_approved', refused: E('E5'),
    change: () => ({ authorization: pending.basic }),
  },
];

const FORM: readonly Case[] = [
  {
    says: 'no grant_type', rule: 'token.grant_type_present', refused: E('E2', 'grant_type'),
    change: () => ({ members: { grant_type: undefined } }),
  },
  {
    says: 'another grant_type', rule: 'token.grant_type_offered', refused: E('E6'),
    change: () => ({ members: { grant_type: 'password' } }),
  },
];

const scopes = (words: readonly string[]) => ({ act }: Lab): Promise<unknown> =>
  act('app.change', { app: A2.id, scopes: words });

const NO_PASSWORD = 'the customer signs in on our pages before any code is given';
const OPAQUE = 'its requests name no resource and its tokens are opaque to all but the server';

export const TRADIER_CODE: Row = {
  'client binding': [{
    says: 'the code of another app', rule: 'code.own', refused: E('E3'),
    change: () => ({ authorization: A.basic }),
  }],
  'client authentication': CLIENT,
  'user state': [{
    says: 'a customer locked since', rule: 'code.standing', reason: 'customer is not active',
    refused: E('E3'),
    before: lock, after: unlock,
  }, {
    says: 'a customer locked and unlocked since', rule: 'code.standing',
    reason: 'customer was locked or closed since',
    refused: E('E3'),
    before: async (lab) => {
      await lock(lab);
      await unlock(lab);
    },
  }],
  consent: [{
    says: 'an app taken off her list', rule: 'code.standing',
    reason: 'the connection was removed before the code was used',
    refused: E('E3'),
    before: withdraw(A2.id),
  }],
  scope: [{
    says: 'no scope of it left to the app', rule: 'code.standing',
    reason: 'no scope of it is registered any more',
    refused: E('E3'),
    asks: { scope: 'read' }, before: scopes(['market']), after: scopes(ALL),
  }],
  audience: OPAQUE,
  world: [{
    says: 'a code of the other world', rule: 'code.known', reason: 'env_mismatch',
    refused: E('E3'), minted_in: 'paper',
  }],
  expiry: [{
    says: 'a code of 601 s', rule: 'code.fresh', refused: E('E3'), before: wait(601),
  }],
  replay: [{
    says: 'a code for the second time', rule: 'code.unused', refused: E('E3'),
    before: async ({ live }, code) => tradier.tokens(await tradier.exchange(live, A2, code)),
  }],
  'redirect address': 'its profile ignores the member: the code is bound to the app instead',
  PKCE: [{
    says: 'another verifier', rule: 'code.pkce', refused: E('E3'), asks: challengeOf(),
    usual: { members: { code_verifier: verifierOf() } },
    change: () => ({ members: { code_verifier: verifierOf('another') } }),
  }, {
    says: 'no verifier', rule: 'code.pkce', refused: E('E3'), asks: challengeOf(),
    usual: { members: { code_verifier: verifierOf() } },
    change: () => ({ members: { code_verifier: undefined } }),
  }, {
    says: 'a verifier that nothing asked for', rule: 'code.pkce', refused: E('E3'),
    change: () => ({ members: { code_verifier: verifierOf() } }),
  }, {
    says: 'a verifier of 42 characters', rule: 'token.verifier_form',
    refused: E('E2', 'code_verifier'), asks: challengeOf(),
    usual: { members: { code_verifier: verifierOf() } },
    change: () => ({ members: { code_verifier: verifierOf().slice(0, 42) } }),
  }],
  dialect: [{
    says: 'a code of the other dialect', rule: 'code.known', reason: 'a code of another dialect',
    refused: E('E3'),
    change: async (lab) =>
      ({ members: { code: (await lab.trader(lab.live).allow(BOTH)).code } }),
  }],
  'user authentication': NO_PASSWORD,
  'form of the request': [...FORM, {
    says: 'no code', rule: 'token.code_present', refused: E('E2', 'code'),
    change: () => ({ members: { code: undefined } }),
  }],
};

const ADVISOR = demoApp('advisor', {
  redirect_uris: ['https://advisor.example/cb'], refresh_approved: true,
});

/** A refresh token of an advisor whose only delegation has ended since. */
async function lastDelegationEnded(lab: Lab) {
  const { server, live, act } = lab;
  await server.control.seed(seedRecords([ADVISOR], []));
  await act('app.change', { app: ADVISOR.id, type: 'advisor' });
  const delegation = { account: 'VA000001', advisor: 'alice' };
  await server.control.seed(seedRecords([], [DELEGATOR]));
  await act('delegation.grant', delegation);
  const { refresh_token } = await customerIn(live, 'alice').link(ADVISOR);
  tradier.tokens(await tradier.refresh(live, ADVISOR, refresh_token ?? ''));
  await act('delegation.end', delegation);
  return { authorization: ADVISOR.basic, members: { refresh_token } };
}

const DELEGATOR = {
  login_name: 'delegator', password: 'demo-password-of-delegator', name: 'Demo delegator',
  status: 'active', accounts: { live: ['VA000001'], paper: ['VB000001'] },
} as const;

export const TRADIER_REFRESH: Row = {
  'client binding': [{
    says: 'the refresh token of another app', rule: 'refresh.own', refused: E('E4'),
    change: () => ({ authorization: A.basic }),
  }],
  'client authentication': CLIENT,
  'user state': [{
    says: 'a customer locked since', rule: 'refresh.standing', refused: E('E4'),
    before: lock, after: unlock,
  }],
  consent: [{
    says: 'an app taken off her list', rule: 'refresh.standing', refused: E('E4'),
    before: withdraw(A2.id),
  }, {
    says: 'an app whose refresh approval is withdrawn', rule: 'refresh.approved',
    refused: E('E5'),
    before: ({ act }) => act('approval.withdraw', { app: A2.id }),
    after: ({ act }) => act('approval.grant', { app: A2.id }),
  }, {
    says: 'an approval withdrawn and given again', rule: 'refresh.standing',
    reason: 'the approval was withdrawn since',
    refused: E('E4'),
    before: async ({ act }) => {
      await act('approval.withdraw', { app: A2.id });
      await act('approval.grant', { app: A2.id });
    },
  }],
  scope: [{
    says: 'more than the grant', rule: 'refresh.scope', refused: E('E7'),
    asks: { scope: 'read' }, change: () => ({ members: { scope: 'read trade' } }),
  }, {
    says: 'a scope taken from the app', rule: 'refresh.app_scopes', refused: E('E5'),
    before: scopes(['read']), after: scopes(ALL),
  }, {
    says: 'no account left that it covers', rule: 'refresh.accounts', refused: E('E4'),
    change: lastDelegationEnded,
  }],
  audience: OPAQUE,
  world: [{
    says: 'a refresh token of the other world', rule: 'refresh.known', reason: 'env_mismatch',
    refused: E('E4'), minted_in: 'paper',
  }],
  expiry: 'its refresh tokens have no end of their own (a listed weakening of the profile)',
  replay: [{
    says: 'the sixty-first refresh of a minute: it is used often, not once',
    rule: 'refresh.limit',
    refused: (answer) => assert.equal(answer.status, 429, answer.text),
    before: async ({ live }, token) => {
      for (let count = 0; count < 60; count += 1) {
        tradier.tokens(await tradier.refresh(live, A2, token));
      }
    },
  }],
  'redirect address': 'a refresh leads nowhere: it has no redirect address',
  PKCE: 'the challenge was spent with the code',
  dialect: [{
    says: 'a refresh token of the other dialect', rule: 'refresh.known',
    reason: 'a token of another dialect',
    refused: E('E4'),
    change: async (lab) =>
      ({ members: { refresh_token: (await lab.trader(lab.live).link(BOTH)).refresh_token } }),
  }],
  'user authentication': NO_PASSWORD,
  'form of the request': [...FORM, {
    says: 'no refresh token', rule: 'token.refresh_token_present',
    refused: E('E2', 'refresh_token'),
    change: () => ({ members: { refresh_token: undefined } }),
  }],
};

