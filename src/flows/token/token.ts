/** The token endpoint: authenticate the app, judge the request, run its grant (RFC 6749 §3.2). */
import type { CommandContext, Commands, TokenAnswer } from '../../core/commands.ts';
import { type ClientFacts, refuseClient } from '../../core/decide/token/authenticate-client.ts';
import { refuseGrantType, refuseTokenRequest } from '../../core/decide/token/token-request.ts';
import type { App } from '../../core/kinds/app.ts';
import { LIMITS } from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { Deps } from '../deps.ts';
import type { Limit } from '../limits/failure-counters.ts';
import { recordEvent } from '../record-event.ts';
import { refuseLeaked } from './leaked-secret.ts';
import { redeemCodeFlow } from './redeem-code.ts';
import { refreshFlow } from './refresh.ts';

export async function tokenFlow(
  deps: Deps,
  command: Commands['token'],
  context: CommandContext,
): Promise<Result<TokenAnswer>> {
  if (command.leaked !== undefined) {
    return refused(await refuseLeaked(deps, command.leaked, context));
  }
  const early = command.profile.grant_type_first ? refuseGrantType(command) : null;
  if (early !== null) return refused(early);
  const client = await authenticate(deps, command, context);
  if (!client.ok) return client;
  const app = client.value;
  const refusal = refuseTokenRequest({ command, app });
  if (refusal !== null) return refused(refusal);
  return command.grant_type === 'refresh_token'
    ? refreshFlow(deps, { command, app, context })
    : redeemCodeFlow(deps, { command, app, context });
}

/** Apps are in memory and their secrets are digests: this costs one SHA-256 and no query. */
async function authenticate(
  deps: Deps,
  command: Commands['token'],
  context: CommandContext,
): Promise<Result<App>> {
  const limits = [failureLimit(context.address)];
  const wait_s = deps.failures.blocked(limits);
  if (wait_s !== null) return refused(limited(wait_s));
  const { client, client_id_hint, profile } = command;
  const app = client === null ? undefined : deps.work.resident.app(client.id);
  const presented = client === null ? null : {
    id: client.id,
    digest: client.secret === null ? null : deps.digests.sha256(client.secret),
  };
  const facts: ClientFacts = {
    profile, presented, hint: client_id_hint, app, now: deps.clock.now(),
  };
  const refusal = refuseClient(facts);
  if (refusal === null && app !== undefined) return accepted(app);
  if (refusal === null) throw new Error('client rules let an unknown app by');
  return refused(await countFailure(deps, { refusal, limits, app, context }));
}

/** A wrong secret is counted and remembered; a request without any credential is neither. */
async function countFailure(
  deps: Deps,
  failure: {
    readonly refusal: Refusal;
    readonly limits: readonly Limit[];
    readonly app: App | undefined;
    readonly context: CommandContext;
  },
): Promise<Refusal> {
  const { refusal, limits, app, context } = failure;
  if (refusal.rule === 'client.presented' || deps.settings.danger_limits_off) return refusal;
  const wait_s = await deps.failures.reserve(limits);
  await recordEvent(deps, context, {
    action: 'client.refused', outcome: 'refused', app: app?.id, detail: refusal.rule,
  });
  return wait_s === null ? refusal : limited(wait_s);
}

function failureLimit(address: string): Limit {
  const { count, window_s } = LIMITS.client_failures_per_subnet;
  return { name: `client/${subnetOf(address)}`, count_max: count, window_s };
}

function limited(retry_after_s: number): Refusal {
  return {
    code: 'client_limited',
    rule: 'client.failures_per_subnet',
    reason: 'too many failed client authentications from this subnet in a minute',
    retry_after_s,
  };
}
