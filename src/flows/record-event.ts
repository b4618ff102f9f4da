/** An event of its own commit, for refusals that change no record. */
import type { CommandContext } from '../core/commands.ts';
import type { EventDraft, EventSource } from '../core/events.ts';
import { accepted } from '../core/rules/refusals.ts';
import type { Deps } from './deps.ts';

export async function recordEvent(
  deps: Pick<Deps, 'work'>,
  context: CommandContext,
  event: EventDraft,
): Promise<void> {
  const decide = () => ({ result: accepted(null), changes: [], events: [event] });
  await deps.work.run({ keys: [], decide }, sourceOf(context, actorOf(event)));
}

/** Who stands behind a command, for its events. */
export function sourceOf(context: CommandContext, actor: string): EventSource {
  return { actor, address: context.address, request_id: context.request_id };
}

function actorOf(event: EventDraft): string {
  if (event.customer !== undefined) return 'customer';
  return event.app === undefined ? 'anyone' : 'app';
}
