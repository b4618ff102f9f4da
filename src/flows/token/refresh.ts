/** Refreshing with a stable refresh token: one row changes, one access token more. */
import type { TokenAnswer } from '../../core/commands.ts';
import { refresh } from '../../core/decide/token/refresh.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import { type TokenCall, withOtherWorld } from './redeem-code.ts';

export async function refreshFlow(
  deps: Deps,
  { command, app, context }: TokenCall,
): Promise<Result<TokenAnswer>> {
  const opened = deps.handles.open('rt', command.refresh_token ?? '');
  const ours = typeof opened === 'string' ? null : opened;
  const presented = ours === null
    ? null
    : { id: ours.shard + ours.record, digest: ours.digest, generation: ours.generation };
  const keys: RecordKey[] = presented === null ? [] : [{ kind: 'grant', id: presented.id }];
  const shares: RecordKey[] = ours === null ? [] : [{ kind: 'customer', id: ours.shard }];
  const result = await deps.work.run({
    keys,
    shares,
    decide: (facts) => refresh({
      profile: command.profile,
      app: facts.app(app.id) ?? app,
      presented,
      grant: presented === null ? undefined : facts.get('grant', presented.id),
      customer: ours === null ? undefined : facts.get('customer', ours.shard),
      world: facts.world(),
      scope: command.scope,
      limits_off: deps.settings.danger_limits_off,
      now: facts.now,
    }),
  }, sourceOf(context, 'app'));
  if (!result.ok) return withOtherWorld(result, opened);
  const { grant_id, grant, scopes } = result.value;
  const lifetime_s = command.profile.access_token_lifetime_s;
  const access_token = deps.seals.sealToken({
    customer: grant.customer,
    grant: grant_id,
    number: grant.last_number,
    scopes,
    issued_at_s: Math.floor(grant.last_used_at / 1000),
    lifetime_s,
  });
  return accepted({
    access_token,
    issued_at: grant.last_used_at,
    lifetime_s,
    scopes,
    refresh_token: null,
    presented_refresh_token: command.refresh_token,
  });
}
