import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accepted } from '../../src/core/rules/refusals.ts';
import { ASSETS } from '../../src/dialects/pages/assets.ts';
import { cookieName, readCookies, setCookie } from '../../src/dialects/pages/cookies.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { agoWords, dateWords, machineDate, spanWords }
  from '../../src/dialects/pages/time-words.ts';
import { elementsOf } from './page-outline.ts';
import { browserOf, headerValues } from './page-requests.ts';
import { connectionsView, consentView, NOW, signInView } from './page-views.ts';

const OPTIONS = { secure_cookies: true, development: false, worlds: {} };
const renderer = pageRenderer(OPTIONS);
const dialect = pagesDialect(OPTIONS);

const csp = (page: Parameters<typeof headerValues>[0]): string =>
  headerValues(page, 'content-security-policy').join('|');

describe('headers', () => {
  it('XS-05 XS-06 every page, error pages included', async () => {
    const connections = browserOf(dialect, () => accepted(connectionsView('live')));
    const pages = [
      renderer.signIn(signInView('live'), null),
      renderer.error({ world: 'live', status: 500, refusal: null, request_id: 'r' }),
      await connections.send({ path: '/connections' }),
      await connections.send({ path: '/signed-out' }),
    ];
    for (const page of pages) {
      assert.equal(csp(page), "default-src 'none'; style-src 'self'; img-src 'self'; "
        + "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'");
      for (const [name, value] of [
        ['x-frame-options', 'DENY'], ['referrer-policy', 'no-referrer'],
        ['x-content-type-options', 'nosniff'], ['cross-origin-opener-policy', 'same-origin'],
        ['cache-control', 'no-store'], ['content-type', 'text/html; charset=utf-8'],
        ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
      ] as const) assert.deepEqual(headerValues(page, name), [value], name);
    }
  });

  it('XS-06 only the consent page lets its form end elsewhere', () => {
    const formAction = (form_target: string | null): string | undefined =>
      csp(renderer.consent(consentView('live', { form_target }))).split('form-action ')[1];
    assert.equal(formAction(null), "'self' https:");
    assert.equal(formAction('http://127.0.0.1:8080'), "'self' https: http://127.0.0.1:8080");
    assert.equal(formAction('com.example.app:'), "'self' https: com.example.app:");
    assert.equal(formAction('http://[::1]:8080'), "'self' https: http:");
  });

  it('XS-09 no callback can add to the policy', () => {
    for (const form_target of ['https://x.example; script-src *', '*', "'unsafe-inline'", 'a b:',
      'http://x.example\r\nX: y', 'http://x.example/path', 'HTTP://X.example']) {
      assert.throws(() => renderer.consent(consentView('live', { form_target })), form_target);
    }
  });

  it('plain http sends no HSTS', () => {
    const page = pageRenderer({ ...OPTIONS, secure_cookies: false })
      .signIn(signInView('live'), null);
    assert.deepEqual(headerValues(page, 'strict-transport-security'), []);
  });

  it('XS-07 pages name no other host and run no script', () => {
    const pages = [
      renderer.signIn(signInView('live'), null), renderer.consent(consentView('live')),
    ];
    for (const page of pages) {
      for (const { tag, attributes } of elementsOf(page.body)) {
        assert.notEqual(tag, 'script');
        for (const name of ['src', 'href', 'action']) {
          assert.match(attributes[name] ?? '/', /^(?:\/(?!\/)|#)/, `${tag} ${name}`);
        }
      }
    }
  });
});

describe('assets', () => {
  it('are kept for ever at a path that carries their hash', async () => {
    const browser = browserOf(dialect, () => accepted(null));
    for (const asset of ASSETS) {
      assert.match(asset.path, /^\/assets\/[a-z]+-[0-9a-f]{16}\.(?:css|svg)$/);
      const answer = await browser.send({ path: asset.path });
      assert.deepEqual(headerValues(answer, 'cache-control'),
        ['public, max-age=31536000, immutable']);
    }
  });

  it('are what the pages ask for', () => {
    const { body } = renderer.signIn(signInView('paper'), null);
    const links = elementsOf(body).filter(({ tag }) => tag === 'link')
      .map(({ attributes }) => attributes['href']);
    assert.equal(links.length, 2);
    assert.ok(links.every((link) => ASSETS.some(({ path }) => path === link)));
  });
});

describe('cookies', () => {
  it('CS-13 carry Secure, HttpOnly, SameSite and the world; in development they say so', () => {
    assert.equal(cookieName('paper', 'login', true), '__Host-cs_paper_login');
    assert.equal(cookieName('paper', 'flow', false), 'cs_paper_flow-dev');
    assert.deepEqual(setCookie('n', 'v', false),
      ['Set-Cookie', 'n=v; Path=/; HttpOnly; SameSite=Lax']);
  });

  it('CS-13 are never over 4096 bytes and never carry what could end them', () => {
    assert.throws(() => setCookie('n', 'v'.repeat(4090), true));
    for (const value of ['a;b', 'a\r\nb', 'a b', '', 'ü']) {
      assert.throws(() => setCookie('n', value, true));
    }
  });

  it('CS-07 two of one name are both ignored, the other world and other prefixes too', () => {
    const read = (header: string | undefined) => readCookies(header, 'live', true).login_cookie;
    assert.equal(read('a=b; __Host-cs_live_login=v1'), 'v1');
    for (const header of [
      undefined, '', '__Host-cs_live_login=v1; __Host-cs_live_login=v1',
      '__Host-cs_live_login=v1;__Host-cs_live_login=', '__Host-cs_paper_login=v1',
      'cs_live_login-dev=v1', 'cs_live_login=v1', '__host-cs_live_login=v1',
      '__Host-cs_live_login=a b', 'x__Host-cs_live_login=v1',
    ]) assert.equal(read(header), null, header);
  });

  it('P-03 reading never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => {
      const { flow_cookie } = readCookies(header, 'live', true);
      assert.ok(flow_cookie === null || /^[\w.~-]+$/.test(flow_cookie));
    }));
  });
});

describe('times in words', () => {
  it('are absolute in UTC and relative to the page', () => {
    assert.equal(dateWords(NOW), '24 November 2026, 19:40 UTC');
    assert.equal(dateWords(Date.UTC(2026, 0, 1)), '1 January 2026, 00:00 UTC');
    assert.equal(machineDate(NOW), '2026-11-24T19:40:05Z');
    const ago = (passed_s: number): string => agoWords(NOW - passed_s * 1000, NOW);
    assert.deepEqual([-5, 59, 60, 3599, 3600, 86_399, 86_400, 40 * 86_400].map(ago), [
      'just now', 'just now', '1 minute ago', '59 minutes ago', '1 hour ago', '23 hours ago',
      '1 day ago', '40 days ago',
    ]);
  });

  it('name spans by the largest unit that fits', () => {
    assert.deepEqual([1, 840, 3600, 4800, 8000, 86_399, 172_800].map(spanWords), [
      '1 minute', '14 minutes', '1 hour', '80 minutes', '2 hours 14 minutes', '24 hours', '2 days',
    ]);
  });
});
