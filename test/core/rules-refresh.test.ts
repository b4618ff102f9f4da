/** When a refresh token gives another access token. */
import { REFRESH_RULES, type RefreshFacts } from '../../src/core/decide/token/refresh.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import type { Grant } from '../../src/core/kinds/grant.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import {
  GRANT_ID, NOW, STABLE_REFRESH, appFor, customerFor, digestOf, grantFor, profileFor, refreshFor,
  sessionProfileFor, worldFor,
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
    ...STABLE_REFRESH,
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
const UNAPPROVED = appFor({ refresh: { approved: false, epoch: 6 } });
const RESOURCE = 'https://api.example';

/** The third token is current; the second gave it and may come again. */
const ROTATED = refreshFor({
  generation: 3, digest: digestOf('third'), predecessor: {
    generation: 2, digest: digestOf('second'), used_at: NOW - 1, window_key: 1,
    sealed_successor: 'sealed',
  },
});
/** The fourth token is current; this one gave it. */
const afterThird = (generation: number, text: string) => refreshFor({
  ...ROTATED, generation: 4, digest: digestOf('fourth'), predecessor: {
    generation, digest: digestOf(text), used_at: NOW - 1, window_key: 1, sealed_successor: 's',
  },
});
const ROTATING = { profile: sessionProfileFor() };
const presents = (generation: number, text: string, over: Partial<RefreshFacts> = {}) => {
  const presented = { id: GRANT_ID, digest: digestOf(text), generation };
  return refreshing({ refresh: ROTATED }, { ...ROTATING, presented, ...over });
};
/** A token that was issued so long ago; its window is 93 600 s. */
const issued = (ms_ago: number, over: Partial<RefreshFacts> = {}) =>
  refreshing({ refresh: refreshFor({ issued_at: NOW - ms_ago }) }, { ...ROTATING, ...over });

testRules<RefreshFacts>({
  name: 'rules of refreshing',
  table: REFRESH_RULES,
  judge: (facts) => firstRefusal(REFRESH_RULES, facts.profile, facts),
  cases: {
    'refresh.known': {
      passes: {
        'a refresh token of this world and dialect': refreshing(),
        'RP-10 the current one of a family': presents(3, 'third'),
        'RP-11 the one before it': presents(2, 'second'),
      },
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
        'RP-19 a generation above the current one of a family': presents(4, 'fourth'),
        'RP-19 the current generation with another digest': presents(3, 'second'),
        'RP-19 the generation before it with another digest': presents(2, 'third'),
        'the one before it where tokens never change': presents(2, 'second', {
          profile: profileFor(),
        }),
        'an ancestor where tokens never change': presents(1, 'first', { profile: profileFor() }),
      },
    },
    'refresh.own': {
      passes: { 'a token of this app': refreshing({ app: appFor().id }) },
      refuses: {
        'a token of another app': refreshing(OTHER_APP),
        'RP-14 an ancestor of another app': refreshing(
          { ...OTHER_APP, refresh: ROTATED },
          { ...ROTATING, presented: { ...PRESENTED, generation: 1 } },
        ),
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
        'an app without one where none is needed': refreshing({}, {
          ...ROTATING, app: UNAPPROVED,
        }),
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
        'an approval withdrawn and granted again where none is needed': refreshing({}, {
          ...ROTATING, app: appFor({ refresh: { approved: true, epoch: 7 } }),
        }),
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
        'RP-16 the token before the current one of an ended family': refreshing(
          { refresh: ROTATED, state: { is: 'ended', at: NOW, by: 'operator' } },
          { ...ROTATING, presented: { ...PRESENTED, generation: 2, digest: digestOf('second') } },
        ),
        'RP-16 an ancestor of an ended family': refreshing(
          { refresh: ROTATED, state: { is: 'ended', at: NOW, by: 'customer' } },
          { ...ROTATING, presented: PRESENTED },
        ),
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
        'an app that lost one where requests do not ask': refreshing(
          { scopes: 1 | 8 }, { ...ROTATING, app: appFor({ scopes: 1 }) },
        ),
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
    'refresh.window': {
      passes: {
        'the last millisecond of its window': issued(93_599_999),
        'a token of any age where tokens have no window': issued(10 ** 12, {
          profile: profileFor(),
        }),
      },
      refuses: {
        'the instant at which its window ends': issued(93_600_000),
        'limits off, which do not move its end': issued(93_600_000, { limits_off: true }),
        'a resource of another grant, too': issued(93_600_000, { resource: RESOURCE }),
        'an ancestor, when the whole family is over': refreshing(
          { refresh: { ...ROTATED, issued_at: NOW - 93_600_000 } },
          { ...ROTATING, presented: PRESENTED },
        ),
      },
    },
    'refresh.resource': {
      passes: {
        'none named': refreshing({ resource: RESOURCE }),
        'the resource of the grant': refreshing({ resource: RESOURCE }, { resource: RESOURCE }),
      },
      refuses: {
        'one where the grant has none': refreshing({}, { resource: RESOURCE }),
        'another one than the grant has': refreshing(
          { resource: RESOURCE }, { resource: `${RESOURCE}/` },
        ),
        'another one, with an ancestor': presents(1, 'first', { resource: RESOURCE }),
      },
    },
    'refresh.replay': {
      passes: {
        'the current token of a family': presents(3, 'third'),
        'the one before it': presents(2, 'second'),
      },
      refuses: {
        'RP-15 an older one': presents(1, 'first'),
        'RP-14 one whose successor was used': presents(2, 'second', {
          grant: grantFor({ refresh: afterThird(3, 'third') }),
        }),
        'RP-13 one that was displaced': presents(3, 'third', {
          grant: grantFor({ refresh: afterThird(2, 'second') }),
        }),
      },
    },
  },
});
