import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { WORLD_NAMES } from '../../src/core/world.ts';
import type { ConnectionsView } from '../../src/core/views.ts';
import type { WorldName } from '../../src/core/world.ts';
import {
  areaViews, CHART_AREAS, connectionsView, consentView, NIGHTJAR, NOW, sessionView, sessionViews,
  signInView,
} from '../dialects/page-views.ts';
import { LOOKS, openChromium, openLook, watch } from './chromium.ts';
import type { Watch } from './chromium.ts';
import { servePages } from './pages-server.ts';
import type { Script, ServedPages } from './pages-server.ts';

const LIMITED = { code: 'sign_in_limited', rule: 'test', reason: '', retry_after_s: 840 } as const;
const UNKNOWN = { code: 'client_unknown', rule: 'test', reason: '' } as const;
const UNUSABLE = { code: 'redirect_uri_unusable', rule: 'test', reason: '' } as const;
const FOREIGN = { code: 'request_foreign', rule: 'test', reason: '' } as const;

function script(world: WorldName): Script {
  const longName = { ...NIGHTJAR, name: `Überlange${'Zeichenkette'.repeat(12)}` };
  return {
    world,
    pages: {
      '/login': (pages) => pages.signIn(signInView(world), null),
      '/refused': (pages) =>
        pages.signIn(signInView(world, { app: NIGHTJAR, name: 'alice' }), LIMITED),
      '/consent': (pages) => pages.consent(consentView(world)),
      '/long': (pages) => pages.consent(consentView(world, {
        app: longName, customer_name: 'W'.repeat(120), redirect_host: `${'a'.repeat(60)}.example`,
      })),
      '/error': (pages) =>
        pages.error({ world, status: 400, refusal: FOREIGN, request_id: 'r-42' }),
      '/areas': (pages) => pages.consent(consentView(world, { scopes: areaViews() })),
      '/unknown': (pages) => pages.error({
        world, status: 400, refusal: UNKNOWN, says: 'Wrong client_id', request_id: 'r-42',
      }),
      '/unusable': (pages) => pages.error({
        world, status: 400, refusal: UNUSABLE, says: 'W'.repeat(90), request_id: 'r-42',
      }),
    },
    outcomes: {
      show_connections: manyConnections(world),
      change_personal_token: {
        token: `cs_${world}_pt_${'aB3dE5fG7h'.repeat(8)}`,
        view: connectionsView(world, { connections: [], personal_token: { issued_at: NOW } }),
      },
    },
  };
}

/** Apps of both kinds of scopes, and sessions with as much and as little text as there can be. */
function manyConnections(world: WorldName): ConnectionsView {
  const view = connectionsView(world);
  const [first] = view.connections;
  return {
    ...view,
    connections: [
      ...view.connections,
      { ...first!, app: { ...NIGHTJAR, id: '40001' }, scopes: areaViews(...CHART_AREAS) },
    ],
    sessions: [
      ...sessionViews(),
      sessionView({
        id: 'Se4', app_name: 'N'.repeat(64), app_version: '9'.repeat(64), device: 'd'.repeat(64),
        address: '2001:0db8:85a3:0000:0000:8a2e:0370:7334', scopes: areaViews(),
      }),
    ],
  };
}

const PATHS = [
  '/login', '/refused', '/consent', '/long', '/error', '/areas', '/unknown', '/unusable',
  '/connections', '/signed-out',
];

describe('pages in a browser', () => {
  let browser: Browser;
  const served = new Map<WorldName, ServedPages>();

  before(async () => {
    browser = await openChromium();
    for (const world of WORLD_NAMES) served.set(world, await servePages(script(world)));
  });

  after(async () => {
    await browser.close();
    for (const pages of served.values()) await pages.close();
  });

  for (const look of LOOKS) {
    for (const world of WORLD_NAMES) {
      it(`XS-07 ${world} at ${look.width} px, ${look.colors}: accessible, fits, asks nobody else`,
        async () => {
          const context = await openLook(browser, look);
          const page = await context.newPage();
          const seen = watch(page);
          const { origin } = served.get(world)!;
          for (const path of PATHS) await judge(page, `${origin}${path}`);
          await page.goto(`${origin}/connections`);
          await openAll(page);
          await judge(page, null);
          await page.click('#personal-token button[value=replace]');
          await page.waitForSelector('#personal-token-value');
          await judge(page, null);
          judgeWatch(seen, origin);
          await context.close();
        });
    }
  }

  it('fits every width between and below them (WCAG 2.2 1.4.10)', async () => {
    for (const width of [320, 600, 768, 1024, 1280, 1440]) {
      const context = await openLook(browser, { width, colors: 'light' });
      const page = await context.newPage();
      for (const path of PATHS) {
        await page.goto(`${served.get('paper')!.origin}${path}`);
        await judgeFit(page);
      }
      await context.close();
    }
  });

  it('EI-05 the worlds differ in colour, shape and words', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    const looks: string[][] = [];
    for (const world of WORLD_NAMES) {
      await page.goto(`${served.get(world)!.origin}/consent`);
      const style = (selector: string, property: string): Promise<string> =>
        page.locator(selector).evaluate((element, name) =>
          element.ownerDocument.defaultView.getComputedStyle(element)[name], property);
      looks.push([
        await style('.world', 'backgroundImage'),
        await style('.card .badge', 'borderStyle'),
        await style('button.primary', 'backgroundColor'),
        await page.locator('.world').innerText(),
      ]);
    }
    const [live, paper] = looks;
    live!.forEach((look, index) => assert.notEqual(look, paper![index]));
    await context.close();
  });
});

/** @param url page to open, or null to judge the one that is open */
async function judge(page: Page, url: string | null): Promise<void> {
  if (url !== null) await page.goto(url);
  const name = page.url();
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode() // There are no frames, and the other mode opens a page for each verdict.
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), [], name);
  await judgeFit(page);
}

/** Opens all that is folded, as she would. */
async function openAll(page: Page): Promise<void> {
  const summaries = page.locator('summary');
  assert.equal(await summaries.count(), 5);
  for (const summary of await summaries.all()) await summary.click();
  assert.equal(await page.locator('details[open] > :last-child:visible').count(), 5);
}

async function judgeFit(page: Page): Promise<void> {
  const name = `${page.url()} at ${page.viewportSize()?.width} px`;
  const [overflow, width] = await page.locator('html').evaluate((root) =>
    [root.scrollWidth - root.clientWidth, root.clientWidth] as [number, number]);
  assert.equal(overflow, 0, `${name} scrolls sideways`);
  const targets = await boxes(page, 'button, .button, summary, input:not([type=hidden])');
  assert.deepEqual(targets.filter(({ box }) => box.height < 44 || box.width < 44), [], name);
  const all = await boxes(page, 'main *');
  assert.ok(all.length > 3);
  assert.deepEqual(all.filter(({ box }) => box.right > width + 1), [], name);
}

type Boxed = { text: string; box: { height: number; width: number; right: number } };

function boxes(page: Page, selector: string): Promise<Boxed[]> {
  return page.locator(selector).evaluateAll((elements) => elements.map((element) => {
    const { height, width, right } = element.getBoundingClientRect();
    return { text: element.outerHTML.slice(0, 80), box: { height, width, right } };
  }));
}

function judgeWatch(seen: Watch, origin: string): void {
  assert.ok(seen.requests.length > PATHS.length);
  assert.deepEqual(seen.requests.filter((url) => !url.startsWith(`${origin}/`)), []);
  assert.deepEqual(seen.complaints, []);
}
