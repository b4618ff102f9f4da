/** When a code may be redeemed. */
import { CODE_RULES, type RedeemFacts } from '../../src/core/decide/token/redeem-code.ts';
import type { Code } from '../../src/core/kinds/code.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import {
  CALLBACK, CODE_ID, GRANT_ID, NOW, PLAIN_REDEMPTION, appFor, codeFor, customerFor, digestOf,
  profileFor, worldFor,
} from './facts.ts';
import { testRules } from './rule-cases.ts';

function redeem(code: Partial<Code> = {}, over: Partial<RedeemFacts> = {}): RedeemFacts {
  return {
    profile: profileFor(),
    app: appFor(),
    presented: { id: CODE_ID, digest: digestOf('code') },
    code: codeFor(code),
    customer: customerFor(),
    link: undefined,
    world: worldFor(),
    ...PLAIN_REDEMPTION,
    challenge_of_verifier: null,
    grant: () => undefined,
    fresh: { grant_id: GRANT_ID, refresh_digest: digestOf('refresh') },
    now: NOW,
    ...over,
  };
}

const SPENT = { is: 'spent', at: NOW - 1, grant: GRANT_ID } as const;
const CHALLENGE = digestOf('challenge');
const RESOURCE = 'https://api.example';
const COMPARED = { profile: profileFor({ token_redirect_uri: 'compared' }) };
const comparing = (over: Partial<RedeemFacts>, code: Partial<Code> = {}) =>
  redeem(code, { ...COMPARED, ...over });
const withCustomer = (customer: Partial<Customer>) =>
  redeem({}, { customer: customerFor(customer) });

testRules<RedeemFacts>({
  name: 'rules of redeeming a code',
  table: CODE_RULES,
  judge: (facts) => firstRefusal(CODE_RULES, facts.profile, facts),
  cases: {
    'code.known': {
      passes: { 'a code of this world and dialect': redeem() },
      refuses: {
        'what is no code handle': redeem({}, { presented: null, code: undefined }),
        'a right tag without a record': redeem({}, { code: undefined }),
        'a right id with another digest': redeem({ digest: digestOf('other') }),
        'a digest cut by one': redeem({ digest: digestOf('code').slice(0, -1) }),
        'a code of another dialect': redeem({ dialect: 'other' }),
      },
    },
    'code.own': {
      passes: { 'a code of this app': redeem({ app: appFor().id }) },
      refuses: {
        'a code of another app': redeem({ app: 'B'.repeat(32) }),
        'a code of another app that is expired, too': redeem({
          app: 'B'.repeat(32), expires_at: NOW,
        }),
        'a spent code of another app': redeem({ app: 'B'.repeat(32), state: SPENT }),
      },
    },
    'code.fresh': {
      passes: { 'its last millisecond': redeem({ expires_at: NOW + 1 }) },
      refuses: {
        'the instant of its end': redeem({ expires_at: NOW }),
        'a spent code after its end': redeem({ expires_at: NOW, state: SPENT }),
        'an expired code with a wrong verifier': redeem(
          { expires_at: NOW, code_challenge: CHALLENGE },
          { challenge_of_verifier: digestOf('wrong') },
        ),
      },
    },
    'code.redirect_uri': {
      passes: {
        'none where it is not compared': redeem(),
        'another one where it is not compared': redeem({}, { redirect_uri: `${CALLBACK}/` }),
        'the one of the request where it is compared': comparing({ redirect_uri: CALLBACK }),
      },
      refuses: {
        'none': comparing({ redirect_uri: null }),
        'an empty one': comparing({ redirect_uri: '' }),
        'one with a slash behind it': comparing({ redirect_uri: `${CALLBACK}/` }),
        'one in another letter case': comparing({ redirect_uri: CALLBACK.toUpperCase() }),
        'one with a port': comparing({ redirect_uri: 'https://app.example:443/cb' }),
        'another one of a spent code': comparing(
          { redirect_uri: `${CALLBACK}/` }, { state: SPENT },
        ),
        'another one, with a wrong verifier': comparing(
          { redirect_uri: null, challenge_of_verifier: digestOf('wrong') },
          { code_challenge: CHALLENGE },
        ),
      },
    },
    'code.pkce': {
      passes: {
        'neither challenge nor verifier': redeem(),
        'the verifier of the challenge': redeem(
          { code_challenge: CHALLENGE }, { challenge_of_verifier: CHALLENGE },
        ),
      },
      refuses: {
        'a challenge and no verifier': redeem({ code_challenge: CHALLENGE }),
        'another verifier': redeem(
          { code_challenge: CHALLENGE }, { challenge_of_verifier: digestOf('wrong') },
        ),
        'a verifier without a challenge': redeem({}, { challenge_of_verifier: CHALLENGE }),
        'a spent code with a wrong verifier': redeem(
          { code_challenge: CHALLENGE, state: SPENT },
          { challenge_of_verifier: digestOf('wrong') },
        ),
      },
    },
    'code.resource': {
      passes: {
        'none asked for, none named': redeem(),
        'none named, after a request that named one': redeem({ resource: RESOURCE }),
        'one named, after a request that named none': redeem({}, { resource: RESOURCE }),
        'the same as in the request': redeem({ resource: RESOURCE }, { resource: RESOURCE }),
      },
      refuses: {
        'another one than the request named': redeem(
          { resource: RESOURCE }, { resource: `${RESOURCE}/` },
        ),
        'another one, of a spent code': redeem(
          { resource: RESOURCE, state: SPENT }, { resource: `${RESOURCE}/` },
        ),
      },
    },
    'code.unused': {
      passes: { 'an unspent code': redeem({ state: { is: 'unspent' } }) },
      refuses: {
        'a spent code': redeem({ state: SPENT }),
        'a code whose replay was seen before': redeem({ state: { ...SPENT, is: 'replayed' } }),
        'a spent code of a customer locked since': redeem(
          { state: SPENT }, { customer: customerFor({ status: 'locked' }) },
        ),
      },
    },
    'code.standing': {
      passes: {
        'every epoch as it was': redeem(),
        'an app that lost one of its scopes since': redeem(
          { scopes: 1 | 4 }, { app: appFor({ scopes: 4 | 8 }) },
        ),
      },
      refuses: {
        'a code ended with its connection': redeem({ state: { is: 'ended', at: NOW } }),
        'a customer who is gone': redeem({}, { customer: undefined }),
        'a locked customer': withCustomer({ status: 'locked' }),
        'a closed customer': withCustomer({ status: 'closed' }),
        'a customer locked and unlocked since': withCustomer({
          epochs: { standing: 8, credentials: 11 },
        }),
        'a password changed since': withCustomer({ epochs: { standing: 7, credentials: 12 } }),
        'an app disabled since': redeem({}, { app: appFor({ status: 'disabled' }) }),
        'an app disabled and enabled since': redeem({}, { app: appFor({ epoch: 4 }) }),
        'an app that lost every scope of it since': redeem(
          { scopes: 1 | 4 }, { app: appFor({ scopes: 2 | 8 }) },
        ),
        'a world restored since': redeem({}, { world: worldFor({ epoch: 14 }) }),
        'a world whose epoch went back': redeem({}, { world: worldFor({ epoch: 12 }) }),
      },
    },
  },
});
