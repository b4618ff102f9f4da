/** Pages that only say something: errors, and the end of a visit. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { localUrl } from '../local-url.ts';
import type { PageWords } from '../refusal-words.ts';
import type { ErrorView } from '../../../core/views.ts';
import { layout, worldBadge } from './layout.ts';
import type { Frame } from './layout.ts';
import { makerChecks } from './maker-checks.ts';

/** Words by the refusal, and what the view adds: a dialect's text, the reference for support. */
export function errorPage(frame: Frame, words: PageWords, view: ErrorView): Html {
  return layout(frame, words.title, 'narrow', html`
<div class="card message">
${worldBadge(frame.world)}
<h1>${words.title}</h1>
${view.says === undefined ? null : html`<p id="error-text" class="error-text">${view.says}</p>`}
<p class="lead">${words.says}</p>
<p>${words.then}</p>
${makerChecks(view.refusal?.code ?? null, view.world)}
<p class="links"><a class="button" href="${localUrl('/connections')}">Your connected apps</a></p>
<p class="reference">Reference for support: <code>${view.request_id}</code></p>
</div>`);
}

export function signedOutPage(frame: Frame): Html {
  return layout(frame, 'Signed out', 'narrow', html`
<div class="card message">
${worldBadge(frame.world)}
<h1>You are signed out</h1>
<p class="lead">This browser no longer has access to your ${frame.world} accounts here.</p>
<p>Apps you allowed keep working. To end one, sign in and open your connected apps.</p>
<p class="links"><a class="button" href="${localUrl('/login')}">Sign in again</a></p>
</div>`);
}
