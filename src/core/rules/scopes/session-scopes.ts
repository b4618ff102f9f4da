/** What a trading session may do now (§9.4). */
import type { ApiKey } from '../../kinds/api-key.ts';
import type { Roster, Session } from '../../kinds/roster.ts';
import { ALL_AREAS, AREAS } from './areas.ts';

/** Full access to orders. */
const TRADING = AREAS.find(({ name }) => name === 'Orders')?.full ?? 0;

/** Everything of its API key; a device nobody knows, or that was blocked, may not trade. */
export function sessionScopes(
  session: Pick<Session, 'api_key' | 'device' | 'device_needed'>,
  { api_key, roster }: {
    readonly api_key: ApiKey | undefined;
    readonly roster: Roster | undefined;
  },
): number {
  const { device, device_needed } = session;
  const held = session.api_key === '' ? ALL_AREAS : (api_key?.scopes ?? 0);
  if (!device_needed) return held;
  const trusted = device !== null && roster?.blocked_devices.includes(device) === false;
  return trusted ? held : held & ~TRADING;
}
