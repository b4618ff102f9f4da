/** Which browser may go on with an authorization request. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type OpenFacts, REQUEST_RULES, refuseCustomer, refuseRequest,
} from '../../src/core/decide/authorize/open-request.ts';
import type { RequestedAuthorization } from '../../src/core/kinds/request.ts';
import {
  CALLBACK, DIALECT, NOW, appFor, claimedBy, customerFor, digestOf, requestedFor,
} from './facts.ts';
import { testRules } from './rule-cases.ts';

const HERS = digestOf('her browser');
const OTHER = digestOf('another browser');

function opening(
  requested: Partial<RequestedAuthorization> = {},
  over: Partial<OpenFacts> = {},
): OpenFacts {
  return {
    requested: requestedFor(requested),
    record: undefined,
    app: appFor(),
    browser: HERS,
    dialect: DIALECT,
    now: NOW,
    ...over,
  };
}

testRules<OpenFacts>({
  name: 'rules of opening an authorization request',
  table: REQUEST_RULES,
  judge: refuseRequest,
  cases: {
    'request.own_dialect': {
      passes: {
        'its own page': opening({ dialect: 'other' }, { dialect: 'other' }),
        'a form that serves every dialect': opening({ dialect: 'other' }, { dialect: null }),
      },
      refuses: {
        'the page of another dialect': opening({ dialect: 'other' }),
        'another dialect, and past its end': opening({ dialect: 'other', expires_at: NOW }),
      },
    },
    'request.fresh': {
      passes: { 'its last millisecond': opening({ expires_at: NOW + 1 }) },
      refuses: {
        'the instant of its end': opening({ expires_at: NOW }),
        'its end, in another browser': opening(
          { expires_at: NOW }, { record: claimedBy(OTHER) },
        ),
      },
    },
    'request.own_browser': {
      passes: {
        'nobody has claimed it': opening(),
        'this browser has claimed it': opening({}, { record: claimedBy(HERS) }),
        'it began in this browser': opening({ browser: HERS }),
      },
      refuses: {
        'another browser has claimed it': opening({}, { record: claimedBy(OTHER) }),
        'it began in another browser': opening({ browser: OTHER }),
        'it began in another browser, and this one has claimed it': opening(
          { browser: OTHER }, { record: claimedBy(HERS) },
        ),
        'another browser has claimed it, and the app is gone': opening(
          {}, { record: claimedBy(OTHER), app: undefined },
        ),
      },
    },
    'request.client_enabled': {
      passes: { 'an approved app': opening() },
      refuses: {
        'an app that is gone': opening({}, { app: undefined }),
        'an app disabled since': opening({}, { app: appFor({ status: 'disabled' }) }),
        'an app whose approval was taken back': opening({}, {
          app: appFor({ status: 'pending', redirect_uris: [] }),
        }),
      },
    },
    'request.redirect_uri': {
      passes: { 'a callback that is still registered': opening() },
      refuses: {
        'a callback removed since': opening({}, { app: appFor({ redirect_uris: [] }) }),
        'a callback changed since by one character': opening({}, {
          app: appFor({ redirect_uris: [`${CALLBACK}/`] }),
        }),
      },
    },
    'request.scopes_left': {
      passes: {
        'one of two asked scopes is left': opening({ scopes: 1 | 4 }, {
          app: appFor({ scopes: 4 | 8 }),
        }),
      },
      refuses: {
        'none of two asked scopes is left': opening({ scopes: 1 | 4 }, {
          app: appFor({ scopes: 2 | 8 }),
        }),
        'the app has lost all its scopes': opening({}, { app: appFor({ scopes: 0 }) }),
      },
    },
  },
});

describe('consent', () => {
  it('cannot be completed by a customer without an account in this world', () => {
    const delegated_accounts = ['6YB00001'];
    const refusal = refuseCustomer(customerFor({ accounts: [], delegated_accounts }), appFor());
    assert.equal(refusal?.code, 'customer_without_account');
  });

  it('can be completed by a customer with one account', () => {
    assert.equal(refuseCustomer(customerFor({ accounts: ['6YA00001'] }), appFor()), null);
  });

  it('to an advisor app needs an account that is delegated to her', () => {
    const advisor = appFor({ type: 'advisor' });
    assert.equal(refuseCustomer(customerFor(), advisor)?.code, 'customer_without_account');
    const delegated_accounts = ['6YB00001'];
    assert.equal(refuseCustomer(customerFor({ delegated_accounts }), advisor), null);
  });
});
