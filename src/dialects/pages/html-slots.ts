/**
 * Reads the fixed text of a template and says where each slot stands. Only what our templates use
 * is understood; anything else throws, so that an unsafe place cannot be written by mistake.
 */

/** A place where a value is inserted. */
export type Slot =
  | { readonly is: 'content' }
  | { readonly is: 'attribute'; readonly name: string }
  | { readonly is: 'url'; readonly name: string };

type State =
  | { readonly at: 'content' }
  | { readonly at: 'tag' }
  | { readonly at: 'value'; readonly name: string; readonly written: string };

const KNOWN = new WeakMap<TemplateStringsArray, readonly Slot[]>();

const URL_ATTRIBUTES = new Set(['href', 'src', 'action', 'formaction', 'poster', 'cite', 'data']);

/** Attributes whose text is code, or a whole document. */
const BANNED_ATTRIBUTE = /^(?:on.*|style|srcdoc|srcset|http-equiv)$/;

/** Elements whose content is not plain text; `title` is safe because entities work in it. */
const BANNED_ELEMENT =
  /<(?:script|style|iframe|object|embed|base|template|textarea|xmp|noscript)\b/i;

/**
 * The slots of a template, read once per template.
 * @throws TypeError when a slot stands where no escaping is safe
 */
export function slotsOf(strings: TemplateStringsArray): readonly Slot[] {
  const known = KNOWN.get(strings);
  if (known !== undefined) return known;
  const slots: Slot[] = [];
  let state: State = { at: 'content' };
  for (const [index, text] of strings.entries()) {
    if (BANNED_ELEMENT.test(text) || text.includes('<!--')) {
      throw new TypeError('a template holds an element whose content cannot be escaped');
    }
    state = readText(text, state);
    if (index < strings.length - 1) slots.push(slotAt(state));
  }
  if (state.at !== 'content') throw new TypeError('a template ends inside a tag');
  KNOWN.set(strings, slots);
  return slots;
}

function slotAt(state: State): Slot {
  if (state.at === 'content') return { is: 'content' };
  if (state.at === 'tag') throw new TypeError('a slot stands in a tag, outside a quoted value');
  const { name, written } = state;
  if (BANNED_ATTRIBUTE.test(name)) throw new TypeError(`no slot may stand in ${name}`);
  if (!URL_ATTRIBUTES.has(name)) return { is: 'attribute', name };
  if (written !== '') throw new TypeError(`the slot in ${name} must be the whole value`);
  return { is: 'url', name };
}

/** A tag's next piece: its end, or an attribute with an opened double quote. */
const TAG_PIECE =
  /\s*(?:(?<end>\/?>)|(?<name>[a-z][a-z0-9:-]*)(?:(?<open>=")|(?<bare>=)|(?=[\s/>])))/iy;

const TAG_NAME = /<\/?[a-z!][a-z0-9]*/iy;

function readText(text: string, start: State): State {
  let state = start;
  let at = 0;
  while (at < text.length) {
    if (state.at === 'content') {
      const tag = text.indexOf('<', at);
      if (tag < 0) return state;
      TAG_NAME.lastIndex = tag;
      if (TAG_NAME.exec(text) === null) throw new TypeError('a template holds a bare <');
      at = TAG_NAME.lastIndex;
      state = { at: 'tag' };
    } else if (state.at === 'value') {
      const end = text.indexOf('"', at);
      if (end < 0) return { ...state, written: state.written + text.slice(at) };
      at = end + 1;
      state = { at: 'tag' };
    } else {
      TAG_PIECE.lastIndex = at;
      const piece = TAG_PIECE.exec(text);
      if (piece === null) return endOfTagText(text.slice(at));
      at = TAG_PIECE.lastIndex;
      state = afterPiece(piece.groups ?? {});
    }
  }
  return state;
}

function endOfTagText(rest: string): State {
  if (rest.trim() === '') return { at: 'tag' };
  throw new TypeError(`a template holds a tag that cannot be read: ${rest.slice(0, 40)}`);
}

function afterPiece(piece: { readonly [name: string]: string | undefined }): State {
  if (piece['end'] !== undefined) return { at: 'content' };
  if (piece['open'] === undefined) {
    if (piece['bare'] !== undefined) throw new TypeError('attribute values stand in double quotes');
    return { at: 'tag' };
  }
  return { at: 'value', name: (piece['name'] ?? '').toLowerCase(), written: '' };
}
