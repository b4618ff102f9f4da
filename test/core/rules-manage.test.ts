/** What apps, secrets, customers, passwords and accounts may be registered as. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  APP_RULES, type AppDraft, type Registration, SECRET_RULES, type SecretFacts, wordsOf,
} from '../../src/core/decide/manage/app-rules.ts';
import {
  ACCOUNT_RULES, type AccountDraft, CUSTOMER_RULES, type CustomerDraft, PASSWORD_RULES,
  type PasswordFacts,
} from '../../src/core/decide/manage/customer-rules.ts';
import { judge } from '../../src/core/decide/manage/judge.ts';
import { testRules } from './rule-cases.ts';

type AppFacts = AppDraft & { readonly registration: Registration };

const PLAIN: Registration = {
  client_id: 'text', vocabulary: 'words', authentications: ['client_secret'],
  redirect_uri_modes: ['strict', 'ignore'], default_scopes: null,
};
const AREAL: Registration = {
  client_id: 'number', vocabulary: 'areas', authentications: ['client_secret', 'none'],
  redirect_uri_modes: ['strict'], default_scopes: null,
};

function app(over: Partial<AppFacts> = {}): AppFacts {
  return {
    client_id: 'aB3'.padEnd(32, 'x'),
    dialect: 'plain',
    name: 'An app',
    home_page: null,
    logo: null,
    redirect_uris: ['https://app.example/cb'],
    scopes: ['read'],
    authentication: 'client_secret',
    resources: [],
    registration: PLAIN,
    ...over,
  };
}

/** Registered by number and for areas. */
const areal = (over: Partial<AppFacts> = {}) =>
  app({ client_id: '40001', scopes: ['Orders:Read'], registration: AREAL, ...over });

const RESOURCES_20 = Array.from({ length: 20 }, (_, i) => `https://api.example/${i}`);

const callbacks = (count: number) =>
  app({ redirect_uris: Array.from({ length: count }, (_, i) => `https://app.example/${i}`) });

testRules<AppFacts>({
  name: 'rules of registering an app',
  table: APP_RULES,
  judge: (facts) => judge(APP_RULES, facts),
  cases: {
    'app.client_id': {
      passes: {
        '32 letters and digits': app(),
        '5 digits': areal({ client_id: '40001' }),
        '15 digits': areal({ client_id: '9'.repeat(15) }),
      },
      refuses: {
        '31 characters': app({ client_id: 'a'.repeat(31) }),
        '33 characters': app({ client_id: 'a'.repeat(33) }),
        'a hyphen': app({ client_id: `${'a'.repeat(31)}-` }),
        'a line end behind it': app({ client_id: `${'a'.repeat(32)}\n` }),
        'a look-alike letter': app({ client_id: `${'a'.repeat(31)}\u0430` }),
        'nothing': app({ client_id: '' }),
        'a number where texts are': app({ client_id: '40001' }),
        'a text where numbers are': areal({ client_id: 'a'.repeat(32) }),
        '4 digits': areal({ client_id: '4000' }),
        '16 digits': areal({ client_id: '9'.repeat(16) }),
        'a number with a 0 before it': areal({ client_id: '040001' }),
        'a number with a sign': areal({ client_id: '+40001' }),
        'a number with a fraction': areal({ client_id: '40001.0' }),
        'digits of another script': areal({ client_id: '４０００１' }),
        'a line end behind a number': areal({ client_id: '40001\n' }),
      },
    },
    'app.dialect': {
      passes: { 'a word': app({ dialect: 'other' }) },
      refuses: { 'nothing': app({ dialect: '' }), 'capitals': app({ dialect: 'Plain' }) },
    },
    'app.name': {
      passes: { '80 characters': app({ name: '\u{1f600}'.repeat(80) }) },
      refuses: {
        'blanks': app({ name: '  ' }),
        'a blank at its end': app({ name: 'An app ' }),
        '81 characters': app({ name: 'a'.repeat(81) }),
        'a right-to-left override': app({ name: 'An \u202eapp' }),
        'a zero-width space': app({ name: 'An\u200bapp' }),
        'a line end inside': app({ name: 'An\napp' }),
      },
    },
    'app.home_page': {
      passes: {
        'an https address': app({ home_page: 'https://app.example/' }),
        'http on loopback': app({ home_page: 'http://localhost:8080/' }),
      },
      refuses: {
        'plain http': app({ home_page: 'http://app.example/' }),
        'a script': app({ home_page: 'javascript:alert(1)' }),
        'data': app({ home_page: 'data:text/html,x' }),
        'a user name': app({ home_page: 'https://app.example@evil.example/' }),
        'no address': app({ home_page: 'app.example' }),
      },
    },
    'app.logo': {
      passes: { 'an https address': app({ logo: 'https://app.example/logo.png' }) },
      refuses: {
        'a script in mixed case': app({ logo: 'JaVaScRiPt:alert(1)' }),
        'an image in its own text': app({ logo: 'data:image/svg+xml,x' }),
      },
    },
    'app.callbacks_present': {
      passes: { 'one': callbacks(1), 'twenty': callbacks(20) },
      refuses: { 'none': callbacks(0), 'twenty-one': callbacks(21) },
    },
    'app.callbacks_distinct': {
      passes: { 'two that differ': callbacks(2) },
      refuses: {
        'one twice': app({ redirect_uris: ['https://app.example/', 'https://app.example/'] }),
      },
    },
    'app.scopes': {
      passes: { 'one known': app({ scopes: ['trade'] }) },
      refuses: { 'none': app({ scopes: [] }), 'none of areas': areal({ scopes: [] }) },
    },
    'app.vocabulary': {
      passes: {
        'every word': app({ scopes: wordsOf('words') }),
        'every area at every level it offers': areal({ scopes: wordsOf('areas') }),
      },
      refuses: {
        'only unknown': app({ scopes: ['READ'] }),
        'an unknown one among known ones': app({ scopes: ['read', 'placing'] }),
        'an area where words are': app({ scopes: ['read', 'Orders:Read'] }),
        'a word where areas are': areal({ scopes: ['Orders:Read', 'read'] }),
        'an area in another letter case': areal({ scopes: ['orders:read'] }),
        'an area without a level': areal({ scopes: ['Orders'] }),
        'a level that is no permission': areal({ scopes: ['Orders:Denied'] }),
        'a level that its area does not offer': areal({ scopes: ['Prices:FullAccess'] }),
        'an area that nobody is granted': areal({ scopes: ['Authentication:Read'] }),
      },
    },
    'app.authentication': {
      passes: {
        'a secret': app({ authentication: 'client_secret' }),
        'none where the dialect has public apps': areal({ authentication: 'none' }),
      },
      refuses: { 'none where it has not': app({ authentication: 'none' }) },
    },
    'app.redirect_uri_mode': {
      passes: {
        'strict': app({ redirect_uri_mode: 'strict' }),
        'none said': areal(),
        'one that is overlooked where the dialect allows it': app({ redirect_uri_mode: 'ignore' }),
      },
      refuses: {
        'one that is overlooked where it does not': areal({ redirect_uri_mode: 'ignore' }),
      },
    },
    'app.resources': {
      passes: {
        'none': app({ resources: [] }),
        'twenty': app({ resources: RESOURCES_20 }),
        'another scheme': app({ resources: ['urn:example:api'] }),
        'the longest': app({ resources: [`https://a.example/${'p'.repeat(494)}`] }),
      },
      refuses: {
        'twenty-one': app({ resources: [...RESOURCES_20, 'https://api.example'] }),
        'a path': app({ resources: ['/api'] }),
        'nothing': app({ resources: [''] }),
        'a fragment': app({ resources: ['https://api.example/#a'] }),
        'a scheme in capitals': app({ resources: ['HTTPS://api.example'] }),
        'a blank': app({ resources: ['https://api.example/a b'] }),
        'a line end behind it': app({ resources: ['https://api.example\n'] }),
        'a letter outside ASCII': app({ resources: ['https://äpi.example'] }),
        'one character too long': app({ resources: [`https://a.example/${'p'.repeat(495)}`] }),
      },
    },
  },
});

const RANDOM = 'kJ8dZ2mQ7xV4wB9nT1cR6yL3pH5sG0fAaEeUuIiO';
const secret = (text: string): SecretFacts => ({ secret: text });

testRules<SecretFacts>({
  name: 'rules of importing a secret',
  table: SECRET_RULES,
  judge: (facts) => judge(SECRET_RULES, facts),
  cases: {
    'secret.form': {
      passes: { 'base64url': secret(`${RANDOM}-_`) },
      refuses: {
        'a blank': secret(`${RANDOM} `),
        'a colon, which ends the id in Basic': secret(`${RANDOM}:`),
        'a letter outside ASCII': secret(`${RANDOM}é`),
        'a line end behind it': secret(`${RANDOM}\n`),
      },
    },
    'secret.length': {
      passes: { '40 characters': secret(RANDOM), '256': secret(RANDOM.repeat(7).slice(0, 256)) },
      refuses: {
        '39 characters': secret(RANDOM.slice(1)),
        '257 characters': secret(RANDOM.repeat(7).slice(0, 257)),
        'nothing': secret(''),
      },
    },
    'secret.strength': {
      passes: { 'many characters': secret(RANDOM) },
      refuses: {
        'one character, forty times': secret('a'.repeat(40)),
        'two characters, a hundred times': secret('ab'.repeat(50)),
      },
    },
  },
});

const customer = (over: Partial<CustomerDraft> = {}): CustomerDraft =>
  ({
    login_name: 'alice', name: 'Alice', email: null, email_verified: false,
    features: { is_trial: false, sim_plus: false, funded: false, market_data: false },
    ...over,
  });

testRules<CustomerDraft>({
  name: 'rules of registering a customer',
  table: CUSTOMER_RULES,
  judge: (facts) => judge(CUSTOMER_RULES, facts),
  cases: {
    'customer.login_name': {
      passes: { 'letters of any script': customer({ login_name: 'Ælfgifu 名' }) },
      refuses: {
        'nothing': customer({ login_name: '' }),
        'a zero-width space': customer({ login_name: 'al\u200bice' }),
        '65 characters': customer({ login_name: 'a'.repeat(65) }),
      },
    },
    'customer.name': {
      passes: { 'an apostrophe and a hyphen': customer({ name: 'Mary-Ann O’Neill' }) },
      refuses: {
        'nothing': customer({ name: '' }),
        'a NUL': customer({ name: 'Alice\0' }),
      },
    },
    'customer.email': {
      passes: {
        'none': customer({ email: null }),
        'an address': customer({ email: 'alice+test@example.com' }),
        'letters of any script': customer({ email: 'ælfgifu@bücher.example' }),
        '254 characters': customer({ email: `a@${'b'.repeat(252)}` }),
      },
      refuses: {
        'nothing': customer({ email: '' }),
        'no at sign': customer({ email: 'alice.example.com' }),
        'two of them': customer({ email: 'alice@x@example.com' }),
        'nothing before it': customer({ email: '@example.com' }),
        'nothing after it': customer({ email: 'alice@' }),
        '65 characters before it': customer({ email: `${'a'.repeat(65)}@example.com` }),
        '255 characters': customer({ email: `a@${'b'.repeat(253)}` }),
        'a blank': customer({ email: 'alice @example.com' }),
        'a line end behind it': customer({ email: 'alice@example.com\n' }),
        'a zero-width space': customer({ email: 'al\u200bice@example.com' }),
        'a right-to-left override': customer({ email: 'alice@\u202eexample.com' }),
      },
    },
  },
});

const password = (text: string, login_name = 'alice'): PasswordFacts =>
  ({ password: text, login_name });

testRules<PasswordFacts>({
  name: 'rules of a password',
  table: PASSWORD_RULES,
  judge: (facts) => judge(PASSWORD_RULES, facts),
  cases: {
    'password.length': {
      passes: {
        '8 characters': password('correct!'),
        '256 characters outside the basic plane': password('\u{1f600}'.repeat(256)),
      },
      refuses: {
        '7 characters': password('correct'),
        '7 characters that are more code points before they are composed': password(
          'corre\u0301ct',
        ),
        '257 characters': password('x'.repeat(257)),
      },
    },
    'password.well_formed': {
      passes: { 'blanks and letters of any script': password('пароль 密碼 x') },
      refuses: {
        'a NUL': password('correct\0horse'),
        'half a surrogate pair': password('correct\ud800horse'),
      },
    },
    'password.not_her_name': {
      passes: { 'her name and more': password('alice smith!', 'alice smith') },
      refuses: {
        'her name': password('alice smith', 'alice smith'),
        'her name in another spelling': password(' ALICE  Smith', 'alice smith'),
      },
    },
  },
});

testRules<AccountDraft>({
  name: 'rules of opening an account',
  table: ACCOUNT_RULES,
  judge: (facts) => judge(ACCOUNT_RULES, facts),
  cases: {
    'account.number': {
      passes: { '4 characters': { account: '6YA0' }, '16': { account: '6YA0'.repeat(4) } },
      refuses: {
        '3 characters': { account: '6YA' },
        '17 characters': { account: `${'6YA0'.repeat(4)}1` },
        'a small letter': { account: '6ya00001' },
        'a slash, which would end the path': { account: '6YA0/1' },
        'a line end behind it': { account: '6YA00001\n' },
      },
    },
  },
});

describe('words that an app may be registered with', () => {
  it('are those of its vocabulary, areas at the levels they offer', () => {
    assert.deepEqual(wordsOf('words'), ['read', 'write', 'trade', 'market', 'stream']);
    assert.deepEqual(wordsOf('areas'), [
      'Accounting:Read', 'Alerts:FullAccess', 'Alerts:Read', 'Chat:FullAccess', 'Chat:Read',
      'Configuration:Read', 'ContractLibrary:Read', 'Fees:Read', 'Orders:FullAccess',
      'Orders:Read', 'Positions:Read', 'Prices:Read', 'Risks:FullAccess', 'Risks:Read',
      'Users:Read',
    ]);
  });
});
