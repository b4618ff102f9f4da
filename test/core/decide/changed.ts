/** Reading a decision: what it would leave behind. */
import type { Decision } from '../../../src/core/decision.ts';
import type { Kind, Kinds } from '../../../src/core/kinds/kinds.ts';

/** The value a decision gives a record; undefined = untouched. Fails on two values for one. */
export function changed<K extends Kind>(
  { changes }: Pick<Decision<unknown>, 'changes'>,
  kind: K,
  id: string,
): Kinds[K] | null | undefined {
  const mine = changes.filter((change) => change.kind === kind && change.id === id);
  if (mine.length > 1) throw new Error(`${kind} ${id} is changed twice`);
  return mine[0]?.value as Kinds[K] | null | undefined;
}

/** Kinds and ids of all changes, sorted. */
export function touched({ changes }: Pick<Decision<unknown>, 'changes'>): string[] {
  return changes.map(({ kind, id }) => `${kind}/${id}`).sort();
}

export function actions({ events }: Pick<Decision<unknown>, 'events'>): string[] {
  return events.map((event) => event.action);
}
