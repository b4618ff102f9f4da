/** What an app or program may do, with what trades set apart. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { areaWords, LEVELS, scopeGroups, tradingWords } from '../scope-words.ts';
import type { AreaWords, Holder } from '../scope-words.ts';
import type { ScopeView } from '../../../core/views.ts';
import type { WorldName } from '../../../core/world.ts';
import { scopeIcon, WARNING } from './icons.ts';

/** More areas than these are told by level and name, where many lists share a page. */
const AREAS_OPEN_MAX = 4;

export type ListForm = {
  readonly holder: Holder;
  /** Whether what many areas mean opens on demand. Never where she decides: consent says all. */
  readonly folds: boolean;
};

/** Both groups of scopes; the caller gives the heading around them. */
export function scopeList(
  scopes: readonly ScopeView[],
  world: WorldName,
  { holder, folds }: ListForm,
): Html {
  const { trading, other } = scopeGroups(scopes, world);
  const areas = other.flatMap(({ word }) => areaWords(word) ?? []);
  const rest = folds && areas.length > AREAS_OPEN_MAX
    ? html`${levelLines(areas)}<details class="areas"><summary>What they mean</summary>
${rows(other)}</details>`
    : rows(other);
  return html`${trading.length > 0 ? tradingBox(trading, world, holder) : null}
${other.length > 0 ? rest : null}`;
}

function tradingBox(trading: readonly ScopeView[], world: WorldName, holder: Holder): Html {
  const { title, says } = tradingWords(trading, world, holder);
  return html`<div class="trading">
<p class="trading-title">${WARNING}<strong>${title}</strong></p>
${rows(trading)}
<p>${says}</p>
</div>`;
}

/** `Full access  Alerts, Chat`: every area by its level, in as many lines as there are levels. */
function levelLines(areas: readonly AreaWords[]): Html {
  const lines = LEVELS.flatMap((level) => {
    const names = areas.filter((area) => area.level === level).map(({ name }) => name);
    return names.length === 0 ? [] : [html`<li>${levelLabel(level)}
<span>${names.join(', ')}</span></li>
`];
  });
  return html`<ul class="levels">${lines}</ul>`;
}

function rows(scopes: readonly ScopeView[]): Html {
  return html`<ul class="scopes">${scopes.map(scopeRow)}</ul>`;
}

function scopeRow(scope: ScopeView): Html {
  const area = areaWords(scope.word);
  return area === null
    ? html`<li data-scope="${scope.word}">${scopeIcon(scope.word)}<span>${scope.says}</span></li>
`
    : areaRow(scope, area);
}

function areaRow({ word, says }: ScopeView, { name, level }: AreaWords): Html {
  return html`<li data-scope="${word}" class="area">${scopeIcon(word)}<div>
<p class="area-name"><strong>${name}</strong> ${levelLabel(level)}</p>
<p class="area-says">${says}</p></div></li>
`;
}

function levelLabel(level: AreaWords['level']): Html {
  return html`<span class="${level === 'Read' ? 'level' : 'level full'}">${level}</span>`;
}
