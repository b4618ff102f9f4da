/** Registering API keys and changing them; what ends the sessions opened with one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type NewApiKey, changeApiKey, createApiKey, disableApiKey, enableApiKey, rotateApiKeySecret,
} from '../../../src/core/decide/manage/manage-api-key.ts';
import type { ApiKey, ApiKeySecret } from '../../../src/core/kinds/api-key.ts';
import { sessionFault } from '../../../src/core/rules/standing.ts';
import {
  API_KEY, DIALECT, NOW, apiKeyFor, appFor, customerFor, digestOf, sessionFor, worldFor,
} from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

const SECRET: ApiKeySecret = { is: 'digest', digest: digestOf('key secret') };

function creating(over: Partial<NewApiKey> = {}): NewApiKey {
  return {
    draft: {
      id: API_KEY, name: 'A program', secret: 'f03741b6-f634-48d6-9308-c8fb871150c2',
      partner: true, first_party: false, challenge_required: false, has_password: false,
    },
    dialect: DIALECT,
    owner: { is: 'partner' },
    scopes: ['Orders:FullAccess', 'Prices:FullAccess'],
    secret: SECRET,
    password_hash: null,
    existing: undefined,
    now: NOW,
    ...over,
  };
}

describe('creating an API key', () => {
  it('makes an active one of the first epoch, also at levels no app is granted', () => {
    const decision = createApiKey(creating());
    const key: ApiKey = {
      id: API_KEY, dialect: DIALECT, name: 'A program', owner: { is: 'partner' },
      scopes: (3 << 17) | (3 << 21), secret: SECRET, first_party: false,
      challenge_required: false, password_hash: null, status: 'active', epoch: 1,
      created_at: NOW,
    };
    assert.deepEqual(touched(decision), [`api-key/${API_KEY}`]);
    assert.deepEqual(changed(decision, 'api-key', API_KEY), key);
    assert.deepEqual(decision.events, [
      { action: 'api_key.created', outcome: 'ok', object: API_KEY },
    ]);
  });

  it('never keeps the secret itself', () => {
    const { secret } = creating().draft;
    assert.doesNotMatch(JSON.stringify(createApiKey(creating())), new RegExp(secret));
  });

  it('of an id that an API key or an app has is refused', () => {
    for (const existing of [apiKeyFor(), appFor()]) {
      const decision = createApiKey(creating({ existing }));
      assert.ok(!decision.result.ok);
      assert.equal(decision.result.refusal.code, 'object_exists');
      assert.equal(decision.result.refusal.parameter, 'cid');
      assert.deepEqual([decision.changes, decision.events], [[], []]);
    }
  });

  it('that is malformed is refused by its rule, before anything is looked up', () => {
    const draft = { ...creating().draft, id: '0' };
    const decision = createApiKey(creating({ draft, existing: apiKeyFor() }));
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.rule, 'api_key.id');
    assert.deepEqual([decision.changes, decision.events], [[], []]);
  });
});

describe('changing an API key', () => {
  const pillars = (api_key: ApiKey) => ({ customer: customerFor(), api_key, world: worldFor() });

  it('disabling it ends its sessions for good; enabling it revives none', () => {
    const disabled = disableApiKey(apiKeyFor());
    const key = changed(disabled, 'api-key', API_KEY);
    assert.deepEqual(key, apiKeyFor({ status: 'disabled', epoch: 18 }));
    assert.deepEqual(actions(disabled), ['api_key.disabled']);
    const enabled = enableApiKey(key);
    const again = changed(enabled, 'api-key', API_KEY);
    assert.deepEqual(again, apiKeyFor({ epoch: 18 }));
    assert.deepEqual(actions(enabled), ['api_key.enabled']);
    assert.equal(sessionFault(sessionFor(), pillars(apiKeyFor())), null);
    assert.notEqual(sessionFault(sessionFor(), pillars(key)), null);
    assert.notEqual(sessionFault(sessionFor(), pillars(again)), null);
  });

  it('to what it is changes nothing', () => {
    for (const decision of [
      enableApiKey(apiKeyFor()), disableApiKey(apiKeyFor({ status: 'disabled' })),
    ]) {
      assert.ok(decision.result.ok);
      assert.equal(decision.result.value.changed, false);
      assert.deepEqual([decision.changes, decision.events], [[], []]);
    }
  });

  it('its areas are replaced whole, and its sessions live on', () => {
    const decision = changeApiKey(apiKeyFor(), ['Users:Read']);
    const key = changed(decision, 'api-key', API_KEY);
    assert.deepEqual(key, apiKeyFor({ scopes: 1 << 25 }));
    assert.deepEqual(actions(decision), ['api_key.changed']);
    assert.equal(sessionFault(sessionFor(), pillars(key)), null);
    assert.equal(changed(changeApiKey(apiKeyFor(), []), 'api-key', API_KEY)?.scopes, 0);
  });

  it('its secret is replaced at once, and its sessions live on', () => {
    const secret: ApiKeySecret = { is: 'sealed', sealed: 'v1.sealed' };
    const decision = rotateApiKeySecret(apiKeyFor(), secret);
    const key = changed(decision, 'api-key', API_KEY);
    assert.deepEqual(key, apiKeyFor({ secret }));
    assert.deepEqual(decision.events, [
      { action: 'api_key.secret_rotated', outcome: 'ok', object: API_KEY },
    ]);
    assert.equal(sessionFault(sessionFor(), pillars(key)), null);
  });

  it('that does not exist is refused', () => {
    for (const decision of [
      disableApiKey(undefined), enableApiKey(undefined), changeApiKey(undefined, []),
      rotateApiKeySecret(undefined, SECRET),
    ]) {
      assert.ok(!decision.result.ok);
      assert.equal(decision.result.refusal.code, 'object_unknown');
      assert.deepEqual([decision.changes, decision.events], [[], []]);
    }
  });
});
