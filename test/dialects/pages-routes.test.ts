import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted, refused } from '../../src/core/rules/refusals.ts';
import type { RefusalCode, Result } from '../../src/core/rules/refusals.ts';
import type { CommandName, Outcomes } from '../../src/core/commands.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { textById } from './page-outline.ts';
import { browserOf, headerValues, wireRequest } from './page-requests.ts';
import type { Browser } from './page-requests.ts';
import { connectionsView, consentView, signInView } from './page-views.ts';

const OPTIONS = {
  secure_cookies: true,
  development: false,
  worlds: { live: { pages_origin: 'https://auth.broker.example' } },
};
const dialect = pagesDialect(OPTIONS);

function browser(answer: Result<Outcomes[CommandName]>): Browser {
  return browserOf(dialect, () => answer);
}

function no(code: RefusalCode): Result<never> {
  return refused({
    code, rule: 'test', reason: 'PRIVATE',
  });
}

const location = (response: Awaited<ReturnType<Browser['send']>>): string | undefined =>
  headerValues(response, 'location')[0];

const COOKIES = '__Host-cs_live_flow=f1; other=x; __Host-cs_live_login=l1';

describe('POST /login', () => {
  const fields = {
    csrf: 'c1', client_id: 'A', request: 'q1', name: 'Zoë & Co', password: 'p=1+ 2%',
  };

  it('carries what the form says and which browser sent it', async () => {
    const alice = browser(accepted({ is: 'done', login_cookie: 'new1', request: null }));
    await alice.post('/login', fields, {
      headers: { cookie: COOKIES, 'sec-fetch-site': 'same-origin' },
    });
    assert.deepEqual(alice.dispatched, [{
      name: 'sign_in',
      command: {
        flow_cookie: 'f1', login_cookie: 'l1', csrf: 'c1', fetch_site: 'same-origin',
        name: 'Zoë & Co', password: 'p=1+ 2%', request: 'q1',
      },
    }]);
  });

  it('RU-26 leads by 303 to the request or her connections, with a new login cookie', async () => {
    const within = await browser(accepted({
      is: 'done', login_cookie: 'new1',
      request: { client_id: 'A&B', request: 'q1', path: '/oauth/authorize' },
    })).post('/login', fields);
    assert.equal(within.status, 303);
    assert.equal(location(within), '/oauth/authorize?client_id=A%26B&request=q1');
    assert.deepEqual(headerValues(within, 'set-cookie'), [
      '__Host-cs_live_login=new1; Path=/; HttpOnly; SameSite=Lax; Secure',
    ]);
    const plain = await browser(accepted({ is: 'done', login_cookie: 'new1', request: null }))
      .post('/login', fields);
    assert.equal(plain.status, 303);
    assert.equal(location(plain), '/connections');
  });

  it('shows the form again when sign-in is refused', async () => {
    const page = await browser(accepted({
      is: 'sign_in',
      view: signInView('live', { name: 'alice' }),
      refusal: { code: 'sign_in_failed', rule: 'test', reason: 'PRIVATE' },
    })).post('/login', fields);
    assert.equal(page.status, 422);
    assert.ok(textById(page.body, 'sign-in-refused'));
    assert.equal(page.log?.refusal, 'sign_in_failed');
    assert.deepEqual(headerValues(page, 'set-cookie'), []);
  });

  it('CS-01 CS-02 answers forged forms with 403 and no sign-in', async () => {
    for (const code of ['csrf_mismatch', 'cross_site', 'browser_unknown'] as const) {
      const page = await browser(no(code)).post('/login', fields);
      assert.equal(page.status, 403, code);
      assert.deepEqual(headerValues(page, 'set-cookie'), []);
      assert.equal(location(page), undefined);
    }
  });

  const unreadable: { readonly [what: string]: string } = {
    'a repeated name': 'csrf=c&name=a&name=b&password=p',
    'a repeated csrf': 'csrf=c&csrf=d&name=a&password=p',
    'bytes that are no UTF-8': 'csrf=c&name=%ff&password=p',
    'raw bytes that are no UTF-8': 'csrf=c&name=\xff&password=p',
    'a broken escape': 'csrf=c&name=%zz&password=p',
    'an endless name': `csrf=c&name=${'a'.repeat(8193)}&password=p`,
    'hundreds of fields': 'a=1&'.repeat(101),
  };
  for (const [what, body] of Object.entries(unreadable)) {
    it(`refuses ${what} before any command`, async () => {
      const alice = browser(accepted({ is: 'done', login_cookie: 'new1', request: null }));
      const page = await alice.post('/login', {}, { body });
      assert.equal(page.status, 400);
      assert.equal(page.log?.refusal, 'request_malformed');
      assert.deepEqual(alice.dispatched, []);
    });
  }

  it('HP-09 answers a body that is no form with 415', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const page = await browser(no('cross_site')).post('/login', fields, { headers });
    assert.equal(page.status, 415);
  });

  it('takes a form with a charset', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
    const page = await browser(accepted({ is: 'done', login_cookie: 'n', request: null }))
      .post('/login', fields, { headers });
    assert.equal(page.status, 303);
  });
});

describe('POST /consent', () => {
  const fields = { csrf: 'c', request: 'q1', client_id: 'A', decision: 'allow' };

  it('RU-26 sends the answer to the callback by 303, unchanged', async () => {
    const callback = 'https://app.example/cb?tradier=linked&code=x&state=a%20b';
    const alice = browser(accepted({ is: 'answered', location: callback, denied: false }));
    const answer = await alice.post('/consent', fields);
    assert.equal(answer.status, 303);
    assert.equal(location(answer), callback);
    assert.equal(answer.body, '');
    assert.equal(answer.log?.outcome, 'allowed');
    assert.deepEqual(headerValues(answer, 'referrer-policy'), ['no-referrer']);
    assert.deepEqual(headerValues(answer, 'cache-control'), ['no-store']);
  });

  it('goes back to sign-in when the sign-in ended meanwhile', async () => {
    const answer = await browser(accepted({
      is: 'sign_in_again', request: { client_id: 'A', request: 'q1', path: '/oauth/authorize' },
    })).post('/consent', fields);
    assert.equal(location(answer), '/oauth/authorize?client_id=A&request=q1');
  });

  it('leads to the page that the request has, and to none that is not ours', async () => {
    const ways = (path: string) => {
      const request = { client_id: 'A', request: 'q1', path };
      return [
        browser(accepted({ is: 'sign_in_again', request })).post('/consent', fields),
        browser(accepted({ is: 'done', login_cookie: 'l1', request }))
          .post('/login', { csrf: 'c', name: 'a', password: 'p' }),
      ];
    };
    for (const path of ['/oauth', '/oauth/authorize']) {
      for (const way of ways(path)) {
        assert.equal(location(await way), `${path}?client_id=A&request=q1`);
      }
    }
    for (const way of ways('//evil.test')) await assert.rejects(way, TypeError);
  });

  it('CO-02 reads nothing but decision and app: no scopes, accounts, customer', async () => {
    const location = 'https://a.example/';
    const alice = browser(accepted({ is: 'answered', location, denied: false }));
    await alice.post('/consent', { ...fields, scope: 'trade', account: '6YA1', customer: 'bob' });
    assert.deepEqual(Object.keys(alice.dispatched[0]?.command ?? {}).sort(), [
      'client_id', 'csrf', 'decision', 'fetch_site', 'flow_cookie', 'login_cookie', 'request',
    ]);
  });

  it('refuses any other decision', async () => {
    for (const decision of ['', 'ALLOW', 'yes']) {
      const alice = browser(no('cross_site'));
      assert.equal((await alice.post('/consent', { ...fields, decision })).status, 400);
      assert.deepEqual(alice.dispatched, []);
    }
  });

  it('RU-23 shows a page without Location when the app is gone', async () => {
    const page = await browser(no('redirect_uri_unusable')).post('/consent', fields);
    assert.equal(page.status, 400);
    assert.equal(location(page), undefined);
  });
});

describe('/connections', () => {
  it('shows them, or leads to sign-in', async () => {
    const page = await browser(accepted(connectionsView('live'))).send({ path: '/connections' });
    assert.equal(page.status, 200);
    const away = await browser(accepted(null)).send({ path: '/connections' });
    assert.equal(away.status, 303);
    assert.equal(location(away), '/login');
  });

  it('tells what was done only after our own form', async () => {
    const alice = browser(accepted(connectionsView('live')));
    const told = (headers: { [name: string]: string }): Promise<boolean> =>
      alice.send({ path: '/connections', query: 'done=ended', headers })
        .then(({ body }) => body.includes('Access ended.'));
    assert.equal(await told({ 'sec-fetch-site': 'same-origin' }), true);
    assert.equal(await told({ 'sec-fetch-site': 'cross-site' }), false);
    assert.equal(await told({}), false);
  });

  it('ends one app, or all of them, and never all when the app is missing', async () => {
    const alice = browser(accepted({ ended: 2 }));
    assert.equal(location(await alice.post('/connections/end', { csrf: 'c', app: 'A' })),
      '/connections?done=ended');
    await alice.post('/connections/end-all', { csrf: 'c', app: 'A' });
    assert.equal((await alice.post('/connections/end', { csrf: 'c' })).status, 400);
    assert.equal((await alice.post('/connections/end', { csrf: 'c', app: '' })).status, 400);
    assert.deepEqual(alice.dispatched.map(({ command }) => 'app' in command && command.app),
      ['A', null]);
  });

  it('shows a new personal token once and leads on after a delete', async () => {
    const view = connectionsView('live');
    const page = await browser(accepted({ token: 'cs_live_pt_9', view }))
      .post('/connections/personal-token', { csrf: 'c', change: 'replace' });
    assert.equal(page.status, 200);
    assert.equal(textById(page.body, 'personal-token-value'), 'cs_live_pt_9');
    assert.deepEqual(headerValues(page, 'cache-control'), ['no-store']);
    const gone = await browser(accepted({ token: null, view }))
      .post('/connections/personal-token', { csrf: 'c', change: 'delete' });
    assert.equal(location(gone), '/connections?done=deleted');
    const other = await browser(accepted({ token: null, view }))
      .post('/connections/personal-token', { csrf: 'c', change: 'show' });
    assert.equal(other.status, 400);
  });

  it('leads to sign-in when the sign-in has ended', async () => {
    const alice = browser(no('sign_in_needed'));
    for (const [path, fields] of [
      ['/connections/end', { app: 'A' }], ['/connections/end-all', {}],
      ['/connections/personal-token', { change: 'replace' }],
    ] as const) {
      const answer = await alice.post(path, { csrf: 'c', ...fields });
      assert.equal(answer.status, 303);
      assert.equal(location(answer), '/login');
    }
  });
});

describe('a form of her own pages without the login cookie', () => {
  it('CS-01 is not acted on, and says to sign in', async () => {
    const page = await browser(no('browser_unknown')).post('/connections/end-all', { csrf: 'c' });
    assert.equal(page.status, 403);
    assert.ok(page.body.includes('Please sign in again'));
    assert.equal(page.log?.refusal, 'browser_unknown');
  });
});

describe('signing out', () => {
  it('CS-14 clears both cookies and says so', async () => {
    const alice = browser(accepted({ was_signed_in: true }));
    const answer = await alice.post('/logout', { csrf: 'c' });
    assert.equal(answer.status, 303);
    assert.equal(location(answer), '/signed-out');
    assert.deepEqual(headerValues(answer, 'set-cookie'), [
      '__Host-cs_live_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      '__Host-cs_live_flow=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ]);
    assert.equal((await alice.send({ path: '/signed-out' })).status, 200);
  });

  it('is not done for a forged form', async () => {
    const page = await browser(no('csrf_mismatch')).post('/logout', {});
    assert.equal(page.status, 403);
    assert.deepEqual(headerValues(page, 'set-cookie'), []);
  });
});

describe('what has no route', () => {
  const asked = wireRequest({
    path: '/nowhere', method: 'HEAD', headers: { accept: 'text/html' },
  });

  it('is answered to a program without a page', () => {
    const { status, body } = dialect.problem({ status: 404 }, wireRequest({ path: '/nowhere' }));
    assert.equal(`${status} ${body}`, '404 ');
  });

  it('is answered by a page', () => {
    const page = dialect.problem({ status: 405, allow: ['GET'] }, asked);
    assert.equal(page.status, 405);
    assert.deepEqual(headerValues(page, 'allow'), ['GET']);
    for (const status of [400, 404, 413, 414, 421, 431, 500, 503] as const) {
      const { body } = dialect.problem({ status, retry_after_s: 2 }, asked);
      assert.ok(body.includes('r-42'));
      assert.ok(!body.includes('nowhere'));
    }
  });

  it('routes take one method each and have ids of their own', () => {
    const ids = dialect.routes.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(dialect.routes.every(({ methods }) => methods.length === 1));
  });
});

describe('renderer', () => {
  it('adds the flow cookie to any answer', () => {
    const answer = pageRenderer(OPTIONS).withFlowCookie(
      { status: 302, headers: [['Location', '/x']], body: '' }, 'live', 'f1');
    assert.deepEqual(headerValues(answer, 'set-cookie'), [
      '__Host-cs_live_flow=f1; Path=/; HttpOnly; SameSite=Lax; Secure',
    ]);
    assert.ok(pageRenderer(OPTIONS).consent(consentView('live')).status === 200);
  });
});
