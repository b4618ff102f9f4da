/** What every page carries: framing, policies, cookies, no other origin (XS-05 … XS-10, CS-13). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run } from '../../cli/run.ts';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { link } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { configured, startProduction } from './production.ts';
import type { Production } from './production.ts';
import { developmentSite, enterFlow, seeEveryPage, signIn } from './site.ts';
import type { Seen } from './site.ts';

const server = await startServer();
after(server.stop);
const { live } = server;

let production: Production;
let seen: { readonly development: Seen; readonly production: Seen };

before(async () => {
  production = await startProduction();
  seen = {
    development: await seeEveryPage(developmentSite(live)),
    production: await seeEveryPage(production.site),
  };
});
after(() => production.stop());

/** Every page of both kinds of server, with its name. */
function* everyPage(): Generator<readonly [name: string, page: Answer, secure: boolean]> {
  for (const [mode, { pages }] of Object.entries(seen)) {
    for (const [name, page] of pages) yield [`${mode}: ${name}`, page, mode === 'production'];
  }
}

const STATUSES: { readonly [page: string]: number } = {
  'sign-in refused': 422, 'forged form': 403, 'form without cookie': 403, 'unknown request': 400,
  'no cookie': 400, 'no page': 404, 'no such method': 405, 'form too large': 413, 'no form': 415,
  'direct entry, app unknown': 400, 'authorize, app unknown': 400,
};

test('XS-05 no page can be framed, error pages included', () => {
  let count = 0;
  for (const [name, page] of everyPage()) {
    const status = STATUSES[name.replace(/^\w+: /, '')] ?? 200;
    assert.equal(page.status, status, name);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8', name);
    assert.equal(page.headers['x-frame-options'], 'DENY', name);
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/, name);
    count += 1;
  }
  assert.equal(count, 2 * (8 + 9));
  // Nor can what is no page: redirects, JSON, assets.
  for (const answer of [...seen.development.answers, ...seen.production.answers]) {
    assert.equal(answer.headers['x-frame-options'], 'DENY');
  }
});

/** Directives of a policy by name. */
function policyOf(page: Answer): ReadonlyMap<string, string> {
  const text = page.headers['content-security-policy'];
  assert.equal(typeof text, 'string', 'one policy');
  return new Map(String(text).split('; ').map((one): [string, string] => {
    const [name = '', ...rest] = one.split(' ');
    return [name, rest.join(' ')];
  }));
}

test('XS-06 every page carries the strict header set', () => {
  for (const [name, page, secure] of everyPage()) {
    const policy = policyOf(page);
    const { headers } = page;
    // No script at all is allowed, so none needs a nonce.
    assert.equal(policy.get('default-src'), "'none'", name);
    assert.equal(policy.get('script-src'), undefined, name);
    assert.equal(policy.get('style-src'), "'self'", name);
    assert.equal(policy.get('base-uri'), "'none'", name);
    assert.equal(policy.get('object-src'), "'none'", name);
    const consent = name.endsWith(': consent');
    assert.equal(policy.get('form-action'), consent ? "'self' https:" : "'self'", name);
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*|data:/, name);
    assert.equal(headers['referrer-policy'], 'no-referrer', name);
    assert.equal(headers['x-content-type-options'], 'nosniff', name);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', name);
    assert.equal(headers['cache-control'], 'no-store', name);
    const hsts = /^max-age=(\d+); includeSubDomains$/
      .exec(headers['strict-transport-security'] ?? '');
    assert.ok(secure ? Number(hsts?.[1]) >= 31_536_000 : hsts === null, name);
  }
});

test('XS-06 the consent policy names a loopback callback, else nothing but https', async () => {
  const site = { ...developmentSite(live), app: APPS.loopback };
  const browser = createBrowser(live);
  await enterFlow(site, browser);
  const { answer } = await signIn(site, browser);
  const policy = policyOf(answer).get('form-action');
  assert.equal(policy, "'self' https: http://127.0.0.1:4499");
});

/** Addresses that loading a page would ask for. */
const LOADED = /(?:\s(?:src|href|srcset|data|poster|action)="([^"]*)")|url\(([^)]*)\)/g;

test('XS-07 pages and their assets name no address but our own', async () => {
  const assets = new Set<string>();
  for (const [name, { text }] of everyPage()) {
    for (const [, attribute, css] of text.matchAll(LOADED)) {
      const target = attribute ?? css ?? '';
      assert.match(target, /^(?:\/[a-z]|#)/, `${name}: ${target}`);
      if (target.startsWith('/assets/')) assets.add(target);
    }
    assert.doesNotMatch(text, /@import|<link[^>]+rel="(?:preconnect|dns-prefetch|preload)"/, name);
  }
  assert.ok(assets.size >= 2);
  for (const path of assets) {
    const { status, text, headers } = await call(live.origin, { path });
    assert.equal(status, 200, path);
    assert.match(String(headers['content-type']), /^(?:text\/css|image\/svg\+xml)/);
    const elsewhere = /@import|url\((?!['"]?#)|https?:(?!\/\/www\.w3\.org\/)|<script/;
    assert.doesNotMatch(text, elsewhere, path);
  }
});

const ORIGINS = ['null', 'https://evil.test', 'https://app.example', live.origin];

test('XS-10 the Tradier endpoints and the pages send no CORS header to anybody', async () => {
  const { access_token } = await link(live, APPS.A1, 'u1');
  const targets = [
    ['GET', `/v1/oauth/authorize?client_id=${APPS.A1.id}`], ['POST', '/v1/oauth/accesstoken'],
    ['POST', '/v1/oauth/refreshtoken'], ['GET', '/v1/user/profile'], ['GET', '/login'],
    ['POST', '/login'], ['POST', '/consent'], ['GET', '/connections'], ['POST', '/logout'],
    ['GET', `/oauth/authorize?client_id=${APPS.A1.id}`], ['GET', '/nothing'], ['GET', '/healthz'],
  ] as const;
  for (const [method, path] of targets) {
    for (const origin of ORIGINS) {
      const from = [
        ['Origin', origin], ['Cookie', 'cs_live_flow-dev=x'],
        ['Authorization', method === 'GET' ? `Bearer ${access_token}` : APPS.A1.basic],
      ] as const;
      const asked = await call(live.origin, { method, path, headers: from });
      const preflight = await call(live.origin, {
        method: 'OPTIONS', path, headers: [
          ['Origin', origin], ['Access-Control-Request-Method', method],
          ['Access-Control-Request-Headers', 'authorization'],
          ['Access-Control-Request-Private-Network', 'true'],
        ],
      });
      assert.ok(preflight.status >= 400, `${path}: ${preflight.status}`);
      for (const { headers } of [asked, preflight]) {
        const names = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(names, [], `${method} ${path} from ${origin}`);
      }
    }
  }
});

function cookiesSet({ answers }: Seen): readonly string[] {
  return answers.flatMap(({ headers }) => headers['set-cookie'] ?? []);
}

test('CS-13 cookies are Secure, HttpOnly and small in every flow', () => {
  const set = cookiesSet(seen.production);
  assert.ok(set.length >= 3);
  for (const cookie of set) {
    assert.match(cookie, /^__Host-cs_live_(?:flow|login)=/);
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) {
      assert.ok(cookie.split('; ').includes(attribute), `${attribute}: ${cookie}`);
    }
    assert.doesNotMatch(cookie, /domain/i);
    assert.ok(Buffer.byteLength(cookie) <= 4096);
  }
});

test('CS-13 development on plain http: the same but for the names, and no Secure', () => {
  const set = cookiesSet(seen.development);
  assert.ok(set.length >= 3);
  for (const cookie of set) {
    assert.match(cookie, /^cs_live_(?:flow|login)-dev=/);
    assert.match(cookie, /; HttpOnly; SameSite=Lax$/);
    assert.doesNotMatch(cookie, /secure|domain/i);
    assert.ok(Buffer.byteLength(cookie) <= 4096);
  }
});

test('CS-13 production ignores development cookies, and cannot be told to use them', async () => {
  const { site } = production;
  const browser = createBrowser(site.world);
  await browser.open('/login', site.pages_host);
  const [[name, value] = ['', '']] = browser.cookies;
  assert.equal(name, '__Host-cs_live_flow');
  const page = (cookie: string): Promise<Answer> => call(site.world.origin, {
    path: '/login?c=1', headers: [['Cookie', cookie], ...site.pages_host],
  });
  assert.equal((await page(`${name}=${value}`)).status, 200);
  assert.equal((await page(`cs_live_flow-dev=${value}`)).status, 400);
  assert.equal((await page(`__Secure-cs_live_flow=${value}`)).status, 400);
  const insecure = { 'live.pages_origin': 'http://auth.broker.example' };
  const ran = await run(['serve', ...configured('insecure', insecure)]);
  assert.equal(ran.code, 78);
  assert.match(ran.err, /live\.pages_origin is not an https URL/);
  const unknown = await run(['serve', ...configured('unknown', { secure_cookies: false })]);
  assert.equal(unknown.code, 78, 'there is no such switch');
});
