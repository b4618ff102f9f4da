/** An authorization request: judged at once, sealed into its handle, no row written. */
import type { Commands, Outcomes } from '../../core/commands.ts';
import { authorize } from '../../core/decide/authorize/authorize.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { issuerOf } from '../token/issue.ts';
import { knownBrowser, newFlowCookie } from '../sign-in/browser.ts';

export function authorizeFlow(
  deps: Deps,
  command: Commands['authorize'],
): Result<Outcomes['authorize']> {
  const { profile, parameters } = command;
  const { client_id } = parameters;
  const app = client_id === null ? undefined : deps.work.resident.app(client_id);
  const issuer = issuerOf(profile, deps.world);
  const asked = authorize({ profile, parameters, app, issuer });
  if (!asked.ok) return asked;
  const browser = command.own_browser ? ownBrowser(deps, command.flow_cookie) : null;
  const request = deps.seals.sealRequest({
    ...asked.value,
    id: deps.entropy.base62(22),
    expires_at: deps.clock.now() + profile.request_lifetime_s * 1000,
    code_lifetime_s: profile.code_lifetime_s,
    access_token_lifetime_s: profile.access_token_lifetime_s,
    refreshes: profile.refresh_approval === 'not_needed',
    grant_lifetime_s: profile.grant_lifetime_s,
    issuer,
    page_path: profile.page_path,
    browser: browser?.digest ?? null,
  });
  const flow_cookie = browser?.fresh_cookie ?? null;
  return accepted({
    client_id: asked.value.app, request, path: profile.page_path, flow_cookie,
  });
}

/** On the page host the request belongs to the browser that asked, from the start. */
function ownBrowser(deps: Deps, cookie: string | null) {
  const digest = knownBrowser(deps, cookie);
  if (digest !== null) return { digest, fresh_cookie: null };
  const fresh = newFlowCookie(deps);
  return { digest: fresh.digest, fresh_cookie: fresh.text };
}
