/** What the server itself does, in the trail: start, stop, a setting changed while running. */
import type { Action } from '../../core/events.ts';
import { accepted } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';

export async function recordServerEvent(
  deps: Pick<Deps, 'work'>,
  action: Extract<Action, 'server.started' | 'server.stopped' | 'config.changed'>,
  detail?: string,
): Promise<void> {
  await deps.work.run({
    keys: [],
    decide: () => ({
      result: accepted(null), changes: [], events: [{ action, outcome: 'ok', detail }],
    }),
  }, { actor: 'server', address: '', request_id: '' });
}
