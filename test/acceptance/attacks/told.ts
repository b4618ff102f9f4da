/** What events tell, as short lines to compare. */
import type { AuditEvent } from '../../outside/control.ts';

/** `action outcome`, one line an event. */
export function outcomesOf(events: readonly AuditEvent[]): string[] {
  return events.map(({ action, outcome }) => `${action} ${String(outcome)}`);
}

/** `action outcome detail`, one line an event. */
export function detailsOf(events: readonly AuditEvent[]): string[] {
  return events.map(({ action, outcome, detail }) =>
    `${action} ${String(outcome)} ${String(detail)}`);
}
