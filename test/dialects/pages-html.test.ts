import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { html, markupText } from '../../src/dialects/pages/html.ts';
import type { Html, SlotValue } from '../../src/dialects/pages/html.ts';
import { localUrl, urlText } from '../../src/dialects/pages/local-url.ts';
import { elementsOf, skeleton } from './page-outline.ts';

const HOSTILE = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '{{7*7}}', '\u202egpj.exe',
  "' autofocus onfocus='alert(1)", '</title><svg onload=alert(1)>', '&lt;b&gt;', '<!--', '-->',
  ']]>', '`${1}`', '\u0000<b>', '&#60;script&#62;', '\ud800', 'javascript:alert(1)',
];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'<>"\'`=&;/! -abc\u0000\n'.split('')) }),
  fc.constantFrom(...HOSTILE),
);

const box = (text: string, attribute: string): string => markupText(html`<title>${text}</title>
<div class="a ${attribute} b" title="${attribute}"><p id="p">${text}</p>
<input type="hidden" name="n" value="${attribute}"></div>`);

/** What a reader of the page should see; the parser itself folds line ends. */
const shown = (text: string): string => text
  .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}/gu, '\ufffd')
  .replace(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\ufffd');

describe('html', () => {
  it('P-09 no text in any slot makes an element or attribute the template does not have', () => {
    const expected = skeleton(box('', ''));
    fc.assert(fc.property(anyText, anyText, (text, attribute) => {
      assert.equal(skeleton(box(text, attribute)), expected);
    }), { numRuns: 2000 });
  });

  it('P-09 text comes back as it was written', () => {
    fc.assert(fc.property(anyText, (text) => {
      const page = elementsOf(box(text, text));
      assert.equal(page.find(({ tag }) => tag === 'p')?.text, shown(text));
      assert.equal(page.find(({ tag }) => tag === 'input')?.attributes['value'], shown(text));
    }), { numRuns: 2000 });
  });

  it('inserts nested templates and lists as markup, null as nothing', () => {
    const items = ['<a>', 'b'].map((text) => html`<li>${text}</li>`);
    assert.equal(
      markupText(html`<ul>${items}</ul>${null}${7}`),
      '<ul><li>&lt;a&gt;</li><li>b</li></ul>7',
    );
  });

  const unsafe: { readonly [place: string]: (value: SlotValue) => Html } = {
    'a tag name': (value) => html`<${value}></p>`,
    'a bare attribute': (value) => html`<p ${value}></p>`,
    'an unquoted value': (value) => html`<p title=${value}></p>`,
    'a single-quoted value': (value) => html`<p title='${value}'></p>`,
    'an event handler': (value) => html`<p onclick="${value}"></p>`,
    'a style': (value) => html`<p style="${value}"></p>`,
    'a script': (value) => html`<script>${value}</script>`,
    'a style sheet': (value) => html`<style>${value}</style>`,
    'a comment': (value) => html`<!-- ${value} -->`,
    'part of a URL': (value) => html`<a href="/x?${value}">x</a>`,
    'an open tag at the end': (value) => html`<p title="${value}"`,
  };
  for (const [place, template] of Object.entries(unsafe)) {
    it(`refuses a slot in ${place}`, () => {
      assert.throws(() => template('x'), TypeError);
    });
  }

  it('takes only checked URLs where a browser would follow one', () => {
    assert.throws(() => html`<a href="${'javascript:alert(1)'}">x</a>`, TypeError);
    assert.equal(
      markupText(html`<a href="${localUrl('/login', { a: '"&<' })}">x</a>`),
      '<a href="/login?a=%22%26%3C">x</a>',
    );
  });

  it('takes no markup in an attribute and no forged markup anywhere', () => {
    assert.throws(() => html`<p title="${html`<b></b>`}"></p>`, TypeError);
    const forged: unknown = JSON.parse('{"markup":"<script>"}');
    assert.throws(() => html`<p>${forged as Html}</p>`, TypeError);
  });
});

describe('localUrl', () => {
  it('RU-25 makes no URL that leaves our host', () => {
    const hostile = ['//evil.test', '/\\evil.test', '/%09/evil.test', 'https:evil.test',
      'https://evil.test/', '/\t/evil.test', '', 'login', '/..//evil.test'];
    for (const path of hostile) assert.throws(() => localUrl(path), TypeError, path);
  });

  it('encodes parameters so that none can add another', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const url = new URL(urlText(localUrl('/oauth/authorize', { client_id: value })), 'http://h');
      assert.deepEqual([...url.searchParams], [['client_id', value]]);
    }));
  });
});
