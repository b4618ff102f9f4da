/** How every act is written: one unit of work, with digests before and after in its events. */
import type { CommandContext } from '../../core/commands.ts';
import type { Decision } from '../../core/decision.ts';
import { ACTIONS } from '../../core/events.ts';
import type { Kind } from '../../core/kinds/kinds.ts';
import type { Result } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import type { Facts, Work } from '../work.ts';

/** What an act runs with: the world's flows and where the command came from. */
export type ActScene = { readonly deps: Deps; readonly context: CommandContext };

export function runActWork<T>({ deps, context }: ActScene, work: Work<T>): Promise<Result<T>> {
  return deps.work.run<T>({
    ...work,
    decide: (facts) => witnessed(deps, facts, work.decide(facts)),
  }, sourceOf(context, 'operator'));
}

/** The administrative class remembers what a record was and became, as digests (AU-02). */
function witnessed<T>(deps: Deps, facts: Facts, decision: Decision<T>): Decision<T> {
  const [first] = decision.changes;
  if (first === undefined) return decision;
  const before = digestOf(deps, recordNow(facts, first.kind, first.id));
  const after = digestOf(deps, first.value ?? undefined);
  const events = decision.events.map((event) =>
    ACTIONS[event.action] === 'admin' ? { ...event, before, after } : event);
  return { ...decision, events };
}

/** Undefined for a record that is created under a fresh id: nobody asked for it. */
function recordNow(facts: Facts, kind: Kind, id: string): unknown {
  if (kind === 'app') return facts.app(id);
  if (kind === 'api-key') return facts.apiKey(id);
  try {
    return facts.get(kind, id);
  } catch {
    return undefined;
  }
}

function digestOf(deps: Deps, record: unknown): string | undefined {
  return record === undefined ? undefined : deps.digests.sha256(JSON.stringify(record));
}
