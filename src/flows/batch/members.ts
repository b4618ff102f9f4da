/** Members of a batch: commands being decided one after another over the overlay. */
import { ACTIONS, type AuditEvent, type EventSource } from '../../core/events.ts';
import type { Decision } from '../../core/decision.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { Result } from '../../core/rules/refusals.ts';
import type { Work } from '../work.ts';
import type { Wants } from './locks.ts';
import { MissingFact, type Overlay } from './overlay.ts';

export type Member = {
  readonly work: Work<unknown>;
  readonly source: EventSource;
  /** What it waits for: the first round of keys, and the second once that is known. */
  wants: Wants;
  /** Records that its decisions turned out to need besides. */
  readonly missed: RecordKey[];
  tries: number;
  readonly resolve: (result: Result<unknown>) => void;
  readonly reject: (fault: unknown) => void;
};

/** A batch may show as many new records as it has members; beyond that it is a bug. */
const MISSED_MAX = 256;

/** The keys of a work, and those it turned out to need besides. */
export function wantsOf(work: Work<unknown>, more: readonly RecordKey[]): Wants {
  return { keys: [...work.keys, ...more], shares: work.shares ?? [] };
}

export type Decided = {
  readonly member: Member;
  readonly result: Result<unknown>;
  readonly events: readonly AuditEvent[];
};

/**
 * Decides in order. One that needs a record this batch did not read is decided in a later batch;
 * one that throws is a fault of its own and harms no neighbour.
 */
export function decideMembers(members: readonly Member[], overlay: Overlay, now: number) {
  const decided: Decided[] = [];
  const later: Member[] = [];
  for (const member of members) {
    const number = decided.length;
    let decision: Decision<unknown>;
    try {
      decision = member.work.decide(overlay.factsFor(number));
    } catch (error) {
      if (error instanceof MissingFact) {
        member.missed.push(error.key);
        if (member.missed.length > MISSED_MAX) {
          member.reject(new Error('a decision goes on finding records it did not ask for'));
          continue;
        }
        member.wants = wantsOf(member.work, member.missed);
        // Needing one record more is not losing to anybody.
        member.tries -= 1;
        later.push(member);
      } else {
        member.reject(error);
      }
      // Its number is reused by the next member: an atom that it joined may be wider than
      // needed, never narrower.
      continue;
    }
    overlay.apply(number, decision.changes);
    const events = decision.events.map((draft): AuditEvent => ({
      ...draft,
      ...member.source,
      class: ACTIONS[draft.action],
      at: now,
    }));
    decided.push({ member, result: decision.result, events });
  }
  return { decided, later };
}
