/** What an app may do, with what trades set apart. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { scopeGroups } from '../scope-words.ts';
import type { ScopeView } from '../../../core/views.ts';
import type { WorldName } from '../../../core/world.ts';
import { scopeIcon, WARNING } from './icons.ts';

const TRADING_TITLES: { readonly [W in WorldName]: string } = {
  live: 'It can trade for you',
  paper: 'It can place practice trades for you',
};

const TRADING_SAYS: { readonly [W in WorldName]: string } = {
  live: 'Orders use real money, which can be lost. The app does not ask you each time.',
  paper: 'Orders are simulated. The app does not ask you each time.',
};

/** Both groups of scopes; the caller gives the heading around them. */
export function scopeList(scopes: readonly ScopeView[], world: WorldName): Html {
  const { trading, other } = scopeGroups(scopes, world);
  return html`${trading.length > 0 ? tradingBox(trading, world) : null}
${other.length > 0 ? html`<ul class="scopes">${other.map(scopeItem)}</ul>` : null}`;
}

function tradingBox(scopes: readonly ScopeView[], world: WorldName): Html {
  return html`<div class="trading">
<p class="trading-title">${WARNING}<strong>${TRADING_TITLES[world]}</strong></p>
<ul class="scopes">${scopes.map(scopeItem)}</ul>
<p>${TRADING_SAYS[world]}</p>
</div>`;
}

function scopeItem(scope: ScopeView): Html {
  return html`<li data-scope="${scope.word}">${scopeIcon(scope.word)}<span>${scope.says}</span></li>
`;
}
