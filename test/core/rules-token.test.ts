/** Who the client is, and what a token request must carry. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CLIENT_RULES, type ClientFacts, refuseClient,
} from '../../src/core/decide/token/authenticate-client.ts';
import {
  GRANT_TYPE_RULES, TOKEN_REQUEST_RULES, type TokenRequestFacts, refuseGrantType,
  refuseTokenRequest,
} from '../../src/core/decide/token/token-request.ts';
import type { AppSecret } from '../../src/core/kinds/app.ts';
import { NOW, appFor, digestOf, profileFor, tokenCommandFor } from './facts.ts';
import { type TableUnderTest, testRules } from './rule-cases.ts';

const OTHER_APP = 'B'.repeat(32);

function client(over: Partial<ClientFacts> = {}): ClientFacts {
  return {
    profile: profileFor(),
    presented: { id: appFor().id, digest: digestOf('secret') },
    hint: null,
    app: appFor(),
    now: NOW,
    ...over,
  };
}

function withSecrets(...secrets: AppSecret[]): ClientFacts {
  return client({ app: appFor({ secrets }) });
}

const old = (until: number | null) => ({ digest: digestOf('secret'), since: 0, until });
const PUBLIC = appFor({ authentication: 'none', secrets: [] });
const current = { digest: digestOf('new'), since: NOW, until: null };

testRules<ClientFacts>({
  name: 'rules of client authentication',
  table: CLIENT_RULES,
  judge: refuseClient,
  cases: {
    'client.presented': {
      passes: { 'id and secret': client() },
      refuses: { 'nothing at all': client({ presented: null, app: undefined }) },
    },
    'client.hint': {
      passes: { 'its own id beside Basic': client({ hint: appFor().id }) },
      refuses: {
        'the id of another app beside Basic': client({ hint: OTHER_APP }),
        'an id that differs in its last character': client({
          hint: `${appFor().id.slice(0, -1)}B`,
        }),
      },
    },
    'client.secret': {
      passes: {
        'its only secret': client(),
        'the older of two secrets, 1 ms before its end': withSecrets(old(NOW + 1), current),
        'the newer of two secrets': client({
          presented: { id: appFor().id, digest: digestOf('new') },
          app: appFor({ secrets: [old(NOW + 1), current] }),
        }),
        'no secret of an app that has none': client({
          presented: { id: appFor().id, digest: null }, app: PUBLIC,
        }),
      },
      refuses: {
        'an unknown app': client({ app: undefined }),
        'an unknown app with the digest that stands in for one': client({
          app: undefined, presented: { id: OTHER_APP, digest: 'A'.repeat(43) },
        }),
        'another secret': client({ presented: { id: appFor().id, digest: digestOf('other') } }),
        'a part of the digest': client({
          presented: { id: appFor().id, digest: digestOf('secret').slice(0, 42) },
        }),
        'an empty digest': client({ presented: { id: appFor().id, digest: '' } }),
        'the older of two secrets, at its end': withSecrets(old(NOW), current),
        'an app without any secret': withSecrets(),
        'an app of another dialect': client({ app: appFor({ dialect: 'other' }) }),
        'no secret of an app that has one': client({
          presented: { id: appFor().id, digest: null },
        }),
        'no secret, of an app whose secrets are over': client({
          presented: { id: appFor().id, digest: null }, app: appFor({ secrets: [old(NOW)] }),
        }),
        'a secret of an app that has none': client({ app: PUBLIC }),
        'a secret that is kept of an app that has none': client({
          app: { ...PUBLIC, secrets: [current, old(null)] },
        }),
        'no secret of an app without one, of another dialect': client({
          presented: { id: appFor().id, digest: null }, app: { ...PUBLIC, dialect: 'other' },
        }),
      },
    },
    'client.enabled': {
      passes: { 'an app that waits for approval': client({ app: appFor({ status: 'pending' }) }) },
      refuses: { 'a disabled app': client({ app: appFor({ status: 'disabled' }) }) },
    },
  },
});

describe('client authentication', () => {
  it('tells an unknown app, a wrong secret and a disabled app apart in private only', () => {
    const refusals = [
      refuseClient(client({ app: undefined })),
      refuseClient(client({ presented: { id: appFor().id, digest: digestOf('x') } })),
      refuseClient(client({ app: appFor({ status: 'disabled' }) })),
    ];
    const codes = refusals.map((refusal) => refusal?.code);
    assert.deepEqual(codes, Array(3).fill('client_authentication_failed'));
    assert.equal(new Set(refusals.map((refusal) => refusal?.reason)).size, 3);
    assert.ok(refusals.every((refusal) => refusal?.parameter === undefined));
  });
});

function request(
  command: Parameters<typeof tokenCommandFor>[0],
  app = appFor(),
): TokenRequestFacts {
  return { command: tokenCommandFor(command), app };
}

const REFRESHING = { grant_type: 'refresh_token', code: null, refresh_token: 'a token' };
const RESOURCE = 'https://api.example';
const UNRESERVED = 'AZaz09-._~';

/** Judged alone where a dialect asks what before it asks who. */
const GRANT_TYPES: TableUnderTest<TokenRequestFacts>['cases'] = {
  'token.grant_type_present': {
    passes: { 'a code exchange': request({}), 'a refresh': request(REFRESHING) },
    refuses: { 'no grant_type': request({ grant_type: null }) },
  },
  'token.grant_type_offered': {
    passes: {
      'one of two': request(REFRESHING),
      'the only one of the profile': request({
        profile: profileFor({ grant_types: ['authorization_code'] }),
      }),
    },
    refuses: {
      'client_credentials': request({ grant_type: 'client_credentials' }),
      'password': request({ grant_type: 'password' }),
      'implicit': request({ grant_type: 'implicit' }),
      'another letter case': request({ grant_type: 'Authorization_Code' }),
      'a blank behind it': request({ grant_type: 'refresh_token ' }),
      'one that this profile does not offer': request({
        ...REFRESHING, profile: profileFor({ grant_types: ['authorization_code'] }),
      }),
    },
  },
};

testRules<TokenRequestFacts>({
  name: 'rules of grant types',
  table: GRANT_TYPE_RULES,
  judge: ({ command }) => refuseGrantType(command),
  cases: GRANT_TYPES,
});

testRules<TokenRequestFacts>({
  name: 'rules of token requests',
  table: TOKEN_REQUEST_RULES,
  judge: refuseTokenRequest,
  cases: {
    ...GRANT_TYPES,
    'token.app_approved': {
      passes: { 'an approved app': request({}) },
      refuses: {
        'an app that waits for approval': request({}, appFor({ status: 'pending' })),
        'an app disabled since it proved who it is': request({}, appFor({ status: 'disabled' })),
      },
    },
    'token.code_present': {
      passes: {
        'a code': request({ code: 'c' }),
        'a refresh without a code': request({ ...REFRESHING, code: null }),
      },
      refuses: { 'an exchange without a code': request({ code: null }) },
    },
    'token.verifier_form': {
      passes: {
        '43 characters': request({ code_verifier: 'v'.repeat(43) }),
        '128 characters': request({ code_verifier: 'v'.repeat(128) }),
        'every unreserved character': request({ code_verifier: UNRESERVED.repeat(5) }),
        'none': request({ code_verifier: null }),
        'a short one at a refresh, where it means nothing': request({
          ...REFRESHING, code_verifier: 'v',
        }),
        'a short one where it is a mismatch like any other': request({
          code_verifier: 'v', profile: profileFor({ grant_type_first: true }),
        }),
      },
      refuses: {
        '42 characters': request({ code_verifier: 'v'.repeat(42) }),
        '129 characters': request({ code_verifier: 'v'.repeat(129) }),
        'a reserved character': request({ code_verifier: `${'v'.repeat(43)}+` }),
        'a line end behind 43 good ones': request({ code_verifier: `${'v'.repeat(43)}\n` }),
        'a letter outside ASCII': request({ code_verifier: `${'v'.repeat(43)}é` }),
      },
    },
    'token.refresh_token_present': {
      passes: {
        'a refresh token': request(REFRESHING),
        'an exchange without one': request({ refresh_token: null }),
      },
      refuses: { 'a refresh without one': request({ ...REFRESHING, refresh_token: null }) },
    },
    'token.resource': {
      passes: {
        'none': request({}),
        'a registered one': request({ resource: RESOURCE }, appFor({ resources: [RESOURCE] })),
        'a registered one at a refresh': request(
          { ...REFRESHING, resource: RESOURCE }, appFor({ resources: [RESOURCE] }),
        ),
      },
      refuses: {
        'one of an app that has none': request({ resource: RESOURCE }),
        'one that differs by a slash': request(
          { resource: `${RESOURCE}/` }, appFor({ resources: [RESOURCE] }),
        ),
        'an empty one': request({ resource: '' }, appFor({ resources: [RESOURCE] })),
        'an unknown one at a refresh': request({ ...REFRESHING, resource: RESOURCE }),
      },
    },
  },
});

describe('token requests', () => {
  it('name the parameter that is missing or malformed', () => {
    const parameters = [
      request({ grant_type: null }),
      request({ code: null }),
      request({ code_verifier: 'v' }),
      request({ ...REFRESHING, refresh_token: null }),
    ].map((facts) => refuseTokenRequest(facts)?.parameter);
    assert.deepEqual(parameters, ['grant_type', 'code', 'code_verifier', 'refresh_token']);
  });
});
