/** Who may open a trading session with an API key. */
import {
  API_KEY_RULES, type KeyFacts, OPEN_SESSION_RULES, type OpenSessionFacts, refuseApiKey,
} from '../../src/core/decide/session/open-session.ts';
import type { ApiKey } from '../../src/core/kinds/api-key.ts';
import { CUSTOMER_STATUS } from '../../src/core/kinds/customer.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import { CUSTOMER, apiKeyFor, customerFor, profileFor } from './facts.ts';
import { type TableUnderTest, testRules } from './rule-cases.ts';
import { KEYLESS, opening } from './session/session-facts.ts';

const key = (fields: Partial<ApiKey>, over: Partial<OpenSessionFacts> = {}) =>
  opening({ key: apiKeyFor(fields), ...over });
const NO_KEY = { key: undefined, key_named: false, secret_matches: false, app_name: null };

/** Judged alone before any password is looked at, and again in the decision. */
const KEY_CASES: TableUnderTest<OpenSessionFacts>['cases'] = {
  'api_key.known': {
    passes: {
      'a key of this dialect': opening(),
      'none where none is needed': opening({ ...NO_KEY, profile: KEYLESS.profile }),
    },
    refuses: {
      'none': opening(NO_KEY),
      'an unknown one': opening({ ...NO_KEY, key_named: true }),
      'an unknown one where none is needed': opening({
        ...NO_KEY, key_named: true, profile: KEYLESS.profile,
      }),
      'none where the dialect has no sessions': opening({ ...NO_KEY, profile: profileFor() }),
      'a key of another dialect': key({ dialect: 'other' }),
      'a key of another dialect where none is needed': key(
        { dialect: 'other' }, { profile: KEYLESS.profile },
      ),
      'a disabled key of another dialect': key({ dialect: 'other', status: 'disabled' }),
    },
  },
  'api_key.secret': {
    passes: { 'its secret': opening({ secret_matches: true }) },
    refuses: {
      'another secret': opening({ secret_matches: false }),
      'another secret where no key is needed': opening({
        secret_matches: false, profile: KEYLESS.profile,
      }),
      'another secret and another name': opening({ secret_matches: false, app_name: 'Other' }),
    },
  },
  'api_key.name': {
    passes: { 'its name': opening({ app_name: apiKeyFor().name }) },
    refuses: {
      'another name': opening({ app_name: 'Other' }),
      'none': opening({ app_name: null }),
      'its name in another letter case': opening({ app_name: apiKeyFor().name.toUpperCase() }),
      'its name with a blank': opening({ app_name: `${apiKeyFor().name} ` }),
    },
  },
  'api_key.active': {
    passes: { 'an active key': key({ status: 'active' }) },
    refuses: {
      'a disabled key': key({ status: 'disabled' }),
      'a disabled key, with a wrong password': key(
        { status: 'disabled' }, { verified: { hash: 'hash-1', matches: false } },
      ),
    },
  },
};

testRules<OpenSessionFacts>({
  name: 'rules of API keys',
  table: API_KEY_RULES,
  judge: (facts: KeyFacts) => refuseApiKey(facts),
  cases: KEY_CASES,
});

const HERS = { owner: { is: 'customer', customer: CUSTOMER } } as const;
const ANOTHERS = { owner: { is: 'customer', customer: 'customer002' } } as const;
const WRONG = { verified: { hash: 'hash-1', matches: false } };
const DEDICATED = { verified: { hash: 'key-hash', matches: true } };

testRules<OpenSessionFacts>({
  name: 'rules of opening a session',
  table: OPEN_SESSION_RULES,
  judge: (facts) => firstRefusal(OPEN_SESSION_RULES, facts.profile, facts),
  cases: {
    ...KEY_CASES,
    'session.password': {
      passes: {
        'her password': opening({ verified: { hash: 'hash-1', matches: true } }),
        'the password of the key': key({ ...HERS, password_hash: 'key-hash' }, DEDICATED),
      },
      refuses: {
        'AT-V28 an unknown name': opening({ customer: undefined, ...WRONG }),
        'AT-V28 a wrong password': opening(WRONG),
        'AT-V29 a wrong password of who is locked': opening({
          ...WRONG, customer: customerFor({ status: 'locked' }),
        }),
        'AT-V27 a wrong password, with the key of another customer': key(ANOTHERS, WRONG),
        'a password that was changed meanwhile': opening({
          customer: customerFor({ password_hash: 'hash-2' }),
        }),
        'a password that was compared with nothing': opening({
          verified: { hash: null, matches: true },
        }),
        'a password of a key that has none now': key(
          { ...HERS, password_hash: null }, DEDICATED,
        ),
        'the password of the key of another customer, which tells no names': key(
          { ...ANOTHERS, password_hash: 'key-hash' }, DEDICATED,
        ),
        'a password of a key, without a key': opening({
          ...NO_KEY, ...DEDICATED, profile: KEYLESS.profile,
        }),
      },
    },
    'session.key_owner': {
      passes: {
        'a key of a partner': key({ owner: { is: 'partner' } }),
        'her own key': key(HERS),
        'no key where none is needed': opening({ ...NO_KEY, profile: KEYLESS.profile }),
      },
      refuses: {
        'AT-V27 the key of another customer': key(ANOTHERS),
        'the key of another customer, of who is locked': key(
          ANOTHERS, { customer: customerFor({ status: 'locked' }) },
        ),
      },
    },
    'session.customer': {
      passes: { 'an active customer': opening() },
      refuses: Object.fromEntries(CUSTOMER_STATUS.filter((status) => status !== 'active').map(
        (status) => [`AT-V29 who is ${status}`, opening({ customer: customerFor({ status }) })],
      )),
    },
  },
});
