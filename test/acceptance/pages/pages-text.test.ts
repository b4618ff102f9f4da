/** Text from elsewhere stays text: in pages, in errors, in headers (XS-01, 02, 04, 08, 09). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { refusedThreeWays } from '../../control/registration.ts';
import { createBrowser } from '../../outside/browser.ts';
import { call, callRaw, encodeForm, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { startServer } from '../../world.ts';
import { ENTRIES } from '../attacks/ways-in.ts';
import { refusesCommand } from '../attacks/registration.ts';
import { developmentSite, enterFlow, seeEveryPage, signIn } from './site.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;
const { A1, A2 } = APPS;

const HOSTILE = {
  script: '<script>alert(1)</script>zq7mark',
  attribute: '"><img src=x onerror=alert(1)>zq7mark',
  template: '{{7*7}}zq7mark',
  direction: 'zq7mark\u202eevil',
  entity: '&lt;script&gt;zq7mark',
} as const;

const PARAMETERS = [
  'error', 'error_description', 'error_hint', 'state', 'scope', 'client_id', 'login_hint',
  'ui_locales', 'display', 'user_code', 'redirect_uri', 'response_type', 'nonce', 'prompt',
  'redirectUrl', 'request', 'c', 'done',
] as const;

type Node = DefaultTreeAdapterTypes.Node;

function* elementsOf(node: Node): Generator<DefaultTreeAdapterTypes.Element> {
  if ('tagName' in node) yield node;
  if ('childNodes' in node) for (const child of node.childNodes) yield* elementsOf(child);
}

const RUNS = new Set(['script', 'iframe', 'object', 'embed', 'base', 'template', 'img']);

/** Nothing on the page runs, loads or leads elsewhere by itself. */
function assertInert({ text }: Answer, what: string): void {
  for (const { tagName, attrs } of elementsOf(parse(text))) {
    assert.ok(!RUNS.has(tagName), `${what}: <${tagName}>`);
    for (const { name, value } of attrs) {
      assert.ok(!/^on|^style$|^srcdoc$|^formaction$|^http-equiv$/.test(name), `${what}: ${name}`);
      const is_address = ['href', 'src', 'action', 'data'].includes(name);
      assert.ok(!is_address || /^(?:\/(?![/\\])|#)/.test(value), `${what}: ${name}=${value}`);
    }
  }
}

test('XS-01 markup in any parameter shows as text, or not at all, on every page', async () => {
  const paths = [...ENTRIES, '/login', '/connections', '/signed-out', '/', '/nothing'];
  for (const [kind, text] of Object.entries(HOSTILE)) {
    for (const path of paths) {
      for (const name of PARAMETERS) {
        const rest = name === 'client_id' ? [] : [['client_id', A1.id] as const];
        const query = encodeForm([[name, text], ...rest]);
        const what = `${kind} in ${name} at ${path}`;
        const visit = await createBrowser(live).open(`${path}?${query}`);
        if (visit.leaves_to !== null) {
          assert.ok(visit.leaves_to.startsWith('https://app.example/cb?error='), what);
          continue;
        }
        assert.ok(!visit.answer.text.includes('zq7mark'), `${what} is repeated`);
        assertInert(visit.answer, what);
      }
    }
  }
});

test('XS-01 what a form repeats is escaped: the name at a refused sign-in', async () => {
  for (const text of Object.values(HOSTILE)) {
    const browser = createBrowser(live);
    await browser.open('/login');
    const { answer } = await browser.submit('sign-in', { name: text, password: text });
    assert.equal(answer.status, 422);
    assertInert(answer, text);
    const [, shown] = browser.form('sign-in').fields.find(([name]) => name === 'name') ?? [];
    assert.equal(shown, text.replace('\u202e', '\ufffd'));
    assert.equal(answer.text.split('zq7mark').length, 2, 'once, as the value; never the password');
  }
  const flow = createBrowser(live);
  await flow.authorize(A1);
  for (const name of ['request', 'client_id', 'csrf']) {
    const fields = { name: 'x', password: 'y', [name]: HOSTILE.attribute };
    const { answer } = await flow.submit('sign-in', fields);
    assert.ok(!answer.text.includes('zq7mark'), name);
    await flow.authorize(A1);
  }
});

test('XS-02 hostile names of apps and customers are shown as text on every page', async () => {
  const name = '"><img src=x onerror=alert(1)>{{7*7}}';
  const made = await control.act('live', 'app.create', {
    name, redirect_uris: ['https://app.example/cb'], logo: 'https://evil.test/logo.svg',
    home_page: 'https://evil.test/', scopes: ['read'],
  });
  const app = { ...A1, id: String(made['client_id']) };
  await control.act('live', 'app.approve', { app: app.id });
  const login = { login_name: 'mallory', password: 'demo-password-of-mallory' };
  await control.act('live', 'customer.create', { ...login, name: '<b onclick=x>Mallory</b>' });
  await control.act('live', 'account.create', { customer: 'mallory', account: '6YX00001' });
  const site = { ...developmentSite(live), app, customer: login };
  const browser = createBrowser(live);
  await enterFlow(site, browser);
  const shown = [browser.page().answer, (await signIn(site, browser)).answer];
  await browser.consent('allow');
  shown.push((await browser.open('/connections')).answer);
  for (const answer of shown) {
    assertInert(answer, 'a hostile name');
    const place = shown.indexOf(answer);
    if (place < 2) assert.ok(pageText(answer.text).includes(name), 'the name, letter by letter');
    if (place > 0) assert.ok(pageText(answer.text).includes('<b onclick=x>Mallory</b>'));
    assert.ok(!answer.text.includes('logo.svg'), 'a logo is not loaded from its host');
    assert.match(String(answer.headers['content-security-policy']), /img-src 'self';/);
  }
});

test('XS-02 names with control, zero-width or direction characters are refused', async () => {
  const points = [0x00, 0x0a, 0x1b, 0x7f, 0x85, 0x200b, 0x200e, 0x2028, 0x202e, 0x2066, 0xfeff];
  const bad = points.map((point) => `Ac${String.fromCodePoint(point)}me`);
  for (const name of [...bad, 'x'.repeat(81), '', '  ', ' Acme']) {
    await refusedThreeWays(server, { name }, /name/);
  }
  for (const logo of ['javascript:alert(1)', 'data:image/svg+xml,x', 'http://evil.test/l.png',
    'https://user:pass@evil.test/l.png', 'https://evil.test/"onerror=x']) {
    await refusedThreeWays(server, { logo }, /(?:must|holds|has) /);
    await refusedThreeWays(server, { home_page: logo }, /(?:must|holds|has) /);
  }
  const options = ['--redirect-uri', 'https://app.example/cb', '--name', 'Ac\u202eme'];
  await refusesCommand(server, options, /name/);
});

test('XS-04 pages have no script to navigate or to post a message', async () => {
  const { pages } = await seeEveryPage(developmentSite(live));
  for (const [name, page] of pages) {
    assertInert(page, name);
    assert.doesNotMatch(page.text, /javascript:|postMessage|location\.|http-equiv/i, name);
    assert.equal(page.headers.refresh, undefined);
    const policy = String(page.headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; (?!script)/);
  }
  assert.ok(pages.size > 10);
});

const ALPHABET = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** Input that would leave the alphabet, or show up in an answer, wherever it is repeated. */
const INPUTS = [
  '"zq7mark\\', 'zq7mark<b>é', 'zq7mark\r\nX-Evil: 1', 'zq7mark\u0000', '\u202ezq7mark',
  'zq7mark%22',
];

function assertSpare(answer: Answer, what: string): void {
  const { error, error_description, fault } = answer.json<{
    error: string; error_description: string;
    fault: { faultstring: string; detail: { errorcode: string } };
  }>();
  for (const text of [error, error_description, fault.faultstring, fault.detail.errorcode]) {
    assert.match(text, ALPHABET, what);
  }
  const everything = `${answer.text}${JSON.stringify(answer.raw_headers)}`;
  assert.ok(!everything.includes('zq7mark'), `${what}: ${everything}`);
}

test('XS-08 error texts keep to their alphabet and repeat nothing that was sent', async () => {
  const basic = ['Authorization', A2.basic] as const;
  for (const text of INPUTS) {
    for (const path of ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken']) {
      for (const name of ['grant_type', 'code', 'refresh_token', 'scope', 'redirect_uri',
        'code_verifier', 'client_id', text]) {
        const pairs = new Map([
          ['grant_type', path.endsWith('accesstoken') ? 'authorization_code' : 'refresh_token'],
          ['code', 'x'], ['refresh_token', 'x'], [name, text],
        ]);
        const answer = await post(live.origin, path, [...pairs], [basic]);
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
        assertSpare(answer, `${name} at ${path}`);
      }
      const secret = btoa(unescape(encodeURIComponent(`${A2.id}:${text}`)));
      const form = [['grant_type', 'authorization_code'], ['code', text]] as const;
      const answer = await post(live.origin, path, form, [['Authorization', `Basic ${secret}`]]);
      assertSpare(answer, 'secret');
      await control.advance(61);
    }
    const ways = [[['client_id', text]], [['client_id', A1.id], ['redirect_uri', text]]] as const;
    for (const pairs of ways) {
      const answer = await call(live.origin, {
        path: `/v1/oauth/authorize?${encodeForm(pairs)}`, headers: [['Accept', 'application/json']],
      });
      assertSpare(answer, 'authorize');
    }
    for (const name of ['scope', 'response_type', 'code_challenge', 'prompt']) {
      const none = name === 'scope' ? [] : [['scope', 'zz'] as const];
      const query = encodeForm([[name, text], ...none]);
      const { url, error } = await errorCallback(live, A1, query);
      assert.match(error ?? '', /^[a-z_]+$/);
      assert.ok(!url.includes('zq7mark'), url);
    }
  }
});

test('XS-09 a line break in state stays inside the callback\'s query', async () => {
  const states = ['%0d%0aX-Evil:%201', 'a%0Ab', '%0d', '%E2%80%A8x', 'x%00y', '%c4%8d%c4%8a'];
  for (const state of states) {
    const { host } = new URL(live.origin);
    const target = `/v1/oauth/authorize?client_id=${A1.id}&scope=zz&state=${state}`;
    const head = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''];
    const raw = await callRaw(live.origin, head.join('\r\n'));
    const lines = raw.split('\r\n');
    assert.equal(lines[0], 'HTTP/1.1 302 Found', state);
    assert.ok(lines.every((line) => !/^\s*x-evil/i.test(line) && !/[\r\n\u0000]/.test(line)));
    const location = lines.find((line) => /^location:/i.test(line)) ?? '';
    const escaped = encodeURIComponent(decodeURIComponent(state));
    assert.equal(location.slice(location.indexOf(':') + 2),
      `https://app.example/cb?error=invalid_scope&state=${escaped}`);
    const { url } = await customerIn(live, 'u1').deny(A1, `state=${state}`);
    assert.equal(url, `https://app.example/cb?error=access_denied&state=${escaped}`);
  }
});

test('XS-09 a line break in a cookie is no cookie of ours and comes back nowhere', async () => {
  const browser = createBrowser(live);
  await browser.open('/login');
  const [[name, value] = ['', '']] = browser.cookies;
  for (const end of ['%0d%0aSet-Cookie:%20x=1', '\\r\\n', '"', ' x', '\u00e9', '%00', ',x']) {
    const headers = [['Cookie', `${name}=${value}${end}`]] as const;
    const answer = await call(live.origin, { path: '/login', headers });
    assert.equal(answer.status, 302, end);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    assert.match(cookie, /^cs_live_flow-dev=[A-Za-z0-9._~-]+; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.ok(!cookie.includes(value));
  }
});

test('XS-09 settings that would split a header do not start, and say which', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-settings-'));
  const bad = [
    ['live.issuer', 'https://as.example\r\nX-Evil: 1'], ['live.issuer', 'https://as.example/ö'],
    ['paper.pages_origin', 'http://127.0.0.1:1\r\nX-Evil: 1'],
    ['live.pages_origin', 'javascript:alert(1)'],
  ] as const;
  for (const [at, [key, value]] of bad.entries()) {
    const options = { data: join(home, `${at}`), set: { [key]: value } };
    await assert.rejects(startServer(options), (error: Error) => {
      assert.match(error.message, /exit code 78/);
      assert.ok(error.message.includes(key), error.message);
      assert.doesNotMatch(error.message, /\n\s+at /, 'a message, not a crash');
      return true;
    });
  }
  rmSync(home, { recursive: true, force: true });
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
