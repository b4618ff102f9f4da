import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CUSTOMER_STATUS } from '../../src/core/kinds/customer.ts';
import { REFUSALS } from '../../src/core/rules/refusals.ts';
import type { Refusal, RefusalCode } from '../../src/core/rules/refusals.ts';
import type { WorldName } from '../../src/core/world.ts';
import { WORLD_NAMES } from '../../src/core/world.ts';
import { REFUSAL_WORDS } from '../../src/dialects/pages/refusal-words.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { elementsOf, foldedText, skeleton, textById, within } from './page-outline.ts';
import { signInView } from './page-views.ts';

const renderer = pageRenderer({ secure_cookies: true, development: false, worlds: {} });

function refusal(code: RefusalCode, more: Partial<Refusal> = {}): Refusal {
  return { code, rule: 'test', reason: 'PRIVATE-REASON', ...more };
}

type Shown = { readonly says?: string; readonly world?: WorldName };

function errorPage(code: RefusalCode, { says, world = 'live' }: Shown = {}): string {
  const view = { world, status: 400, refusal: refusal(code), request_id: 'r-42' };
  return renderer.error(says === undefined ? view : { ...view, says }).body;
}

describe("a dialect's fixed text on the error page", () => {
  it('stands in a paragraph of its own, as it is, above the explanation', () => {
    const page = errorPage('client_unknown', { says: 'Wrong client_id' });
    const text = elementsOf(page).find(({ attributes }) => attributes['id'] === 'error-text');
    assert.equal(text?.tag, 'p');
    assert.equal(text?.text, 'Wrong client_id');
    const { title, says } = REFUSAL_WORDS.client_unknown;
    const main = elementsOf(page).find(({ tag }) => tag === 'main')?.text ?? '';
    const places = [title, 'Wrong client_id', says].map((part) => main.indexOf(part));
    assert.ok(places.every((place) => place >= 0), String(places));
    assert.deepEqual(places, places.toSorted((a, b) => a - b));
  });

  it('is not there when the dialect has none', () => {
    assert.equal(textById(errorPage('client_unknown'), 'error-text'), undefined);
    const fault = renderer.error({ world: 'live', status: 500, refusal: null, request_id: 'r' });
    assert.equal(textById(fault.body, 'error-text'), undefined);
  });

  it('XS-01 is escaped', () => {
    const hostile = '</p><script>alert(1)</script>\u202e<a href="//evil.test">';
    const attacked = errorPage('request_unknown', { says: hostile });
    assert.equal(skeleton(attacked), skeleton(errorPage('request_unknown', { says: 'x' })));
    assert.equal(textById(attacked, 'error-text'), hostile.replace('\u202e', '\ufffd'));
  });
});

describe('what the makers of an app can check', () => {
  const checks = (code: RefusalCode, world: WorldName): string[] =>
    within(errorPage(code, { world }), 'checks').filter(({ tag }) => tag === 'li').map(foldedText);

  it('is told for an unknown app and for an unknown return address', () => {
    for (const world of WORLD_NAMES) {
      const unknown = checks('client_unknown', world);
      assert.equal(unknown.length, 3);
      assert.match(unknown[0] ?? '', /^client_id: .*API key/);
      assert.ok(unknown[1]?.includes(`This page is ${world.toUpperCase()}`));
      const address = checks('redirect_uri_unusable', world);
      assert.match(address[0] ?? '', /^redirect_uri: byte for byte/);
      assert.ok(address.some((check) => check.includes(`This page is ${world.toUpperCase()}`)));
    }
  });

  it('is told to nobody else, and customers are told what to do first', () => {
    const told = ['client_unknown', 'redirect_uri_unusable'] as const;
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const has = told.some((one) => one === code);
      assert.equal(checks(code, 'live').length > 0, has, code);
    }
    for (const code of told) {
      const text = elementsOf(errorPage(code)).find(({ tag }) => tag === 'main')?.text ?? '';
      const advice = text.indexOf('Please tell the people who make the app.');
      assert.ok(advice > 0 && advice < text.indexOf('If you make this app'), code);
      assert.ok(text.includes('If someone sent you the link, do not follow it again.'));
    }
  });
});

describe('a customer who may not sign in', () => {
  it('EN-01 gets the one refusal, whatever her status', () => {
    const answer = (more: Partial<Refusal>) =>
      renderer.signIn(signInView('live', { name: 'carol' }), refusal('sign_in_failed', more));
    const wrong = answer({ reason: 'wrong password' });
    for (const customer_status of CUSTOMER_STATUS) {
      const other = answer({ reason: `the customer is ${customer_status}`, customer_status });
      assert.equal(other.status, wrong.status);
      assert.deepEqual(other.headers, wrong.headers);
      assert.equal(other.body, wrong.body);
    }
    assert.ok(!/unconfirmed|initiated|locked|closed/i.test(wrong.body));
  });

  it('EN-01 is told nothing more on a page either', () => {
    const view = { world: 'live', status: 400, request_id: 'r-42' } as const;
    const pages = CUSTOMER_STATUS.map((customer_status) => renderer.error({
      ...view, refusal: refusal('customer_inactive', { customer_status }),
    }).body);
    assert.equal(new Set(pages).size, 1);
  });
});
