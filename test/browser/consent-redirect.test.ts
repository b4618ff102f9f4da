import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { WireResponse } from '../../src/core/wire.ts';
import { consentView } from '../dialects/page-views.ts';
import { openChromium, watch } from './chromium.ts';
import { servePages } from './pages-server.ts';
import { selfSigned } from './self-signed.ts';

/** The app's site, and where it sends the browser on to; both are this machine. */
const APP = 'app.orchard.example';
const THIRD = 'start.third.example';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the answer to a consent in Chromium', () => {
  let browser: Browser;
  let app: Server;
  let secureApp: Server;
  let loopback_port: number;
  let secure_port: number;

  before(async () => {
    const onward: RequestListener = (request, response) => {
      const url = new URL(request.url ?? '/', 'http://any');
      if (url.pathname !== '/cb') {
        response.setHeader('Content-Type', 'text/html');
        response.end(`<title>arrived</title><p id="referrer">${request.headers.referer ?? ''}</p>`);
        return;
      }
      const location = `https://${THIRD}:${secure_port}/arrived${url.search}`;
      response.writeHead(302, { Location: location }).end();
    };
    app = createServer(onward);
    secureApp = createSecureServer(selfSigned(), onward);
    loopback_port = await listen(app);
    secure_port = await listen(secureApp);
    browser = await openChromium([APP, THIRD]);
  });

  after(async () => {
    await browser.close();
    for (const server of [app, secureApp]) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Allows an app whose answer goes to `callback`; returns where the browser ended. */
  async function allow(
    callback: string,
    form_target: string | null,
    spoil?: (response: WireResponse) => WireResponse,
  ): Promise<{ url: string; title: string; referrer: string | null; complaints: string[] }> {
    const pages = await servePages({
      world: 'live',
      pages: { '/oauth/authorize': (draw) => draw.consent(consentView('live', { form_target })) },
      outcomes: {
        decide_consent: { is: 'answered', location: `${callback}?code=c1&state=s1`, denied: false },
      },
      ...(spoil === undefined ? {} : { spoil }),
    });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const seen = watch(page);
    await page.goto(`${pages.origin}/oauth/authorize`);
    await page.click('#consent button[value=allow]');
    await page.waitForURL(/arrived/, { timeout: 2000 }).catch(() => undefined);
    const result = {
      url: page.url(),
      title: await page.title(),
      referrer: await page.locator('#referrer').textContent({ timeout: 500 }).catch(() => null),
      complaints: seen.complaints,
    };
    await context.close();
    await pages.close();
    return result;
  }

  const arrived = (): string => `https://${THIRD}:${secure_port}/arrived?code=c1&state=s1`;

  it('XS-06 passes through a loopback callback on to a third origin', async () => {
    const origin = `http://127.0.0.1:${loopback_port}`;
    const end = await allow(`${origin}/cb`, origin);
    assert.deepEqual(end, { url: arrived(), title: 'arrived', referrer: '', complaints: [] });
  });

  it('XS-06 passes through an https callback on to a third origin', async () => {
    const end = await allow(`https://${APP}:${secure_port}/cb`, null);
    assert.deepEqual(end, { url: arrived(), title: 'arrived', referrer: '', complaints: [] });
  });

  it('XS-06 would stop there if the policy named our own host only', async () => {
    const strict = (response: WireResponse): WireResponse => ({
      ...response,
      headers: response.headers.map(([name, value]) =>
        [name, value.replace(/form-action .*/, "form-action 'self'")] as const),
    });
    const end = await allow(`https://${APP}:${secure_port}/cb`, null, strict);
    assert.notEqual(end.title, 'arrived');
    assert.match(end.complaints.join(), /form-action/);
  });

  it('XS-06 passes to an app of its own scheme, and only to that', async () => {
    const passed = await allow('com.example.app:/cb', 'com.example.app:');
    assert.doesNotMatch(passed.complaints.join(), /form-action/);
    const stopped = await allow('com.example.app:/cb', 'com.example.other:');
    assert.match(stopped.complaints.join(), /form-action/);
  });

  it('XS-06 passes to a loopback callback by IPv6 address', async (test) => {
    const app6 = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<title>arrived</title>');
    });
    const listens = await new Promise<boolean>((resolve) => {
      app6.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
    });
    if (!listens) {
      test.skip('this machine has no IPv6 loopback');
      return;
    }
    const origin = `http://[::1]:${(app6.address() as AddressInfo).port}`;
    const end = await allow(`${origin}/arrived`, origin);
    app6.closeAllConnections();
    app6.close();
    assert.equal(end.title, 'arrived');
    assert.deepEqual(end.complaints, []);
  });

  it('XS-06 lets no other plain-http site receive the answer', async () => {
    const end = await allow(`http://127.0.0.1:${loopback_port}/cb`, 'http://127.0.0.1:1');
    assert.notEqual(end.title, 'arrived');
    assert.match(end.complaints.join(), /form-action/);
  });
});
