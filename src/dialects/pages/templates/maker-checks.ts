/** What the makers of an app can check, on the error pages that only they can do away with. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { RefusalCode } from '../../../core/rules/refusals.ts';
import type { WorldName } from '../../../core/world.ts';
import { worldBadge } from './layout.ts';

/** @returns null for refusals that no maker of an app has caused */
export function makerChecks(code: RefusalCode | null, world: WorldName): Html | null {
  const checks = checksOf(code, world);
  if (checks === null) return null;
  return html`<section class="makers" aria-labelledby="makers">
<h2 id="makers">If you make this app, check</h2>
<ul class="checks">${checks}</ul>
</section>`;
}

function checksOf(code: RefusalCode | null, world: WorldName): readonly Html[] | null {
  if (code === 'client_unknown') {
    return [
      check('client_id', html`exactly the id of your registration. The id of an API key is not
one.`),
      environment('registrations', world),
      check('State', html`an app that is switched off is unknown until it is switched on again.`),
    ];
  }
  if (code === 'redirect_uri_unusable') {
    return [
      check('redirect_uri', html`byte for byte one of the addresses you registered: scheme, host,
port, path, the slash at its end, upper and lower case.`),
      check('Encoding', html`percent-encode the address once in the link, not twice.`),
      check('client_id', html`the app that registered this address, not another one of yours.`),
      environment('addresses', world),
    ];
  }
  return null;
}

function environment(what: string, world: WorldName): Html {
  return check('Environment', html`each one has ${what} of its own. This page is
${worldBadge(world)}.`);
}

function check(what: string, says: Html): Html {
  return html`<li><strong>${what}</strong>: ${says}</li>
`;
}
