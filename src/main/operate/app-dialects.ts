/** What an act or seed registers for when it does not say which dialect. */
import { API_KEY_DIALECT, REGISTRATIONS } from '../dialects.ts';

/** Dialects that are meant when a seed names none. */
export const DEFAULT_DIALECTS = { app: REGISTRATIONS.first, api_key: API_KEY_DIALECT };

const DEFAULTS: { readonly [act: string]: string } = {
  'app.create': REGISTRATIONS.first,
  'api-key.create': API_KEY_DIALECT,
};

type Args = { readonly [name: string]: unknown };

/** The arguments of an act, with the dialect of a new app or API key filled in. */
export function withDialect(act: string, args: Args): Args {
  const dialect = DEFAULTS[act];
  return dialect === undefined || args['dialect'] !== undefined ? args : { ...args, dialect };
}

/** Why this dialect cannot be registered for, or null. */
export function dialectFault({ dialect }: Args): string | null {
  const names = Object.keys(REGISTRATIONS.of);
  const known = dialect === undefined || names.some((name) => name === dialect);
  return known ? null : `dialect must be one of: ${names.join(', ')}`;
}
