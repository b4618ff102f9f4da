/** Audit events that a step wrote. */
import type { AuditEvent } from '../../outside/control.ts';
import type { WorldName } from '../../outside/fixtures.ts';
import type { Server } from '../../world.ts';

/** Events of one world that `step` led to, oldest first. */
export async function eventsOf(
  server: Server,
  world: WorldName,
  step: () => Promise<unknown>,
): Promise<readonly AuditEvent[]> {
  const before = await server.control.audit(world);
  await step();
  const after = await server.control.audit(world);
  return after.slice(before.length);
}

export function actionsOf(events: readonly AuditEvent[]): readonly string[] {
  return events.map(({ action }) => action);
}
