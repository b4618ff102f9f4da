/** Who a customer is, and a token renewed in place (§7, §8). */
import type {
  CommandContext, Commands, Identity, Outcomes, PenalizedCheck, SessionAnswer,
} from '../../core/commands.ts';
import { type Bearer, checkToken } from '../../core/decide/session/check-token.ts';
import { type Renewed, renew } from '../../core/decide/session/renew.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { AREAS, levelIn } from '../../core/rules/scopes/areas.ts';
import type { PenalizedEndpoint } from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { countCall } from '../limits/call-limits.ts';
import { type Admission, UNCOUNTED, admit } from '../limits/penalties.ts';
import { sourceOf } from '../record-event.ts';
import { issueAccessToken, issueSessionToken, issueStreamToken } from '../token/issue.ts';
import { bearerKeys, checkFacts, countedKey, readBearer } from './subject.ts';

export async function readIdentityFlow(
  deps: Deps,
  command: Commands['read_identity'],
  context: CommandContext,
): Promise<Result<Outcomes['read_identity']>> {
  return penalized(deps, { command, context, endpoint: 'identity' }, async (bearer) => {
    const result = await deps.work.run({
      keys: [],
      shares: bearerKeys(bearer),
      decide: (facts) => {
        const { profile } = command;
        const verdict = checkToken(checkFacts(deps, facts, {
          profile, bearer, scopes: [], account: null,
          takes_stream_tokens: command.socket !== undefined,
        }));
        return { result: verdict, changes: [], events: [] };
      },
    }, sourceOf(context, 'app'));
    if (!result.ok) return result;
    const { customer } = result.value;
    const over = countCustomer(deps, command, context, customer);
    return over ?? accepted(identityOf(deps, customer));
  });
}

export async function renewTokenFlow(
  deps: Deps,
  command: Commands['renew_token'],
  context: CommandContext,
): Promise<Result<SessionAnswer>> {
  return penalized(deps, { command, context, endpoint: 'renew' }, async (bearer) => {
    const counted = countedKey(bearer);
    const result = await deps.work.run({
      keys: counted === null ? [] : [counted],
      shares: bearerKeys(bearer).filter(({ kind }) => kind !== counted?.kind),
      decide: (facts) => renew(checkFacts(deps, facts, {
        profile: command.profile, bearer, scopes: [], account: null,
        takes_stream_tokens: command.socket !== undefined,
      })),
    }, sourceOf(context, 'app'));
    if (!result.ok) return result;
    const over = countCustomer(deps, command, context, result.value.verdict.customer);
    return over ?? answerOf(deps, command, result.value);
  });
}

/** Limits around a call that a subnet pays for by waiting: first the wait, then the call. */
async function penalized<T>(
  deps: Deps,
  call: {
    readonly command: PenalizedCheck;
    readonly context: CommandContext;
    readonly endpoint: PenalizedEndpoint;
  },
  run: (bearer: Bearer) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { command, context, endpoint } = call;
  const { profile, ticket } = command;
  const { address } = context;
  const admission: Result<Admission> = command.penalized
    ? await admit(deps, { profile, endpoint, address, body_text: '', ticket }, context)
    : accepted(UNCOUNTED);
  if (!admission.ok) return admission;
  let failed = false;
  let result: Result<T>;
  let penalty: Refusal | null = null;
  try {
    result = await run(readBearer(deps, command));
    failed = !result.ok && result.refusal.code !== 'quota_exceeded';
  } finally {
    penalty = await admission.value.settle(failed);
  }
  if (penalty !== null) return refused(penalty);
  if (result.ok || !failed) return result;
  const over = countCall(deps, profile, { address });
  return over === null ? result : refused(over);
}

function countCustomer(
  deps: Deps,
  { profile }: PenalizedCheck,
  { address }: CommandContext,
  { id, login_name }: Customer,
): Result<never> | null {
  const over = countCall(deps, profile, { address, customer: id, names: [login_name] });
  return over === null ? null : refused(over);
}

/** Both tokens are signed side by side where the key is in a module. */
async function answerOf(
  deps: Deps,
  { profile }: PenalizedCheck,
  renewed: Renewed,
): Promise<Result<SessionAnswer>> {
  const { verdict, number, expires_at, id, grant } = renewed;
  const { customer, session, scopes } = verdict;
  const tokens = grant === null || session !== null
    ? await sessionTokens(deps, profile, {
      customer,
      session_id: id,
      session: session ?? { api_key: '' },
      number,
      issued_at: expires_at - (profile.sessions?.token_lifetime_s ?? 0) * 1000,
      expires_at,
    })
    : await grantTokens(deps, profile, {
      grant_id: id, grant, customer, number, scopes, issued_at: grant.last_used_at,
    });
  const [access_token, stream_token] = tokens;
  const identity = identityOf(deps, customer);
  return accepted({ access_token, stream_token, expires_at, identity, breach: null });
}

type Tokens = readonly [access_token: string, stream_token: string | null];

export async function sessionTokens(
  deps: Deps,
  profile: PenalizedCheck['profile'],
  token: Parameters<typeof issueSessionToken>[2],
): Promise<Tokens> {
  const access = issueSessionToken(deps, profile, token, 'access');
  const stream = issueSessionToken(deps, profile, token, 'stream');
  return [await access, await stream];
}

const PRICES = AREAS.find(({ name }) => name === 'Prices');

/** A stream token comes only with the permission to see prices (§7). */
async function grantTokens(
  deps: Deps,
  profile: PenalizedCheck['profile'],
  token: Parameters<typeof issueAccessToken>[2],
): Promise<Tokens> {
  const access = issueAccessToken(deps, profile, token);
  const sees_prices = PRICES !== undefined && levelIn(token.scopes, PRICES) !== 'Denied';
  const stream = sees_prices ? issueStreamToken(deps, profile, token) : null;
  return [await access, await stream];
}

export function identityOf({ world }: Deps, customer: Customer): Identity {
  const { number, login_name, name, email, email_verified, status, features } = customer;
  return {
    number, login_name, name, email, email_verified, status, features,
    has_accounts: world.name === 'live' && customer.accounts.length > 0,
  };
}
