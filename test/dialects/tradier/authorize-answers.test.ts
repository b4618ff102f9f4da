/** Contract §3 and §4: the authorize endpoint, the page host's ways in, callbacks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AuthorizeParameters, Commands } from '../../../src/core/commands.ts';
import { callbackUrl, percentEncode } from '../../../src/core/rules/callback.ts';
import { REFUSALS, type Callback, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import type { Sent } from '../page-requests.ts';
import { exchange, headerOf, ok, refusal } from './exchange.ts';

const PATH = '/oauth/authorize';
const OPENED = { client_id: 'A1', request: 'cs_live_req_x', path: PATH, flow_cookie: null };
const BROWSER = { accept: 'text/html,application/xhtml+xml' };

const authorize = (query: string, more: Partial<Sent> = {}): Sent =>
  ({ path: '/v1/oauth/authorize', query, ...more });

async function parametersOf(query: string): Promise<AuthorizeParameters> {
  const { command } = await exchange(authorize(query), { result: ok(OPENED) });
  return (command as Commands['authorize']).parameters;
}

describe('the authorize endpoint', () => {
  test('the documented redirect: 302, an empty body, client_id first', async () => {
    const { response } = await exchange(authorize('client_id=A1'), { result: ok(OPENED) });
    assert.equal(response.status, 302);
    assert.equal(response.body, '');
    assert.equal(headerOf(response, 'location'),
      'https://auth.broker.example/oauth/authorize?client_id=A1&request=cs_live_req_x');
    assert.equal(headerOf(response, 'cache-control'), 'no-store');
    assert.equal(headerOf(response, 'referrer-policy'), 'no-referrer');
    assert.equal(headerOf(response, 'set-cookie'), undefined);
  });

  test('the page origin is that of the world', async () => {
    const { response } = await exchange(authorize('client_id=A1', { world: 'paper' }),
      { result: ok(OPENED) });
    assert.ok(headerOf(response, 'location')?.startsWith('https://paper-auth.broker.example/'));
  });

  test('parameters are read, not judged; empty ones are absent, state excepted', async () => {
    assert.deepEqual(await parametersOf('client_id=A1&redirect_uri=&response_type=&scope=&state=' +
      '&code_challenge=&code_challenge_method=&type=web_server'), {
      client_id: 'A1', redirect_uri: null, response_type: null, scope: null, state: '',
      code_challenge: null, code_challenge_method: null, resource: null, nonce: null,
      malformed: [],
    });
    assert.equal((await parametersOf('client_id=A1')).state, null);
    assert.deepEqual((await parametersOf('scope=read%2C+write')).scope, ['read', 'write']);
  });

  test('what came twice or is not UTF-8 is named; too many parameters trust nothing', async () => {
    assert.deepEqual((await parametersOf('client_id=A&client_id=A')).malformed, ['client_id']);
    assert.deepEqual((await parametersOf('state=%ff&redirect_uri=%zz')).malformed,
      ['state', 'redirect_uri']);
    assert.deepEqual((await parametersOf('a=1&'.repeat(101))).malformed, ['client_id']);
  });

  const callback: Callback = { redirect_uri: 'https://app.example/cb', state: 's1', iss: null };
  const words: { readonly [C in RefusalCode]?: string } = {
    authorization_request_malformed: 'invalid_request',
    response_type_unsupported: 'unsupported_response_type',
    pkce_malformed: 'invalid_request',
    pkce_missing: 'invalid_request',
    scope_empty: 'invalid_scope',
    overloaded: 'temporarily_unavailable',
    consent_denied: 'access_denied',
  };
  for (const [code, word] of Object.entries(words)) {
    test(`${code} with a validated callback travels as ${word}`, async () => {
      const result = refusal(code as RefusalCode, { callback });
      const { response } = await exchange(authorize('client_id=A1'), { result });
      assert.equal(response.status, 302);
      assert.equal(response.body, '');
      assert.equal(headerOf(response, 'location'), `https://app.example/cb?error=${word}&state=s1`);
    });
  }

  test('without a callback nothing redirects: a page for browsers, else an object', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const sent = authorize('client_id=canary');
      const plain = (await exchange(sent, { result: refusal(code) })).response;
      const status = code === 'overloaded' ? 503 : 400;
      assert.equal(plain.status, status, code);
      assert.equal(headerOf(plain, 'location'), undefined);
      const error = code === 'client_not_approved' ? 'unauthorized_client'
        : code === 'overloaded' ? 'temporarily_unavailable' : 'invalid_request';
      assert.equal((JSON.parse(plain.body) as { error: string }).error, error);
      const browser = { ...sent, headers: BROWSER };
      const page = (await exchange(browser, { result: refusal(code) })).response;
      assert.equal(page.status, status, code);
      assert.equal(headerOf(page, 'location'), undefined);
      assert.ok(headerOf(page, 'content-type')?.startsWith('text/html'));
      for (const { body } of [plain, page]) assert.ok(!/canary|private reason/.test(body));
    }
  });
});

describe('callbacks', () => {
  const at = (redirect_uri: string, state: string | null, iss: string | null = null): string =>
    callbackUrl({ redirect_uri, state, iss }, { name: 'code', value: 'C-_1' });

  test('code first, then state if it was sent, then iss; one question mark', () => {
    assert.equal(at('https://app.example/cb', 's1'), 'https://app.example/cb?code=C-_1&state=s1');
    assert.equal(at('https://app.example/cb', null), 'https://app.example/cb?code=C-_1');
    assert.equal(at('https://app.example/cb', ''), 'https://app.example/cb?code=C-_1&state=');
    const linked = 'https://app2.example/cb?tradier=linked&env=live';
    assert.equal(at(linked, 's1', 'https://as.example/a'),
      'https://app2.example/cb?tradier=linked&env=live&code=C-_1&state=s1' +
      '&iss=https%3A%2F%2Fas.example%2Fa');
  });

  test('P-02 state: every Unicode string comes back, and only unreserved characters travel', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 })
      .filter((some) => some.isWellFormed());
    fc.assert(fc.property(text, (state) => {
      const url = at('https://app.example/cb?x=1', state);
      assert.match(url, /^https:\/\/app\.example\/cb\?x=1&code=C-_1&state=[A-Za-z0-9\-._~%]*$/);
      assert.equal(new URL(url).searchParams.get('state'), state);
    }), { numRuns: 500 });
  });
});

describe('ways in on the page host', () => {
  test('direct entry reads the same parameters and binds the browser that asked', async () => {
    for (const path of ['/authorize', '/oauth/authorize']) {
      const result = ok({ ...OPENED, flow_cookie: 'cs_live_flow_new' });
      const { command, response } = await exchange({ path, query: 'client_id=A1&scope=read' },
        { result });
      assert.equal((command as Commands['authorize']).own_browser, true);
      assert.equal(headerOf(response, 'location'),
        '/oauth/authorize?client_id=A1&request=cs_live_req_x&c=1');
      const cookie = headerOf(response, 'set-cookie') ?? '';
      assert.match(cookie, /^__Host-cs_live_flow=cs_live_flow_new;/);
    }
  });

  test('login follows a redirectUrl to the authorize paths and nothing else', async () => {
    const inner = '/authorize?client_id=A1&scope=read%2Cwrite&state=a%26b%C3%A9';
    const query = `redirectUrl=${encodeURIComponent(inner)}`;
    const { command } = await exchange({ path: '/login', query }, { result: ok(OPENED) });
    const { parameters } = command as Commands['authorize'];
    assert.deepEqual([parameters.client_id, parameters.scope, parameters.state],
      ['A1', ['read', 'write'], 'a&b\u00e9']);
    for (const target of ['//evil.example/authorize?a', '/\\evil.example', 'https:evil.example',
      'https://evil.example/authorize?client_id=A1', '/\t/evil', '/other?client_id=A1',
      '/authorize/../x?client_id=A1', '//authorize?client_id=A1', '/authorizex?client_id=A1', '']) {
      const sent = { path: '/login', query: `redirectUrl=${encodeURIComponent(target)}` };
      const result = ok({ is: 'signed_in' } as const);
      const { command: shown, response } = await exchange(sent, { result });
      assert.ok(shown !== null && 'returned' in shown, target);
      assert.equal(headerOf(response, 'location'), '/connections');
    }
  });

  test('the first visit sets the flow cookie and comes back to itself once', async () => {
    const result = ok({ is: 'set_browser', flow_cookie: 'cs_live_flow_new' } as const);
    const page = { path: '/oauth/authorize', query: 'client_id=A1&request=cs_live_req_x' };
    const { command, response } = await exchange(page, { result });
    assert.equal((command as Commands['open_request']).returned, false);
    assert.equal(response.status, 302);
    assert.equal(headerOf(response, 'location'), `/oauth/authorize?${page.query}&c=1`);
    const again = { ...page, query: `${page.query}&c=1` };
    const second = await exchange(again, { result: refusal('browser_unknown') });
    assert.equal((second.command as Commands['open_request']).returned, true);
    assert.equal(second.response.status, 400);
    assert.equal(headerOf((await exchange({ path: '/login' }, { result })).response, 'location'),
      '/login?c=1');
  });

  test('a request handle sent twice is refused, an empty one is none', async () => {
    const twice = { path: '/oauth/authorize', query: 'request=a&request=b' };
    const { command, response } = await exchange(twice, { result: ok(OPENED) });
    assert.deepEqual([command, response.status], [null, 400]);
    const empty = { path: '/oauth/authorize', query: `client_id=A1&request=` };
    const entered = await exchange(empty, { result: ok(OPENED) });
    assert.ok('parameters' in (entered.command as object));
    assert.equal(percentEncode("!'()*"), '%21%27%28%29%2A');
  });
});
