/**
 * The stylesheet and icons: static text, served at paths that carry a hash of their content, so
 * that a browser may keep them for ever and never shows a page with the style of another version.
 */
import { localUrl } from './local-url.ts';
import type { LocalUrl } from './local-url.ts';
import type { WireResponse } from '../../core/wire.ts';
import { WORLD_NAMES } from '../../core/world.ts';
import type { WorldName } from '../../core/world.ts';
import { STYLESHEET } from './stylesheet/stylesheet.ts';

export type Asset = {
  readonly path: string;
  readonly url: LocalUrl;
  readonly says: string;
  readonly response: WireResponse;
};

export const STYLESHEET_ASSET: Asset = asset('style', 'css', 'text/css', STYLESHEET);

export const ICON_ASSETS: { readonly [W in WorldName]: Asset } = {
  live: asset('live', 'svg', 'image/svg+xml', worldIcon('#0b5a42', '#ffffff', '')),
  paper: asset('paper', 'svg', 'image/svg+xml',
    worldIcon('#ffc24d', '#3a2300', ' stroke-dasharray="5 3"')),
};

/** Everything that is served under `/assets/`. */
export const ASSETS: readonly Asset[] = [
  STYLESHEET_ASSET, ...WORLD_NAMES.map((world) => ICON_ASSETS[world]),
];

function asset(name: string, ending: string, type: string, text: string): Asset {
  const path = `/assets/${name}-${contentHash(text)}.${ending}`;
  return {
    path,
    url: localUrl(path),
    says: `The pages' ${name}.${ending}; the path carries a hash of its content`,
    response: {
      status: 200,
      headers: [
        ['Content-Type', `${type}; charset=utf-8`],
        ['Cache-Control', 'public, max-age=31536000, immutable'],
        ['X-Content-Type-Options', 'nosniff'],
        ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
        ['Cross-Origin-Resource-Policy', 'same-origin'],
      ],
      body: text,
    },
  };
}

/** FNV-1a from two starting points, 64 bits: it tells versions apart and guards nothing. */
function contentHash(text: string): string {
  return [0x811c9dc5, 0x9747b28c].map((start) => {
    let hash = start;
    for (let at = 0; at < text.length; at += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, '0');
  }).join('');
}

function worldIcon(ground: string, ink: string, border: string): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">',
    `<rect x="1.5" y="1.5" width="29" height="29" rx="8" fill="${ground}" stroke="${ink}"`,
    ` stroke-width="1.5"${border}/>`,
    `<path d="M8 17l4 4 7-9M14.5 19.5l2 2 8-10" fill="none" stroke="${ink}" stroke-width="2.6"`,
    ' stroke-linecap="round" stroke-linejoin="round"/></svg>',
  ].join('');
}
