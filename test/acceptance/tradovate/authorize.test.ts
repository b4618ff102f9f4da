/** The authorize page and what comes back from it (contract §4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser, readCallback } from '../../outside/browser.ts';
import type { AuthorizeParameters, Callback } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { get, oauthPath, exchange, signInAs, tokensOf } from '../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { holdForm } from '../attacks/held-form.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { WRONG_CLIENT, WRONG_SETUP, assertRedirect, assertWrongPage } from './answers.ts';
import { traderIn } from './trader.ts';

const OFF = demoRegistration('switched off', {
  id: '40006', redirect_uri: 'https://off.example/cb',
});
const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values<Registration>(REGISTRATIONS), OFF] }),
});
after(server.stop);
const { live, paper, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2, O3, live_only, with_query } = REGISTRATIONS;

const CODE = /^[A-Za-z0-9_-]{22,128}$/;

/** One GET, nothing followed. */
const ask = (path: string, world: WorldSite = live): Promise<Answer> =>
  call(world.origin, { path, headers: [['Accept', 'text/html']] });

const asks = (app: Registration, parameters: AuthorizeParameters): Promise<Answer> =>
  ask(oauthPath(app, parameters));

/** Names and values of a callback's query, in their order. */
const pairsOf = ({ url }: Pick<Callback, 'url'>): readonly (readonly [string, string])[] =>
  [...new URL(url).searchParams];
const namesOf = (callback: Pick<Callback, 'url'>): string =>
  pairsOf(callback).map(([name]) => name).join(' ');

test('AT-V18 an approval leads to the callback with a code and nothing else', async () => {
  const visit = await alice.ask(O1);
  const says = pageText(visit.answer.text);
  assert.ok(says.includes(O1.name), 'the page names the app');
  for (const word of [/\bLIVE\b/, /orders/i, /positions/i, /e-mail/i]) assert.match(says, word);
  assert.doesNotMatch(says, /balances|support chats|market data such as quotes/i);
  const { code, url } = await alice.browser.consent('allow');
  assertRedirect(alice.browser.page().answer, `https://app.example/cb?code=${code}`);
  assert.equal(url, `https://app.example/cb?code=${code}`);
  assert.match(code ?? '', CODE);
});

test('AT-V18 each time anew: the page comes again, and codes have one length', async () => {
  const first = await alice.allow(O1);
  await alice.ask(O1);
  alice.browser.form('consent');
  const { code } = await alice.browser.consent('allow');
  assert.notEqual(code, first.code);
  assert.equal(code?.length, first.code.length);
});

test('AT-V19 the state is echoed if it was sent, and iss comes last', async () => {
  const state = 'x y';
  assert.ok(oauthPath(O1, { state }).endsWith('&state=x%20y'));
  const allowed = await alice.allow(O1, { state });
  assert.equal(namesOf(allowed), 'code state');
  assert.equal(allowed.state, 'x y');
  assert.equal((await alice.allow(O1, { state: '' })).url.endsWith('&state='), true);
  assert.equal(namesOf(await alice.allow(O1)), 'code');
  const denied = await alice.deny(O1, { state });
  assert.deepEqual(pairsOf(denied), [['error', 'access_denied'], ['state', 'x y']]);
  assert.deepEqual(pairsOf(await alice.deny(O1)), [['error', 'access_denied']]);
  assert.deepEqual(pairsOf(await alice.deny(O1, { state: '' })),
    [['error', 'access_denied'], ['state', '']]);
});

test('AT-V19 O2 gets the issuer of the metadata, in both worlds', async () => {
  for (const world of [live, paper]) {
    const trader = traderIn(world, USERS.alice);
    const document = await get(world, '/.well-known/openid-configuration');
    const { issuer } = document.json<{ issuer: string }>();
    const allowed = await trader.allow(O2, { state: 's' });
    assert.equal(namesOf(allowed), 'code state iss');
    assert.equal(allowed.iss, issuer);
    const denied = await trader.deny(O2, { state: 's' });
    assert.deepEqual(pairsOf(denied),
      [['error', 'access_denied'], ['state', 's'], ['iss', issuer]]);
  }
});

test('AT-V19 the query of a registered address is kept and extended', async () => {
  const allowed = await alice.allow(with_query, { state: 's' });
  assert.ok(allowed.url.startsWith('https://query.example/cb?from=demo&code='), allowed.url);
  assert.equal(namesOf(allowed), 'from code state iss');
});

test('AT-V20 an unknown, foreign or missing client gets a page and goes nowhere', async () => {
  const asked = ['49999', String(API_KEYS.K1.cid), '0', 'demo', '', '040001', '40001 ', '4e4'];
  for (const client_id of asked) {
    assertWrongPage(await asks(O1, { client_id }), WRONG_CLIENT, ['app.example']);
  }
  assertWrongPage(await asks(O1, { client_id: undefined }), WRONG_CLIENT);
  assertWrongPage(await ask(oauthPath(live_only), paper), WRONG_CLIENT, ['live-only.example']);
  assert.equal((await createBrowser(live).open(oauthPath(live_only))).answer.status, 200);
  await control.act('live', 'app.disable', { app: OFF.id });
  assertWrongPage(await asks(OFF, {}), WRONG_CLIENT, ['off.example']);
});

test('AT-V20 env=demo at the live page host is a signpost to the demo page host', async () => {
  const plain = oauthPath(O1, { state: 'x y' });
  const wrong = oauthPath(O1, { client_id: '49999' });
  for (const path of [plain, wrong]) {
    const there = `${paper.origin}${path}`;
    for (const asked of [`${path}&env=demo`, path.replace('?', '?env=demo&')]) {
      const answer = await ask(asked);
      assert.equal(`${answer.status} ${answer.headers.location}`, `303 ${there}`);
      assert.equal(answer.bytes.length, 0);
      assert.equal(answer.headers['set-cookie'], undefined, 'a signpost and nothing more');
    }
  }
  for (const env of ['demo', 'live', '']) {
    const trader = traderIn(paper, USERS.alice);
    assert.match((await trader.allow(O1, { env })).code, CODE, 'ignored at the demo host');
  }
  assert.match((await alice.allow(O1, { env: 'live' })).code, CODE);
});

test('AT-V21 only the registered redirect address will do, byte for byte', async () => {
  const wrong = [
    'https://app.example/CB', 'https://app.example/cb/', 'https://app.example:443/cb',
    'http://app.example/cb', 'https://app.example/cb?', 'https://app.example/cb#x',
    'https://APP.example/cb', 'https://app.example/cb%20', 'https://app.example/%63b',
    'https://app.example@evil.test/cb', O2.redirect_uri, 'https://app.example/cb2', '',
  ];
  for (const redirect_uri of wrong) {
    const answer = await asks(O1, { redirect_uri });
    assertWrongPage(answer, WRONG_SETUP, redirect_uri === '' ? [] : [redirect_uri]);
  }
  assertWrongPage(await asks(O1, { redirect_uri: undefined }), WRONG_SETUP);
  const again = encodeURIComponent(O1.redirect_uri);
  assertWrongPage(await ask(`${oauthPath(O1)}&redirect_uri=${again}`), WRONG_SETUP);
  const twice = await ask(`${oauthPath(O1)}&client_id=${O1.id}`);
  assert.equal(twice.status, 400);
  assert.equal(twice.headers.location, undefined);
});

test('AT-V22 no scope that a client invents has an effect', async () => {
  const plain = pageText((await alice.ask(O1)).answer.text);
  for (const scope of ['trading', 'All', '', 'Orders:FullAccess Prices:Read', 'openid', '%zz']) {
    const visit = await alice.ask(O1, { scope });
    assert.equal(pageText(visit.answer.text), plain, `scope=${scope}`);
  }
  const { code } = await alice.browser.consent('allow');
  const body = tokensOf(await exchange(live, O1, code ?? ''));
  assert.equal('scope' in body, false);
});

test('AT-V23 what cannot be granted leads back to the callback with its error', async () => {
  const long = { state: 'x'.repeat(4_097) };
  const table: readonly (readonly [AuthorizeParameters | string, string])[] = [
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'code token' }, 'unsupported_response_type'],
    [{ response_type: 'id_token' }, 'unsupported_response_type'],
    [{ code_challenge: 'A'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge: 'A'.repeat(42), code_challenge_method: 'S256' }, 'invalid_request'],
    [{ resource: 'https://api.elsewhere.example/' }, 'invalid_target'],
    [long, 'invalid_request'],
    ['response_type=code', 'invalid_request'],
    ['state=a&state=b', 'invalid_request'],
  ];
  for (const [asked, error] of table) {
    const what = JSON.stringify(asked).slice(0, 100);
    const answer = await (typeof asked === 'string'
      ? ask(`${oauthPath(O1)}&${asked}`)
      : asks(O1, asked));
    assertRedirect(answer, /^https:\/\/app\.example\/cb\?error=/);
    assert.equal(readCallback(String(answer.headers.location)).error, error, what);
  }
  const with_state = await asks(O2, { response_type: 'token', state: 'x y' });
  const { url } = readCallback(String(with_state.headers.location));
  assert.equal(namesOf({ url }), 'error state iss');
  // Absent counts as code; a state of the full length is echoed.
  assert.match((await alice.allow(O1, { response_type: undefined })).code, CODE);
  const state = 'é'.repeat(2_048);
  assert.equal((await alice.allow(O1, { state })).state, state);
});

test('AT-V12 a public client without a challenge is sent back', async () => {
  const { headers } = await asks(O3, { state: 's' });
  assert.equal(headers.location, 'https://o3.example/cb?error=invalid_request&state=s');
});

test('RP-32 the same form sent twice within a minute gets the same Location', async () => {
  await alice.ask(O1, { state: 'twice' });
  const form = holdForm(alice.browser, 'consent');
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => form.send({ decision: 'allow' })),
  );
  const places = new Set(answers.map(({ status, headers }) => `${status} ${headers.location}`));
  assert.equal(places.size, 1, 'one code, whoever of them is read');
  await control.advance(59);
  const late = await form.send({ decision: 'allow' });
  assert.ok(places.has(`${late.status} ${late.headers.location}`));
  const { code } = readCallback(String(late.headers.location));
  tokensOf(await exchange(live, O1, code ?? ''));
  await control.advance(2);
  const gone = await form.send({ decision: 'allow' });
  assert.equal(gone.status, 400);
  assert.equal(gone.headers.location, undefined);
});

test('RP-32 the sign-in form sent twice leads to the same place', async () => {
  const browser = createBrowser(live);
  await browser.open(oauthPath(O1));
  const form = holdForm(browser, 'sign-in');
  const fields = { name: USERS.alice.login_name, password: USERS.alice.password };
  const [first, second] = await Promise.all([form.send(fields), form.send(fields)]);
  assert.equal(first.status, 303);
  assert.equal(second.status, 303);
  assert.equal(second.headers.location, first.headers.location);
  await browser.open(oauthPath(O1));
  await signInAs(browser, USERS.alice);
  assert.match((await browser.consent('allow')).code ?? '', CODE);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
