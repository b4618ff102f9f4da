/** Which tokens may be renewed in place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckFacts } from '../../src/core/decide/session/check-token.ts';
import { RENEW_RULES, renew } from '../../src/core/decide/session/renew.ts';
import { CUSTOMER_STATUS } from '../../src/core/kinds/customer.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import {
  EVICTED, STREAMS, STREAM_OF_SESSION, check, personal, session, sessionToken, signed, token,
} from './session/session-facts.ts';
import { NOW, SITE, apiKeyFor, appFor, customerFor, sessionProfileFor } from './facts.ts';
import { testRules } from './rule-cases.ts';

/** A renewal needs no area and no account. */
const renewing = (over: Partial<CheckFacts> = {}, fields: Parameters<typeof session>[1] = {}) =>
  session({ scopes: [], ...over }, fields);
const grant = (fields: Parameters<typeof signed>[1] = {}, over: Partial<CheckFacts> = {}) =>
  signed(SITE.issuer, fields, { scopes: [], ...over });
const LOCKED = customerFor({ status: 'locked', epochs: { standing: 8, credentials: 11 } });
const DAY_MS = 86_400_000;
const ENDLESS = sessionProfileFor({ renewal_lifetime_s: null });

testRules<CheckFacts>({
  name: 'rules of renewing a token',
  table: RENEW_RULES,
  judge: (facts) => firstRefusal(RENEW_RULES, facts.profile, facts),
  cases: {
    'bearer.present': {
      passes: { 'a token of a session': renewing(), 'a signed token of a grant': grant() },
      refuses: { 'no token': renewing({ bearer: { is: 'none' } }) },
    },
    'bearer.known': {
      passes: { 'a token of this issuer': renewing() },
      refuses: {
        'what is no token of ours': renewing({ bearer: { is: 'not_ours', reason: 'malformed' } }),
        'a token for streams, elsewhere': renewing({ bearer: sessionToken({ audience: STREAMS }) }),
        'a token of another dialect, of a locked customer': grant(
          { dialect: 'other' }, { customer: LOCKED },
        ),
      },
    },
    'bearer.fresh': {
      passes: {
        'its last millisecond': renewing({ bearer: sessionToken({ expires_at: NOW + 1 }) }),
      },
      refuses: {
        'AT-V37 the instant of its end': renewing({ bearer: sessionToken({ expires_at: NOW }) }),
        'its end, of a locked customer': renewing({
          bearer: sessionToken({ expires_at: NOW }), customer: LOCKED,
        }),
      },
    },
    'bearer.session_kept': {
      passes: { 'a session of the roster': renewing() },
      refuses: {
        'a session that a newer one has closed': renewing({ roster: EVICTED }),
        'a closed session of a locked customer': renewing({ roster: EVICTED, customer: LOCKED }),
      },
    },
    'renew.customer': {
      passes: { 'an active customer': renewing(), 'an active customer of a grant': grant() },
      refuses: Object.fromEntries(CUSTOMER_STATUS.filter((status) => status !== 'active').flatMap(
        (status) => [
          [`a session of who is ${status}`, renewing({ customer: customerFor({ status }) })],
          [`a grant of who is ${status}`, grant({}, { customer: customerFor({ status }) })],
        ],
      )),
    },
    'bearer.live': {
      passes: { 'the newest of several': renewing({}, { last_number: 1 }) },
      refuses: {
        'who was locked and is active again': renewing({
          customer: customerFor({ epochs: { standing: 8, credentials: 11 } }),
        }),
        'an ended grant': grant({ state: { is: 'ended', at: NOW, by: 'customer' } }),
        'a disabled app': grant({}, { app: appFor({ status: 'disabled' }) }),
        'a disabled API key': renewing({ api_key: apiKeyFor({ status: 'disabled' }) }),
        'the twenty-first newest': renewing({}, { last_number: 21 }),
      },
    },
    'bearer.scope': {
      passes: { 'a session that may do nothing': renewing({ api_key: apiKeyFor({ scopes: 0 }) }) },
      refuses: {
        'an area that is asked for and lacking': renewing({
          scopes: ['Users:Read'], api_key: apiKeyFor({ scopes: 0 }),
        }),
      },
    },
    'bearer.account': {
      passes: { 'an account of hers': renewing({ account: '6YA00001' }) },
      refuses: { 'an account of another customer': renewing({ account: '6YB00001' }) },
    },
    'renew.signed': {
      passes: { 'an open stream': renewing({ bearer: STREAM_OF_SESSION }) },
      refuses: { 'her personal token': personal({}, { scopes: [] }) },
    },
    'renew.chain': {
      passes: {
        'the last millisecond of a session\'s chain': renewing({}, { opened_at: NOW + 1 - DAY_MS }),
        'the last millisecond of a grant\'s chain': grant({ chain_began_at: NOW + 1 - DAY_MS }),
        'a grant of any age that was refreshed since': grant({ begun_at: 0, chain_began_at: NOW }),
        'a chain of any length where it has no end': renewing({ profile: ENDLESS }, {
          opened_at: 0,
        }),
      },
      refuses: {
        'AT-V39 the instant at which a session\'s chain ends': renewing(
          {}, { opened_at: NOW - DAY_MS },
        ),
        'the instant at which a grant\'s chain ends': grant({ chain_began_at: NOW - DAY_MS }),
        'the end of a chain, by a stream': renewing(
          { bearer: STREAM_OF_SESSION }, { opened_at: NOW - DAY_MS },
        ),
      },
    },
  },
});

describe('a renewal of who may not sign in', () => {
  it('says why to the bearer of a good token, and to nobody else', () => {
    for (const status of CUSTOMER_STATUS.filter((one) => one !== 'active')) {
      const { result, changes, events } = renew(renewing({ customer: customerFor({ status }) }));
      assert.ok(!result.ok);
      assert.equal(result.refusal.code, 'customer_inactive');
      assert.equal(result.refusal.customer_status, status);
      assert.deepEqual([changes, events], [[], []]);
    }
    for (const facts of [
      renewing({ customer: LOCKED, bearer: sessionToken({ expires_at: NOW }) }),
      renewing({ customer: LOCKED, roster: EVICTED }),
      check({ scopes: [], customer: LOCKED, bearer: token({ audience: 'https://o.example' }) }),
    ]) {
      const { result } = renew(facts);
      assert.ok(!result.ok);
      assert.equal(result.refusal.customer_status, undefined);
    }
  });
});
