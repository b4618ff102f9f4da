/** The authorize endpoint before anybody signs in: what it refuses, and how (contract §3). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call, callRaw } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App, WorldSite } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { tokens, exchange } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import {
  assertJsonUnstored, assertPage, assertRedirect, assertTokenError, tokenErrorText,
} from './answers.ts';
import { customerIn } from './customer.ts';
import { assertLogHoldsNoSecret } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper } = server;
const HTML = [['Accept', 'text/html,application/xhtml+xml;q=0.9']] as const;
const JSON_ONLY = [['Accept', 'application/json']] as const;

const PATH = '/v1/oauth/authorize';
const ALL = 'scope=read,write,trade,market,stream&state=s1';

function ask(query: string, world: WorldSite = live, headers = HTML as Headers): Promise<Answer> {
  return call(world.origin, { path: `${PATH}?${query}`, headers });
}

type Headers = readonly (readonly [string, string])[];

function of(app: App, rest: string): string {
  return `client_id=${app.id}&${rest}`;
}

/** A redirect to our own page: the request was taken. */
function assertGoesOn(answer: Answer, app: App, world: WorldSite = live): void {
  const page = `${world.origin}/oauth/authorize?client_id=${app.id}&request=`;
  const location = answer.headers.location ?? '';
  assertRedirect(answer, location);
  assert.ok(location.startsWith(page), location);
  assert.match(location.slice(page.length), /^[A-Za-z0-9._~-]+$/);
}

test('AT-T1 authorize answers an empty 302 to the page host, client_id first', async () => {
  const query = of(APPS.A1, ALL);
  for (const world of [live, paper]) assertGoesOn(await ask(query, world), APPS.A1, world);
  const { host } = new URL(live.origin);
  const head = [`GET ${PATH}?${query} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '', ''];
  const raw = await callRaw(live.origin, head.join('\r\n'));
  assert.match(raw, /^HTTP\/1\.1 302 /);
  assert.match(raw, /\r\ncontent-length: 0\r\n/i);
  assert.doesNotMatch(raw, /\r\ntransfer-encoding:/i);
  assert.ok(raw.endsWith('\r\n\r\n'), 'nothing follows the header');
});

const MARK = 'zq7mark';

test('AT-T7 no, unknown, disabled or foreign client_id: 400 without Location', async () => {
  const rest = `scope=${MARK}&state=${MARK}&redirect_uri=https%3A%2F%2F${MARK}.example%2F`;
  const unknown = `${MARK}${'x'.repeat(25)}`;
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['none', rest, 'client_id'],
    ['empty', `client_id=&${rest}`, 'client_id'],
    ['unknown', `client_id=${unknown}&${rest}`, undefined],
    ['markup', `client_id=%3Cscript%3E${MARK}%3C%2Fscript%3E&${rest}`, undefined],
    ['disabled', of(APPS.disabled, rest), undefined],
    ['only in the other world', of(APPS.A3, rest), undefined],
  ];
  for (const [name, query, parameter] of rows) {
    assertPage(await ask(query), [MARK, APPS.disabled.name]);
    const json = await ask(query, live, JSON_ONLY);
    assert.equal(json.status, 400, name);
    assertJsonUnstored(json);
    const said = parameter ?? /Required param : ([\w-]+)/.exec(json.text)?.[1] ?? '';
    assert.equal(json.text, tokenErrorText('E2', said), name);
    assert.ok(!json.text.includes(MARK), `${name}: the answer repeats the request`);
  }
  // The world that has the app takes the same request.
  assertGoesOn(await ask(of(APPS.A3, 'scope=read'), paper), APPS.A3, paper);
});

test('AT-T7 an app that waits for approval is told so: 400 unauthorized_client', async () => {
  const query = of(APPS.pending, `state=${MARK}`);
  assertPage(await ask(query), [MARK]);
  assertTokenError(live, await ask(query, live, JSON_ONLY), 'E5');
});

const FOREIGN_URIS = {
  unregistered: 'https://evil.example/cb',
  prefix: 'https://app.example/c',
  longer: 'https://app.example/cb2',
  below: 'https://app.example/cb/more',
  'other case of the path': 'https://app.example/CB',
  'other case of the host': 'https://APP.example/cb',
  'extra slash': 'https://app.example/cb/',
  'doubled slash': 'https://app.example//cb',
  'extra query': 'https://app.example/cb?x=1',
  'empty query': 'https://app.example/cb?',
  fragment: 'https://app.example/cb#x',
  'empty fragment': 'https://app.example/cb#',
  userinfo: 'https://app.example@evil.example/cb',
  'own userinfo': 'https://me@app.example/cb',
  'default port': 'https://app.example:443/cb',
  'plain http': 'http://app.example/cb',
  'trailing blank': 'https://app.example/cb ',
  'escaped letter': 'https://app.example/%63b',
  'dot segment': 'https://app.example/x/../cb',
} as const;

test('AT-T8 a redirect_uri that differs by anything from the registered one: page', async () => {
  for (const [name, uri] of Object.entries(FOREIGN_URIS)) {
    const query = of(APPS.A1, `scope=read&redirect_uri=${encodeURIComponent(uri)}`);
    const page = await ask(query);
    assert.equal(page.status, 400, name);
    assertPage(page, [uri, 'evil.example']);
    assertTokenError(live, await ask(query, live, JSON_ONLY), 'E2', 'redirect_uri');
  }
  const exact = `scope=read&redirect_uri=${encodeURIComponent('https://app.example/cb')}`;
  assertGoesOn(await ask(of(APPS.A1, exact)), APPS.A1);
});

test('AT-T11 response_type absent or code goes on, others end at the callback', async () => {
  const cb = 'https://app.example/cb';
  for (const kind of ['', '&response_type=', '&response_type=code', '&type=web_server']) {
    assertGoesOn(await ask(of(APPS.A1, `scope=read&state=s1${kind}`)), APPS.A1);
  }
  for (const kind of ['token', 'code%20token', 'id_token', 'CODE', 'none']) {
    const answer = await ask(of(APPS.A1, `scope=read&state=s1&response_type=${kind}`));
    assertRedirect(answer, `${cb}?error=unsupported_response_type&state=s1`);
  }
});

test('AT-T14 client_id or redirect_uri twice: page; any other twice: callback', async () => {
  const uri = encodeURIComponent('https://app.example/cb');
  const doubled: readonly (readonly [string, string])[] = [
    ['client_id', `client_id=${APPS.A1.id}&${of(APPS.A1, 'state=s1')}`],
    ['client_id', `client_id=${APPS.A2.id}&${of(APPS.A1, 'state=s1')}`],
    ['redirect_uri', of(APPS.A1, `redirect_uri=${uri}&redirect_uri=${uri}&state=s1`)],
    ['redirect_uri', of(APPS.A1, `redirect_uri=${uri}&redirect%5Furi=https%3A%2F%2Fevil.test`)],
  ];
  for (const [name, query] of doubled) {
    assertPage(await ask(query), ['evil.test']);
    assertTokenError(live, await ask(query, live, JSON_ONLY), 'E2', name);
  }
  const refused = 'https://app.example/cb?error=invalid_request';
  // Which of two states to echo nobody knows, so none is.
  assertRedirect(await ask(of(APPS.A1, 'state=s1&state=s2')), refused);
  const others = ['scope=read&scope=read', 'response_type=code&response_type=code'];
  for (const pair of others) {
    assertRedirect(await ask(of(APPS.A1, `state=s1&${pair}`)), `${refused}&state=s1`);
  }
});

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

test('AT-T15 a challenge goes with S256 only, and S256 with a challenge only', async () => {
  const wrong = [
    `code_challenge=${CHALLENGE}`,
    `code_challenge=${CHALLENGE}&code_challenge_method=plain`,
    `code_challenge=${CHALLENGE}&code_challenge_method=s256`,
    `code_challenge=${CHALLENGE}&code_challenge_method=S256%20`,
    'code_challenge_method=S256',
    'code_challenge=short&code_challenge_method=S256',
  ];
  for (const pair of wrong) {
    const answer = await ask(of(APPS.A1, `scope=read&state=s1&${pair}`));
    assertRedirect(answer, 'https://app.example/cb?error=invalid_request&state=s1');
  }
  const right = `code_challenge=${CHALLENGE}&code_challenge_method=S256`;
  assertGoesOn(await ask(of(APPS.A1, `scope=read&state=s1&${right}`)), APPS.A1);
});

test('AT-T20 a link to the login page with a request inside leads to its consent', async () => {
  const inner = `/authorize?client_id=${APPS.A1.id}&scope=read&state=x`;
  for (const path of [inner, inner.replace('/authorize', '/oauth/authorize')]) {
    const browser = createBrowser(live);
    await browser.open(`/login?redirectUrl=${encodeURIComponent(path)}`);
    const { answer } = await browser.signIn('u1');
    assert.equal(answer.status, 200);
    const form = browser.form('consent');
    assert.ok(form.fields.some(([name, value]) => name === 'client_id' && value === APPS.A1.id));
    assert.ok(pageText(answer.text).includes(APPS.A1.name));
    const { url, code } = await browser.consent('allow');
    assert.equal(url, `https://app.example/cb?code=${code}&state=x`);
    assert.equal(tokens(await exchange(live, APPS.A1, code ?? '')).scope, 'read');
  }
});

test('AT-T21 a redirectUrl that is not one of our two paths is ignored', async () => {
  const targets = [
    '//evil.example', '/\\evil.example', 'https:evil.example', '/%09/evil', '/other',
    'https://evil.example/authorize', '//evil.example/authorize?client_id=x', '/\t/evil.example',
    '/authorize/../other', '/login', 'javascript:alert(1)', '\\\\evil.example', '',
    '/authorize@evil.example', `@evil.example/authorize?client_id=${APPS.A1.id}`,
  ];
  for (const target of targets) {
    const browser = createBrowser(live);
    const shown = await browser.open(`/login?redirectUrl=${encodeURIComponent(target)}`);
    const hops = [...shown.hops, shown.answer].map(({ headers }) => headers.location ?? '');
    assert.ok(hops.every((to) => to === '' || new URL(to, live.origin).origin === live.origin));
    assert.equal(shown.leaves_to, null, target);
    assert.equal(shown.answer.status, 200, target);
    assert.ok(browser.form('sign-in').fields.every(([name]) => name !== 'request'), target);
  }
  const browser = createBrowser(live);
  await browser.open(`/login?redirectUrl=${encodeURIComponent('//evil.example')}`);
  const { url, leaves_to } = await browser.signIn('u1');
  assert.deepEqual({ url, leaves_to }, { url: `${live.origin}/connections`, leaves_to: null });
});

test('AT-T22 authorize takes GET only, and says so', async () => {
  for (const method of ['POST', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const path = `${PATH}?${of(APPS.A1, ALL)}`;
    const answer = await call(live.origin, { method, path });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'GET', method);
    assert.equal(answer.headers['cache-control'], 'no-store', method);
    assert.equal(answer.headers.location, undefined, method);
    if (method === 'HEAD') {
      assert.equal(answer.text, '');
      continue;
    }
    const { error, error_description } = answer.json();
    assert.equal(error, 'invalid_request', method);
    assert.doesNotMatch(String(error_description), /POST/, 'it names the method that works');
  }
  assertGoesOn(await ask(of(APPS.A1, ALL)), APPS.A1);
  assert.ok((await customerIn(live, 'u1').allow(APPS.A1, ALL)).code);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
