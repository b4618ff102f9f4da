/** Trying a password: limits reserved before the slow hash, and the two reads that find a name. */
import type { CommandContext } from '../../core/commands.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { LIMITS } from '../../core/rules/profile.ts';
import { type Refusal, type Result, refused } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { Deps } from '../deps.ts';
import type { Limit } from '../limits/failure-counters.ts';
import { recordEvent } from '../record-event.ts';

export type PasswordTry = {
  /** As it was typed. */
  readonly name: string;
  readonly address: string;
  /** False where waits of the subnet stand in for the limit of a name in it. */
  readonly per_subnet: boolean;
};

/**
 * Counters are reserved before the hash is computed, so that a burst cannot outrun them; and the
 * tries of one name come one after another, so that one under way is not taken for a failure.
 */
export async function tryPassword<T>(
  deps: Deps,
  attempt: PasswordTry,
  context: CommandContext,
  compare: () => Promise<Result<T>>,
): Promise<Result<T>> {
  if (deps.settings.danger_limits_off) return compare();
  const limits = passwordLimits(attempt);
  const known_s = deps.failures.blocked(limits);
  if (known_s !== null) return refuseTry(deps, context, known_s);
  const end = await deps.turns.take(`password/${canonicalLoginName(attempt.name) ?? ''}`);
  if (end === null) return refused(CROWDED);
  try {
    return await tryInTurn(deps, limits, context, compare);
  } finally {
    end();
  }
}

const CROWDED: Refusal = {
  code: 'overloaded',
  rule: 'sign_in.turn',
  reason: 'too many sign-ins of one name wait already',
  retry_after_s: 1,
};

async function tryInTurn<T>(
  deps: Deps,
  limits: readonly Limit[],
  context: CommandContext,
  compare: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const failures = limits.filter((limit) => limit.name.startsWith('password/'));
  const wait_s = deps.failures.blocked(limits) ?? (await reserveTry(deps, limits, failures));
  if (wait_s !== null) return refuseTry(deps, context, wait_s);
  let failed = false;
  try {
    const result = await compare();
    failed = !result.ok;
    return result;
  } finally {
    // A success, or a fault of ours, is no failure of hers; the attempt itself stays counted.
    if (!failed) await deps.failures.release(failures);
  }
}

async function refuseTry(
  deps: Deps,
  context: CommandContext,
  wait_s: number,
): Promise<Result<never>> {
  await recordEvent(deps, context, { action: 'login.limited', outcome: 'refused' });
  return refused(limited(wait_s));
}

/**
 * A try that one limit turns away is no failure at the others: else a burst from one network
 * would use up what the name, and everyone, may fail elsewhere (CS-12).
 */
async function reserveTry(
  deps: Deps,
  limits: readonly Limit[],
  failures: readonly Limit[],
): Promise<number | null> {
  const wait_s = await deps.failures.reserve(limits);
  if (wait_s !== null) await deps.failures.release(failures);
  return wait_s;
}

/** The same two reads for a known and an unknown name (EN-01, EN-02). */
export async function findByName(
  deps: Deps,
  name: string,
): Promise<{ readonly id: string; readonly customer: Customer | undefined }> {
  const [named] = await deps.store.read([{ kind: 'login-name', id: name }]);
  const id = (named?.value as { customer: string } | undefined)?.customer ?? NOBODY;
  const [record] = await deps.store.read([{ kind: 'customer', id }]);
  return { id, customer: record?.value as Customer | undefined };
}

/** An id that no customer is given (ids are drawn at random, this one is not). */
const NOBODY = '00000000000';

function passwordLimits({ name: typed, address, per_subnet }: PasswordTry): Limit[] {
  const name = canonicalLoginName(typed) ?? '';
  const subnet = subnetOf(address);
  const { per_name_and_subnet, window_s } = LIMITS.sign_in_failures;
  const per_name = LIMITS.sign_in_failures_per_name;
  const per_address = LIMITS.sign_in_attempts_per_address;
  const everyone = LIMITS.sign_in_failures_everyone;
  return [
    { name: 'password/', count_max: everyone.count, window_s: everyone.window_s },
    ...(per_subnet
      ? [{ name: `password/${name}/${subnet}`, count_max: per_name_and_subnet, window_s }]
      : []),
    { name: `password/${name}`, count_max: per_name.count, window_s: per_name.window_s },
    { name: `sign-in/${address}`, count_max: per_address.count, window_s: per_address.window_s },
  ];
}

function limited(retry_after_s: number): Refusal {
  return {
    code: 'sign_in_limited',
    rule: 'sign_in.failures',
    reason: 'too many failed sign-ins for this name and network, or from this address',
    retry_after_s,
  };
}
