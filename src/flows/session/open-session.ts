/** Sign-in with an API key: limits, one slow hash for every name, then the roster (§6, §9). */
import type {
  CommandContext, Commands, SessionAnswer, SessionSignIn,
} from '../../core/commands.ts';
import {
  type KeyFacts, type OpenedSession, openSession, refuseApiKey,
} from '../../core/decide/session/open-session.ts';
import { spendChallenge } from '../../core/decide/session/challenge.ts';
import type { ApiKey } from '../../core/kinds/api-key.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import { StoreFault } from '../../ports/store.ts';
import type { Deps } from '../deps.ts';
import { countCall } from '../limits/call-limits.ts';
import { admit } from '../limits/penalties.ts';
import { sourceOf } from '../record-event.ts';
import { findByName, tryPassword } from '../sign-in/password.ts';
import { identityOf, sessionTokens } from './identity.ts';

export async function openSessionFlow(
  deps: Deps,
  command: Commands['open_session'],
  context: CommandContext,
): Promise<Result<SessionAnswer>> {
  const { profile } = command;
  const keyless = profile.sessions?.keyless === true;
  if (!deps.work.resident.hasApiKeys() && !keyless) return refused(NOT_SERVED);
  const caller = {
    address: context.address,
    // A name is a claim as yet; of a key only the secret that came with it counts.
    names: [...(keyIsProved(deps, command) ? [command.key?.id ?? ''] : []), command.name ?? ''],
  };
  const over = countCall(deps, profile, caller);
  if (over !== null) return refused(over);
  const { ticket, body_text } = command;
  const admission = await admit(deps, {
    ...caller, profile, endpoint: 'sign_in', body_text, ticket,
  }, context);
  if (!admission.ok) return admission;
  let failed = false;
  try {
    const opened = await signIn(deps, command, context);
    failed = !opened.ok;
    return opened;
  } finally {
    // A fault of ours is no failure of hers.
    await admission.value.settle(failed);
  }
}

function keyIsProved(deps: Deps, { key: sent }: SessionSignIn): boolean {
  const key = sent === null ? undefined : deps.work.resident.apiKey(sent.id);
  return key !== undefined && sent !== null &&
    equalInConstantTime(digestOf(deps, key), deps.digests.sha256(sent.secret));
}

const NOT_SERVED: Refusal = {
  code: 'path_unknown', rule: 'session.served', reason: 'there is no API key in this world',
};

const ENCODED: Refusal = {
  code: 'password_form', rule: 'session.password_form', reason: 'an encoded password',
};

async function signIn(
  deps: Deps,
  command: SessionSignIn,
  context: CommandContext,
): Promise<Result<SessionAnswer>> {
  if (command.password_encoded) return refused(ENCODED);
  const key = command.key === null ? undefined : deps.work.resident.apiKey(command.key.id);
  deps.signer.mustBeReady('access-token');
  const secret_matches = await secretOf(deps, { command, key, context });
  if (!secret_matches.ok) return secret_matches;
  const known: KeyFacts = {
    profile: command.profile, key, key_named: command.key !== null,
    secret_matches: secret_matches.value,
    app_name: command.app_name,
  };
  const refusal = refuseApiKey(known);
  if (refusal !== null) return refused(refusal);
  const opened = await tryPassword(deps, {
    name: command.name ?? '', address: context.address, per_subnet: false,
  }, context, () => compareAndOpen(deps, { command, known, context }));
  if (!opened.ok) return opened;
  const { customer, session } = opened.value;
  const [access_token, stream_token] = await sessionTokens(deps, command.profile, {
    customer,
    session_id: customer.id + session.id,
    session,
    number: session.last_number,
    issued_at: session.opened_at,
    expires_at: session.tokens_end_at,
  });
  return accepted({
    access_token,
    stream_token,
    expires_at: session.tokens_end_at,
    identity: identityOf(deps, customer),
    breach: command.breach_check
      ? deps.breached.find(command.name ?? '', command.password ?? '')
      : null,
  });
}

/** The slow hash, then the roster; a password for the key alone is tried besides. */
async function compareAndOpen(
  deps: Deps,
  call: {
    readonly command: SessionSignIn;
    readonly known: KeyFacts;
    readonly context: CommandContext;
  },
): Promise<Result<OpenedSession>> {
  const { command, known, context } = call;
  const password = command.password ?? '';
  const found = await findByName(deps, canonicalLoginName(command.name ?? '') ?? '');
  const own_hash = found.customer?.password_hash ?? null;
  const own = await deps.passwords.verify(own_hash, password);
  const key_hash = known.key?.password_hash ?? null;
  const dedicated = key_hash !== null && (await deps.passwords.verify(key_hash, password));
  const rehash = own && own_hash !== null && deps.passwords.outdated(own_hash)
    ? await deps.passwords.hash(password)
    : null;
  const session_id = deps.entropy.base62(11);
  return deps.work.run<OpenedSession>({
    always_reads: true,
    keys: [{ kind: 'customer', id: found.id }, { kind: 'roster', id: found.id }],
    decide: (facts) => openSession({
      ...known,
      key: known.key === undefined ? undefined : facts.apiKey(known.key.id),
      customer: facts.get('customer', found.id),
      verified: { hash: dedicated ? key_hash : own_hash, matches: own || dedicated },
      rehash,
      roster: facts.get('roster', found.id),
      world: facts.world(),
      device: command.device,
      app_version: command.app_version,
      address: context.address,
      fresh: { session_id },
      now: facts.now,
    }),
  }, sourceOf(context, 'customer'));
}

/** Whether the key's secret was proved; a challenge is spent by the try. */
async function secretOf(
  deps: Deps,
  call: {
    readonly command: SessionSignIn;
    readonly key: ApiKey | undefined;
    readonly context: CommandContext;
  },
): Promise<Result<boolean>> {
  const { command, key, context } = call;
  const sent = command.key?.secret ?? '';
  if (key === undefined) return accepted(false);
  const digest = digestOf(deps, key);
  const challenged = key.first_party && command.challenge !== null;
  if (!challenged) {
    const matches = equalInConstantTime(digest, deps.digests.sha256(sent));
    return accepted(matches && !key.challenge_required);
  }
  const spent = await spend(deps, command, context);
  if (!spent.ok) return spent;
  const { challenge, device, name, password, app_name } = command;
  const text = JSON.stringify([challenge, device, name, password, app_name]);
  return accepted(equalInConstantTime(deps.digests.hmac(digest, text), sent));
}

function digestOf(deps: Deps, { id, secret }: ApiKey): string {
  if (secret.is === 'digest') return secret.digest;
  const digest = deps.vault.open(`api-key/${id}`, secret.sealed);
  if (digest === null) throw new StoreFault('the secret of an API key does not open', false);
  return digest;
}

function spend(
  deps: Deps,
  { challenge, device }: SessionSignIn,
  context: CommandContext,
): Promise<Result<null>> {
  const id = deps.digests.shortValue(`challenge/${challenge ?? ''}`);
  return deps.work.run<null>({
    keys: [{ kind: 'challenge', id }],
    decide: (facts) => spendChallenge({
      id,
      challenge: facts.get('challenge', id),
      subnet: deps.digests.shortValue(subnetOf(context.address)),
      device,
      now: facts.now,
    }),
  }, sourceOf(context, 'anyone'));
}
