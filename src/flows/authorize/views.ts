/** Facts of records as pages show them. */
import type { Account } from '../../core/kinds/account.ts';
import type { App } from '../../core/kinds/app.ts';
import { scopesOf } from '../../core/rules/scopes/scopes.ts';
import type { AccountView, AppView, ScopeView } from '../../core/views.ts';

export function appView(app: App): AppView {
  const { id, name, home_page, logo, publisher_verified } = app;
  return { id, name, home_page, logo, publisher_verified };
}

export function scopeViews(mask: number): ScopeView[] {
  return scopesOf(mask).map(({ word, says }) => ({ word, says }));
}

export function accountView(account: Account): AccountView {
  const { number, type, classification, status } = account;
  return { number, type, classification, status };
}

/** The host a callback goes to; for a private-use scheme the scheme is all there is. */
export function redirectHost(redirect_uri: string): string {
  const { host, protocol } = new URL(redirect_uri);
  return host === '' ? protocol : host;
}

/**
 * What CSP `form-action` must allow besides `https:` for a form that ends at this callback:
 * Chromium applies it to the whole redirect chain. Null when https covers it.
 */
export function formTarget(redirect_uri: string): string | null {
  const url = new URL(redirect_uri);
  if (url.protocol === 'https:') return null;
  return url.protocol === 'http:' ? url.origin : url.protocol;
}
