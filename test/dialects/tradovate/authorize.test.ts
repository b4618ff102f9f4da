/** The authorize page (contract §4): ways in, ways back, and what never redirects. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuthorizeParameters, Commands } from '../../../src/core/commands.ts';
import { type Callback, REFUSALS, type RefusalCode } from '../../../src/core/rules/refusals.ts';
import { tradovateDialect } from '../../../src/dialects/tradovate/dialect.ts';
import {
  type Scripted, WORLDS, exchange, exchangeWith, headerOf, ok, optionsWith, refusal,
} from './exchange.ts';

const OPENED = { client_id: '40001', request: 'R', path: '/oauth', flow_cookie: null };
const QUERY = 'response_type=code&client_id=40001&redirect_uri=https%3A%2F%2Fapp.example%2Fcb';

const ask = (query: string, scripted: Scripted = { result: ok(OPENED) }) =>
  exchange({ path: '/oauth', query, headers: { cookie: 'flow' } }, scripted);

async function parametersOf(query: string): Promise<AuthorizeParameters> {
  const { command } = await ask(query);
  return (command as Commands['authorize']).parameters;
}

describe('a request begins', () => {
  test('in its own browser, and goes on at its own page', async () => {
    for (const path of ['/oauth', '/OAuth']) {
      const { command, response } = await exchange({ path, query: QUERY }, {
        result: ok({ ...OPENED, flow_cookie: 'new' }),
      });
      const { own_browser, flow_cookie, profile } = command as Commands['authorize'];
      assert.deepEqual([own_browser, flow_cookie, profile.dialect], [true, null, 'tradovate']);
      assert.equal(`${response.status} ${response.body}`, '303 ');
      assert.equal(headerOf(response, 'location'), '/oauth?client_id=40001&request=R&c=1');
      assert.equal(headerOf(response, 'set-cookie'), 'live=new');
      assert.equal(headerOf(response, 'cache-control'), 'no-store');
      assert.equal(headerOf(response, 'access-control-allow-origin'), undefined);
    }
    const { command, response } = await ask(QUERY);
    assert.equal((command as Commands['authorize']).flow_cookie, 'flow');
    assert.equal(headerOf(response, 'set-cookie'), undefined);
  });

  test('parameters are read, not judged; empty ones are absent, state excepted', async () => {
    const nothing = {
      client_id: null, redirect_uri: '', response_type: null, scope: null, state: null,
      code_challenge: null, code_challenge_method: null, resource: null, nonce: null,
      malformed: [],
    };
    assert.deepEqual(await parametersOf(''), nothing);
    const empty = Object.keys(nothing).map((name) => `${name}=`).join('&');
    assert.deepEqual(await parametersOf(empty), { ...nothing, state: '' });
    assert.deepEqual(await parametersOf(`${QUERY}&state=x%20y&code_challenge=c&nonce=n` +
      '&code_challenge_method=S256&resource=https%3A%2F%2Fr%2F&scope=trading&foo=1'), {
      client_id: '40001', redirect_uri: 'https://app.example/cb', response_type: 'code',
      scope: null, state: 'x y', code_challenge: 'c', code_challenge_method: 'S256',
      resource: 'https://r/', nonce: 'n', malformed: [],
    });
  });

  test('also when the app invents a parameter that we use ourselves', async () => {
    for (const query of [`${QUERY}&request=R&c=1`, `request=R&${QUERY}`, 'request=R&redirect_uri=',
      'request=R&redirect_uri=%ff']) {
      assert.equal((await ask(query)).name, 'authorize', query);
    }
    assert.equal((await ask('client_id=40001&request=R', { result: refusal('overloaded') })).name,
      'open_request');
  });

  test('what came twice or is not UTF-8 is named; scope may say anything', async () => {
    for (const name of ['client_id', 'redirect_uri', 'response_type', 'state', 'code_challenge',
      'code_challenge_method', 'resource', 'nonce']) {
      assert.deepEqual((await parametersOf(`${name}=a&x=1&${name}=a`)).malformed, [name]);
      assert.deepEqual((await parametersOf(`${name}=%ff`)).malformed, [name]);
    }
    assert.deepEqual((await parametersOf('scope=a&scope=%ff&scope=')).malformed, []);
    assert.deepEqual((await parametersOf('a=1&'.repeat(101))).malformed, ['client_id']);
    const long = await parametersOf(`nonce=${'x'.repeat(513)}`);
    assert.deepEqual([long.nonce, long.malformed], [null, ['nonce']]);
    assert.equal((await parametersOf(`nonce=${'x'.repeat(512)}`)).malformed.length, 0);
  });
});

describe('a request is refused', () => {
  const WRONG_CLIENT = 'Wrong client_id';
  const WRONG_SETUP = 'client_id and redirect_uri do not match existing setup';

  test('on a page with the text of the contract, and goes nowhere', async () => {
    const rows: readonly (readonly [RefusalCode, string | undefined, string])[] = [
      ['client_unknown', undefined, WRONG_CLIENT],
      ['client_not_approved', undefined, WRONG_CLIENT],
      ['request_malformed', 'client_id', WRONG_CLIENT],
      ['request_malformed', 'redirect_uri', WRONG_SETUP],
      ['redirect_uri_unusable', 'redirect_uri', WRONG_SETUP],
      ['request_expired', undefined, ''],
    ];
    for (const [code, parameter, text] of rows) {
      const result = refusal(code, parameter === undefined ? {} : { parameter });
      for (const query of [QUERY, 'client_id=40001&request=R']) {
        const { response } = await ask(query, { result });
        assert.equal(`${response.status} ${response.body}`, `400 ${code} ${text}`);
        assert.equal(headerOf(response, 'location'), undefined);
      }
    }
  });

  const callback: Callback = { redirect_uri: 'https://app.example/cb', state: 's1', iss: null };

  test('at its callback once that is known, in the words of OAuth', async () => {
    const words: { readonly [C in RefusalCode]?: string } = {
      response_type_unsupported: 'unsupported_response_type',
      authorization_request_malformed: 'invalid_request',
      pkce_malformed: 'invalid_request',
      pkce_missing: 'invalid_request',
      resource_unknown: 'invalid_target',
      scope_empty: 'invalid_scope',
      consent_denied: 'access_denied',
      overloaded: 'temporarily_unavailable',
    };
    for (const [code, word] of Object.entries(words)) {
      const { response } = await ask(QUERY,
        { result: refusal(code as RefusalCode, { callback }) });
      assert.equal(`${response.status} ${response.body}`, '303 ');
      assert.equal(headerOf(response, 'location'), `https://app.example/cb?error=${word}&state=s1`);
      assert.equal(headerOf(response, 'referrer-policy'), 'no-referrer');
    }
    const with_iss = { ...callback, iss: 'https://live.example' };
    const { response } = await ask(QUERY,
      { result: refusal('pkce_missing', { callback: with_iss }) });
    assert.ok(headerOf(response, 'location')?.endsWith('&iss=https%3A%2F%2Flive.example'));
  });

  test('never by a redirect when no callback is known', async () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
      const { response } = await ask(QUERY, { result: refusal(code) });
      assert.equal(response.status, code === 'overloaded' ? 503 : 400);
      assert.equal(headerOf(response, 'location'), undefined);
      assert.ok(!response.body.includes('private'));
    }
  });
});

describe('a request goes on', () => {
  const opened = async (query: string, result: Scripted['result']) => {
    const { command, response } = await ask(query, { result: result ?? ok(null) });
    return { command: command as Commands['open_request'], response };
  };

  test('at its page: signing in, consent, or on to her own pages', async () => {
    const query = 'client_id=40001&request=R';
    const view = {} as never;
    const rows = [
      [{ is: 'sign_in', view, refusal: null }, 200, 'sign-in'],
      [{ is: 'consent', view }, 200, 'consent'],
      [{ is: 'signed_in' }, 303, ''],
    ] as const;
    for (const [step, status, body] of rows) {
      const { command, response } = await opened(query, ok(step));
      assert.deepEqual(command, {
        dialect: 'tradovate', request: 'R', client_id: '40001', returned: false,
        flow_cookie: 'flow', login_cookie: null,
      });
      assert.equal(`${response.status} ${response.body}`, `${status} ${body}`);
    }
  });

  test('the first visit sets a cookie and comes back once', async () => {
    const step = ok({ is: 'set_browser', flow_cookie: 'new' } as const);
    const query = 'client_id=40001&request=R';
    const { command, response } = await opened(query, step);
    assert.equal(command.returned, false);
    assert.equal(response.status, 303);
    assert.equal(headerOf(response, 'location'), `/oauth?${query}&c=1`);
    assert.equal(headerOf(response, 'set-cookie'), 'live=new');
    assert.equal((await opened(`${query}&c=1`, step)).command.returned, true);
    const twice = await opened('request=a&request=b', step);
    assert.deepEqual([twice.command, twice.response.status], [null, 400]);
  });
});

describe('env', () => {
  test('demo at the live host points to the demo host, whatever else is asked', async () => {
    for (const [query, rest] of [
      [`${QUERY}&state=x%20y&env=demo`, `?${QUERY}&state=x%20y`],
      [`env=demo&${QUERY}`, `?${QUERY}`], ['env=demo', ''], ['a=1&env=demo&env=live&b', '?a=1&b'],
      ['request=R&env=%64emo', '?request=R'], ['e%6ev=demo&x=%zz', '?x=%zz'],
    ] as const) {
      const { command, response } = await ask(query);
      assert.equal(command, null, 'nothing of this world is looked at');
      assert.equal(`${response.status} ${response.body}`, '303 ');
      assert.equal(headerOf(response, 'location'), `https://trader-demo.example/oauth${rest}`);
      assert.equal(headerOf(response, 'set-cookie'), undefined);
    }
  });

  test('any other is ignored, and all are at the demo host', async () => {
    for (const env of ['env=live', 'env=', 'env', 'env=Demo', 'xenv=demo']) {
      assert.notEqual((await ask(`${QUERY}&${env}`)).command, null, env);
    }
    const sent = { path: '/oauth', query: `${QUERY}&env=demo`, world: 'paper' } as const;
    assert.notEqual((await exchange(sent, { result: ok(OPENED) })).command, null);
  });

  test('where no demo environment is served, the client is a wrong one', async () => {
    const { command, response } = await ask(`${QUERY}&env=demo`, { worlds: { live: WORLDS.live } });
    assert.equal(command, null);
    assert.equal(`${response.status} ${response.body}`, '400 client_unknown Wrong client_id');
  });
});

test('the alias is the same page, and yields to a dialect whose path it is', async () => {
  const dialect = tradovateDialect(optionsWith());
  const sent = { path: '/OAuth/Authorize', query: QUERY };
  const { response } = await exchangeWith(dialect, sent, { result: ok(OPENED) });
  assert.equal(headerOf(response, 'location'), '/oauth?client_id=40001&request=R&c=1');
  const alias = dialect.routes.find(({ path }) => path === '/oauth/authorize');
  assert.equal(alias?.yields, true);
  assert.equal(dialect.routes.filter(({ yields }) => yields === true).length, 1);
});
