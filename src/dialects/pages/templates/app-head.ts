/** Who an app is: a tile with its initial, its name, and whether we verified its publisher. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { AppView } from '../../../core/views.ts';
import { UNVERIFIED, VERIFIED } from './icons.ts';

const TILES = 6;

/** Initial-letter tile; logos are not fetched, because their host would learn who connects. */
export function appTile(app: Pick<AppView, 'id' | 'name'>): Html {
  const [initial] = new Intl.Segmenter('en').segment(app.name.trim().toUpperCase());
  return html`<span class="tile tile-${tileOf(app.id)}"
    aria-hidden="true">${initial?.segment ?? '?'}</span>`;
}

function tileOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % TILES;
}

/** An app's name as its maker wrote it, kept apart from our own words by `bdi`. */
export function appName(app: AppView): Html {
  return html`<bdi class="app-name">${app.name}</bdi>`;
}

/** `orchard.example · Verified publisher`. */
export function appPublisher(app: AppView): Html {
  const verdict = app.publisher_verified
    ? html`<span class="verified">${VERIFIED}Verified publisher</span>`
    : html`<span class="unverified">${UNVERIFIED}Publisher not verified by us</span>`;
  return html`<p class="publisher">${verdict}${homeHost(app.home_page)}</p>`;
}

function homeHost(home_page: string | null): Html | null {
  if (home_page === null || !URL.canParse(home_page)) return null;
  const { host } = new URL(home_page);
  return host === '' ? null : html`<span class="home">${host}</span>`;
}
