/** The customer's own API token: make, replace, delete. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { ConnectionsView } from '../../../core/views.ts';
import { timeWords } from './time.ts';

export function personalTokenSection(view: ConnectionsView): Html {
  const token = view.personal_token;
  return html`<section class="card" aria-labelledby="personal"><h2 id="personal">Personal token</h2>
<p>For programs you run yourself. It may do everything an app could, in all your accounts, until
you replace or delete it.</p>
${token === null ? html`<p class="note">You have none.</p>` : html`<p>Made
${timeWords(token.issued_at, view.now)}</p>`}
<form id="personal-token" action="/connections/personal-token" method="post">
<input type="hidden" name="csrf" value="${view.csrf}">
<button type="submit" name="change" value="replace">${token === null
  ? 'Make a token' : 'Replace it'}</button>
${token === null ? null
  : html`<button type="submit" name="change" value="delete" class="danger">Delete it</button>`}
</form>
</section>`;
}
