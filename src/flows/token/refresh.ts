/** Refreshing: one row changes; an access token more, and of a rotating token the successor. */
import type { TokenAnswer } from '../../core/commands.ts';
import { refresh } from '../../core/decide/token/refresh.ts';
import type { Rotation } from '../../core/decide/token/rotate.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { OpenedHandle } from '../../ports/handles.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import { issueAccessToken } from './issue.ts';
import { type TokenCall, withOtherWorld } from './redeem-code.ts';
import type { Both } from './window-keys.ts';

export async function refreshFlow(
  deps: Deps,
  { command, app, context }: TokenCall,
): Promise<Result<TokenAnswer>> {
  const { profile } = command;
  const opened = deps.handles.open('rt', command.refresh_token ?? '');
  const ours = typeof opened === 'string' ? null : opened;
  const presented = ours === null
    ? null
    : { id: ours.shard + ours.record, digest: ours.digest, generation: ours.generation };
  const keys: RecordKey[] = presented === null ? [] : [{ kind: 'grant', id: presented.id }];
  const shares: RecordKey[] = ours === null ? [] : [{ kind: 'customer', id: ours.shard }];
  const drawn: Drawn = { refresh_token: null };
  const rotation = profile.refresh_policy === 'stable' || ours === null
    ? null
    : rotationOf(deps, await deps.window_keys.both(), {
      ours, text: command.refresh_token ?? '', network: subnetOf(context.address), drawn,
    });
  const result = await deps.work.run({
    keys,
    shares,
    decide: (facts) => refresh({
      profile,
      app: facts.app(app.id) ?? app,
      presented,
      grant: presented === null ? undefined : facts.get('grant', presented.id),
      customer: ours === null ? undefined : facts.get('customer', ours.shard),
      world: facts.world(),
      scope: command.scope,
      resource: command.resource,
      limits_off: deps.settings.danger_limits_off,
      now: facts.now,
      rotation,
    }),
  }, sourceOf(context, 'app'));
  if (!result.ok) return withOtherWorld(result, opened);
  const { grant_id, grant, scopes, customer } = result.value;
  const issued_at = grant.last_used_at;
  const token = issueAccessToken(deps, profile, {
    grant_id, grant, customer, scopes, issued_at, number: grant.last_number,
  });
  return accepted({
    access_token: typeof token === 'string' ? token : await token,
    issued_at,
    lifetime_s: profile.access_token_lifetime_s,
    scopes,
    refresh_token: drawn.refresh_token,
    presented_refresh_token: command.refresh_token,
    refresh_lifetime_s: profile.refresh_lifetime_s,
    id_token: null,
  });
}

/** The successor of the last decision: it may run again, and then draws another. */
type Drawn = { refresh_token: string | null };

function rotationOf(
  deps: Deps,
  [current, before]: Both,
  use: {
    readonly ours: OpenedHandle;
    readonly text: string;
    readonly network: string;
    readonly drawn: Drawn;
  },
): Rotation {
  const { ours, text, network, drawn } = use;
  const family = ours.shard + ours.record;
  const under = ({ secret }: { readonly secret: string }, generation: number) =>
    ({ presented: text, window_secret: secret, family, generation });
  return {
    retry_s: deps.settings.refresh_retry_s,
    network,
    successor(generation) {
      const minted = deps.handles.mint('rt', {
        shard: ours.shard, record: ours.record, generation,
      });
      drawn.refresh_token = minted.text;
      const sealed_successor = deps.vault.sealSuccessor(under(current, generation), minted.text);
      return { digest: minted.digest, window_key: current.number, sealed_successor };
    },
    reopen({ window_key, sealed_successor }, generation) {
      const key = [current, before].find((one) => one?.number === window_key);
      if (key === undefined || key === null) return false;
      drawn.refresh_token = deps.vault.openSuccessor(
        under(key, generation), sealed_successor,
      );
      return drawn.refresh_token !== null;
    },
  };
}
