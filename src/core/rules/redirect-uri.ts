/**
 * Which callback an authorization request may end at. Bytes are compared with the registered
 * string; there is no normalisation anywhere (RFC 9700 §2.1, RU-01…RU-20).
 */
import type { App } from '../kinds/app.ts';

/** The registered callback to use, or null when the request has none it may use. */
export function usableRedirectUri(
  app: Pick<App, 'redirect_uris' | 'redirect_uri_mode'>,
  requested: string | null,
): string | null {
  const only = app.redirect_uris.length === 1 ? (app.redirect_uris[0] ?? null) : null;
  if (requested === null) return only;
  if (app.redirect_uris.includes(requested)) return requested;
  return app.redirect_uri_mode === 'ignore' ? only : null;
}
