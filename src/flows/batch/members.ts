/** Members of a batch: commands being decided one after another over the overlay. */
import { ACTIONS, type AuditEvent, type EventSource } from '../../core/events.ts';
import type { Decision } from '../../core/decision.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { Result } from '../../core/rules/refusals.ts';
import type { Work } from '../work.ts';
import { MissingFact, type Overlay } from './overlay.ts';

export type Member = {
  readonly work: Work<unknown>;
  readonly source: EventSource;
  /** Keys it waits for: the first round, and the second once that is known. */
  keys: readonly RecordKey[];
  tries: number;
  readonly resolve: (result: Result<unknown>) => void;
  readonly reject: (fault: unknown) => void;
};

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
        member.keys = [...member.work.keys, error.key];
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
