/** Acts on API keys: prepare the secret, decide, show it once. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import {
  type ApiKeyDraft, PARTNER, refuseApiKeyDraft,
} from '../../core/decide/manage/api-key-rules.ts';
import { refusePassword } from '../../core/decide/manage/customer-rules.ts';
import {
  NO_API_KEY, changeApiKey, createApiKey, disableApiKey, enableApiKey, rotateApiKeySecret,
} from '../../core/decide/manage/manage-api-key.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import type { Decision } from '../../core/decision.ts';
import type { ApiKey, ApiKeyOwner, ApiKeySecret } from '../../core/kinds/api-key.ts';
import { ALL_AREAS } from '../../core/rules/scopes/areas.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { scopeWords } from '../../core/rules/scopes/scopes.ts';
import type { Deps } from '../deps.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, apiKeyView } from './act-views.ts';
import { findCustomer, listAll } from './find.ts';

const CID_DIGITS = 8;
const SECRET_CHARS = 43;

export async function createApiKeyAct(
  scene: ActScene,
  args: FlowActArgs<'api-key.create'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const owner = await findOwner(deps, args.owner);
  if (!owner.ok) return owner;
  const secret = args.secret ?? drawSecret(deps);
  const draft: ApiKeyDraft = {
    id: args.cid ?? deps.entropy.digits(CID_DIGITS),
    name: args.name,
    secret,
    partner: owner.value.is === 'partner',
    first_party: args.first_party ?? false,
    challenge_required: args.challenge_required ?? false,
    has_password: args.password !== undefined,
  };
  const refusal = refuseApiKeyDraft(draft) ?? refuseDedicated(args.password, draft.name);
  if (refusal !== null) return refused(refusal);
  const password_hash = args.password === undefined
    ? null
    : await deps.passwords.hash(args.password);
  const result = await runActWork<Changed<ApiKey>>(scene, {
    keys: [{ kind: 'api-key', id: draft.id }, { kind: 'app', id: draft.id }],
    decide: (facts) => createApiKey({
      draft,
      dialect: args.dialect ?? '',
      owner: owner.value,
      scopes: args.permissions ?? scopeWords(ALL_AREAS),
      secret: keptSecret(deps, draft, secret),
      password_hash,
      existing: facts.apiKey(draft.id) ?? facts.app(draft.id),
      now: facts.now,
    }),
  });
  if (!result.ok) return result;
  const shown = args.secret === undefined ? { secret } : {};
  return accepted({ ...apiKeyView(result.value.record), ...shown });
}

function refuseDedicated(password: string | undefined, name: string) {
  return password === undefined ? null : refusePassword({ password, login_name: name });
}

async function findOwner(deps: Deps, text: string): Promise<Result<ApiKeyOwner>> {
  if (text === PARTNER) return accepted({ is: 'partner' });
  const found = await findCustomer(deps, text);
  return found.ok ? accepted({ is: 'customer', customer: found.value.id }) : found;
}

/** A name of ours, so that scanners and the log know it (EI-07). */
function drawSecret({ world, entropy }: Deps): string {
  return `cs_${world.name}_secret_${entropy.base62(SECRET_CHARS)}`;
}

/** A first-party key's digest is what answers are made with: sealed, as the secret would be. */
function keptSecret(
  { digests, vault }: Deps,
  { id, first_party }: Pick<ApiKey, 'id' | 'first_party'>,
  secret: string,
): ApiKeySecret {
  const digest = digests.sha256(secret);
  return first_party
    ? { is: 'sealed', sealed: vault.seal(`api-key/${id}`, digest) }
    : { is: 'digest', digest };
}

export async function listApiKeysAct({ deps }: ActScene): Promise<Result<View>> {
  const keys = await listAll(deps, 'api-key', '');
  return accepted({ api_keys: keys.map(({ value }) => apiKeyView(value)) });
}

export async function showApiKeyAct(
  { deps }: ActScene,
  args: FlowActArgs<'api-key.show'>,
): Promise<Result<View>> {
  const key = deps.work.resident.apiKey(args.cid);
  return key === undefined ? refused(NO_API_KEY) : accepted(apiKeyView(key));
}

export async function rotateApiKeySecretAct(
  scene: ActScene,
  args: FlowActArgs<'api-key.rotate-secret'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const key = deps.work.resident.apiKey(args.cid);
  if (key === undefined) return refused(NO_API_KEY);
  const secret = args.secret ?? drawSecret(deps);
  const refusal = refuseApiKeyDraft({
    ...key, secret, partner: key.owner.is === 'partner', has_password: key.password_hash !== null,
  });
  if (refusal !== null) return refused(refusal);
  const kept = keptSecret(deps, key, secret);
  const result = await onKey(scene, args.cid, (one) => rotateApiKeySecret(one, kept));
  return result.ok ? accepted({ ...result.value, secret }) : result;
}

export const disableApiKeyAct = (scene: ActScene, args: FlowActArgs<'api-key.disable'>) =>
  onKey(scene, args.cid, disableApiKey);

export const enableApiKeyAct = (scene: ActScene, args: FlowActArgs<'api-key.enable'>) =>
  onKey(scene, args.cid, enableApiKey);

export const changeApiKeyAct = (scene: ActScene, args: FlowActArgs<'api-key.change'>) =>
  onKey(scene, args.cid, (key) => changeApiKey(key, args.permissions));

async function onKey(
  scene: ActScene,
  id: string,
  decide: (key: ApiKey | undefined) => Decision<Changed<ApiKey>>,
): Promise<Result<View>> {
  const result = await runActWork<Changed<ApiKey>>(scene, {
    keys: [{ kind: 'api-key', id }],
    decide: (facts) => decide(facts.apiKey(id)),
  });
  if (!result.ok) return result;
  const { record, changed } = result.value;
  return accepted({ ...apiKeyView(record), changed });
}
