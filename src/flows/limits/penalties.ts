/**
 * Waits for who calls or fails too often (§10): counted exactly, by subnet and endpoint, before
 * the expensive step; a ticket, computed and never stored, shows that a wait was kept.
 */
import {
  type TicketVerdict, judgeTicket, penaltyNeedsPerson, penaltyWait, ticketChange,
} from '../../core/decide/session/penalty.ts';
import type { CommandContext } from '../../core/commands.ts';
import { LIMITS, type PenalizedEndpoint, type Profile } from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import { type Exempt, isExempt } from './exempt.ts';

export type Penalized = Exempt & {
  readonly profile: Profile;
  readonly endpoint: PenalizedEndpoint;
  /** Text of the body that a ticket is bound to; '' where there is none. */
  readonly body_text: string;
  readonly ticket: string | null;
};

/** A call that may go on; it says at its end whether it failed. */
export type Admission = { settle(failed: boolean): Promise<void> };

const UNCOUNTED: Admission = { settle: () => Promise.resolve() };

/** Admits a call, or refuses it with the wait that is to be kept. */
export async function admit(
  deps: Deps,
  call: Penalized,
  context: CommandContext,
): Promise<Result<Admission>> {
  const policy = call.profile.penalties?.[call.endpoint];
  if (policy === undefined || isExempt(call.profile, call)) return accepted(UNCOUNTED);
  const name = `penalty/${call.endpoint}/${subnetOf(call.address)}`;
  // Where a failure costs nothing to find out it is counted afterwards, else before.
  const reserved = policy.counts === 'calls' || policy.ticket === 'needed' ? 1 : 0;
  const counted = await deps.rolling.add(name, reserved);
  const before = counted.total - reserved;
  const { counts } = policy;
  const first = { name, slot: counted.slot, reserved, counts };
  if (before < policy.free) return accepted(admission(deps, first));
  if (reserved > 0) await deps.rolling.add(name, -reserved, counted.slot);
  const person = penaltyNeedsPerson(policy, before);
  const wait_s = person ? counted.fallsBelow(policy.free) : penaltyWait(policy, before);
  const judged = await judge(deps, { call, wait_s, person }, context);
  if (!judged.ok) return judged;
  if (judged.value !== null) return refused(judged.value);
  const { slot } = await deps.rolling.add(name, reserved);
  return accepted(admission(deps, { name, slot, reserved, counts }));
}

function admission(
  deps: Deps,
  at: {
    readonly name: string;
    readonly slot: number;
    readonly reserved: number;
    readonly counts: 'failures' | 'calls';
  },
): Admission {
  return {
    async settle(failed) {
      if (at.counts === 'calls') return;
      const add = (failed ? 1 : 0) - at.reserved;
      if (add !== 0) await deps.rolling.add(at.name, add, add < 0 ? at.slot : undefined);
    },
  };
}

/** The penalty of this call, or null when its wait was kept. */
async function judge(
  deps: Deps,
  at: { readonly call: Penalized; readonly wait_s: number; readonly person: boolean },
  context: CommandContext,
): Promise<Result<Refusal | null>> {
  const { call, wait_s, person } = at;
  const policy = call.profile.penalties?.[call.endpoint];
  if (policy === undefined) return accepted(null);
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
