/** Waits for who calls or fails too often: counted by subnet and endpoint (§10). */
import type { Change } from '../../decision.ts';
import type { Ticket } from '../../kinds/short-lived.ts';
import { LIMITS, type PenaltyPolicy } from '../../rules/profile.ts';

/** Failures beyond the free ones from which no program can go on. */
const CAPTCHA_AFTER = 3;

/** How long to wait with so many counted events behind one, s. */
export function penaltyWait({ free, counts, back_off_s }: PenaltyPolicy, counted: number): number {
  if (counts === 'calls') return back_off_s;
  const doublings = Math.min(Math.max(0, counted - free), 20);
  return Math.min(back_off_s * 2 ** doublings, LIMITS.penalty_wait_max_s);
}

/** True when only a person could go on, so that tickets are useless until the count has fallen. */
export function penaltyNeedsPerson({ captcha, free }: PenaltyPolicy, counted: number): boolean {
  if (captcha === 'never') return false;
  return captcha === 'always' || counted >= free + CAPTCHA_AFTER;
}

export type TicketFacts = {
  readonly policy: PenaltyPolicy;
  readonly ticket: Ticket | undefined;
  /** Serial of the presented ticket when it is one of this endpoint, subnet and body; else null. */
  readonly presented_serial: number | null;
  readonly wait_s: number;
  readonly now: number;
};

export type TicketVerdict =
  /** The wait is over: go on. */
  | { readonly is: 'good'; readonly value: Ticket }
  /** Wait, with the ticket of this serial. */
  | { readonly is: 'wait'; readonly value: Ticket };

/**
 * Too early: the same ticket, and the wait begins anew. Late enough: the ticket of this very body,
 * or where none is needed the call alone, goes on, once.
 */
export function judgeTicket(facts: TicketFacts): TicketVerdict {
  const { policy, ticket, presented_serial, wait_s, now } = facts;
  const known = ticket !== undefined && ticket.state === 'waiting' && now < ticket.expires_at;
  if (!known) return { is: 'wait', value: newTicket((ticket?.serial ?? 0) + 1, wait_s, now) };
  if (now < ticket.good_from) {
    return { is: 'wait', value: newTicket(ticket.serial, wait_s, now) };
  }
  if (policy.ticket === 'not_needed' || presented_serial === ticket.serial) {
    return { is: 'good', value: { ...ticket, state: 'used' } };
  }
  return { is: 'wait', value: newTicket(ticket.serial + 1, wait_s, now) };
}

export function ticketChange(id: string, value: Ticket): Change {
  return { kind: 'ticket', id, value };
}

function newTicket(serial: number, wait_s: number, now: number): Ticket {
  const expires_at = now + (LIMITS.ticket_lifetime_s + wait_s) * 1000;
  return { serial, state: 'waiting', good_from: now + wait_s * 1000, expires_at };
}
