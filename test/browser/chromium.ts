/** A real Chromium for the browser tests, and what every page is held against. */
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium } from '../../tools/test/parts.ts';

export type ColorScheme = 'light' | 'dark';

export type Look = { readonly width: number; readonly colors: ColorScheme };

/** The smallest phone and the widest desk we promise to look right on. */
export const LOOKS: readonly Look[] = [
  { width: 390, colors: 'light' },
  { width: 390, colors: 'dark' },
  { width: 1600, colors: 'light' },
  { width: 1600, colors: 'dark' },
];

/** @param resolve host names to lead to this machine */
export async function openChromium(resolve: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium here');
  const rules = resolve.map((host) => `MAP ${host} 127.0.0.1`).join(', ');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', ...(rules === '' ? [] : [`--host-resolver-rules=${rules}`])],
  });
}

export async function openLook(browser: Browser, look: Look): Promise<BrowserContext> {
  return browser.newContext({
    colorScheme: look.colors,
    viewport: { width: look.width, height: look.width < 600 ? 844 : 1000 },
    reducedMotion: 'reduce',
  });
}

/** Everything a page asked for and complained about, from now on. */
export type Watch = {
  readonly requests: string[];
  readonly complaints: string[];
};

export function watch(page: Page): Watch {
  const seen: Watch = { requests: [], complaints: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('dialog', (dialog) => {
    seen.complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  page.on('console', (message) => {
    // The browser itself reports every 4xx document as an error.
    if (message.type() === 'error' && !message.text().includes('the server responded with')) {
      seen.complaints.push(message.text());
    }
  });
  return seen;
}
