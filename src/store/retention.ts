/** When things may be swept. Kinds say it of their records; classes of events say it here. */
import type { EventClass } from '../core/events.ts';
import { type Kind, type Kinds, RETENTION, type Retention } from '../core/kinds/kinds.ts';

const DAY_MS = 86_400_000;
/** A year with its leap day: a record must not go a day early. */
const YEAR_MS = 366 * DAY_MS;

/** Years an event stays (RE-02): account and consent records 6, the stream of token use 3. */
const TRAIL_YEARS: { readonly [C in EventClass]: number } = { token: 3, access: 6, admin: 6 };

/** How long rows of a class stay after the latest event in them, ms. */
export function trailKeptMs(event_class: EventClass): number {
  return TRAIL_YEARS[event_class] * YEAR_MS;
}

/** Epoch ms after which a record may be swept; null = it stays. */
export function expiresAt<K extends Kind>(kind: K, value: Kinds[K]): number | null {
  const retention: Retention<K> = RETENTION[kind];
  return 'expires' in retention ? retention.expires(value) : null;
}
