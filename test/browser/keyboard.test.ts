import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  areaViews, connectionsView, consentView, DEVICE, NIGHTJAR, ORCHARD, sessionViews, signInView,
} from '../dialects/page-views.ts';
import { LOOKS, openChromium, openLook, watch } from './chromium.ts';
import { servePages } from './pages-server.ts';
import type { ServedPages } from './pages-server.ts';

const HOSTILE = '"><img src=https://evil.test/x onerror=alert(1)><script>alert(2)</script>\u202e';

describe('pages by keyboard and without scripts', () => {
  let browser: Browser;
  let served: ServedPages;

  before(async () => {
    browser = await openChromium();
    served = await servePages({
      world: 'live',
      pages: {
        '/login': (pages) => pages.signIn(signInView('live'), null),
        '/oauth/authorize': (pages) => pages.consent(consentView('live')),
        '/areas': (pages) => pages.consent(consentView('live', {
          scopes: areaViews('Orders:FullAccess', 'Users:Read'),
        })),
        '/hostile': (pages) => pages.consent(consentView('live', {
          app: { ...NIGHTJAR, name: HOSTILE }, customer_name: HOSTILE, redirect_host: HOSTILE,
          scopes: [{ word: HOSTILE, says: HOSTILE }],
        })),
      },
      outcomes: {
        sign_in: {
          is: 'done', login_cookie: 'l1',
          request: { client_id: ORCHARD.id, request: 'q1', path: '/oauth/authorize' },
        },
        show_connections: connectionsView('live'),
        end_connections: { ended: 1 },
        decide_consent: { is: 'answered', location: '/signed-out', denied: true },
      },
    });
  });

  after(async () => {
    await browser.close();
    await served.close();
  });

  /** What holds the focus, and whether it shows. */
  const focused = (page: Page): Promise<string> => page.locator(':focus').evaluate((element) => {
    const style = element.ownerDocument.defaultView.getComputedStyle(element);
    const shows = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const name = element.getAttribute('name') ?? element.textContent.trim();
    return `${name}${element.getAttribute('value') ?? ''}${shows ? '' : ' (no outline)'}`;
  });

  async function tabs(page: Page, count: number): Promise<string[]> {
    const stops: string[] = [];
    for (let stop = 0; stop < count; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
    }
    return stops;
  }

  it('signs in and decides with the keyboard alone, scripts off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${served.origin}/login`);
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/oauth\/authorize\?client_id=/);
    for (let stop = 0; stop < 3; stop += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/signed-out$/);
    await context.close();
  });

  it('the cursor starts in the name; every stop shows its focus', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    await page.goto(`${served.origin}/login`);
    assert.equal(await focused(page), 'name');
    assert.deepEqual(await tabs(page, 2), ['password', 'Sign in']);
    await page.goto(`${served.origin}/oauth/authorize`);
    assert.deepEqual(await tabs(page, 3), ['Skip to the page', 'decisiondeny', 'decisionallow']);
    await page.goto(`${served.origin}/connections`);
    assert.deepEqual((await tabs(page, 5)).map((stop) => stop.replace(/\s+/g, ' ')), [
      'Skip to the page', 'Sign out', 'End access of Orchard Portfolio',
      'End access of Nightjar Signals', 'End all access',
    ]);
    await context.close();
  });

  it('tells what was done after our own form, and not after a link from elsewhere', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    await page.goto(`${served.origin}/connections`);
    await page.click('#end-all button');
    await page.waitForSelector('[role=status]');
    await page.goto('data:text/html,<title>elsewhere</title>');
    await page.setContent(`<a href="${served.origin}/connections?done=ended">x</a>`);
    await page.click('a');
    await page.waitForSelector('#end-all');
    assert.equal(await page.locator('[role=status]').count(), 0);
    await context.close();
  });

  it('opens a device id and ends a session with the keyboard alone, scripts off', async () => {
    const sessions = await servePages({
      world: 'live',
      pages: {},
      outcomes: {
        show_connections: connectionsView('live', { connections: [], sessions: sessionViews() }),
        end_session: { ended: true },
      },
    });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const seen = watch(page);
    await page.goto(`${sessions.origin}/connections`);
    const folded = (text: string): string => text.replace(/\s+/g, ' ');
    assert.deepEqual((await tabs(page, 4)).map(folded), [
      'Skip to the page', 'Sign out', 'What they mean', '8f14e45f…0e52 Show all',
    ]);
    const whole = page.getByText(DEVICE, { exact: true });
    assert.equal(await whole.isVisible(), false);
    await page.keyboard.press('Enter');
    await whole.waitFor({ state: 'visible' });
    assert.deepEqual((await tabs(page, 2)).map(folded), [
      'End session of Ladder Desk, signed in 24 November 2026, 18:05 UTC, 1 of 2',
      'End session of nightly-report.py, signed in 23 November 2026, 17:40 UTC, 2 of 2',
    ]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/connections\?done=session_ended$/);
    assert.equal(await page.locator('[role=status]').textContent(),
      'That session has ended. The program has to sign in again to go on.');
    assert.deepEqual(seen.complaints, []);
    await context.close();
    await sessions.close();
  });

  it('a screen reader hears an area, its level and what it means', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    await page.goto(`${served.origin}/areas`);
    const heard = await page.locator('[aria-labelledby=may]').ariaSnapshot();
    assert.deepEqual(heard.split('\n').map((line) => line.trim().slice(2)), [
      'region "What it may do":',
      'heading "What it may do" [level=2]',
      'paragraph:', 'strong: It can trade for you',
      'list:', 'listitem:', 'paragraph:', 'strong: Orders', 'text: Full access',
      'paragraph: Place, change and cancel orders; see orders and fills',
      'paragraph: Orders use real money, which can be lost. The app does not ask you each time.',
      'list:', 'listitem:', 'paragraph:', 'strong: Users', 'text: Read',
      'paragraph: "See who you are: name, e-mail address and subscriptions"',
    ]);
    await context.close();
  });

  it('XS-01 XS-02 hostile text stays text: no dialog, no request, no element', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    const seen = watch(page);
    await page.goto(`${served.origin}/hostile`);
    assert.equal(await page.locator('main img, script').count(), 0);
    assert.ok((await page.locator('h1 .app-name').textContent())?.startsWith('"><img src=https:'));
    assert.deepEqual(seen.requests.filter((url) => !url.startsWith(served.origin)), []);
    assert.deepEqual(seen.complaints, []);
    await context.close();
  });

  it('XS-05 no page shows in a frame', async () => {
    const context = await openLook(browser, LOOKS[0]!);
    const page = await context.newPage();
    await page.setContent(`<iframe src="${served.origin}/login"></iframe>`);
    const frame = page.frames()[1];
    await frame?.waitForLoadState();
    assert.equal(await frame?.locator('#sign-in').count(), 0);
    await context.close();
  });
});
