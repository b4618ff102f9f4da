/** A secret that stood in a URL, where logs and proxies have seen it (contract §5.1, BR-04). */
import type { CommandContext, LeakedSecret } from '../../core/commands.ts';
import { type EventDraft, tokenReference } from '../../core/events.ts';
import type { Refusal } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../record-event.ts';

/** Always refused; audited when it is one of ours, so that junk in a URL writes no rows. */
export async function refuseLeaked(
  deps: Deps,
  leaked: LeakedSecret,
  context: CommandContext,
): Promise<Refusal> {
  const event = leakEvent(deps, leaked);
  if (event !== null) await recordEvent(deps, context, event);
  const reason = event === null ? 'a secret in the query' : 'a secret of ours in the query';
  const { parameter } = leaked;
  return { code: 'credentials_in_query', rule: 'token.secret_in_query', reason, parameter };
}

function leakEvent(deps: Deps, { parameter, value, client_id }: LeakedSecret): EventDraft | null {
  const event = { action: 'secret.leaked', outcome: 'alert', detail: parameter } as const;
  if (parameter === 'client_secret') {
    const app = client_id === null ? undefined : deps.work.resident.app(client_id);
    const digest = deps.digests.sha256(value);
    const real = app?.secrets.some((secret) => equalInConstantTime(secret.digest, digest));
    return real === true ? { ...event, app: app?.id } : null;
  }
  if (parameter === 'code_verifier') return null;
  const opened = deps.handles.open(parameter === 'code' ? 'code' : 'rt', value);
  if (typeof opened === 'string') return null;
  return { ...event, customer: opened.shard, object: tokenReference(opened.digest) };
}
