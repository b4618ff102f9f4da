/**
 * Markup with escaping by construction. A template's fixed text is read once, and every slot gets
 * the escaping of the place where it stands; a slot in a place that cannot be made safe (tag name,
 * unquoted value, script, event handler) throws when the template is first drawn, which its test
 * does. There is no way to insert text that was not escaped other than another template.
 */
import { slotsOf } from './html-slots.ts';
import type { Slot } from './html-slots.ts';
import { urlText } from './local-url.ts';
import type { LocalUrl } from './local-url.ts';

const MARKUP = Symbol('markup');

/** Finished markup; only `html` makes it. */
export type Html = { readonly [MARKUP]: string };

/** What may stand in a slot. Lists and null are for element content only, URLs for attributes. */
export type SlotValue = string | number | Html | readonly Html[] | LocalUrl | null;

/**
 * Tag of every template.
 * @throws TypeError for a slot that cannot be made safe, or a value of the wrong kind for its slot
 */
export function html(strings: TemplateStringsArray, ...values: readonly SlotValue[]): Html {
  const slots = slotsOf(strings);
  let text = strings[0] ?? '';
  for (const [index, slot] of slots.entries()) {
    text += fill(slot, values[index] ?? null) + (strings[index + 1] ?? '');
  }
  return { [MARKUP]: text };
}

/** The text of finished markup, for the answer's body. */
export function markupText(markup: Html): string {
  return markup[MARKUP];
}

function fill(slot: Slot, value: SlotValue): string {
  if (slot.is === 'content') return contentText(value);
  if (slot.is === 'url') return escapeText(urlText(value));
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  throw new TypeError(`attribute ${slot.name} takes a string or number`);
}

function contentText(value: SlotValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((item: SlotValue) => contentText(item)).join('');
  if (MARKUP in value) return value[MARKUP];
  throw new TypeError('element content takes text, numbers and html templates');
}

const MARKUP_CHARACTERS = /[&<>"'`]/g;

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;',
};

/**
 * Characters that would change how their neighbours read: controls, and the marks that turn the
 * direction of text (an app could write its name backwards). They are shown as U+FFFD.
 */
const DISTURBING_CHARACTERS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Cs}/gu;

function escapeText(text: string): string {
  return text
    .replace(DISTURBING_CHARACTERS, '\ufffd')
    .replace(MARKUP_CHARACTERS, (character) => ENTITIES[character] ?? '');
}
