/**
 * Waits for who calls or fails too often (§10): counted exactly, by subnet and endpoint, before
 * the expensive step; a ticket, computed and never stored, shows that a wait was kept.
 */
import {
  type TicketVerdict, judgeTicket, penaltyNeedsPerson, penaltyWait, ticketChange,
} from '../../core/decide/session/penalty.ts';
import type { CommandContext } from '../../core/commands.ts';
import {
  LIMITS, type PenalizedEndpoint, type PenaltyPolicy, type Profile,
} from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import { type Exempt, isExempt } from './exempt.ts';
import type { RollingCount } from './rolling-counters.ts';

export type Penalized = Exempt & {
  readonly profile: Profile;
  readonly endpoint: PenalizedEndpoint;
  /** Text of the body that a ticket is bound to; '' where there is none. */
  readonly body_text: string;
  readonly ticket: string | null;
};

/** A call that may go on; it says at its end whether it failed. */
export type Admission = {
  /** Counts a failure; the penalty that takes its place when the free ones were used up. */
  settle(failed: boolean): Promise<Refusal | null>;
};

/** For calls that no penalty meets. */
export const UNCOUNTED: Admission = { settle: () => Promise.resolve(null) };

const CROWDED: Refusal = {
  code: 'overloaded',
  rule: 'penalty.turn',
  reason: 'too many calls of one subnet wait already',
  retry_after_s: 1,
};

/** Admits a call, or refuses it with the wait that is to be kept. */
export async function admit(
  deps: Deps,
  call: Penalized,
  context: CommandContext,
): Promise<Result<Admission>> {
  const policy = call.profile.penalties?.[call.endpoint];
  if (policy === undefined || isExempt(call.profile, call)) return accepted(UNCOUNTED);
  const name = `penalty/${call.endpoint}/${subnetOf(call.address)}`;
  if (policy.counts === 'calls') return countCalls(deps, { call, policy, name, context });
  // What is dear to find out is reserved, one after another; else it is counted when it happens.
  return policy.ticket === 'needed'
    ? reserve(deps, { call, policy, name, context })
    : lookAhead(deps, { call, policy, name, context });
}

type Entry = {
  readonly call: Penalized;
  readonly policy: PenaltyPolicy;
  readonly name: string;
  readonly context: CommandContext;
};

async function countCalls(deps: Deps, entry: Entry): Promise<Result<Admission>> {
  const { name, policy } = entry;
  return inTurn(deps, name, async () => {
    const counted = await deps.rolling.add(name, 1);
    if (counted.total - 1 < policy.free) return accepted(UNCOUNTED);
    await deps.rolling.add(name, -1, counted.slot);
    const refusal = await keptWait(deps, entry, without(counted));
    if (!refusal.ok) return refusal;
    if (refusal.value !== null) return refused(refusal.value);
    await deps.rolling.add(name, 1);
    return accepted(UNCOUNTED);
  });
}

/** What is taken back at once must not lengthen the wait of those beside it. */
async function inTurn<T>(
  deps: Deps,
  name: string,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const end = await deps.turns.take(name);
  if (end === null) return refused(CROWDED);
  try {
    return await work();
  } finally {
    end();
  }
}

async function reserve(deps: Deps, entry: Entry): Promise<Result<Admission>> {
  const end = await deps.turns.take(entry.name);
  if (end === null) return refused(CROWDED);
  let held = false;
  try {
    const admission = await reserveInTurn(deps, entry, end);
    held = admission.ok;
    return admission;
  } finally {
    if (!held) end();
  }
}

async function reserveInTurn(
  deps: Deps,
  entry: Entry,
  end: () => void,
): Promise<Result<Admission>> {
  const { name, policy } = entry;
  const counted = await deps.rolling.add(name, 1);
  let { slot } = counted;
  if (counted.total - 1 >= policy.free) {
    await deps.rolling.add(name, -1, slot);
    const refusal = await keptWait(deps, entry, without(counted));
    if (!refusal.ok) return refusal;
    if (refusal.value !== null) return refused(refusal.value);
    ({ slot } = await deps.rolling.add(name, 1));
  }
  return accepted({
    async settle(failed) {
      try {
        if (!failed) await deps.rolling.add(name, -1, slot);
      } finally {
        end();
      }
      return null;
    },
  });
}

async function lookAhead(deps: Deps, entry: Entry): Promise<Result<Admission>> {
  const { name, policy } = entry;
  const counted = await deps.rolling.add(name, 0);
  const free = counted.total < policy.free;
  if (!free) {
    const refusal = await keptWait(deps, entry, counted);
    if (!refusal.ok) return refusal;
    if (refusal.value !== null) return refused(refusal.value);
  }
  return accepted({
    async settle(failed) {
      if (!failed) return null;
      const refusal = await inTurn<Refusal | null>(deps, name, async () => {
        const after = await deps.rolling.add(name, 1);
        // Others failed meanwhile: this one was not free any more.
        if (!free || after.total - 1 < policy.free) return accepted(null);
        await deps.rolling.add(name, -1, after.slot);
        return keptWait(deps, entry, without(after));
      });
      return refusal.ok ? refusal.value : refusal.refusal;
    },
  });
}

type Counted = Pick<RollingCount, 'total' | 'fallsBelow'>;

/** The count without the newest one, which was taken back and is no part of what must fall. */
function without({ total, fallsBelow }: Counted): Counted {
  return { total: total - 1, fallsBelow: (count) => fallsBelow(count + 1) };
}

/** The penalty of a call beyond the free ones; null when its wait was kept. */
function keptWait(
  deps: Deps,
  { call, policy, context }: Entry,
  counted: Counted,
): Promise<Result<Refusal | null>> {
  const person = penaltyNeedsPerson(policy, counted.total);
  const wait_s = person
    ? counted.fallsBelow(policy.free)
    : penaltyWait(policy, counted.total);
  return judge(deps, { call, policy, wait_s, person }, context);
}

/** The penalty of this call, or null when its wait was kept. */
async function judge(
  deps: Deps,
  at: {
    readonly call: Penalized;
    readonly policy: PenaltyPolicy;
    readonly wait_s: number;
    readonly person: boolean;
  },
  context: CommandContext,
): Promise<Result<Refusal | null>> {
  const { call, policy, wait_s, person } = at;
  const bound_to = `${call.endpoint}/${subnetOf(call.address)}/${call.body_text}`;
  const id = deps.digests.shortValue(`ticket/${bound_to}`);
  return deps.work.run<Refusal | null>({
    keys: [{ kind: 'ticket', id }],
    decide(facts) {
      const ticket = facts.get('ticket', id);
      const expected = ticket === undefined ? null : ticketText(deps, id, ticket.serial);
      const own = expected !== null && call.ticket !== null &&
        equalInConstantTime(expected, call.ticket);
      const verdict: TicketVerdict = judgeTicket({
        policy, ticket, presented_serial: own ? (ticket?.serial ?? null) : null, wait_s,
        now: facts.now,
      });
      const good = verdict.is === 'good' && !person;
      // Beyond the flag a good ticket is kept: it is good again when the count has fallen.
      const changes = person && verdict.is === 'good' ? [] : [ticketChange(id, verdict.value)];
      const penalty = good ? null : penaltyRefusal({
        ticket: ticketText(deps, id, verdict.value.serial), wait_s, captcha: person,
      });
      return { result: accepted(penalty), changes, events: [] };
    },
  }, sourceOf(context, 'anyone'));
}

function penaltyRefusal(penalty: NonNullable<Refusal['penalty']>): Refusal {
  return {
    code: 'penalty',
    rule: 'penalty.wait',
    reason: `too many in ${LIMITS.penalty_window_s} s from this subnet`,
    retry_after_s: penalty.wait_s,
    penalty,
  };
}

/** 43 characters that only this server can compute; nothing of them is stored. */
function ticketText(deps: Deps, id: string, serial: number): string {
  return deps.digests.shortValue(`ticket text/${id}/${serial}`);
}
