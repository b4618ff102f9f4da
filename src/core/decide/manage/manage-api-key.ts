/** Registering API keys, changing them, and the epoch that ends their sessions. */
import type { Decision } from '../../decision.ts';
import type { Action } from '../../events.ts';
import type { ApiKey, ApiKeyOwner, ApiKeySecret } from '../../kinds/api-key.ts';
import { scopeMask } from '../../rules/scopes/scopes.ts';
import { type ApiKeyDraft, refuseApiKeyDraft } from './api-key-rules.ts';
import { type Changed, actRefusal, changed, refuse, unchanged } from './outcome.ts';

export type NewApiKey = {
  readonly draft: ApiKeyDraft;
  readonly dialect: string;
  readonly owner: ApiKeyOwner;
  readonly scopes: readonly string[];
  /** The secret as it is kept. */
  readonly secret: ApiKeySecret;
  readonly password_hash: string | null;
  /** An API key, or an app, of this id: one is never the other. */
  readonly existing: object | undefined;
  readonly now: number;
};

export function createApiKey(facts: NewApiKey): Decision<Changed<ApiKey>> {
  const { draft, existing } = facts;
  const refusal = refuseApiKeyDraft(draft);
  if (refusal !== null) return refuse(refusal);
  if (existing !== undefined) {
    return refuse(actRefusal('object_exists', 'an API key or app of this id exists', 'cid'));
  }
  const key: ApiKey = {
    id: draft.id,
    dialect: facts.dialect,
    name: draft.name,
    owner: facts.owner,
    scopes: scopeMask(facts.scopes),
    secret: facts.secret,
    first_party: draft.first_party,
    challenge_required: draft.challenge_required,
    password_hash: facts.password_hash,
    status: 'active',
    epoch: 1,
    created_at: facts.now,
  };
  return keyChanged(key, 'api_key.created');
}

/** Its sessions end with this commit, and stay dead when it is enabled again. */
export function disableApiKey(key: ApiKey | undefined): Decision<Changed<ApiKey>> {
  if (key === undefined) return refuse(NO_API_KEY);
  if (key.status === 'disabled') return unchanged(key);
  return keyChanged({ ...key, status: 'disabled', epoch: key.epoch + 1 }, 'api_key.disabled');
}

export function enableApiKey(key: ApiKey | undefined): Decision<Changed<ApiKey>> {
  if (key === undefined) return refuse(NO_API_KEY);
  if (key.status === 'active') return unchanged(key);
  return keyChanged({ ...key, status: 'active' }, 'api_key.enabled');
}

/** What its sessions may do from now on; those that are open follow at once. */
export function changeApiKey(
  key: ApiKey | undefined,
  scopes: readonly string[],
): Decision<Changed<ApiKey>> {
  if (key === undefined) return refuse(NO_API_KEY);
  return keyChanged({ ...key, scopes: scopeMask(scopes) }, 'api_key.changed');
}

/** The old secret ends at once: a program that signs in with passwords is easily told the new. */
export function rotateApiKeySecret(
  key: ApiKey | undefined,
  secret: ApiKeySecret,
): Decision<Changed<ApiKey>> {
  if (key === undefined) return refuse(NO_API_KEY);
  return keyChanged({ ...key, secret }, 'api_key.secret_rotated');
}

export const NO_API_KEY = actRefusal('object_unknown', 'no API key of this id', 'cid');

function keyChanged(value: ApiKey, action: Action): Decision<Changed<ApiKey>> {
  const event = { action, outcome: 'ok', object: value.id } as const;
  return changed(value, [{ kind: 'api-key', id: value.id, value }], [event]);
}
