/** Accounts, one a line. */
import { accountWords } from '../account-words.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { AccountView } from '../../../core/views.ts';

/** A list of accounts by number, or a sentence when there is none. */
export function accountList(accounts: readonly AccountView[]): Html {
  if (accounts.length === 0) return html`<p>You have no account here today.</p>`;
  return html`<ul class="accounts">${accounts.map((account) => html`<li>
<span class="number">${account.number}</span>
<span class="kind">${accountWords(account)}</span></li>
`)}</ul>`;
}
