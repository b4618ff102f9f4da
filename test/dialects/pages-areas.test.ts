import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AREAS, areaWord } from '../../src/core/rules/scopes/areas.ts';
import type { WorldName } from '../../src/core/world.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { scopeIcon } from '../../src/dialects/pages/templates/icons.ts';
import { markupText } from '../../src/dialects/pages/html.ts';
import { elementsOf, foldedText, within } from './page-outline.ts';
import { areaViews, CHART_AREAS, consentView, scopeViews } from './page-views.ts';

const renderer = pageRenderer({ secure_cookies: true, development: false, worlds: {} });

function consent(words: readonly string[], world: WorldName = 'live'): string {
  return renderer.consent(consentView(world, { scopes: areaViews(...words) })).body;
}

/** Rows of permissions by word, each as it reads. */
function rows(elements: ReturnType<typeof elementsOf>): { [word: string]: string } {
  return Object.fromEntries(elements.flatMap((element) => {
    const word = element.attributes['data-scope'];
    return word === undefined ? [] : [[word, foldedText(element)]];
  }));
}

describe('consent to permission areas', () => {
  it('CO-06 names each area with its level and what it means, and no other area', () => {
    assert.deepEqual(rows(elementsOf(consent(CHART_AREAS))), {
      'Orders:FullAccess':
        'Orders Full access Place, change and cancel orders; see orders and fills',
      'Risks:FullAccess':
        'Risks Full access Change your risk limits; see limits and margin requirements',
      'Accounting:Read':
        'Accounting Read See balances, cash movements and margin of your accounts',
      'Alerts:FullAccess':
        'Alerts Full access Create, change and delete your alerts; see what they signalled',
      'ContractLibrary:Read':
        'Contract library Read Look up contracts, products, exchanges and currencies',
      'Positions:Read': 'Positions Read See your positions and how they were filled',
      'Prices:Read': 'Prices Read See market data such as quotes, depth and charts',
      'Users:Read': 'Users Read See who you are: name, e-mail address and subscriptions',
    });
  });

  it('sets apart what trades or moves the limits of loss, at full access only', () => {
    for (const [words, apart] of [
      [CHART_AREAS, ['Orders:FullAccess', 'Risks:FullAccess']],
      [['Orders:FullAccess', 'Risks:Read'], ['Orders:FullAccess']],
      [['Orders:Read', 'Risks:FullAccess'], ['Risks:FullAccess']],
      [['Orders:Read', 'Risks:Read', 'Users:Read'], []],
    ] as const) {
      assert.deepEqual(Object.keys(rows(within(consent(words), 'trading'))), apart);
    }
  });

  it('titles the box by what it holds, and in paper by what is at stake there', () => {
    const box = (words: readonly string[], world: WorldName): (string | undefined)[] =>
      within(consent(words, world), 'trading').filter(({ tag }) => tag === 'p').map(foldedText)
        .filter((text, index, all) => index === 0 || index === all.length - 1);
    const orders = ['Orders:FullAccess'];
    const risks = ['Risks:FullAccess'];
    const asks = 'The app does not ask you each time.';
    assert.deepEqual(box(orders, 'live'),
      ['It can trade for you', `Orders use real money, which can be lost. ${asks}`]);
    assert.deepEqual(box(risks, 'live'), [
      'It can change your risk limits',
      `Risk limits hold down what you can lose of real money. ${asks}`,
    ]);
    assert.deepEqual(box([...orders, ...risks], 'live'), [
      'It can trade for you and change your risk limits',
      `Orders use real money, which can be lost; risk limits hold down how much. ${asks}`,
    ]);
    assert.deepEqual(box(orders, 'paper'),
      ['It can place practice trades for you', `Orders are simulated. ${asks}`]);
    assert.deepEqual(box(risks, 'paper'),
      ['It can change your practice risk limits', `No real money is at stake. ${asks}`]);
    assert.deepEqual(box([...orders, ...risks], 'paper'), [
      'It can place practice trades for you and change your practice risk limits',
      `Orders are simulated. ${asks}`,
    ]);
  });

  it('says in paper that orders and limits are for practice', () => {
    const shown = rows(elementsOf(consent(CHART_AREAS, 'paper')));
    assert.equal(shown['Orders:FullAccess'], 'Orders Full access Place, change and cancel '
      + 'practice orders, with no real money; see orders and fills');
    assert.equal(shown['Risks:FullAccess'], 'Risks Full access Change the risk limits of your '
      + 'practice accounts; see limits and margin requirements');
    assert.ok(!consent(CHART_AREAS, 'paper').includes('real money, which can be lost'));
  });

  it('shows no level beside a plain word', () => {
    const page = renderer.consent(consentView('live', { scopes: scopeViews() })).body;
    assert.deepEqual(Object.values(rows(elementsOf(page))).sort(),
      scopeViews().map(({ says }) => says).sort());
    assert.ok(!elementsOf(page).some(({ attributes }) => attributes['class'] === 'level'));
  });

  it('takes no look-alike for trading or for an area', () => {
    const words = ['orders:FullAccess', 'Orders:fullaccess', 'Orders:FullAccess:x', 'Orders',
      ':FullAccess', 'Orders:', 'toString:Read', 'Orders:toString'];
    const scopes = words.map((word) => ({ word, says: `says ${word}` }));
    const { body } = renderer.consent(consentView('live', { scopes }));
    assert.deepEqual(within(body, 'trading'), []);
    assert.deepEqual(Object.values(rows(elementsOf(body))), scopes.map(({ says }) => says));
  });

  it('draws an icon of its own for each area, the same at each level', () => {
    const icons = AREAS.map(({ name }) => markupText(scopeIcon(areaWord(name, 'Read'))));
    assert.equal(new Set([...icons, markupText(scopeIcon('no such word'))]).size, 12);
    assert.deepEqual(icons, AREAS.map(({ name }) =>
      markupText(scopeIcon(areaWord(name, 'FullAccess')))));
    assert.ok(icons.every((icon) => icon.includes('aria-hidden="true"')));
  });
});
