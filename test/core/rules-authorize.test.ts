/** Which authorization requests are shown to the customer, and where errors may go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AuthorizeFacts, CALLBACK_RULES, PAGE_RULES, authorize,
} from '../../src/core/decide/authorize/authorize.ts';
import { firstRefusal } from '../../src/core/rules/rule.ts';
import { CALLBACK, appFor, digestOf, parametersFor, profileFor } from './facts.ts';
import { testRules } from './rule-cases.ts';

const ISSUER = 'https://issuer.example';
type Over = Parameters<typeof parametersFor>[0];

function asking(parameters: Over = {}, over: Partial<AuthorizeFacts> = {}): AuthorizeFacts {
  return {
    profile: profileFor(),
    parameters: parametersFor(parameters),
    app: appFor(),
    issuer: ISSUER,
    ...over,
  };
}

const TWO = appFor({ redirect_uris: [CALLBACK, 'https://app.example/other'] });
const NONE = appFor({ redirect_uris: [] });
const LENIENT = appFor({ redirect_uri_mode: 'ignore' });

testRules<AuthorizeFacts>({
  name: 'rules of authorization requests that never redirect',
  table: PAGE_RULES,
  judge: (facts) => firstRefusal(PAGE_RULES, facts.profile, facts),
  cases: {
    'authorize.named_once': {
      passes: {
        'each once': asking(),
        'another parameter twice, which may travel to the callback': asking({
          malformed: ['state'],
        }),
      },
      refuses: {
        'client_id twice': asking({ malformed: ['client_id'] }),
        'redirect_uri twice': asking({ malformed: ['redirect_uri'] }),
        'client_id twice, without an app': asking(
          { client_id: null, malformed: ['client_id'] }, { app: undefined },
        ),
        'redirect_uri twice behind another one': asking({
          malformed: ['state', 'redirect_uri'],
        }),
      },
    },
    'authorize.client_known': {
      passes: { 'an app of this world and dialect': asking() },
      refuses: {
        'no client_id': asking({ client_id: null }, { app: undefined }),
        'an unknown client_id': asking({ client_id: 'B'.repeat(32) }, { app: undefined }),
        'an app of another dialect': asking({}, { app: appFor({ dialect: 'other' }) }),
        'a disabled app': asking({}, { app: appFor({ status: 'disabled' }) }),
      },
    },
    'authorize.client_approved': {
      passes: { 'an approved app': asking() },
      refuses: {
        'an app that waits for approval': asking({}, { app: appFor({ status: 'pending' }) }),
        'an app that waits, with a callback that is not registered': asking(
          { redirect_uri: 'https://evil.example/' }, { app: appFor({ status: 'pending' }) },
        ),
      },
    },
    'authorize.redirect_uri': {
      passes: {
        'none, and one is registered': asking(),
        'the registered one': asking({ redirect_uri: CALLBACK }),
        'one of several registered': asking({ redirect_uri: CALLBACK }, { app: TWO }),
        'an unregistered one where it is overlooked': asking(
          { redirect_uri: 'https://evil.example/' }, { app: LENIENT },
        ),
      },
      refuses: {
        'an unregistered one': asking({ redirect_uri: 'https://evil.example/' }),
        'none, and several are registered': asking({}, { app: TWO }),
        'any, and none is registered': asking({ redirect_uri: CALLBACK }, { app: NONE }),
        'none, and none is registered': asking({}, { app: NONE }),
        'an unregistered one that is overlooked, but several are registered': asking(
          { redirect_uri: 'https://evil.example/' },
          { app: { ...TWO, redirect_uri_mode: 'ignore' } },
        ),
        'an unregistered one beside every other fault': asking({
          redirect_uri: 'https://evil.example/',
          response_type: 'token',
          scope: ['unknown'],
          malformed: ['state'],
        }),
      },
    },
  },
});

const S256 = { code_challenge: digestOf('challenge'), code_challenge_method: 'S256' };
const DEMANDING = { profile: profileFor({ pkce: 'required' }) };
const REGISTERED = { profile: profileFor({ scope_policy: 'registered' }) };
const PUBLIC = appFor({ authentication: 'none', secrets: [] });
const RESOURCE = 'https://api.example';
const NO_DEFAULT = { profile: profileFor({ response_type_default: null }) };
/** Four bytes in UTF-8, two units in UTF-16. */
const WIDE = '😀';

testRules<AuthorizeFacts>({
  name: 'rules of authorization requests whose errors go to the callback',
  table: CALLBACK_RULES,
  judge: (facts) => firstRefusal(CALLBACK_RULES, facts.profile, facts),
  cases: {
    'authorize.well_formed': {
      passes: {
        'a state of exactly the limit': asking({ state: WIDE.repeat(1024) }),
        'an empty state': asking({ state: '' }),
      },
      refuses: {
        'a parameter twice': asking({ malformed: ['scope'] }),
        'a state one byte over the limit': asking({ state: `${WIDE.repeat(1024)}x` }),
        'a repeated response_type that is wrong, too': asking({
          malformed: ['response_type'], response_type: 'token',
        }),
      },
    },
    'authorize.response_type': {
      passes: {
        'code': asking({ response_type: 'code' }),
        'none, where the profile takes that for code': asking({ response_type: null }),
      },
      refuses: {
        'token': asking({ response_type: 'token' }),
        'code and token': asking({ response_type: 'code token' }),
        'another letter case': asking({ response_type: 'CODE' }),
        'none, where the profile demands one': asking({}, NO_DEFAULT),
      },
    },
    'authorize.pkce_form': {
      passes: { 'an S256 challenge': asking(S256), 'none': asking() },
      refuses: {
        'plain': asking({ ...S256, code_challenge_method: 'plain' }),
        's256': asking({ ...S256, code_challenge_method: 's256' }),
        'S256 with a line end': asking({ ...S256, code_challenge_method: 'S256\n' }),
        'no method': asking({ ...S256, code_challenge_method: null }),
        'a method without a challenge': asking({ code_challenge_method: 'S256' }),
        '42 characters': asking({ ...S256, code_challenge: 'c'.repeat(42) }),
        '44 characters': asking({ ...S256, code_challenge: 'c'.repeat(44) }),
        'a character of plain base64': asking({ ...S256, code_challenge: `${'c'.repeat(42)}+` }),
        'a line end behind it': asking({ ...S256, code_challenge: `${'c'.repeat(43)}\n` }),
      },
    },
    'authorize.pkce_present': {
      passes: {
        'a challenge where it is demanded': asking(S256, DEMANDING),
        'none where it is optional': asking(),
        'a challenge of an app without a secret': asking(S256, { app: PUBLIC }),
      },
      refuses: {
        'none where it is demanded': asking({}, DEMANDING),
        'none by an app without a secret, where it is optional': asking({}, { app: PUBLIC }),
      },
    },
    'authorize.resource': {
      passes: {
        'none': asking(),
        'one of two registered': asking(
          { resource: RESOURCE }, { app: appFor({ resources: ['https://a.example', RESOURCE] }) },
        ),
      },
      refuses: {
        'one of an app that has none': asking({ resource: RESOURCE }),
        'one that differs by a slash': asking(
          { resource: `${RESOURCE}/` }, { app: appFor({ resources: [RESOURCE] }) },
        ),
        'one in another letter case': asking(
          { resource: RESOURCE.toUpperCase() }, { app: appFor({ resources: [RESOURCE] }) },
        ),
        'an unknown one, and no scope': asking({ resource: RESOURCE, scope: [] }),
      },
    },
    'authorize.scope': {
      passes: {
        'nothing asked for': asking(),
        'one known word among unknown ones': asking({ scope: ['placing', 'read'] }),
        'unknown words where requests do not ask': asking({ scope: ['All'] }, REGISTERED),
        'no word where requests do not ask': asking({ scope: [] }, REGISTERED),
      },
      refuses: {
        'only unknown words': asking({ scope: ['placing', 'READ'] }),
        'no word at all': asking({ scope: [] }),
        'only words that are not registered': asking(
          { scope: ['trade'] }, { app: appFor({ scopes: 1 }) },
        ),
        'nothing asked for by an app without scopes': asking({}, { app: appFor({ scopes: 0 }) }),
        'an app without scopes where requests do not ask': asking(
          { scope: ['read'] }, { ...REGISTERED, app: appFor({ scopes: 0 }) },
        ),
      },
    },
  },
});

describe('authorization requests', () => {
  it('without a validated callback give none to the refusal', () => {
    const bad = { redirect_uri: 'https://evil.example/', response_type: 'token', state: 's' };
    const result = authorize(asking(bad));
    assert.ok(!result.ok);
    assert.equal(result.refusal.callback, undefined);
    assert.doesNotMatch(JSON.stringify(result.refusal), /evil/);
  });

  it('with a validated one carry state and issuer to it, also when they fail', () => {
    const result = authorize(asking({ response_type: 'token', state: 's' }));
    assert.ok(!result.ok);
    const callback = { redirect_uri: CALLBACK, state: 's', iss: ISSUER };
    assert.deepEqual(result.refusal.callback, callback);
  });

  it('leave the issuer out for an app that opted out', () => {
    const app = appFor({ response_iss: false });
    const result = authorize(asking({ response_type: 'token' }, { app }));
    assert.ok(!result.ok);
    assert.deepEqual(result.refusal.callback, { redirect_uri: CALLBACK, state: null, iss: null });
  });

  it('do not echo a state that is itself the fault', () => {
    for (const parameters of [{ malformed: ['state'], state: 's' }, { state: 'x'.repeat(4097) }]) {
      const result = authorize(asking(parameters));
      assert.ok(!result.ok);
      assert.equal(result.refusal.callback?.state, null);
    }
  });

  it('ask for the intersection of what was named and what is registered', () => {
    const app = appFor({ scopes: 1 | 4 });
    const scopesOf = (scope: string[] | null) => {
      const result = authorize(asking({ scope }, { app }));
      return result.ok ? result.value.scopes : result.refusal.code;
    };
    assert.equal(scopesOf(null), 1 | 4);
    assert.equal(scopesOf(['trade', 'market', 'trade']), 4);
    assert.equal(scopesOf(['market']), 'scope_empty');
  });

  it('ask for all that is registered where requests do not ask', () => {
    const app = appFor({ scopes: 1 | 4 });
    for (const scope of [null, [], ['read'], ['market'], ['All']]) {
      const result = authorize(asking({ scope }, { ...REGISTERED, app }));
      assert.ok(result.ok);
      assert.equal(result.value.scopes, 1 | 4);
    }
  });

  it('keep resource and nonce as they came', () => {
    const app = appFor({ resources: [RESOURCE] });
    const result = authorize(asking({ resource: RESOURCE, nonce: '' }, { app }));
    assert.ok(result.ok);
    assert.equal(result.value.resource, RESOURCE);
    assert.equal(result.value.nonce, '');
  });

  it('that pass say the callback to use, never an overlooked one', () => {
    const redirect_uri = 'https://evil.example/';
    const result = authorize(asking({ redirect_uri, state: '', ...S256 }, { app: LENIENT }));
    assert.deepEqual(result, {
      ok: true,
      value: {
        app: LENIENT.id, dialect: 'plain', redirect_uri: CALLBACK, scopes: 31, state: '',
        code_challenge: S256.code_challenge, resource: null, nonce: null,
      },
    });
  });
});
