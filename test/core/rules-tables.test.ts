/** What holds of all rule tables at once: complete, in order, unique, each with its section. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { type RefusalCode, REFUSALS } from '../../src/core/rules/refusals.ts';

type AnyRule = { readonly id: string; readonly spec: string; readonly code: RefusalCode };

const CORE = resolve(import.meta.dirname, '../../src/core');

/** Every exported table of the core, found by its name's ending. */
async function allTables(): Promise<Map<string, readonly AnyRule[]>> {
  const tables = new Map<string, readonly AnyRule[]>();
  for (const path of globSync('**/*.ts', { cwd: CORE }).sort()) {
    const module = (await import(resolve(CORE, path))) as { readonly [name: string]: unknown };
    for (const [name, value] of Object.entries(module)) {
      if (name.endsWith('_RULES')) tables.set(name, value as readonly AnyRule[]);
    }
  }
  return tables;
}

/** Order is precedence: a change here changes what clients are told and must be meant. */
const ORDER: { readonly [table: string]: readonly string[] } = {
  PAGE_RULES: [
    'authorize.named_once', 'authorize.client_known', 'authorize.client_approved',
    'authorize.redirect_uri',
  ],
  CALLBACK_RULES: [
    'authorize.well_formed', 'authorize.response_type', 'authorize.pkce_form',
    'authorize.pkce_present', 'authorize.resource', 'authorize.scope',
  ],
  REQUEST_RULES: [
    'request.own_dialect', 'request.fresh', 'request.own_browser', 'request.client_enabled',
    'request.redirect_uri', 'request.scopes_left',
  ],
  CLIENT_RULES: ['client.presented', 'client.hint', 'client.secret', 'client.enabled'],
  GRANT_TYPE_RULES: ['token.grant_type_present', 'token.grant_type_offered'],
  TOKEN_REQUEST_RULES: [
    'token.grant_type_present', 'token.grant_type_offered', 'token.app_approved',
    'token.code_present', 'token.verifier_form', 'token.refresh_token_present',
    'token.resource',
  ],
  CODE_RULES: [
    'code.known', 'code.own', 'code.fresh', 'code.redirect_uri', 'code.pkce', 'code.resource',
    'code.unused', 'code.standing',
  ],
  REFRESH_RULES: [
    'refresh.known', 'refresh.own', 'refresh.approved', 'refresh.standing', 'refresh.app_scopes',
    'refresh.accounts', 'refresh.scope', 'refresh.limit', 'refresh.window', 'refresh.resource',
    'refresh.replay',
  ],
  CHECK_RULES: [
    'bearer.present', 'bearer.known', 'bearer.fresh', 'bearer.session_kept', 'bearer.live',
    'bearer.scope', 'bearer.account',
  ],
  RENEW_RULES: [
    'bearer.present', 'bearer.known', 'bearer.fresh', 'bearer.session_kept', 'renew.customer',
    'bearer.live', 'bearer.scope', 'bearer.account', 'renew.signed', 'renew.chain',
  ],
  API_KEY_RULES: ['api_key.known', 'api_key.secret', 'api_key.name', 'api_key.active'],
  OPEN_SESSION_RULES: [
    'api_key.known', 'api_key.secret', 'api_key.name', 'api_key.active', 'session.password',
    'session.key_owner', 'session.customer',
  ],
  APP_RULES: [
    'app.client_id', 'app.dialect', 'app.name', 'app.home_page', 'app.logo',
    'app.callbacks_present', 'app.callbacks_distinct', 'app.scopes', 'app.vocabulary',
    'app.authentication', 'app.redirect_uri_mode', 'app.resources',
  ],
  SECRET_RULES: ['secret.form', 'secret.length', 'secret.strength'],
  CALLBACK_REGISTRATION_RULES: [
    'callback.length', 'callback.ascii', 'callback.characters', 'callback.wildcard',
    'callback.active_scheme', 'callback.absolute', 'callback.scheme_case',
    'callback.private_scheme', 'callback.private_path', 'callback.userinfo', 'callback.host',
    'callback.port', 'callback.http_loopback', 'callback.fragment', 'callback.escapes',
    'callback.dot_segments', 'callback.answer_parameters',
  ],
  API_KEY_DRAFT_RULES: [
    'api_key.id', 'api_key.name_form', 'api_key.secret_form', 'api_key.challenge',
    'api_key.password',
  ],
  CUSTOMER_RULES: ['customer.login_name', 'customer.name', 'customer.email'],
  PASSWORD_RULES: ['password.length', 'password.well_formed', 'password.not_her_name'],
  ACCOUNT_RULES: ['account.number'],
};

/** An RFC's or design's or contract's section, or a row of a class that this rule serves. */
const SECTION =
  /(?:RFC \d{4}|contract|design) §\d|contract [EF]\d|\b(?:[A-Z]{2}|AT-T|F)-?\d+|\bI\d|ASVS \d/;

describe('rule tables', async () => {
  const tables = await allTables();
  // A table may hold the rows of another one.
  const rules = [...new Set([...tables.values()].flat())];

  it('are those whose order is pinned here', () => {
    assert.deepEqual([...tables.keys()].sort(), Object.keys(ORDER).sort());
  });

  for (const [name, ids] of Object.entries(ORDER)) {
    it(`${name} is in order`, () => {
      assert.deepEqual(tables.get(name)?.map((rule) => rule.id), ids);
    });
  }

  it('give every rule an id of its own', () => {
    const ids = rules.map((rule) => rule.id);
    assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
  });

  it('cite a section or row for every rule, and refuse with a known code', () => {
    for (const { id, spec, code } of rules) {
      assert.match(spec, SECTION, id);
      assert.ok(code in REFUSALS, `${id}: ${code}`);
    }
  });

  it('are each put through passing and refusing cases', () => {
    const tested = globSync('rules-*.test.ts', { cwd: import.meta.dirname })
      .map((path) => readFileSync(resolve(import.meta.dirname, path), 'utf8'))
      .flatMap((text) => [...text.matchAll(/^ {2}table: (\w+_RULES),$/gm)].map((m) => m[1]));
    assert.deepEqual(new Set(tested), new Set(tables.keys()));
    assert.equal(tested.length, tables.size);
  });
});
