/** The frame of every page: who we are and which world this is, then the page itself. */
import { ICON_ASSETS, STYLESHEET_ASSET } from '../assets.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { WORLD_WORDS } from '../world-words.ts';
import type { WorldName } from '../../../core/world.ts';
import { MARK } from './icons.ts';

/** What the frame shows besides the page. */
export type Frame = {
  readonly world: WorldName;
  /** Name of the brokerage, or of this product when none is configured. */
  readonly brand: string;
  /** Host of our own pages, to compare with the address bar; null when not configured. */
  readonly host: string | null;
  /** The most trading sessions that a customer can have at a time. */
  readonly sessions_max: number;
};

/** How wide the page's content may grow. */
export type Width = 'narrow' | 'medium' | 'wide';

/** A whole document. `title` comes first in the tab, then the world. */
export function layout(frame: Frame, title: string, width: Width, main: Html): Html {
  const words = WORLD_WORDS[frame.world];
  return html`<!doctype html>
<html lang="en" data-world="${frame.world}">
<head>
<meta charset="utf-8">
<title>${title} · ${words.badge} · ${frame.brand}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${ICON_ASSETS[frame.world].url}">
<link rel="stylesheet" href="${STYLESHEET_ASSET.url}">
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header class="world"><div class="world-panel">
<p class="brand">${MARK}<span>${frame.brand}</span></p>
<p class="world-name"><strong class="badge">${words.badge}</strong>
<span class="world-title">${words.title}</span></p>
<p class="world-says">${words.says}</p>
${hostLine(frame.host)}
</div></header>
<main id="main" class="${width}">
${main}
</main>
</body>
</html>
`;
}

function hostLine(host: string | null): Html | null {
  if (host === null) return null;
  return html`<p class="world-host">Your address bar should show <strong>${host}</strong></p>`;
}

/** The world's badge, for use within a page. */
export function worldBadge(world: WorldName): Html {
  return html`<strong class="badge">${WORLD_WORDS[world].badge}</strong>`;
}
