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

const BELL = FRAMED(html`
<path d="M6 16.5V11a6 6 0 0112 0v5.5l1.5 1.5h-15L6 16.5zM10 20.8a2.2 2.2 0 004 0"></path>`);

const SPEECH = FRAMED(html`<path d="M4 5h16v11.5H11L6.5 20v-3.5H4V5z"></path>
<path d="M8 9h8M8 12.5h5"></path>`);

const SLIDERS = FRAMED(html`<path d="M3.5 7.5h7.5M16 7.5h4.5M3.5 16.5h4M12.5 16.5h8"></path>
<circle cx="13.5" cy="7.5" r="2.4"></circle><circle cx="10" cy="16.5" r="2.4"></circle>`);

const BOOK = FRAMED(html`<path d="M12 6.5c-2-1.3-5-2-8.5-2v14c3.5 0 6.5.7 8.5 2
 2-1.3 5-2 8.5-2v-14c-3.5 0-6.5.7-8.5 2zM12 6.5v14"></path>`);

const RECEIPT = FRAMED(html`<path d="M6 3.5h12v17l-3-2-3 2-3-2-3 2v-17z"></path>
<path d="M9.5 8.5h5M9.5 12.5h5"></path>`);

const WALLET = FRAMED(html`<path d="M4 8h16v11.5H4V8zM4 8l11.5-4v4M15.5 13.8h.01"></path>`);

const LAYERS = FRAMED(html`<path d="M12 3.5l8.5 4.5-8.5 4.5L3.5 8l8.5-4.5z"></path>
<path d="M3.5 12.3l8.5 4.5 8.5-4.5M3.5 16.5L12 21l8.5-4.5"></path>`);

const CANDLES = FRAMED(html`<path d="M7.5 3.5v3.5M7.5 14v4M16.5 6v4M16.5 17v3.5"></path>
<path d="M5 7h5v7H5V7zM14 10h5v7h-5v-7z"></path>`);

const SHIELD = FRAMED(html`<path d="M12 3l7.5 3v5.5c0 4.7-3 7.8-7.5 9.5
-4.5-1.7-7.5-4.8-7.5-9.5V6L12 3zM12 8v4.5M12 15.8h.01"></path>`);

const PERSON = FRAMED(html`<circle cx="12" cy="8" r="3.8"></circle>
<path d="M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6"></path>`);

const DOT = FRAMED(html`<circle cx="12" cy="12" r="3"></circle>`);

/** By scope word, and by area whatever its level. */
const SCOPE_ICONS: ReadonlyMap<string, Html> = new Map(Object.entries({
  read: EYE, write: PENCIL, trade: ORDERS, market: CHART, stream: WAVES,
  Accounting: WALLET, Alerts: BELL, Chat: SPEECH, Configuration: SLIDERS, ContractLibrary: BOOK,
  Fees: RECEIPT, Orders: ORDERS, Positions: LAYERS, Prices: CANDLES, Risks: SHIELD, Users: PERSON,
}));

/** Icon of a scope word. */
export function scopeIcon(word: string): Html {
  return SCOPE_ICONS.get(word.split(':', 1)[0] ?? '') ?? DOT;
}

/** Warning sign, for what moves money and for refused forms. */
export const WARNING = FRAMED(html`
<path d="M12 3.5L22 20.5H2L12 3.5zM12 10v5M12 17.8h.01"></path>`);

export const VERIFIED = FRAMED(html`<circle cx="12" cy="12" r="9"></circle>
<path d="M8 12.5l2.8 2.8L16 9.5"></path>`);

export const UNVERIFIED = FRAMED(html`<circle cx="12" cy="12" r="9"></circle>
<path d="M9.5 9.5a2.5 2.5 0 114 2c-1 .7-1.5 1.2-1.5 2.3M12 16.8h.01"></path>`);
