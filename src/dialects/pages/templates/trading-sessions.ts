/** Trading sessions: programs that signed in with the customer's name and password. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { dateWords } from '../time-words.ts';
import type { ConnectionsView, SessionView } from '../../../core/views.ts';
import { appTile } from './app-head.ts';
import { scopeList } from './scope-list.ts';
import { timeWords } from './time.ts';

/** A longer device id is shown by its ends; the whole of it opens on demand. */
const DEVICE_SHOWN_MAX = 24;
const HEAD_SHOWN = 8;
const TAIL_SHOWN = 4;

const COUNTS: readonly string[] = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

/** @returns null without sessions: most customers never have one, and need not learn of them */
export function tradingSessions(view: ConnectionsView, sessions_max: number): Html | null {
  if (view.sessions.length === 0) return null;
  return html`<section aria-labelledby="sessions">
<div class="sessions-head"><h2 id="sessions">Trading sessions</h2>
<p>Programs that signed in with your name and password. At most
${COUNTS[sessions_max] ?? String(sessions_max)} at a time: a newer sign-in closes the oldest.</p>
<p class="note">You do not know one of them? End it and get a new password from your broker: whoever
knows your password can sign in again.</p></div>
<ul class="connections">${view.sessions.map((session, at) =>
  sessionCard(session, view, placeWords(at, view.sessions.length)))}</ul>
</section>`;
}

/** Tells apart the buttons of one program that signed in twice within a minute. */
function placeWords(at: number, count: number): string {
  return count === 1 ? '' : `, ${at + 1} of ${count}`;
}

function sessionCard(session: SessionView, view: ConnectionsView, place: string): Html {
  const name = session.app_name.trim() === '' ? 'A program without a name' : session.app_name;
  return html`<li class="card connection session">
<div class="app-head">${appTile({ id: session.app_name, name })}<div>
<h3><bdi class="app-name">${name}</bdi></h3>
<p class="publisher">${session.app_version === null
  ? html`<span class="home">Version not told</span>`
  : html`<span class="home">Version ${session.app_version}</span>`}</p></div></div>
<div class="may"><h4>What it may do</h4>
${session.scopes.length === 0
  ? html`<p>Nothing at present.</p>`
  : scopeList(session.scopes, view.world, { holder: 'program', folds: true })}</div>
<dl class="facts">
<div><dt>Signed in</dt><dd>${timeWords(session.opened_at, view.now)}</dd></div>
<div><dt>Last used</dt><dd>${timeWords(session.last_used_at, view.now)}</dd></div>
<div><dt>Device</dt><dd>${device(session)}</dd></div>
<div><dt>Address</dt><dd>${address(session.address)}</dd></div>
</dl>
<form id="end-session-${session.id}" action="/connections/sessions/end" method="post">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="session" value="${session.id}">
<button type="submit" class="danger">End session<span class="hidden"> of ${name}, signed in
${dateWords(session.opened_at)}${place}</span></button></form>
</li>
`;
}

/** A long address may break after a colon, and only there where it can. */
function address(text: string): Html {
  const parts = text.split(':').map((part, at) =>
    at === 0 ? html`${part}` : html`:<wbr>${part}`);
  return html`<bdi class="address">${parts}</bdi>`;
}

function device({ id, device: text }: SessionView): Html {
  if (text === null) return html`<strong>No device id</strong>: the program sent none`;
  // By what a reader takes for one character, so that none is cut in two.
  const characters = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
  if (characters.length <= DEVICE_SHOWN_MAX) return html`<code>${text}</code>`;
  const ends = [
    ...characters.slice(0, HEAD_SHOWN), '…', ...characters.slice(-TAIL_SHOWN),
  ].join('');
  return html`<details id="device-${id}" class="device"><summary><code>${ends}</code>
<span>Show all</span></summary><code>${text}</code></details>`;
}
