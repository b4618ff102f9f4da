/** The dialect behind the real adapter: the core answers anything, the client sends anything. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Dispatch } from '../../../src/core/commands.ts';
import {
  REFUSALS, type Refusal, type RefusalCode, refused,
} from '../../../src/core/rules/refusals.ts';
import { pagesDialect } from '../../../src/dialects/pages/dialect.ts';
import { tradovateDialect } from '../../../src/dialects/tradovate/dialect.ts';
import { type RawAnswer, type Stub, sendRaw, startStub } from '../../http/stub-server.ts';
import { optionsWith } from './exchange.ts';

const CODES = Object.keys(REFUSALS) as RefusalCode[];

const PATHS = ['/auth/oauthtoken', '/v1/auth/oauthtoken', '/auth/accesstokenrequest',
  '/auth/renewaccesstoken', '/Auth/ME', '/auth/challenge', '/auth/countryisbanned',
  '/auth/products', '/auth/getproduct', '/auth/search', '/gettimestamp', '/v1/oidcuserinfo',
  '/auth/jwks', '/.well-known/openid-configuration', '/oauth', '/v1/order/list',
  '/v1/account/List', '/v1/order/%00', '/auth/nothing', '/nothing', '/v1/user/../x'];

const HEADERS = ['Authorization', 'Cookie', 'Content-Type', 'Accept', 'Origin', 'Sec-Purpose',
  'X-HTTP-Method-Override', 'Access-Control-Request-Method'];

const NAMES = ['grant_type', 'code', 'client_id', 'cid', 'name', 'password', 'httpAuth', 'enc',
  'country', 'id', 'text', 'limit', 'p-ticket', '__proto__', 'x'];

/** What a header or a target may hold without ending its line. */
const latin1 = fc.uint8Array({ maxLength: 120 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[\0-\x1f\x7f]/g, ' '));

const members = fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(
  fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 90 }),
  fc.constant('Basic MTpi'), fc.integer(),
), { maxKeys: 8 });

const queries = fc.oneof(latin1.map((text) => text.replace(/[ #]/g, '+')),
  fc.webQueryParameters().map((text) => `client_id=${text}&env=demo`),
  fc.constantFrom('env=demo', 'request=x', 'code=y', 'p-ticket=%ff', 'deviceId=a&deviceId=b'));

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'OPTIONS'),
  path: fc.constantFrom(...PATHS),
  query: queries,
  headers: fc.dictionary(fc.constantFrom(...HEADERS), fc.oneof(
    latin1, fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/html',
      'Bearer abc', 'Bearer !'),
    fc.base64String({ maxLength: 80 }).map((text) => `Basic ${text}`),
  ), { maxKeys: 6 }),
  body: fc.oneof(fc.uint8Array({ maxLength: 400 }), members.map((value) =>
    Buffer.from(JSON.stringify(value))), fc.webQueryParameters()
    .map((text) => Buffer.from(`grant_type=authorization_code&code=${text}`))),
  code: fc.constantFrom(...CODES),
});

describe('any bytes', () => {
  let stub: Stub;
  let refusal: Refusal = { code: 'overloaded', rule: 'a.rule', reason: 'private reason' };
  before(async () => {
    const dispatch: Dispatch = () => Promise.resolve(refused(refusal));
    const pages = { secure_cookies: true, development: false, worlds: {} };
    const options = optionsWith({ example_resources: true });
    stub = await startStub({ http: {
      dialects: [tradovateDialect(options), pagesDialect(pages)],
      dispatch: { live: dispatch, paper: dispatch },
    } });
  });
  after(() => stub.server.close(0));

  test('P-03 any bytes at any endpoint get an answer below 500 with all its headers', async () => {
    await fc.assert(fc.asyncProperty(requests, async (request) => {
      refusal = {
        ...refusal, code: request.code, penalty: { ticket: 't', wait_s: 1, captcha: false },
      };
      const head = [
        `${request.method} ${request.path}?${request.query} HTTP/1.1`,
        `Host: ${stub.paper}`,
        ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
        `Content-Length: ${request.body.length}`,
        'Connection: close',
      ].join('\r\n');
      const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), request.body]);
      checkAnswer(await sendRaw(stub.port, bytes, 2000), request);
    }), { numRuns: 800 });
    for (const line of stub.lines) assert.notEqual(line.level, 'error', JSON.stringify(line));
  });
});

function checkAnswer(
  { status, headers, body, text }: RawAnswer,
  { code, path }: { readonly code: RefusalCode; readonly path: string },
): void {
  assert.ok(status >= 200 && (status < 500 || (status === 503 && code === 'overloaded')), text);
  if (status === 401 || status === 404 || status === 408 || status === 429) {
    assert.ok(body === '' || path === '/nothing', text);
  }
  const type = headers.get('content-type') ?? '';
  if (body !== '') assert.match(type, /^(application\/json|text\/html; charset=utf-8)$/);
  if (type === 'application/json' && body !== '') JSON.parse(body);
  const public_answer = headers.get('cache-control') === 'public, max-age=300';
  if (!public_answer) assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.has('content-length'), true);
  assert.ok(!text.includes('private reason') && !text.includes('a.rule'), text);
  if (code !== 'penalty') assert.ok(!body.includes('"p-'), text);
  if (status === 405) assert.ok(headers.has('allow'));
  if (status >= 300 && status < 400) assert.ok(headers.get('location')?.startsWith('/oauth'));
}
