/** The code exchange: who may ask, in what form, and the answer byte for byte (contract §5). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, callRaw, encodeForm, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import {
  assertFault, assertJsonUnstored, assertTokenError, readTokenAnswer,
} from './answers.ts';
import { customerIn } from './customer.ts';
import { assertLogHoldsNoSecret } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live } = server;
const { control } = server;
const u1 = customerIn(live, 'u1');
const { A1, A2 } = APPS;

const PATH = '/v1/oauth/accesstoken';
const ALL = 'read write trade market stream';
type Headers = readonly (readonly [string, string])[];

const basic = (app: App, scheme = 'Basic '): Headers => [
  ['Authorization', app.basic.replace('Basic ', scheme)],
];

/** A code exchange with this body and these headers. */
function redeem(body: string, headers: Headers): Promise<Answer> {
  return post(live.origin, PATH, body, headers);
}

const form = (code: string): string => `grant_type=authorization_code&code=${code}`;
const body_credentials = (id: string, secret: string): string =>
  encodeForm([['client_id', id], ['client_secret', secret]]);

async function newCode(app: App = A1, query = ''): Promise<string> {
  return (await u1.allow(app, query)).code;
}

test('AT-T23 the answer has the documented members, in order, with New York time', async () => {
  const at = Math.ceil(Date.now() / 1_000) * 1_000 + 60_000;
  await control.setClock(at);
  const code = await newCode();
  const answer = await redeem(form(code), basic(A1));
  const { access_token, issued_at, scope } = readTokenAnswer(answer);
  assert.equal(scope, ALL);
  const age_ms = Date.parse(issued_at) - at;
  assert.ok(age_ms >= 0 && age_ms < 15_000, `issued ${age_ms} ms after the clock was set`);
  assert.equal((await profile(live, access_token)).status, 200);
});

test('AT-T24 credentials in the body work like Basic; both must agree', async () => {
  const own = body_credentials(A1.id, A1.secret);
  assert.equal((await redeem(`${form(await newCode())}&${own}`, [])).status, 200);
  assert.equal((await redeem(`${form(await newCode())}&${own}`, basic(A1))).status, 200);
  const code = await newCode();
  const conflicts = [
    body_credentials(A2.id, A2.secret), body_credentials(A1.id, A2.secret),
    body_credentials(A2.id, A1.secret), `client_secret=${A2.secret}`,
  ];
  for (const other of conflicts) {
    const answer = await redeem(`${form(code)}&${other}`, basic(A1));
    assertTokenError(live, answer, 'E2', 'client_secret');
  }
  const twice = [...basic(A1), ...basic(A1)];
  assertTokenError(live, await redeem(form(code), twice), 'E2', 'Authorization');
  assert.equal((await redeem(form(code), basic(A1))).status, 200, 'refusals spend nothing');
});

test('AT-T25 Basic without its scheme word, and in any letter case', async () => {
  for (const scheme of ['', 'basic ', 'BASIC ', 'bAsIc  ']) {
    const answer = await redeem(form(await newCode()), basic(A1, scheme));
    assert.equal(answer.status, 200, `"${scheme}" ${answer.text}`);
  }
  // RFC 6749 clients form-encode the two parts first.
  const encoded = [A1.id, A1.secret].map((part) => part.replaceAll('-', '%2D')).join(':');
  const authorization = `Basic ${Buffer.from(encoded).toString('base64')}`;
  const answer = await redeem(form(await newCode()), [['Authorization', authorization]]);
  assert.equal(answer.status, 200, answer.text);
});

test('AT-T26 another scheme is ignored beside body credentials, and nothing without', async () => {
  const code = await newCode();
  const bearer = [['Authorization', 'Bearer x']] as const;
  assertTokenError(live, await redeem(form(code), bearer), 'E1');
  const own = body_credentials(A1.id, A1.secret);
  assert.equal((await redeem(`${form(code)}&${own}`, bearer)).status, 200);
});

test('AT-T27 redirect_uri at the token endpoint is ignored, whatever it says', async () => {
  const code = await newCode(A1, 'state=s1');
  const values = [
    `https://app.example/cb?code=${code}&state=s1`, 'https://evil.example/', 'not a uri', '',
  ];
  for (const [at, value] of values.entries()) {
    const own = at === 0 ? code : await newCode();
    assert.equal((await exchange(live, A1, own, [['redirect_uri', value]])).status, 200, value);
  }
});

test('AT-T28 odd order, names, charsets and headers do not disturb the exchange', async () => {
  const type = 'application/x-www-form-urlencoded';
  const rows: readonly (readonly [(code: string) => string, Headers])[] = [
    [(code) => `code=${code}&grant_type=authorization_code`, []],
    [(code) => `foo=1&${form(code)}&bar[]=2&foo=3&state=s1&type=web_server&=&&`, []],
    [form, [['Content-Type', `${type}; charset=ISO-8859-1`]]],
    [form, [['Content-Type', `${type};charset=UTF-8`]]],
    [form, [['Content-Type', type.toUpperCase()]]],
    [form, [['Accept', type]]],
    [form, [['Accept', 'text/html']]],
    [form, [['Accept', 'application/xml;q=1, */*;q=0']]],
    [form, [['Accept-Encoding', 'gzip,deflate'], ['Connection', 'close']]],
    [form, [['User-Agent', 'Node-oauth'], ['Cookie', 'a=b']]],
  ];
  for (const [body, headers] of rows) {
    const answer = await redeem(body(await newCode()), [...basic(A1), ...headers]);
    assert.equal(answer.status, 200, `${headers.join()} ${answer.text}`);
    assert.equal(tokens(answer).status, 'approved');
    assertJsonUnstored(answer);
    assert.equal(answer.headers['content-encoding'], undefined);
  }
  const raw = await exchangeExpecting(await newCode());
  assert.match(raw, /^HTTP\/1\.1 100 [\s\S]*HTTP\/1\.1 200 [\s\S]*"status":"approved"/);
});

/** Sends `Expect: 100-continue` and no `User-Agent`, as the vendor's C# sample does. */
function exchangeExpecting(code: string): Promise<string> {
  const body = form(code);
  const head = [
    `POST ${PATH} HTTP/1.1`, `Host: ${new URL(live.origin).host}`, `Authorization: ${A1.basic}`,
    'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`,
    'Expect: 100-continue', 'Connection: close',
  ];
  return callRaw(live.origin, `${head.join('\r\n')}\r\n\r\n${body}`);
}

test('AT-T29 no, wrong or dead client credentials: 401 with a Basic challenge', async () => {
  const code = await newCode();
  const pair = (text: string): Headers => [
    ['Authorization', `Basic ${Buffer.from(text).toString('base64')}`],
  ];
  const rows: readonly (readonly [string, Headers])[] = [
    ['', []],
    ['', pair(`${A1.id}:${A2.secret}`)],
    ['', pair(`${A1.id}:`)],
    ['', pair(`${A1.id}:${A1.secret}x`)],
    ['', pair(`${A1.id}:${A1.secret.slice(0, -1)}`)],
    ['', pair(`${'x'.repeat(32)}:${A1.secret}`)],
    ['', pair(`__proto__:${A1.secret}`)],
    ['', basic(APPS.disabled)],
    ['', [['Authorization', 'Basic']]],
    ['', [['Authorization', 'Basic !!!']]],
    ['', pair('no-colon')],
    [`&${body_credentials(A1.id, A2.secret)}`, []],
    [`&client_id=${A1.id}`, []],
    [`&${body_credentials(APPS.disabled.id, APPS.disabled.secret)}`, []],
  ];
  for (const [rest, headers] of rows) {
    assertTokenError(live, await redeem(`${form(code)}${rest}`, headers), 'E1');
  }
  // An app that waits for approval is who it says, but may do nothing.
  assertTokenError(live, await redeem(form(code), basic(APPS.pending)), 'E5');
  assert.equal((await redeem(form(code), basic(A1))).status, 200);
});

/** What the store of the live world was asked so far. */
async function storeWork(): Promise<object> {
  const { live: counts } = await control.counts();
  const { reads, records_read, commits } = counts as { [name: string]: number };
  assert.ok(reads !== undefined && records_read !== undefined && commits !== undefined);
  return { reads, records_read, commits };
}

test('AT-T30 a code that is unknown, cut, altered or of another kind is no code', async () => {
  const code = await newCode();
  const { refresh_token = '', access_token } = await u1.link(A2);
  await u1.ask(A1);
  const handle = u1.browser.form('consent').fields.find(([name]) => name === 'request')?.[1] ?? '';
  assert.ok(refresh_token !== '' && handle !== '');
  const last = code.at(-1) === 'A' ? 'B' : 'A';
  const middle = code.length >> 1;
  const altered = code[middle] === 'A' ? 'B' : 'A';
  const wrong = [
    'unknown', 'null', 'undefined', '%00', '%22', '%27%20or%201%3D1', 'x'.repeat(8_000),
    code.slice(0, -1), code.slice(1), `${code}A`, `${code.slice(0, -1)}${last}`,
    `${code.slice(0, middle)}${altered}${code.slice(middle + 1)}`, code.toUpperCase(),
    `${code}%20`, `%20${code}`, `${code}%00`,
    refresh_token, access_token, handle, ...u1.browser.cookies.values(),
  ];
  const before = await storeWork();
  for (const text of wrong) assertTokenError(live, await redeem(form(text), basic(A1)), 'E3');
  assert.deepEqual(await storeWork(), before, 'the tag tells a forgery without a query');
  assert.equal((await redeem(form(code), basic(A1))).status, 200, 'nothing of this spends it');
  assert.equal((await profile(live, access_token)).status, 200);
});

test('AT-T38 a missing grant_type is malformed, others are not offered', async () => {
  const code = await newCode();
  const missing = [`code=${code}`, `grant_type=&code=${code}`, ''];
  for (const body of missing) {
    assertTokenError(live, await redeem(body, basic(A1)), 'E2', 'grant_type');
  }
  const others = [
    'client_credentials', 'password&username=u1&password=x', 'implicit', 'AUTHORIZATION_CODE',
    'urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer', 'authorization_code%20', '__proto__',
  ];
  for (const type of others) {
    const answer = await redeem(`grant_type=${type}&code=${code}`, basic(A1));
    assertTokenError(live, answer, 'E6');
  }
  for (const name of ['code', 'refresh_token']) {
    const type = name === 'code' ? 'authorization_code' : 'refresh_token';
    assertTokenError(live, await redeem(`grant_type=${type}`, basic(A1)), 'E2', name);
  }
  assert.equal((await redeem(form(code), basic(A1))).status, 200);
});

test('AT-T39 wrong body form, method, place or size each has its own 4xx', async () => {
  const code = await newCode();
  const json = JSON.stringify({ grant_type: 'authorization_code', code });
  const as_json = [...basic(A1), ['Content-Type', 'application/json']] as const;
  assertTokenError(live, await redeem(json, as_json), 'E2', 'Content-Type');
  const untyped = await call(live.origin, {
    method: 'POST', path: PATH, body: form(code), headers: basic(A1),
  });
  assertTokenError(live, untyped, 'E2', 'Content-Type');
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await call(live.origin, { method, path: PATH, headers: basic(A1) });
    assertTokenError(live, answer, 'E8');
  }
  const leaked = await post(live.origin, `${PATH}?client_secret=${A1.secret}`, form(code), [
    ...basic(A1),
  ]);
  assertTokenError(live, leaked, 'E2', 'client_secret');
  assertTokenError(live, await redeem(`${form(code)}&code=${code}`, basic(A1)), 'E2', 'code');
  const huge = `${form(code)}&pad=${'x'.repeat(65 * 1_024)}`;
  assertTokenError(live, await redeem(huge, basic(A1)), 'E9');
  const chunked = [...basic(A1), ['Transfer-Encoding', 'chunked']] as const;
  assertTokenError(live, await redeem(huge, chunked), 'E9');
  assert.equal((await redeem(form(code), basic(A1))).status, 200);
});

test('AT-T40 only an app with refresh approval is handed a refresh token', async () => {
  const plain = await exchange(live, A1, await newCode(A1));
  assert.ok(!plain.text.includes('refresh'), plain.text);
  const approved = await exchange(live, A2, await newCode(A2));
  assert.deepEqual(Object.keys(approved.json()), [
    'access_token', 'expires_in', 'issued_at', 'refresh_token', 'scope', 'status', 'token_type',
  ]);
  assert.match(approved.text, /","refresh_token":"[A-Za-z0-9._~-]{43,255}","scope":"/);
});

test('AT-T51 token_type can be left out, and the refresh token repeated', async () => {
  await control.config({ 'tradier.token_type': 'off' });
  const five = await exchange(live, A1, await newCode());
  assert.deepEqual(Object.keys(five.json()), [
    'access_token', 'expires_in', 'issued_at', 'scope', 'status',
  ]);
  assert.ok(five.text.endsWith('"status":"approved"}'), five.text);
  await control.config({ 'tradier.token_type': 'Bearer', 'tradier.refresh_echo': true });
  const { refresh_token = '' } = await u1.link(A2);
  const again = await post(
    live.origin, '/v1/oauth/refreshtoken',
    `grant_type=refresh_token&refresh_token=${refresh_token}`, basic(A2),
  );
  assert.equal(tokens(again).refresh_token, refresh_token);
  assert.equal(Object.keys(again.json())[3], 'refresh_token');
  await control.config({ 'tradier.refresh_echo': false });
});

test('AT-T50 the issue time carries the offset of New York in winter and in summer', async () => {
  const seasons = [
    ['2031-01-15T17:30:05Z', '2031-01-15T12:30:0', '-05:00'],
    ['2031-07-15T03:30:05Z', '2031-07-14T23:30:0', '-04:00'],
  ] as const;
  for (const [clock, local, offset] of seasons) {
    await control.setClock(clock);
    const { issued_at, access_token } = await u1.link(A1);
    assert.ok(issued_at.startsWith(local) || issued_at.startsWith(local.slice(0, -1)), issued_at);
    assert.ok(issued_at.endsWith(offset), issued_at);
    const age_ms = Date.parse(issued_at) - Date.parse(clock);
    assert.ok(age_ms >= 0 && age_ms < 15_000, `${age_ms} ms`);
    assert.equal((await profile(live, access_token)).status, 200);
  }
  assertFault(live, await profile(live, 'junk'), 'F1');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
