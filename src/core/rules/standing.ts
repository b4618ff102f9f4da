/**
 * Epochs: what was born under an older epoch is dead, and stays dead when a status is set back.
 * Compared at every verdict, exchange, refresh and sign-in.
 */
import type { ApiKey } from '../kinds/api-key.ts';
import type { App } from '../kinds/app.ts';
import type { Code } from '../kinds/code.ts';
import type { Customer } from '../kinds/customer.ts';
import type { Grant } from '../kinds/grant.ts';
import type { WorldRecord } from '../kinds/key.ts';
import type { Login } from '../kinds/login.ts';
import type { Session } from '../kinds/roster.ts';

/** The records that everything issued rests on, as they are now. */
export type Pillars = {
  readonly app: App | undefined;
  readonly customer: Customer | undefined;
  readonly world: WorldRecord;
};

/** Why a grant is not live now, or null when it is. */
export function grantFault(grant: Grant, pillars: Pillars, now: number): string | null {
  if (grant.state.is === 'ended') return `grant ended by ${grant.state.by}`;
  if (grant.ends_at !== null && now >= grant.ends_at) return 'grant is past its absolute end';
  return pillarFault(grant.epochs, pillars);
}

/** Why an unspent code is no longer live, or null when it is. */
export function codeFault(code: Code, pillars: Pillars): string | null {
  if (code.state.is === 'ended') return 'the connection was removed before the code was used';
  const fault = pillarFault(code.epochs, pillars);
  if (fault !== null) return fault;
  return code.epochs.credentials === pillars.customer?.epochs.credentials
    ? null
    : 'the password changed since the consent';
}

/** Why a sign-in is not live, or null when it is. */
export function loginFault(
  login: Login,
  customer: Customer | undefined,
  now: number,
): string | null {
  if (login.state.is === 'ended') return 'signed out';
  if (now >= login.expires_at) return 'the sign-in is past its lifetime';
  if (customer === undefined || customer.status !== 'active') return 'customer is not active';
  const { standing, credentials } = customer.epochs;
  const same = login.epochs.standing === standing && login.epochs.credentials === credentials;
  return same ? null : 'standing or password changed since the sign-in';
}

/** Why a session is not live now, or null. Without an API key its name is ''. */
export function sessionFault(
  session: Session,
  pillars: {
    readonly customer: Customer | undefined;
    readonly api_key: ApiKey | undefined;
    readonly world: WorldRecord;
  },
): string | null {
  const { customer, api_key, world } = pillars;
  const { epochs } = session;
  if (customer === undefined || customer.status !== 'active') return 'customer is not active';
  if (epochs.standing !== customer.epochs.standing) return 'customer was locked or closed since';
  if (epochs.credentials !== customer.epochs.credentials) return 'the password changed since';
  if (session.api_key !== '' && api_key?.status !== 'active') return 'the API key is disabled';
  if (epochs.api_key !== (api_key?.epoch ?? 0)) return 'the API key was disabled since';
  return epochs.world === world.epoch ? null : 'the world was restored or stopped since';
}

type BornUnder = { readonly standing: number; readonly app: number; readonly world: number };

function pillarFault(born: BornUnder, { app, customer, world }: Pillars): string | null {
  if (customer === undefined || customer.status !== 'active') return 'customer is not active';
  if (app === undefined || app.status !== 'approved') return 'app is not approved';
  if (born.standing !== customer.epochs.standing) return 'customer was locked or closed since';
  if (born.app !== app.epoch) return 'app was disabled since';
  if (born.world !== world.epoch) return 'the world was restored or stopped since';
  return null;
}
