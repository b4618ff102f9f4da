/** Redirect URIs in authorization requests: bytes are compared, anything else is our page. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { startServer } from '../../world.ts';
import {
  ENTRIES, enter, proceedsEverywhere, queryOf, refusedEverywhere, refusesRedirect,
} from './ways-in.ts';
import { assertPage } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { assertLogHoldsNoSecret, linesOf } from '../tradier/secrets.ts';

const DOTTED = demoApp('dotted', { redirect_uris: ['https://foo.example/cb'] });
const IGNORING_TWO = demoApp('ignoring2', {
  redirect_uris: ['https://m.example/a', 'https://m.example/b'], redirect_uri_mode: 'ignore',
});
const LOOPBACK = demoApp('loop', { redirect_uris: ['http://127.0.0.1/cb'] });

const server = await startServer({
  seed: seedRecords([...Object.values(APPS), DOTTED, IGNORING_TWO, LOOPBACK]),
});
after(server.stop);
const { live } = server;
const u1 = customerIn(live, 'u1');
const { A, M, Q, ignoring } = APPS;
const [CALLBACK = ''] = A.redirect_uris;

/** Each of these is refused for the app, whose own callback goes on working. */
async function refuses(app: App, redirect_uris: readonly string[]): Promise<void> {
  for (const redirect_uri of redirect_uris) {
    assert.ok(!app.redirect_uris.includes(redirect_uri), 'the row tries a wrong one');
    await refusesRedirect(live, app, redirect_uri);
  }
  const [own = ''] = app.redirect_uris;
  await proceedsEverywhere(live, queryOf(app, [['redirect_uri', own]]));
}

test('RU-01 a callback of another host, path or app is our page', async () => {
  const logged = await linesOf(
    server,
    () => refuses(A, [
      'https://other.example/cb', 'https://app.example/other', 'https://b.example/cb',
    ]),
    (line) => line['refusal'] === 'redirect_uri_unusable',
  );
  assert.ok(logged.length >= 12, `${logged.length} refusals of 12 are in the log`);
  for (const line of logged) assert.equal(line['rule'], 'authorize.redirect_uri');
  await refuses(M, ['https://m.example/c', 'https://m.example/', 'https://app.example/cb']);
});

test('RU-01 in ignore mode the code goes to the one registered callback alone', async () => {
  const foreign = 'https://other.example/steal';
  const { browser } = u1;
  await u1.ask(ignoring, { redirect_uri: foreign, state: 's1' });
  const consent = browser.page();
  assert.ok(!consent.answer.text.includes('other.example'), 'the consent page names it');
  const policy = String(consent.answer.headers['content-security-policy']);
  assert.ok(!policy.includes('other.example'), policy);
  for (const { raw_headers } of [...consent.hops, consent.answer]) {
    assert.ok(!raw_headers.join('\n').includes('other.example'));
  }
  const { url } = await browser.consent('allow');
  assert.match(url, /^https:\/\/app\.example\/cb\?code=[A-Za-z0-9_-]{22,128}&state=s1$/);
  assert.ok(!browser.page().answer.raw_headers.join('\n').includes('other.example'));
  // With several callbacks nobody can tell which one was meant.
  await refuses(IGNORING_TWO, [foreign]);
});

test('RU-02 the registered callback as the beginning of another is our page', async () => {
  await refuses(A, [
    'https://app.example.evil.test/cb', 'https://app.exampleevil.test/cb',
    'https://app.example/cbevil', 'https://app.example/cb/extra', 'https://app.example/c',
    'https://app.example/', 'https://app.example',
  ]);
});

test('RU-03 user names and several at-signs in a callback are our page', async () => {
  await refuses(A, [
    'https://app.example@evil.test/cb', 'https://evil.test@app.example/cb',
    'https://a@b@app.example/cb', 'https://@app.example/cb', 'https://user:pw@app.example/cb',
    'https://app.example%40evil.test/cb', 'https://app.example/cb@evil.test',
  ]);
});

test('RU-04 dot segments, encoded or not, and backslashes are our page', async () => {
  await refuses(A, [
    'https://app.example/cb/../x', 'https://app.example/cb/..;/x',
    'https://app.example/cb/%2e%2e/x', 'https://app.example/cb/..%2fx',
    'https://app.example/cb/%252e%252e%252fx', 'https://app.example/cb\\..\\x',
    'https:\\\\app.example\\cb', 'https://app.example/x/../cb', 'https://app.example/./cb',
    'https://app.example//cb', 'https:///app.example/cb', 'https:app.example/cb',
    'https://app.example/%63b', 'https://app.example/cb%2f',
  ]);
});

test('RU-05 a query that differs from the registered one is our page', async () => {
  await refuses(A, [
    'https://app.example/cb?x=1', 'https://app.example/cb?code=evil', 'https://app.example/cb?',
  ]);
  await refuses(Q, ['', '?x=2', '?x=1&y=2', '?y=2&x=1', '?x=1&x=1', '?x=1&', '?X=1', '?x=%31']
    .map((query) => `https://q.example/cb${query}`));
  const exact = await u1.allow(Q, { redirect_uri: 'https://q.example/cb?x=1', state: 's' });
  assert.match(exact.url, /^https:\/\/q\.example\/cb\?x=1&code=[A-Za-z0-9_-]+&state=s&iss=[^&?]+$/);
});

test('RU-06 a fragment, even an empty one, is our page', async () => {
  await refuses(A, ['https://app.example/cb#x', 'https://app.example/cb#']);
});

test('RU-07 a path parameter is our page', async () => {
  await refuses(A, [
    'https://app.example/cb;a=1', 'https://app.example/cb;', 'https://app.example;a=1/cb',
  ]);
});

test('RU-08 other letter case, default port, trailing dot or slash are our page', async () => {
  await refuses(A, [
    'HTTPS://app.example/cb', 'https://APP.example/cb', 'https://app.example/CB',
    'https://app.example:443/cb', 'https://app.example./cb', 'https://app.example/cb/',
    'https://app.example:/cb', 'http://app.example/cb', 'https://xn--app.example/cb',
  ]);
});

test('RU-10 a dot of the registered host matches only a dot', async () => {
  await refuses(DOTTED, ['https://fooaexample/cb', 'https://foo-example/cb']);
});

const LOOK_ALIKES = [
  'http://127.0.0.2/cb', 'http://0.0.0.0/cb', 'http://127.1/cb', 'http://2130706433/cb',
  'http://0x7f000001/cb', 'http://[::ffff:127.0.0.1]/cb', 'http://[::1]/cb',
  'http://localhost.evil.test/cb', 'http://localhost/cb', 'http://127.0.0.1:0/cb',
  'http://127.0.0.1:99999/cb', 'http://127.0.0.1.evil.test/cb', 'https://127.0.0.1/cb',
];

test('RU-11 look-alikes of a loopback callback are our page, also for a web app', async () => {
  await refuses(LOOPBACK, LOOK_ALIKES);
  await refuses(A, ['http://127.0.0.1:8080/cb', 'http://127.0.0.1/cb', 'http://[::1]:8080/cb']);
});

test('RU-12 a web app has no free port on loopback, and no free path or query', async () => {
  await refuses(LOOPBACK, [
    'http://127.0.0.1:50000/cb', 'http://127.0.0.1:80/cb', 'http://127.0.0.1:50000/other',
    'http://127.0.0.1:50000/cb?x=1', 'http://127.0.0.1/other', 'http://127.0.0.1/cb?x=1',
  ]);
  await refuses(APPS.loopback, [
    'http://127.0.0.1:4500/callback', 'http://127.0.0.1/callback', 'http://[::1]:4499/callback',
  ]);
});

/** Names of the headers of a plain refusal: nothing of the request may add to them. */
async function headerNames(query: string): Promise<string> {
  const { raw_headers } = await enter(live, ENTRIES[0], query);
  return raw_headers.map(([name]) => name.toLowerCase()).sort().join(' ');
}

test('RU-16 control characters, blanks and encoded line breaks split nothing', async () => {
  const normal = await headerNames(queryOf(A, 'redirect_uri=https%3A%2F%2Fother.example'));
  const insertions = [
    '\t', '\n', '\r', '\r\n', '\0', ' ', '\u007f', '\u0085', '%00', '%0d%0a',
    '\r\nSet-Cookie: x=1', '%0d%0aSet-Cookie:%20x=1', '\r\n\r\n<script>', '\u2028',
  ];
  const wrong = insertions.flatMap((text) => [
    `${CALLBACK}${text}`, `${text}${CALLBACK}`, `https://app.example/${text}cb`,
    `https://app.example${text}/cb`,
  ]);
  for (const redirect_uri of wrong) {
    const query = queryOf(A, [['redirect_uri', redirect_uri]]);
    const page = await enter(live, ENTRIES[0], query);
    assertPage(page, [redirect_uri, 'Set-Cookie', 'app.example']);
    assert.equal(await headerNames(query), normal);
    assert.equal(page.headers['set-cookie'], undefined);
  }
  await refuses(A, wrong.slice(0, 8));
});

test('RU-17 look-alike Unicode is our page', async () => {
  await refuses(A, [
    'https://\uff41\uff50\uff50.example/cb', 'https://app\u3002example/cb',
    'https://app\uff0eexample/cb', 'https://app.example\uff0fcb', 'https://\u0430pp.example/cb',
    'https://app.ex\u0430mple/cb', 'https://%61pp.example/cb', 'https://%ef%bd%81pp.example/cb',
    'https://a@b@c@app.example/cb', 'https://app.example/cb\u200b', 'https://app.example/cb\u0301',
    '\ufeffhttps://app.example/cb', 'https://app.example\u2024evil.test/cb',
  ]);
  // Bytes that are no UTF-8 are no callback either.
  for (const bytes of ['%ff', '%c3', '%ed%a0%80', '%c0%ae', '%', '%4', '%zz']) {
    const raw = `redirect_uri=https%3A%2F%2Fapp.example%2Fcb${bytes}`;
    await refusedEverywhere(live, queryOf(A, raw), ['app.example']);
  }
});

test('RU-18 a callback sent twice is our page, good or bad', async () => {
  const good = `redirect_uri=${encodeURIComponent(CALLBACK)}`;
  const bad = 'redirect_uri=https%3A%2F%2Fevil.test%2Fcb';
  const mixtures = [
    [good, bad], [bad, good], [good, good], [good, 'redirect_uri='], ['redirect_uri=', good],
    [good, 'state=s', good], [good, `redirect%5Furi=${encodeURIComponent(CALLBACK)}`],
  ];
  for (const mixture of mixtures) {
    await refusedEverywhere(live, queryOf(A, mixture.join('&')), ['evil.test', 'app.example']);
  }
  await proceedsEverywhere(live, queryOf(A, good));
});

/** Each alone would be redirected to the callback. */
const REDIRECTED_FAULTS = [
  'prompt=none&scope=placing', 'scope=placing', 'response_type=token', 'state=a&state=b',
  'code_challenge=x&code_challenge_method=plain', 'code_challenge_method=S256',
  `state=${'s'.repeat(4_097)}`, 'scope=%ff',
];

test('RU-20 a bad callback beside another fault is our page', async () => {
  const bad = `redirect_uri=${encodeURIComponent('https://evil.test/cb')}`;
  for (const fault of REDIRECTED_FAULTS) {
    const alone = await enter(live, ENTRIES[0], queryOf(A, fault));
    assert.match(alone.headers.location ?? '', /^https:\/\/app\.example\/cb\?error=/, fault);
    await refusedEverywhere(live, queryOf(A, `${bad}&${fault}`), ['evil.test']);
    await refusedEverywhere(live, queryOf(A, `${fault}&${bad}&${bad}`), ['evil.test']);
    // An unknown app has no callback to send the other fault to.
    const nobody = `client_id=${'x'.repeat(32)}&${fault}`;
    await refusedEverywhere(live, nobody, ['app.example']);
  }
});

test('RU-21 a response mode beside a bad callback posts and sends nothing', async () => {
  const bad = `redirect_uri=${encodeURIComponent('https://evil.test/cb')}`;
  for (const mode of ['form_post.jwt', 'web_message', 'form_post', 'xyz', 'fragment', 'jwt']) {
    await refusedEverywhere(live, queryOf(A, `response_mode=${mode}&${bad}`), ['evil.test', mode]);
    // With a good one it has no meaning in this dialect: the answer stays in the query.
    const { url } = await u1.allow(A, `response_mode=${mode}&state=s`);
    assert.match(url, /^https:\/\/app\.example\/cb\?code=[A-Za-z0-9_-]+&state=s&iss=[^&#]+$/);
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
