/** Line icons, drawn in the colour of the text around them; all decorative, words stand beside. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';

const FRAMED = (path: Html): Html => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"
  focusable="false">${path}</svg>`;

/** The product's mark: a signature that is signed again. */
export const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect x="1.5" y="1.5" width="29" height="29" rx="8"></rect>
  <path d="M8 17l4 4 7-9M14.5 19.5l2 2 8-10"></path>
</svg>`;

const EYE = FRAMED(html`<circle cx="12" cy="12" r="2.8"></circle>
<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"></path>`);

const PENCIL = FRAMED(html`
<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19 4 20zM13.5 7l3.5 3.5"></path>`);

const ORDERS = FRAMED(html`
<path d="M7 20V5M3.5 8.5L7 5l3.5 3.5M17 4v15M13.5 15.5L17 19l3.5-3.5"></path>`);

const CHART = FRAMED(html`<path d="M3.5 20.5h17M5 16l4.5-5 3.5 3 6-8"></path>`);

const WAVES = FRAMED(html`<path d="M12 12h.01M8.5 15.5a5 5 0 010-7M15.5 15.5a5 5 0 000-7"></path>
<path d="M5.6 18.4a9 9 0 010-12.8M18.4 18.4a9 9 0 000-12.8"></path>`);

const DOT = FRAMED(html`<circle cx="12" cy="12" r="3"></circle>`);

const SCOPE_ICONS: { readonly [word: string]: Html } = {
  read: EYE, write: PENCIL, trade: ORDERS, market: CHART, stream: WAVES,
};

/** Icon of a scope word. */
export function scopeIcon(word: string): Html {
  return SCOPE_ICONS[word] ?? DOT;
}

/** Warning sign, for what moves money and for refused forms. */
export const WARNING = FRAMED(html`
<path d="M12 3.5L22 20.5H2L12 3.5zM12 10v5M12 17.8h.01"></path>`);

export const VERIFIED = FRAMED(html`<circle cx="12" cy="12" r="9"></circle>
<path d="M8 12.5l2.8 2.8L16 9.5"></path>`);

export const UNVERIFIED = FRAMED(html`<circle cx="12" cy="12" r="9"></circle>
<path d="M9.5 9.5a2.5 2.5 0 114 2c-1 .7-1.5 1.2-1.5 2.3M12 16.8h.01"></path>`);
