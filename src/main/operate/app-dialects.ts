/** The dialects an app may be registered for; the first is meant when none is named. */
const APP_DIALECTS = ['tradier'] as const;

export const DEFAULT_DIALECT: string = APP_DIALECTS[0];

type Args = { readonly [name: string]: unknown };

/** The arguments of an act, with the dialect of a new app filled in. */
export function withDialect(act: string, args: Args): Args {
  return act === 'app.create' && args['dialect'] === undefined
    ? { ...args, dialect: DEFAULT_DIALECT }
    : args;
}

/** Why this dialect cannot be registered for, or null. */
export function dialectFault({ dialect }: Args): string | null {
  const known = dialect === undefined || APP_DIALECTS.some((name) => name === dialect);
  return known ? null : `dialect must be one of: ${APP_DIALECTS.join(', ')}`;
}
