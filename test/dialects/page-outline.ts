/** Reads a page back with a real HTML parser, as a browser would see it. */
import { parse } from 'parse5';
import type { DefaultTreeAdapterTypes as Tree } from 'parse5';

export type Element = {
  readonly tag: string;
  readonly attributes: { readonly [name: string]: string };
  readonly text: string;
  readonly depth: number;
};

/** All elements in document order, with their whole text. */
export function elementsOf(page: string): Element[] {
  const found: Element[] = [];
  walk(parse(page), 0, found);
  return found;
}

function walk(node: Tree.Node, depth: number, found: Element[]): void {
  if ('tagName' in node) {
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
    found.push({ tag: node.tagName, attributes, text: textOf(node), depth });
  }
  if ('childNodes' in node) {
    for (const child of node.childNodes) walk(child, depth + ('tagName' in node ? 1 : 0), found);
  }
}

export function textOf(node: Tree.Node): string {
  if (node.nodeName === '#text') return (node as Tree.TextNode).value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

/** Element and attribute names only: what a template fixes and no value may change. */
export function skeleton(page: string): string {
  return elementsOf(page)
    .map(({ tag, attributes, depth }) => `${depth} ${tag} ${Object.keys(attributes).join(' ')}`)
    .join('\n');
}

/** The form of an id with its fields and buttons, one line each. */
export function formOutline(page: string, id: string): string[] {
  const all = elementsOf(page);
  const start = all.findIndex(({ tag, attributes }) => tag === 'form' && attributes['id'] === id);
  const form = all[start];
  if (form === undefined) return [];
  const end = all.findIndex(({ depth }, index) => index > start && depth <= form.depth);
  const { action, method } = form.attributes;
  return [
    `${method} ${action}`,
    ...all.slice(start + 1, end < 0 ? undefined : end)
      .filter(({ tag }) => tag === 'input' || tag === 'button')
      .map(({ tag, attributes: { type, name, value } }) =>
        [tag, type, name, value].filter((part) => part !== undefined).join(' ').trim()),
  ];
}

/** The elements inside the first one of a class, or of an id with `#` before it. */
export function within(page: string, place: string): Element[] {
  const all = elementsOf(page);
  const start = all.findIndex(({ attributes }) => place.startsWith('#')
    ? attributes['id'] === place.slice(1)
    : (attributes['class'] ?? '').split(' ').includes(place));
  const outer = all[start];
  if (outer === undefined) return [];
  const end = all.findIndex(({ depth }, index) => index > start && depth <= outer.depth);
  return all.slice(start + 1, end < 0 ? undefined : end);
}

/** An element's text, blanks folded. */
export function foldedText({ text }: Pick<Element, 'text'>): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Text of the first element of an id, blanks folded. */
export function textById(page: string, id: string): string | undefined {
  const element = elementsOf(page).find(({ attributes }) => attributes['id'] === id);
  return element?.text.replace(/\s+/g, ' ').trim();
}
