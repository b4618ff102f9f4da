/** What a bearer token may do. */
import { CHECK_RULES, type CheckFacts } from '../../src/core/decide/session/check-token.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import { check, personal, token } from './session/session-facts.ts';
import { SESSION_CHECKS } from './session/check-cases.ts';
import { NOW, appFor, customerFor, digestOf, worldFor } from './facts.ts';
import { mergedCases, testRules } from './rule-cases.ts';

testRules<CheckFacts>({
  name: 'rules of checking a token',
  table: CHECK_RULES,
  judge: (facts) => firstRefusal(CHECK_RULES, facts.profile, facts),
  cases: mergedCases(SESSION_CHECKS, {
    'bearer.present': {
      passes: { 'an access token': check(), 'a personal token': personal() },
      refuses: { 'no token': check({ bearer: { is: 'none' }, grant: undefined }) },
    },
    'bearer.known': {
      passes: { 'a token of this dialect': check() },
      refuses: {
        'what is no token of ours': check({ bearer: { is: 'not_ours', reason: 'malformed' } }),
        'a token whose grant is gone': check({ grant: undefined }),
        'a token of another dialect': check({}, { dialect: 'other' }),
        'a personal token of nobody': personal({}, { customer: undefined }),
      },
    },
    'bearer.fresh': {
      passes: { 'its last millisecond': check({ bearer: token({ expires_at: NOW + 1 }) }) },
      refuses: {
        'the instant of its end': check({ bearer: token({ expires_at: NOW }) }),
        'an expired token of an ended grant': check(
          { bearer: token({ expires_at: NOW }) },
          { state: { is: 'ended', at: NOW, by: 'customer' } },
        ),
      },
    },
    'bearer.live': {
      passes: {
        'the newest token': check({ bearer: token({ number: 30 }) }, { last_number: 30 }),
        'the twentieth newest': check({ bearer: token({ number: 11 }) }, { last_number: 30 }),
        'a token beside one that was ended singly': check(
          { bearer: token({ number: 29 }) }, { last_number: 30, ended_numbers: '5' },
        ),
        'her present personal token': personal(),
        'a password changed since': check({
          customer: customerFor({ epochs: { standing: 7, credentials: 12 } }),
        }),
        'an approval to refresh withdrawn since': check({
          app: appFor({ refresh: { approved: false, epoch: 6 } }),
        }),
      },
      refuses: {
        'the twenty-first newest': check(
          { bearer: token({ number: 10 }) }, { last_number: 30 },
        ),
        'a number that was never issued': check(
          { bearer: token({ number: 31 }) }, { last_number: 30 },
        ),
        'a token ended singly': check(
          { bearer: token({ number: 28 }) }, { last_number: 30, ended_numbers: '4' },
        ),
        'an ended grant': check({}, { state: { is: 'ended', at: NOW, by: 'code_replay' } }),
        'a grant past its absolute end': check({}, { ends_at: NOW }),
        'a locked customer': check({ customer: customerFor({ status: 'locked' }) }),
        'a customer locked and unlocked since': check({
          customer: customerFor({ epochs: { standing: 8, credentials: 11 } }),
        }),
        'a customer who is gone': check({ customer: undefined }),
        'a disabled app': check({ app: appFor({ status: 'disabled' }) }),
        'an app disabled and enabled since': check({ app: appFor({ epoch: 4 }) }),
        'an app that is gone': check({ app: undefined }),
        'a world restored since': check({ world: worldFor({ epoch: 14 }) }),
        'a replaced personal token': personal({
          personal_token: { digest: digestOf('newer'), issued_at: 0 },
        }),
        'a deleted personal token': personal({ personal_token: null }),
        'a personal token of a closed customer': personal({ status: 'closed' }),
      },
    },
    'bearer.scope': {
      passes: {
        'the scope of the route': check({ bearer: token({ scopes: 1 }) }, { scopes: 1 }),
        'all of several': check({ scopes: ['read', 'trade'] }),
        'a route that needs none': check({ scopes: [], bearer: token({ scopes: 0 }) }),
        'every scope by a personal token': personal({}, {
          scopes: ['read', 'write', 'trade', 'market', 'stream'],
        }),
      },
      refuses: {
        'a token without it': check({ bearer: token({ scopes: 30 }) }),
        'a grant without it': check({}, { scopes: 30 }),
        'an app that lost it since': check({ app: appFor({ scopes: 30 }) }),
        'one of several missing': check({
          scopes: ['read', 'trade'], bearer: token({ scopes: 1 }),
        }),
        'a missing scope and a foreign account': check({
          bearer: token({ scopes: 30 }), account: '6YB00001',
        }),
      },
    },
    'bearer.account': {
      passes: {
        'an account of hers': check({ account: '6YA00002' }),
        'an account delegated to her, through an advisor app': check({
          account: '6YB00001',
          app: appFor({ type: 'advisor' }),
          customer: customerFor({ delegated_accounts: ['6YB00001'] }),
        }),
        'an account of hers by a personal token': personal({}, { account: '6YA00001' }),
      },
      refuses: {
        'an account of another customer': check({ account: '6YB00001' }),
        'an account delegated to her, through a standard app': check({
          account: '6YB00001', customer: customerFor({ delegated_accounts: ['6YB00001'] }),
        }),
        'an account of hers, through an advisor app': check({
          account: '6YA00001', app: appFor({ type: 'advisor' }),
        }),
        'an account number in another letter case': check({ account: '6ya00001' }),
        'an empty account number': check({ account: '' }),
        'an account of another customer by a personal token': personal({}, {
          account: '6YB00001',
        }),
      },
    },
  }),
});
