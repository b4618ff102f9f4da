/** Both dialects behind the real adapter: the core answers anything, the client sends anything. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Dispatch } from '../../../src/core/commands.ts';
import { REFUSALS, type RefusalCode, refused } from '../../../src/core/rules/refusals.ts';
import { pagesDialect } from '../../../src/dialects/pages/dialect.ts';
import { type RawAnswer, type Stub, sendRaw, startStub } from '../../http/stub-server.ts';
import { dialectWith } from './exchange.ts';

const CODES = Object.keys(REFUSALS) as RefusalCode[];
const CHARACTERS_MAX = 600;

const PATHS = ['/v1/oauth/authorize', '/v1/oauth/accesstoken', '/v1/oauth/refreshtoken',
  '/v1/user/profile', '/oauth/authorize', '/authorize', '/login', '/consent', '/connections',
  '/connections/end', '/connections/end-all', '/connections/personal-token', '/logout', '/',
  '/v1/oauth/nothing', '/nothing'];

const HEADERS = ['Authorization', 'Cookie', 'Content-Type', 'Accept', 'X-Forwarded-For', 'Origin',
  'Sec-Fetch-Site', 'X-HTTP-Method-Override', 'Range', 'If-None-Match'];

/** What a header or a target may hold without ending its line. */
const latin1 = fc.uint8Array({ maxLength: 120 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[\0-\x1f\x7f]/g, ' '));

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'),
  path: fc.constantFrom(...PATHS),
  query: fc.oneof(latin1.map((text) => text.replace(/[ #]/g, '+')),
    fc.webQueryParameters().map((text) => `client_id=${text}&request=%ff`)),
  headers: fc.dictionary(fc.constantFrom(...HEADERS), fc.oneof(
    latin1, fc.constant('application/x-www-form-urlencoded'), fc.constant('text/html'),
    fc.base64String({ maxLength: 80 }).map((text) => `Basic ${text}`),
  ), { maxKeys: 6 }),
  body: fc.oneof(fc.uint8Array({ maxLength: CHARACTERS_MAX }), fc.webQueryParameters()
    .map((text) => Buffer.from(`grant_type=authorization_code&code=${text}`))),
  code: fc.constantFrom(...CODES),
});

describe('any bytes', () => {
  let stub: Stub;
  let code: RefusalCode = 'overloaded';
  before(async () => {
    const dispatch: Dispatch = () =>
      Promise.resolve(refused({ code, rule: 'a.rule', reason: 'private reason' }));
    const pages = { secure_cookies: true, development: false, worlds: {} };
    stub = await startStub({ http: {
      dialects: [dialectWith({ aliases: true }), pagesDialect(pages)],
      dispatch: { live: dispatch, paper: dispatch },
    } });
  });
  after(() => stub.server.close(0));

  test('P-03 any bytes at any endpoint get an answer below 500 with all its headers', async () => {
    await fc.assert(fc.asyncProperty(requests, async (request) => {
      code = request.code;
      const head = [
        `${request.method} ${request.path}?${request.query} HTTP/1.1`,
        `Host: ${stub.paper}`,
        ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
        `Content-Length: ${request.body.length}`,
        'Connection: close',
      ].join('\r\n');
      const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), request.body]);
      checkAnswer(await sendRaw(stub.port, bytes, 2000), code);
    }), { numRuns: 600 });
    for (const line of stub.lines) assert.notEqual(line.level, 'error', JSON.stringify(line));
  });
});

function checkAnswer({ status, headers, body, text }: RawAnswer, code: RefusalCode): void {
  assert.ok(status >= 200 && (status < 500 || (status === 503 && code === 'overloaded')), text);
  const type = headers.get('content-type');
  if (body !== '') {
    assert.match(type ?? '', /^(application\/(json|xml)|text\/(html; charset=utf-8|plain))$/);
  }
  if (type === 'application/json' && body !== '') JSON.parse(body);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('pragma'), 'no-cache');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('x-frame-options'), 'DENY');
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(headers.has('content-length'), true);
  assert.ok(!text.includes('private reason') && !text.includes('a.rule'), text);
  if (status === 405) assert.ok(headers.has('allow'));
  if (status >= 300 && status < 400) assert.ok(headers.get('location')?.startsWith('/'));
}
