/** When a refresh token gives another access token. */
import { REFRESH_RULES, type RefreshFacts } from '../../src/core/decide/token/refresh.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import type { Grant } from '../../src/core/kinds/grant.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import {
  GRANT_ID, NOW, appFor, customerFor, digestOf, grantFor, profileFor, refreshFor, worldFor,
} from './facts.ts';
import { testRules } from './rule-cases.ts';

const PRESENTED = { id: GRANT_ID, digest: digestOf('refresh'), generation: 1 };

function refreshing(grant: Partial<Grant> = {}, over: Partial<RefreshFacts> = {}): RefreshFacts {
  return {
    profile: profileFor(),
    app: appFor(),
    presented: PRESENTED,
    grant: grantFor(grant),
    customer: customerFor(),
    world: worldFor(),
    scope: null,
    limits_off: false,
    now: NOW,
    ...over,
  };
}

const READ_ONLY = { scopes: 1 };
const withApp = (app: Partial<App>) => refreshing({}, { app: appFor(app) });
const withCustomer = (customer: Partial<Customer>) =>
  refreshing({}, { customer: customerFor(customer) });
const withScope = (...scope: string[]) => refreshing({ scopes: 1 | 8 }, { scope });
const withWindow = (window_began_at: number, window_count: number) =>
  refreshing({ refresh: refreshFor({ window_began_at, window_count }) });
const OTHER_APP = { app: 'B'.repeat(32) };

testRules<RefreshFacts>({
  name: 'rules of refreshing',
  table: REFRESH_RULES,
  judge: (facts) => firstRefusal(REFRESH_RULES, facts.profile, facts),
  cases: {
    'refresh.known': {
      passes: { 'a refresh token of this world and dialect': refreshing() },
      refuses: {
        'what is no refresh handle': refreshing({}, { presented: null, grant: undefined }),
        'a right tag without a grant': refreshing({}, { grant: undefined }),
        'a grant without a refresh token': refreshing({ refresh: null }),
        'a grant of another dialect': refreshing({ dialect: 'other' }),
        'a generation before the present one': refreshing({
          refresh: refreshFor({ generation: 2 }),
        }),
        'a generation after the present one': refreshing({}, {
          presented: { ...PRESENTED, generation: 2 },
        }),
        'another digest': refreshing({ refresh: refreshFor({ digest: digestOf('other') }) }),
      },
    },
    'refresh.own': {
      passes: { 'a token of this app': refreshing({ app: appFor().id }) },
      refuses: {
        'a token of another app': refreshing(OTHER_APP),
        'a token of another app, by an app without approval': refreshing(OTHER_APP, {
          app: appFor({ refresh: { approved: false, epoch: 5 } }),
        }),
        'an ended token of another app': refreshing({
          ...OTHER_APP, state: { is: 'ended', at: NOW, by: 'customer' },
        }),
      },
    },
    'refresh.approved': {
      passes: {
        'an app with refresh approval': withApp({ refresh: { approved: true, epoch: 5 } }),
      },
      refuses: {
        'an app whose approval was withdrawn': withApp({ refresh: { approved: false, epoch: 6 } }),
        'an app without approval, even in the same epoch': withApp({
          refresh: { approved: false, epoch: 5 },
        }),
      },
    },
    'refresh.standing': {
      passes: {
        'every epoch as it was': refreshing(),
        'the last millisecond of an absolute end': refreshing({ ends_at: NOW + 1 }),
      },
      refuses: {
        'the instant of its absolute end': refreshing({ ends_at: NOW }),
        'a grant ended by the customer': refreshing({
          state: { is: 'ended', at: NOW, by: 'customer' },
        }),
        'an approval withdrawn and granted again': withApp({
          refresh: { approved: true, epoch: 7 },
        }),
        'a customer who is gone': refreshing({}, { customer: undefined }),
        'a locked customer': withCustomer({ status: 'locked' }),
        'a closed customer': withCustomer({ status: 'closed' }),
        'a customer locked and unlocked since': withCustomer({
          epochs: { standing: 8, credentials: 11 },
        }),
        'a disabled app': withApp({ status: 'disabled' }),
        'an app disabled and enabled since': withApp({ epoch: 4 }),
        'a world restored since': refreshing({}, { world: worldFor({ epoch: 14 }) }),
        'an ended grant that is over its limit, too': refreshing({
          state: { is: 'ended', at: NOW, by: 'operator' },
          refresh: refreshFor({ window_began_at: NOW, window_count: 60 }),
        }),
      },
    },
    'refresh.app_scopes': {
      passes: {
        'an app that holds exactly the scopes of the grant': refreshing(
          { scopes: 1 | 8 }, { app: appFor({ scopes: 1 | 8 }) },
        ),
        'an app that gained one': refreshing({ scopes: 1 }, { app: appFor({ scopes: 1 | 8 }) }),
      },
      refuses: {
        'an app that lost one of two': refreshing(
          { scopes: 1 | 8 }, { app: appFor({ scopes: 1 | 2 }) },
        ),
        'an app that lost one, asked for the other alone': refreshing(
          { scopes: 1 | 8 }, { app: appFor({ scopes: 1 | 2 }), scope: ['read'] },
        ),
        'an app that lost all': refreshing({ scopes: 1 }, { app: appFor({ scopes: 0 }) }),
      },
    },
    'refresh.accounts': {
      passes: {
        'a customer with one account': withCustomer({ accounts: ['6YA00001'] }),
        'an advisor with one delegated account': refreshing({}, {
          app: appFor({ type: 'advisor' }), customer: customerFor({
            accounts: [], delegated_accounts: ['6YA00001'],
          }),
        }),
      },
      refuses: {
        'an advisor whose last delegation ended, with accounts of her own': refreshing({}, {
          app: appFor({ type: 'advisor' }),
        }),
        'a customer without any account': withCustomer({ accounts: [] }),
      },
    },
    'refresh.scope': {
      passes: {
        'no scope asked for': refreshing(READ_ONLY),
        'a part of the grant': withScope('read'),
        'the whole grant in any order': withScope('market', 'read'),
        'a password changed since, which ends no grant': withCustomer({
          epochs: { standing: 7, credentials: 12 },
        }),
      },
      refuses: {
        'a scope beside the grant': withScope('read', 'trade'),
        'a word in capitals': withScope('READ'),
        'an unknown word': withScope('read', 'placing'),
        'a word twice': withScope('read', 'read'),
        'several words in one': withScope('read market'),
      },
    },
    'refresh.limit': {
      passes: {
        'the sixtieth refresh of a minute': withWindow(NOW - 1, 59),
        'the first one after a full minute': withWindow(NOW - 60_000, 60),
        'the sixty-first with limits off': refreshing(
          { refresh: refreshFor({ window_began_at: NOW, window_count: 60 }) },
          { limits_off: true },
        ),
      },
      refuses: {
        'the sixty-first at once': withWindow(NOW, 60),
        'the sixty-first in the last millisecond of the minute': withWindow(NOW - 59_999, 60),
      },
    },
  },
});
