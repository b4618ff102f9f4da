/** Verdicts on bearer tokens, from state read now. */
import type {
  CommandContext, Commands, ProfileAnswer, TokenCheck, TokenVerdict,
} from '../../core/commands.ts';
import { type Bearer, type Verdict, checkToken } from '../../core/decide/session/check-token.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { coveredAccounts } from '../../core/rules/coverage.ts';
import { type Quota, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import type { Facts, Work } from '../work.ts';

export async function checkTokenFlow(
  deps: Deps,
  command: Commands['check_token'],
  context: CommandContext,
): Promise<Result<TokenVerdict>> {
  const checked = await check(deps, command, context);
  return checked.ok ? accepted(checked.value.verdict) : checked;
}

export async function readProfileFlow(
  deps: Deps,
  command: Commands['read_profile'],
  context: CommandContext,
): Promise<Result<ProfileAnswer>> {
  const checked = await check(deps, command, context);
  if (!checked.ok) return checked;
  const { verdict, name, accounts } = checked.value;
  return accepted({ ...verdict, name, accounts });
}

type Checked = {
  readonly verdict: TokenVerdict;
  readonly name: string;
  readonly accounts: readonly Account[];
};

async function check(
  deps: Deps,
  command: TokenCheck,
  context: CommandContext,
): Promise<Result<Checked>> {
  const bearer = readBearer(deps, command.bearer);
  const work = checkWork(command, bearer);
  const result = await deps.work.run(work, sourceOf(context, 'app'));
  if (!result.ok) return result;
  const { verdict, accounts } = result.value;
  const counted = countCall(deps, command, bearer);
  if (counted.over) return refused(overQuota(counted.quota, deps.clock.now()));
  return accepted({
    verdict: {
      customer: verdict.customer.id,
      app: verdict.app,
      scopes: verdict.scopes,
      expires_at: verdict.expires_at,
      quota: counted.quota,
    },
    name: verdict.customer.name,
    accounts,
  });
}

type Found = { readonly verdict: Verdict; readonly accounts: readonly Account[] };

/** Reads only: nothing is written, and the answer waits for a commit that touches its records. */
function checkWork(command: TokenCheck, bearer: Bearer): Work<Found> {
  const keys = bearerKeys(bearer);
  return {
    keys: [],
    shares: keys,
    more: (facts) => accountKeys(facts, bearer),
    decide(facts) {
      const grant = bearer.is === 'access_token'
        ? facts.get('grant', bearer.grant_id)
        : undefined;
      const customer = keys.length === 0 ? undefined : facts.get('customer', shardOf(bearer));
      const result = checkToken({
        profile: command.profile,
        bearer,
        grant,
        customer,
        app: grant === undefined ? undefined : facts.app(grant.app),
        world: facts.world(),
        scopes: command.scopes,
        account: command.account,
        now: facts.now,
      });
      if (!result.ok) return { result, changes: [], events: [] };
      const accounts = result.value.accounts
        .map((number) => facts.get('account', number))
        .filter((account) => account !== undefined);
      return { result: accepted({ verdict: result.value, accounts }), changes: [], events: [] };
    },
  };
}

/** What a token's form says, without a query. */
function readBearer(deps: Deps, text: string | null): Bearer {
  if (text === null) return { is: 'none' };
  if (text.startsWith(`cs_${deps.world.name}_pt_`)) return readPersonal(deps, text);
  const claims = deps.seals.openToken(text);
  if (claims === 'other_world') return { is: 'not_ours', reason: 'env_mismatch' };
  if (claims === 'malformed') return { is: 'not_ours', reason: 'not a token of ours' };
  return {
    is: 'access_token',
    grant_id: claims.grant,
    customer: claims.customer,
    number: claims.number,
    scopes: claims.scopes,
    expires_at: (claims.issued_at_s + claims.lifetime_s) * 1000,
  };
}

function readPersonal(deps: Deps, text: string): Bearer {
  const opened = deps.handles.open('pt', text);
  if (typeof opened === 'string') return { is: 'not_ours', reason: opened };
  const { shard, digest, generation } = opened;
  return { is: 'personal_token', customer: shard, digest, number: generation };
}

function bearerKeys(bearer: Bearer): RecordKey[] {
  if (bearer.is === 'access_token') {
    return [
      { kind: 'grant', id: bearer.grant_id },
      { kind: 'customer', id: bearer.customer },
    ];
  }
  return bearer.is === 'personal_token' ? [{ kind: 'customer', id: bearer.customer }] : [];
}

function shardOf(bearer: Bearer): string {
  return bearer.is === 'access_token' || bearer.is === 'personal_token' ? bearer.customer : '';
}

function accountKeys(facts: Facts, bearer: Bearer): RecordKey[] {
  const shard = shardOf(bearer);
  if (shard === '') return [];
  const customer = facts.get('customer', shard);
  if (customer === undefined) return [];
  const grant = bearer.is === 'access_token' ? facts.get('grant', bearer.grant_id) : undefined;
  const app = grant === undefined ? undefined : facts.app(grant.app);
  return coveredAccounts(customer, app).map((id) => ({ kind: 'account', id }));
}

/** One window a token: the grant's number or the customer's personal token names it. */
function countCall(deps: Deps, command: TokenCheck, bearer: Bearer) {
  const allowed = command.profile.api_limits[command.bucket][deps.world.name];
  const now = deps.clock.now();
  if (deps.settings.danger_limits_off) {
    return { over: false, quota: { allowed, used: 0, ends_at: now + 60_000 } };
  }
  const name = bearer.is === 'access_token'
    ? `${bearer.grant_id}#${bearer.number}`
    : `${shardOf(bearer)}#pt`;
  return deps.api_counters.take(`${command.bucket}/${name}`, allowed, now);
}

function overQuota(quota: Quota, now: number) {
  return {
    code: 'quota_exceeded',
    rule: 'api.calls_per_minute',
    reason: 'more calls with this token in a minute than allowed',
    retry_after_s: Math.max(1, Math.ceil((quota.ends_at - now) / 1000)),
    quota,
  } as const;
}
