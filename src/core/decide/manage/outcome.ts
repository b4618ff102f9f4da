/** What acts decide, in short forms. */
import type { Change, Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import { type Refusal, type RefusalCode, accepted, refused } from '../../rules/refusals.ts';

/** What an act that may find everything done already answers. */
export type Changed<T> = { readonly record: T; readonly changed: boolean };

export function refuse<T>(refusal: Refusal): Decision<T> {
  return { result: refused(refusal), changes: [], events: [] };
}

/** A refusal of one of the codes that acts have in common. */
export function actRefusal(
  code: Extract<RefusalCode, 'object_unknown' | 'object_exists' | 'state_conflict'>,
  reason: string,
  parameter?: string,
): Refusal {
  const named = parameter === undefined ? {} : { parameter };
  return { code, rule: `act.${code}`, reason, ...named };
}

export function unchanged<T>(record: T): Decision<Changed<T>> {
  return { result: accepted({ record, changed: false }), changes: [], events: [] };
}

export function changed<T>(
  record: T,
  changes: readonly Change[],
  events: readonly EventDraft[],
): Decision<Changed<T>> {
  return { result: accepted({ record, changed: true }), changes, events };
}
