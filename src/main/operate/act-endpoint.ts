/** `POST /act` over HTTP: the operators' socket and the control listener speak the same. */
import { type RefusalCode, type Result, refused } from '../../core/rules/refusals.ts';
import { PasswordsBusy } from '../../ports/passwords.ts';
import { dialectFault, withDialect } from './app-dialects.ts';
import { answerAuditAct } from './audit-acts.ts';
import { type JsonAnswer, problem } from './json-answer.ts';
import type { StartedWorld } from '../server.ts';

const STATUS: { readonly [C in RefusalCode]?: number } = {
  object_unknown: 404,
  object_exists: 409,
  state_conflict: 409,
  act_unknown: 404,
  overloaded: 503,
};

/** Runs one act in one world: `{world, act, args}` → its outcome, or why not. */
export async function answerAct(
  worlds: readonly StartedWorld[],
  value: unknown,
  address: string,
): Promise<JsonAnswer> {
  const call = readCall(value);
  if (call === null) return problem(400, 'send {"world", "act", "args"}');
  const world = worlds.find(({ name }) => name === call.world);
  if (world === undefined) return problem(404, `world ${call.world} is not served here`);
  const audit = await answerAuditAct(world.store, call.act, call.args);
  if (audit !== null) return audit;
  const { deps, dispatch } = world.flows;
  const context = { address, request_id: deps.entropy.base62(12) };
  const args = withDialect(call.act, call.args);
  const fault = dialectFault(args);
  if (fault !== null) return problem(400, fault);
  const result = await dispatch('act', { act: call.act, args }, context).catch(busyAsRefusal);
  if (result.ok) return { status: 200, body: result.value };
  const { code, rule, reason, parameter } = result.refusal;
  return { status: STATUS[code] ?? 400, body: { error: code, rule, reason, parameter } };
}

/** A full password pool is no fault of the act: the operator tries again. */
function busyAsRefusal(error: unknown): Result<never> {
  if (!(error instanceof PasswordsBusy)) throw error;
  const reason = 'too many passwords are being hashed: try again';
  return refused({ code: 'overloaded', rule: 'act.password_pool', reason });
}

type Call = {
  readonly world: string;
  readonly act: string;
  readonly args: { readonly [name: string]: unknown };
};

function readCall(value: unknown): Call | null {
  if (typeof value !== 'object' || value === null) return null;
  const { world, act, args = {} } = value as { [name: string]: unknown };
  if (typeof world !== 'string' || typeof act !== 'string') return null;
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return null;
  return { world, act, args: args as Call['args'] };
}
