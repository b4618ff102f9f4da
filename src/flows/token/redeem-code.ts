/** Redeeming a code: one winner, durable before the answer. */
import type { CommandContext, Commands, TokenAnswer } from '../../core/commands.ts';
import { endGrant } from '../../core/decide/session/end-grants.ts';
import { type Redeemed, redeemCode } from '../../core/decide/token/redeem-code.ts';
import type { App } from '../../core/kinds/app.ts';
import { linkId, type RecordKey } from '../../core/kinds/kinds.ts';
import { verifierIsWellFormed } from '../../core/rules/pkce.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { OpenedHandle } from '../../ports/handles.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import type { Facts, Work } from '../work.ts';
import { issueAccessToken, issueIdToken, mustBeAbleToIssue } from './issue.ts';

export type TokenCall = {
  readonly command: Commands['token'];
  readonly app: App;
  readonly context: CommandContext;
};

/** A refresh token is minted before the decision, because its digest stands in the grant. */
type Minted = { refresh_token: string };

export async function redeemCodeFlow(
  deps: Deps,
  { command, app, context }: TokenCall,
): Promise<Result<TokenAnswer>> {
  mustBeAbleToIssue(deps, command.profile);
  const opened = deps.handles.open('code', command.code ?? '');
  const minted: Minted = { refresh_token: '' };
  const network = subnetOf(context.address);
  const work = redeemWork(deps, { command, app, opened, minted, network });
  const result = await deps.work.run(work, sourceOf(context, 'app'));
  if (!result.ok) return withOtherWorld(result, opened);
  const { profile } = command;
  const { grant_id, grant, customer, code } = result.value;
  const lifetime_s = profile.access_token_lifetime_s;
  const signed = { grant_id, grant, customer, number: grant.last_number, scopes: grant.scopes };
  return endUnsigned(deps, grant_id, context, async () => accepted({
    access_token: await issueAccessToken(deps, profile, { ...signed, issued_at: grant.begun_at }),
    issued_at: grant.begun_at,
    lifetime_s,
    scopes: grant.scopes,
    refresh_token: grant.refresh === null ? null : minted.refresh_token,
    presented_refresh_token: null,
    refresh_lifetime_s: profile.refresh_lifetime_s,
    id_token: profile.id_tokens === 'none'
      ? null
      : await issueIdToken(deps, profile, { code, customer, issued_at: grant.begun_at }),
  }));
}

/** A grant whose tokens could not be signed was born for nobody: it ends with the fault. */
async function endUnsigned<T>(
  deps: Deps,
  grant_id: string,
  context: CommandContext,
  sign: () => Promise<T>,
): Promise<T> {
  try {
    return await sign();
  } catch (fault) {
    await deps.work.run({
      keys: [{ kind: 'grant', id: grant_id }],
      decide(facts) {
        const grant = facts.get('grant', grant_id);
        const ended = endGrant(grant_id, grant, { by: 'operator', at: facts.now });
        return { result: accepted(null), ...ended };
      },
    }, sourceOf(context, 'server'));
    throw fault;
  }
}

function redeemWork(
  deps: Deps,
  call: {
    readonly command: Commands['token'];
    readonly app: App;
    readonly opened: OpenedHandle | string;
    readonly minted: Minted;
    readonly network: string;
  },
): Work<Redeemed> {
  const { command, app, opened, minted, network } = call;
  const ours = typeof opened === 'string' ? null : opened;
  const shard = ours?.shard ?? '';
  const presented = ours === null ? null : { id: shard + ours.record, digest: ours.digest };
  const link = linkId(shard, app.id);
  const challenge_of_verifier = challengeOf(deps, command.code_verifier);
  const keys: RecordKey[] = presented === null ? [] : [
    { kind: 'code', id: presented.id },
    { kind: 'link', id: link },
  ];
  return {
    keys,
    shares: presented === null ? [] : [{ kind: 'customer', id: shard }],
    more: (facts) => (presented === null ? [] : grantsTouched(facts, presented.id, {
      link, live_max: command.profile.grants_live_max,
    })),
    decide(facts) {
      const fresh = presented === null ? NOTHING_FRESH : drawGrant(deps, shard, minted);
      return redeemCode({
        profile: command.profile,
        app: facts.app(app.id) ?? app,
        presented,
        code: presented === null ? undefined : facts.get('code', presented.id),
        customer: presented === null ? undefined : facts.get('customer', shard),
        link: presented === null ? undefined : facts.get('link', link),
        world: facts.world(),
        redirect_uri: command.redirect_uri,
        resource: command.resource,
        challenge_of_verifier,
        network,
        grant: (id) => facts.get('grant', id),
        fresh,
        now: facts.now,
      });
    },
  };
}

/** S256 of the verifier. One of the wrong form is sent, but never fits (RFC 7636 §4.1; PK-06). */
function challengeOf({ digests }: Deps, verifier: string | null): string | null {
  if (verifier === null) return null;
  return verifierIsWellFormed(verifier) ? digests.sha256(verifier) : '';
}

/** For a text that is no code of ours: it has no shard to draw an id in. */
const NOTHING_FRESH = { grant_id: '', refresh_digest: '' };

function drawGrant(deps: Deps, shard: string, minted: Minted) {
  const record = deps.entropy.base62(11);
  const refresh = deps.handles.mint('rt', { shard, record, generation: 1 });
  minted.refresh_token = refresh.text;
  return { grant_id: shard + record, refresh_digest: refresh.digest };
}

/** The grant a spent code led to, and the oldest grants of a link that is full. */
function grantsTouched(
  facts: Facts,
  code_id: string,
  { link, live_max }: { readonly link: string; readonly live_max: number },
): RecordKey[] {
  const state = facts.get('code', code_id)?.state;
  if (state?.is === 'spent') return [{ kind: 'grant', id: state.grant }];
  const grants = facts.get('link', link)?.grants ?? [];
  return grants.slice(0, Math.max(0, grants.length + 1 - live_max))
    .map((id) => ({ kind: 'grant', id }));
}

/** The log tells a handle of the other world from garbage; the answer does not (BR-01). */
export function withOtherWorld<T>(
  result: Extract<Result<T>, { ok: false }>,
  opened: OpenedHandle | string,
): Extract<Result<T>, { ok: false }> {
  if (opened !== 'other_world') return result;
  return { ok: false, refusal: { ...result.refusal, reason: 'env_mismatch' } };
}
