/** Sign-in: within a flow for an app, or plain for the customer's own pages. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { REFUSAL_WORDS } from '../refusal-words.ts';
import { spanWords } from '../time-words.ts';
import { WORLD_WORDS } from '../world-words.ts';
import type { Refusal } from '../../../core/rules/refusals.ts';
import type { AppView, SignInView } from '../../../core/views.ts';
import { appName, appPublisher, appTile } from './app-head.ts';
import { WARNING } from './icons.ts';
import { layout, worldBadge } from './layout.ts';
import type { Frame } from './layout.ts';

/** @param development shows the strip with the demo customers; never true in production */
export function signInPage(
  frame: Frame,
  view: SignInView,
  refusal: Refusal | null,
  development: boolean,
): Html {
  return layout(frame, 'Sign in', 'narrow', html`
${development ? DEVELOPMENT_STRIP : null}
<div class="card">
<h1>Sign in ${worldBadge(view.world)}</h1>
${view.app === null ? PLAIN_LEAD : waitingApp(view.app, view)}
${refusal === null ? null : refusedBox(refusal)}
<form id="sign-in" action="/login" method="post">
<input type="hidden" name="csrf" value="${view.csrf}">
${flowFields(view)}
${refusal === null ? freshFields(view.name) : refusedFields(view.name)}
<button type="submit" class="primary">Sign in</button>
</form>
</div>`);
}

const DEVELOPMENT_STRIP = html`<p class="development">Development server: demo customers
<strong>alice</strong> and <strong>bob</strong></p>`;

const PLAIN_LEAD = html`<p class="lead">See and end what apps may do in your accounts.</p>`;

function waitingApp(app: AppView, view: SignInView): Html {
  return html`<div class="app-head">${appTile(app)}
<div><p>${appName(app)} wants to connect to your ${WORLD_WORDS[view.world].accounts}.
You decide on the next page.</p>
${appPublisher(app)}</div>
</div>`;
}

function flowFields(view: SignInView): Html | null {
  if (view.request === null) return null;
  return html`<input type="hidden" name="client_id" value="${view.app?.id ?? ''}">
<input type="hidden" name="request" value="${view.request}">`;
}

function refusedBox(refusal: Refusal): Html {
  const words = REFUSAL_WORDS[refusal.code];
  const wait_s = refusal.retry_after_s;
  const wait = wait_s === undefined ? null : html` You can try again in ${spanWords(wait_s)}.`;
  return html`<div class="refused" role="alert" id="sign-in-refused">${WARNING}
<p><strong>${words.title}.</strong> ${words.then}${wait}</p></div>`;
}

function freshFields(name: string): Html {
  return html`<p class="field"><label for="name">Name</label>
<input id="name" name="name" value="${name}" type="text" autocomplete="username"
 autocapitalize="none" autocorrect="off" spellcheck="false" required maxlength="256"
 autofocus></p>
<p class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="1024"></p>`;
}

/** After a refusal the name stays, and the cursor stands where the mistake most likely was. */
function refusedFields(name: string): Html {
  return html`<p class="field"><label for="name">Name</label>
<input id="name" name="name" value="${name}" type="text" autocomplete="username"
 autocapitalize="none" autocorrect="off" spellcheck="false" required maxlength="256"
 aria-invalid="true" aria-describedby="sign-in-refused"></p>
<p class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="1024" aria-invalid="true" aria-describedby="sign-in-refused" autofocus></p>`;
}
