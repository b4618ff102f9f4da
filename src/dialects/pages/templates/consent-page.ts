/** Consent: everything a customer needs to decide, before the two equal buttons (CO-06). */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { spanWords } from '../time-words.ts';
import { WORLD_WORDS } from '../world-words.ts';
import type { ConsentView } from '../../../core/views.ts';
import { accountList } from './account-list.ts';
import { appName, appPublisher, appTile } from './app-head.ts';
import { layout, worldBadge } from './layout.ts';
import type { Frame } from './layout.ts';
import { scopeList } from './scope-list.ts';

export function consentPage(frame: Frame, view: ConsentView): Html {
  const words = WORLD_WORDS[view.world];
  return layout(frame, `Allow ${view.app.name}?`, 'medium', html`
<div class="card">
<div class="app-head">${appTile(view.app)}
<div><h1>Allow ${appName(view.app)} to use your ${words.accounts}? ${worldBadge(view.world)}</h1>
${appPublisher(view.app)}</div>
</div>
<p class="who">You are signed in as <bdi class="customer">${view.customer_name}</bdi>.</p>
<div class="details">
<section aria-labelledby="may"><h2 id="may">What it may do</h2>
${scopeList(view.scopes, view.world, { holder: 'app', folds: false })}
</section>
<div class="where">
<section aria-labelledby="where"><h2 id="where">In which accounts</h2>
${accountList(view.accounts)}
<p class="note">All your ${words.accounts}, also those you open later.</p>
</section>
<dl class="facts">
<div><dt>How long</dt><dd>${howLong(view)}</dd></div>
<div><dt>How to end it</dt><dd>At any time under Connected apps, here on our site. It works
at once.</dd></div>
<div><dt>Where your answer goes</dt><dd>Back to the app at
<bdi class="host">${view.redirect_host}</bdi></dd></div>
</dl>
</div>
</div>
<form id="consent" action="/consent" method="post">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="client_id" value="${view.app.id}">
<input type="hidden" name="request" value="${view.request}">
<p class="note">The app never sees your password. If you did not start this yourself, do not
allow it.</p>
<div class="decision">
<button type="submit" name="decision" value="deny">Don’t allow</button>
<button type="submit" name="decision" value="allow" class="primary">Allow</button>
</div>
</form>
</div>`);
}

function howLong(view: ConsentView): string {
  if (view.stays_connected) {
    const { grant_lifetime_s } = view;
    const at_most = grant_lifetime_s === null ? '' : `, at most ${spanWords(grant_lifetime_s)}`;
    return `Until you end it${at_most}. The app can stay connected while you are away.`;
  }
  return `${spanWords(view.access_token_lifetime_s)}. After that the app has to ask you again.`;
}
