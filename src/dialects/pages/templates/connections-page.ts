/** The customer's own page: connected apps, trading sessions, personal token, accounts. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { countWords } from '../time-words.ts';
import { WORLD_WORDS } from '../world-words.ts';
import type { ConnectionView, ConnectionsView } from '../../../core/views.ts';
import { accountList } from './account-list.ts';
import { appName, appPublisher, appTile } from './app-head.ts';
import { layout, worldBadge } from './layout.ts';
import type { Frame } from './layout.ts';
import { personalTokenSection } from './personal-token.ts';
import { scopeList } from './scope-list.ts';
import { dateTime, timeWords } from './time.ts';
import { tradingSessions } from './trading-sessions.ts';

/** What was just done, told once after the redirect that followed the form. */
export type Done = 'ended' | 'deleted' | 'session_ended';

export const DONE_WORDS: { readonly [D in Done]: string } = {
  ended: 'Access ended. What the app held no longer works.',
  deleted: 'Your personal token is deleted and no longer works.',
  session_ended: 'That session has ended. The program has to sign in again to go on.',
};

/** @param token the new personal token, shown this once, or null */
export function connectionsPage(
  frame: Frame,
  view: ConnectionsView,
  done: Done | null,
  token: string | null,
): Html {
  const words = WORLD_WORDS[view.world];
  return layout(frame, 'Connected apps', 'wide', html`
<div class="page-head"><div>
<h1>Connected apps ${worldBadge(view.world)}</h1>
<p class="who">You are signed in as <bdi class="customer">${view.customer_name}</bdi>.</p></div>
<form id="sign-out" action="/logout" method="post">${csrfField(view)}
<button type="submit">Sign out</button></form></div>
${done === null ? null : html`<p class="done" role="status">${DONE_WORDS[done]}</p>`}
${personalTokenShown(token)}
<section aria-label="Connected apps">
${view.connections.length === 0
  ? html`<p class="empty">${noApp(view)} When you allow one, it is listed
here, and here you can end it.</p>`
  : html`<ul class="connections">${view.connections.map((row) => connection(row, view))}</ul>`}
${endAll(view)}
</section>
${tradingSessions(view, frame.sessions_max)}
<div class="side-by-side">
${personalTokenSection(view)}
<section class="card" aria-labelledby="accounts"><h2 id="accounts">Your ${words.accounts}</h2>
${accountList(view.accounts)}
<p class="note">Apps you allow can use all of them, and those you open later.</p>
</section>
</div>`);
}

/** Beside trading sessions "No app can use them" would read as if nothing could. */
function noApp({ world, sessions }: ConnectionsView): string {
  const { accounts } = WORLD_WORDS[world];
  return sessions.length === 0
    ? `No app can use your ${accounts}.`
    : `No app is connected to your ${accounts}.`;
}

function csrfField(view: ConnectionsView): Html {
  return html`<input type="hidden" name="csrf" value="${view.csrf}">`;
}

function howLong({ stays_connected, ends_at }: ConnectionView): Html {
  if (!stays_connected) return html`Ends by itself; the app then asks you again`;
  if (ends_at === null) return html`Until you end it`;
  return html`Until you end it, at most until ${dateTime(ends_at)}`;
}

function connection(row: ConnectionView, view: ConnectionsView): Html {
  return html`<li class="card connection">
<div class="app-head">${appTile(row.app)}<div>
<h2>${appName(row.app)}</h2>
${appPublisher(row.app)}</div></div>
<div class="may"><h3>What it may do</h3>
${scopeList(row.scopes, view.world, { holder: 'app', folds: true })}</div>
<dl class="facts">
<div><dt>Since</dt><dd>${timeWords(row.since, view.now)}</dd></div>
<div><dt>Last used</dt><dd>${timeWords(row.last_used_at, view.now)}</dd></div>
<div><dt>How long</dt><dd>${howLong(row)}</dd></div>
${row.grants > 1 ? html`<div><dt>Allowed</dt><dd>${countWords(row.grants, 'time')}; ending it ends
all of them</dd></div>` : null}
</dl>
<form id="end-${row.app.id}" action="/connections/end" method="post">${csrfField(view)}
<input type="hidden" name="app" value="${row.app.id}">
<button type="submit" class="danger">End access<span class="hidden"> of ${row.app.name}</span>
</button></form>
</li>
`;
}

function endAll(view: ConnectionsView): Html | null {
  if (view.connections.length === 0) return null;
  const kept = view.sessions.length === 0 ? 'token stays' : 'token and trading sessions stay';
  return html`<form id="end-all" action="/connections/end-all" method="post" class="end-all">
${csrfField(view)}
<p>Something looks wrong? End the access of every app at once. Your personal ${kept}.</p>
<button type="submit" class="danger">End all access</button></form>`;
}

function personalTokenShown(token: string | null): Html | null {
  if (token === null) return null;
  return html`<div class="token-shown" role="status">
<h2>Your new personal token</h2>
<p>Copy it now: it is shown this once and cannot be shown again.</p>
<output id="personal-token-value">${token}</output>
<p class="note">Whoever has it can do everything in your accounts that an app could. Keep it like
a password. A token you had before no longer works.</p>
</div>`;
}
