/** Verdicts on bearer tokens, from state read now. */
import type {
  CommandContext, Commands, Outcomes, ProfileAnswer, TokenCheck, TokenVerdict,
} from '../../core/commands.ts';
import { type Bearer, type Verdict, checkToken } from '../../core/decide/session/check-token.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { coveredAccounts } from '../../core/rules/coverage.ts';
import { type Quota, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { countCall } from '../limits/call-limits.ts';
import { sourceOf } from '../record-event.ts';
import type { Facts, Work } from '../work.ts';
import { bearerKeys, checkFacts, customerOf, readBearer } from './subject.ts';

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
  const { verdict, name, number, accounts } = checked.value;
  return accepted({ ...verdict, name, number, accounts });
}

/** What a token may do, or, where none is needed and none came, that the call was counted. */
export async function readPermissionsFlow(
  deps: Deps,
  command: Commands['read_permissions'],
  context: CommandContext,
): Promise<Result<Outcomes['read_permissions']>> {
  if (command.bearer === null && command.socket === undefined && !command.token_needed) {
    const over = countCall(deps, command.profile, { address: context.address });
    return over === null ? accepted({ scopes: null, now: deps.clock.now() }) : refused(over);
  }
  const checked = await check(deps, command, context);
  if (!checked.ok) return checked;
  return accepted({ scopes: checked.value.verdict.scopes, now: deps.clock.now() });
}

type Checked = {
  readonly verdict: TokenVerdict;
  readonly name: string;
  readonly number: number;
  readonly accounts: readonly Account[];
};

async function check(
  deps: Deps,
  command: TokenCheck,
  context: CommandContext,
): Promise<Result<Checked>> {
  const bearer = readBearer(deps, command);
  const work = checkWork(deps, command, bearer);
  const result = await deps.work.run(work, sourceOf(context, 'app'));
  if (!result.ok) return refusedCall(deps, command, context) ?? result;
  const { verdict, accounts } = result.value;
  const over = countCall(deps, command.profile, {
    address: context.address,
    customer: verdict.customer.id,
    names: [verdict.customer.login_name, verdict.app ?? ''],
  });
  if (over !== null) return refused(over);
  const counted = countToken(deps, command, bearer);
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
    number: verdict.customer.number,
    accounts,
  });
}

/** Who has no good token is counted by address; null while within the limits. */
function refusedCall(
  deps: Deps,
  { profile }: TokenCheck,
  { address }: CommandContext,
): Result<never> | null {
  const over = countCall(deps, profile, { address });
  return over === null ? null : refused(over);
}

type Found = { readonly verdict: Verdict; readonly accounts: readonly Account[] };

/** Reads only: nothing is written, and the answer waits for a commit that touches its records. */
function checkWork(deps: Deps, command: TokenCheck, bearer: Bearer): Work<Found> {
  const { profile, scopes, account } = command;
  return {
    keys: [],
    shares: bearerKeys(bearer),
    more: (facts) => accountKeys(facts, bearer),
    decide(facts) {
      const takes_stream_tokens = command.socket !== undefined;
      const result = checkToken(checkFacts(deps, facts, {
        profile, bearer, scopes, account, takes_stream_tokens,
      }));
      if (!result.ok) return { result, changes: [], events: [] };
      const accounts = result.value.accounts
        .map((number) => facts.get('account', number))
        .filter((account_record) => account_record !== undefined);
      return { result: accepted({ verdict: result.value, accounts }), changes: [], events: [] };
    },
  };
}

function accountKeys(facts: Facts, bearer: Bearer): RecordKey[] {
  const shard = customerOf(bearer);
  const customer = shard === null ? undefined : facts.get('customer', shard);
  if (customer === undefined) return [];
  const grant = bearer.is === 'access_token' ? facts.get('grant', bearer.grant_id) : undefined;
  const app = grant === undefined ? undefined : facts.app(grant.app);
  return coveredAccounts(customer, app).map((id) => ({ kind: 'account', id }));
}

/** One window a token: the grant's number or the customer's personal token names it. */
function countToken(deps: Deps, command: TokenCheck, bearer: Bearer) {
  const allowed = command.profile.api_limits[command.bucket][deps.world.name];
  const now = deps.clock.now();
  if (deps.settings.danger_limits_off) {
    return { over: false, quota: { allowed, used: 0, ends_at: now + 60_000 } };
  }
  const name = bearer.is === 'access_token'
    ? `${bearer.grant_id}#${bearer.number ?? ''}`
    : `${customerOf(bearer) ?? ''}#${bearer.is}`;
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
