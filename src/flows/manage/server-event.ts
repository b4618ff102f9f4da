/** What is done to the running server, in the trail of each world. */
import type { Action } from '../../core/events.ts';
import { accepted } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';

export async function recordServerEvent(
  deps: Pick<Deps, 'work'>,
  action: Extract<Action, 'config.changed'>,
  detail: string,
): Promise<void> {
  await deps.work.run({
    keys: [],
    decide: () => ({
      result: accepted(null), changes: [], events: [{ action, outcome: 'ok', detail }],
    }),
  }, { actor: 'operator', address: 'local', request_id: 'control' });
}
