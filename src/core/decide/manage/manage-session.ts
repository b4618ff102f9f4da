/** Operators' acts on a customer's roster: ending sessions, blocking devices. */
import type { Change, Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { Roster } from '../../kinds/roster.ts';
import { accepted } from '../../rules/refusals.ts';
import { endSession } from '../session/open-session.ts';
import { type Changed, changed, unchanged } from './outcome.ts';

const DEVICES_MAX = 100;

/** Ends the named session, or all of them. */
export function endSessions(
  roster: Roster | undefined,
  session: string | null,
): Decision<{ readonly ended: number }> {
  const ids = (roster?.sessions ?? []).map(({ id }) => id)
    .filter((id) => session === null || id === session);
  let now = roster;
  const events: EventDraft[] = [];
  for (const id of ids) {
    const one = endSession(now, id, 'operator');
    const [change] = one.changes;
    if (change?.kind === 'roster' && change.value !== null) now = change.value;
    events.push(...one.events);
  }
  const changes: Change[] = now === undefined || ids.length === 0
    ? []
    : [{ kind: 'roster', id: now.customer, value: now }];
  return { result: accepted({ ended: ids.length }), changes, events };
}

/** Blocks or unblocks one device; the oldest block gives way when there are too many. */
export function setDeviceBlocked(
  facts: { readonly customer: string; readonly roster: Roster | undefined },
  device: string,
  blocked: boolean,
): Decision<Changed<Roster>> {
  const { customer } = facts;
  const roster: Roster = facts.roster ??
    { customer, sessions: [], evicted: [], blocked_devices: [] };
  if (roster.blocked_devices.includes(device) === blocked) return unchanged(roster);
  const others = roster.blocked_devices.filter((one) => one !== device);
  const blocked_devices = blocked ? [...others, device].slice(-DEVICES_MAX) : others;
  const value: Roster = { ...roster, blocked_devices };
  const action = blocked ? 'device.blocked' : 'device.unblocked';
  return changed(
    value,
    [{ kind: 'roster', id: customer, value }],
    [{ action, outcome: 'ok', customer }],
  );
}
