/** Forms of a page, read as a browser reads them (HTML tree, not text search). */
import { parse } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export type Button = { readonly name: string; readonly value: string; readonly says: string };

export type PageForm = {
  readonly id: string;
  readonly action: string;
  readonly method: string;
  /** Hidden and visible inputs with their values, in document order. */
  readonly fields: readonly (readonly [string, string])[];
  readonly buttons: readonly Button[];
};

/** Every form of a page, in document order. */
export function readForms(html: string): PageForm[] {
  return elements(parse(html), 'form').map((form) => ({
    id: attribute(form, 'id') ?? '',
    action: attribute(form, 'action') ?? '',
    method: (attribute(form, 'method') ?? 'get').toLowerCase(),
    fields: elements(form, 'input').map(
      (input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''] as const,
    ),
    buttons: elements(form, 'button').map((button) => ({
      name: attribute(button, 'name') ?? '',
      value: attribute(button, 'value') ?? '',
      says: text(button).trim(),
    })),
  }));
}

/** Text of the element with this id, or null when the page has none. */
export function textById(html: string, id: string): string | null {
  const found = elements(parse(html), null).find((element) => attribute(element, 'id') === id);
  return found === undefined ? null : text(found);
}

/** All text that a reader sees, blanks folded. */
export function pageText(html: string): string {
  const [body] = elements(parse(html), 'body');
  return body === undefined ? '' : text(body).replaceAll(/\s+/g, ' ').trim();
}

function elements(node: Node, name: string | null): Element[] {
  const own = 'tagName' in node && (name === null || node.tagName === name) ? [node] : [];
  const children = 'childNodes' in node ? node.childNodes : [];
  return [...own, ...children.flatMap((child) => elements(child, name))];
}

function attribute(element: Element, name: string): string | null {
  return element.attrs.find((own) => own.name === name)?.value ?? null;
}

function text(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  if (node.nodeName === 'style' || node.nodeName === 'script') return '';
  return 'childNodes' in node ? node.childNodes.map(text).join('') : '';
}
