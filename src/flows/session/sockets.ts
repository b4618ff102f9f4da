/** Streams: bound to the session or grant of a token, looked at while they last (§11). */
import type { CommandContext, Commands, Outcomes } from '../../core/commands.ts';
import { type Bearer, type Verdict, checkToken } from '../../core/decide/session/check-token.ts';
import { endToken } from '../../core/decide/session/end-token.ts';
import { endSession } from '../../core/decide/session/open-session.ts';
import { LIMITS, type Profile } from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { BoundSubject } from '../../core/rules/socket-limits.ts';
import type { Deps } from '../deps.ts';
import { countCall } from '../limits/call-limits.ts';
import { sourceOf } from '../record-event.ts';
import { bearerKeys, checkFacts, readBearer } from './subject.ts';

const SOCKET_LIMITS = {
  sockets: LIMITS.sockets_per_customer,
  addresses: LIMITS.socket_addresses_per_customer,
} as const;

export async function openSocketFlow(
  deps: Deps,
  { profile, socket, bearer: text }: Commands['open_socket'],
  context: CommandContext,
): Promise<Result<Outcomes['open_socket']>> {
  const { address } = context;
  const bearer = readBearer(deps, { profile, bearer: text });
  const checked = await check(deps, { profile, bearer }, context);
  if (!checked.ok) {
    const over = countCall(deps, profile, { address });
    return over === null ? checked : refused(over);
  }
  const { customer, app } = checked.value;
  const names = [customer.login_name, app ?? ''];
  const over = countCall(deps, profile, { address, customer: customer.id, names });
  if (over !== null) return refused(over);
  const subject = subjectOf(bearer);
  if (subject === null) return refused(unbound('a token of neither a session nor a grant'));
  const limits = deps.settings.danger_limits_off ? null : SOCKET_LIMITS;
  const entered = deps.sockets.enter({ socket, address, subject, profile }, limits);
  if (entered.is === 'refused') return refused(unbound(entered.reason));
  if (entered.is === 'full') return refused(FULL);
  for (const one of entered.revoke) await revoke(deps, one, context);
  return accepted({ customer: customer.id });
}

function unbound(reason: string): Refusal {
  return { code: 'token_unknown', rule: 'socket.subject', reason };
}

const FULL: Refusal = {
  code: 'overloaded', rule: 'socket.registry', reason: 'too many streams', retry_after_s: 1,
};

function subjectOf(bearer: Bearer): BoundSubject | null {
  if (bearer.is === 'session_token') {
    const { session_id: id, customer, number } = bearer;
    return { is: 'session', id, customer, number: number ?? 0 };
  }
  if (bearer.is !== 'access_token') return null;
  const { grant_id: id, customer, number } = bearer;
  return { is: 'grant', id, customer, number: number ?? 0 };
}

/** A session whole; of a grant only the token, since its consent was to the app and stands. */
async function revoke(
  deps: Deps,
  { is, id, customer, number }: BoundSubject,
  context: CommandContext,
): Promise<void> {
  const source = sourceOf(context, 'server');
  if (is === 'session') {
    await deps.work.run({
      keys: [{ kind: 'roster', id: customer }],
      decide: (facts) =>
        endSession(facts.get('roster', customer), id.slice(customer.length), 'limit'),
    }, source);
    return;
  }
  await deps.work.run({
    keys: [{ kind: 'grant', id }],
    decide: (facts) => endToken(id, facts.get('grant', id), number),
  }, source);
}

export async function watchSocketFlow(
  deps: Deps,
  { socket }: Commands['watch_socket'],
  context: CommandContext,
): Promise<Result<Outcomes['watch_socket']>> {
  const found = deps.sockets.find(socket);
  if (found === null) return accepted({ state: 'ended' });
  const { profile } = found;
  const bearer = readBearer(deps, { profile, bearer: null, socket });
  const checked = await check(deps, { profile, bearer }, context);
  // Read last: a limit may have closed it meanwhile, and says more than that it has ended.
  const closing = deps.sockets.find(socket)?.closing ?? null;
  if (closing !== null) return accepted({ state: closing });
  if (checked.ok) return accepted({ state: 'open' });
  const { code } = checked.refusal;
  if (code === 'overloaded') return checked;
  return accepted({ state: code === 'session_evicted' ? code : 'ended' });
}

/** Reads only; a stream needs no scope to be open. */
function check(
  deps: Deps,
  { profile, bearer }: { readonly profile: Profile; readonly bearer: Bearer },
  context: CommandContext,
): Promise<Result<Verdict>> {
  return deps.work.run({
    keys: [],
    shares: bearerKeys(bearer),
    decide: (facts) => ({
      result: checkToken(checkFacts(deps, facts, {
        profile, bearer, scopes: [], account: null, takes_stream_tokens: true,
      })),
      changes: [],
      events: [],
    }),
  }, sourceOf(context, 'app'));
}

export function closeSocketFlow(
  deps: Deps,
  { socket }: Commands['close_socket'],
): Result<Outcomes['close_socket']> {
  deps.sockets.leave(socket);
  return accepted(null);
}
