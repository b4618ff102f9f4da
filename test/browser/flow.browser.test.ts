/** The real server in a real browser: hostile parameters, the way through consent, who is asked. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener, Server as HttpServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { authorizePath } from '../outside/browser.ts';
import { encodeForm } from '../outside/call.ts';
import { APPS, CUSTOMERS, demoApp } from '../outside/fixtures.ts';
import type { App } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import { exchange, profile, tokens } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { LOOKS, openChromium, openLook, watch } from './chromium.ts';
import type { Watch } from './chromium.ts';
import { selfSigned } from './self-signed.ts';

const APP_HOST = 'app.orchard.example';
const THIRD_HOST = 'start.third.example';
const EVIL_HOST = 'evil.test';

let browser: Browser;
let server: Server;
/** An app's site on loopback, one by https, and the site that both send on to. */
let sites: { readonly plain: HttpServer; readonly secure: HttpServer };
let apps: { readonly loopback: App; readonly https: App };
/** Requests that came to any of these sites, by host and path. */
const arrived: string[] = [];

before(async () => {
  const onward: RequestListener = (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://any');
    arrived.push(`${request.headers.host}${pathname}`);
    if (pathname === '/cb') {
      const third = `https://${THIRD_HOST}:${portOf(sites.secure)}/arrived${search}`;
      response.writeHead(302, { Location: third }).end();
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    response.end(`<title>arrived</title><p id="from">${request.headers.referer ?? ''}</p>`);
  };
  sites = { plain: createServer(onward), secure: createSecureServer(selfSigned(), onward) };
  for (const site of [sites.plain, sites.secure]) {
    await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  }
  const [plain_port, secure_port] = [portOf(sites.plain), portOf(sites.secure)];
  apps = {
    loopback: demoApp('near', { redirect_uris: [`http://127.0.0.1:${plain_port}/cb`] }),
    https: demoApp('far', { redirect_uris: [`https://${APP_HOST}:${secure_port}/cb`] }),
  };
  server = await startServer({
    seed: seedRecords([...Object.values(APPS), ...Object.values(apps)]),
  });
  browser = await openChromium([APP_HOST, THIRD_HOST, EVIL_HOST]);
});

after(async () => {
  await browser.close();
  for (const site of Object.values(sites)) {
    site.closeAllConnections();
    site.close();
  }
  await server.stop();
});

function portOf(site: HttpServer): number {
  return (site.address() as AddressInfo).port;
}

async function openPage(): Promise<{ readonly page: Page; readonly seen: Watch }> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  return { page, seen: watch(page) };
}

async function signIn(page: Page): Promise<void> {
  await page.fill('#name', 'u1');
  await page.fill('#password', CUSTOMERS.u1.password);
  await page.click('#sign-in button[type=submit]');
}

/** Requests that left our own origin. */
function foreign({ requests }: Watch): readonly string[] {
  return requests.filter((url) => !url.startsWith(`${server.live.origin}/`));
}

const HOSTILE = [
  '<script>alert(1)</script>', `"><img src=https://${EVIL_HOST}/x onerror=alert(1)>`, '{{7*7}}',
  '\u202eevil', `javascript:alert(1)//https://${EVIL_HOST}/`, "'-alert(1)-'",
] as const;

const PARAMETERS = [
  'error', 'error_description', 'error_hint', 'state', 'scope', 'client_id', 'login_hint',
  'ui_locales', 'display', 'user_code', 'redirect_uri', 'redirectUrl', 'request', 'done',
] as const;

/** All of these parameters at once hold the text, but for those that must be good. */
function queryWith(text: string, good: { readonly [name: string]: string }): string {
  return encodeForm(PARAMETERS.map((name) => [name, good[name] ?? text]));
}

test('XS-01 markup in any parameter runs nowhere and asks nobody, in a real browser', async () => {
  const { page, seen } = await openPage();
  const { origin } = server.live;
  const good = { client_id: APPS.A1.id, redirect_uri: 'https://app.example/cb', scope: 'read' };
  for (const text of HOSTILE) {
    const none = queryWith(text, {});
    for (const path of ['/v1/oauth/authorize', '/oauth/authorize', '/authorize', '/login',
      '/connections', '/signed-out', '/nothing']) {
      await page.goto(`${origin}${path}?${none}`);
      assert.equal(await page.locator('script, img, main a[href^="javascript"]').count(), 0);
    }
    await page.goto(`${origin}/v1/oauth/authorize?${queryWith(text, good)}`);
    await page.fill('#name', text);
    await page.fill('#password', text);
    await page.click('#sign-in button[type=submit]');
    await page.waitForSelector('#sign-in-refused');
    // What she typed is there again, as text.
    assert.equal(await page.inputValue('#name'), text.replace('\u202e', '\ufffd'));
    assert.equal(await page.locator('script, img').count(), 0);
    await page.context().clearCookies();
  }
  assert.deepEqual(foreign(seen), []);
  assert.deepEqual(seen.complaints, []);
  assert.ok(!arrived.some((place) => place.startsWith(EVIL_HOST)));
});

test('XS-01 a hostile state comes through consent as it was, and runs nowhere', async () => {
  for (const state of HOSTILE) {
    const { page, seen } = await openPage();
    await page.goto(`${server.live.origin}${authorizePath(apps.loopback, { state })}`);
    await signIn(page);
    await page.click('#consent button[value=allow]');
    await page.waitForURL(/\/arrived/);
    assert.equal(new URL(page.url()).searchParams.get('state'), state);
    assert.deepEqual(seen.complaints, []);
    await page.context().close();
  }
});

/** Whole way of a customer; where she ends and what the browser complained about. */
async function connect(app: App, decision: 'allow' | 'deny') {
  const { page, seen } = await openPage();
  await page.goto(`${server.live.origin}${authorizePath(app, { state: 's1', scope: 'read' })}`);
  await signIn(page);
  await page.click(`#consent button[value=${decision}]`);
  await page.waitForURL(/\/arrived/, { timeout: 5000 });
  const from = await page.locator('#from').textContent();
  const url = new URL(page.url());
  await page.context().close();
  return { url, from, complaints: seen.complaints };
}

test('XS-06 consent survives a callback that redirects on to a third origin', async () => {
  for (const app of Object.values(apps)) {
    const { url, from, complaints } = await connect(app, 'allow');
    assert.equal(url.hostname, THIRD_HOST);
    assert.equal(url.searchParams.get('state'), 's1');
    assert.equal(from, '', 'no referrer went along');
    assert.deepEqual(complaints, []);
    const code = url.searchParams.get('code') ?? '';
    const { access_token } = tokens(await exchange(server.live, app, code));
    assert.equal((await profile(server.live, access_token)).status, 200);
    const denied = await connect(app, 'deny');
    assert.equal(denied.url.searchParams.get('error'), 'access_denied');
    assert.deepEqual(denied.complaints, []);
  }
});

test('XS-07 sign-in and consent ask no third party for anything', async () => {
  for (const look of LOOKS) {
    const context = await openLook(browser, look);
    const page = await context.newPage();
    const seen = watch(page);
    await page.goto(`${server.live.origin}${authorizePath(APPS.A1, { state: 's1' })}`);
    await signIn(page);
    await page.waitForSelector('#consent');
    await page.goto(`${server.live.origin}/connections`);
    await page.waitForSelector('#sign-out');
    await page.goto(`${server.live.origin}/oauth/authorize?client_id=x&request=x`);
    assert.ok(seen.requests.some((url) => url.endsWith('.css')), 'the style is asked for');
    assert.ok(seen.requests.length >= 8, seen.requests.join('\n'));
    assert.deepEqual(foreign(seen), []);
    assert.deepEqual(seen.complaints, []);
    await context.close();
  }
});
