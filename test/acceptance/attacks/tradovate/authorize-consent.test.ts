/** A code exists after a customer's yes in the browser that began; nobody else's yes makes one. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser, readCallback } from '../../../outside/browser.ts';
import type { Browser } from '../../../outside/browser.ts';
import { pageText } from '../../../outside/forms.ts';
import { exchange, oauthPath, signInAs, tokensOf, userinfo } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import type { User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertPage } from '../../tradier/answers.ts';
import { assertOAuthError } from '../../tradovate/answers.ts';
import { noted, traderIn } from '../../tradovate/trader.ts';
import { holdForm, visit } from '../held-form.ts';
import { decidedIn } from './oauth-page.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, control } = server;
const { VO, O1, O3 } = REGISTRATIONS;
const { alice: victim, erin: attacker } = USERS;

const CODE = /cs_live_code_|[?&;]code=/;
const STATE = 'demo-state-1';

/** Nothing that looks like a code left the server on any answer of the last visit. */
function assertNoCode(browser: Browser): void {
  const { hops, answer } = browser.page();
  for (const { text, raw_headers } of [...hops, answer]) {
    assert.doesNotMatch(`${raw_headers.join('\n')}\n${text}`, CODE);
  }
}

test('AC-10[B] no code exists before consent, after closing the page or after denial', async () => {
  const browser = createBrowser(live);
  const before = await control.act('live', 'grant.list', { customer: victim.login_name });
  const events = await eventsOf(server, 'live', async () => {
    await browser.open(oauthPath(VO, { state: 'a b&c=d' }));
    assertNoCode(browser);
    await signInAs(browser, victim);
    assertNoCode(browser);
    // She closes the page, opens it again, and answers no.
    await browser.open(browser.page().url);
    browser.form('consent');
    assertNoCode(browser);
    const { url } = await browser.consent('deny');
    const iss = encodeURIComponent(live.origin);
    assert.equal(url, `${VO.redirect_uri}?error=access_denied&state=a%20b%26c%3Dd&iss=${iss}`);
    assert.equal(browser.page().answer.status, 303);
    assertNoCode(browser);
    // The next request is a new one, and is left open.
    await browser.open(oauthPath(VO));
    browser.form('consent');
    assertNoCode(browser);
  });
  assert.deepEqual(decidedIn(events), ['consent.denied']);
  const now = await control.act('live', 'grant.list', { customer: victim.login_name });
  assert.deepEqual(now, before);
});

test('AC-10[B] a denied request cannot be allowed afterwards', async () => {
  const alice = traderIn(live, victim);
  await alice.ask(O1, { state: STATE });
  const consent = holdForm(alice.browser, 'consent');
  const page = alice.browser.page().url;
  const denied = `${O1.redirect_uri}?error=access_denied&state=${STATE}`;
  const events = await eventsOf(server, 'live', async () => {
    for (const decision of ['deny', 'allow', 'deny']) {
      const { status, headers } = await consent.send({ decision });
      assert.equal(`${status} ${headers.location}`, `303 ${denied}`, 'the answer that was given');
    }
    assertPage(await visit(live.origin, page, alice.browser), ['app.example']);
    await control.advance(61);
    assertPage(await consent.send({ decision: 'allow' }), ['app.example']);
    assertPage(await visit(live.origin, page, alice.browser), ['app.example']);
  });
  assert.deepEqual(decidedIn(events), ['consent.denied']);
});

test('AC-10[B] an answer that is neither yes nor no is no yes', async () => {
  const alice = traderIn(live, victim);
  await alice.ask(O1);
  const consent = holdForm(alice.browser, 'consent');
  const events = await eventsOf(server, 'live', async () => {
    for (const decision of ['', 'Allow', 'true', 'allow ', 'deny,allow']) {
      const { status, headers } = await consent.send({ decision });
      assert.ok(status < 500);
      assert.doesNotMatch(headers.location ?? '', CODE, decision);
    }
  });
  assert.deepEqual(decidedIn(events), []);
});

async function signedIn(user: User): Promise<Browser> {
  const browser = createBrowser(live);
  await browser.open('/login');
  await signInAs(browser, user);
  return browser;
}

/** A flow that this browser began; the address of its page, not opened yet. */
async function begin(browser: Browser): Promise<string> {
  const { headers } = await visit(live.origin, oauthPath(O1, { state: STATE }), browser);
  const set = headers['set-cookie']?.[0] ?? '';
  const [, name, value] = /^(cs_live_flow-dev)=([^;]+)/.exec(set) ?? [];
  if (name !== undefined) browser.cookies.set(name, value ?? '');
  const url = String(headers.location);
  assert.match(url, /^\/oauth\?client_id=40001&request=[^&]+&c=1$/);
  return url;
}

test('AC-11[B] a flow belongs to the browser that began it, opened or not', async () => {
  const thief = createBrowser(live);
  const url = await begin(thief);
  const her = await signedIn(victim);
  const ways = [url, url.replace('&c=1', ''), url.replace('/oauth', '/OAuth')];
  const events = await eventsOf(server, 'live', async () => {
    for (const way of ways) assertPage(await visit(live.origin, way, her), [STATE, 'app.example']);
    // Nor may somebody who has no cookie yet, even after taking the one that is offered.
    const fresh = createBrowser(live);
    for (const way of ways) {
      await fresh.open(way);
      assertPage(fresh.page().answer, [STATE, 'app.example']);
    }
  });
  assert.deepEqual(events, []);
  await thief.open(url);
  thief.form('sign-in');
});

test('AC-11[B] a form of the attacker\'s flow is no yes in the victim\'s browser', async () => {
  const his = await signedIn(attacker);
  await his.open(await begin(his));
  const consent = holdForm(his, 'consent');
  const her = await signedIn(victim);
  await her.open(oauthPath(O1));
  const events = await eventsOf(server, 'live', async () => {
    const forged = await consent.send({ decision: 'allow' }, her);
    assert.equal(`${forged.status} ${forged.headers.location}`, '403 undefined');
  });
  assert.deepEqual(decidedIn(events), []);
  // He goes on alone, and what he gets is his own account.
  const { headers } = await consent.send({ decision: 'allow' });
  const { code } = readCallback(String(headers.location));
  const { access_token } = noted(tokensOf(await exchange(live, O1, code ?? '')));
  assert.match((await userinfo(live, access_token)).text, /"preferred_username":"erin"/);
});

test('AC-11[B] what the victim approved is nothing in the attacker\'s browser', async () => {
  const her = await signedIn(victim);
  const url = await begin(her);
  await her.open(url);
  const page = her.page().url;
  const consent = holdForm(her, 'consent');
  const his = await signedIn(attacker);
  await his.open(oauthPath(O1));
  const tries = async (): Promise<void> => {
    const { status, headers } = await consent.send({ decision: 'allow' }, his);
    assert.equal(`${status} ${headers.location}`, '403 undefined');
    for (const way of [page, url]) assertPage(await visit(live.origin, way, his), [STATE]);
  };
  await tries();
  const { location = '' } = (await consent.send({ decision: 'allow' })).headers;
  assert.match(location, /^https:\/\/app\.example\/cb\?code=[\w-]+&state=demo-state-1$/);
  await tries();
  // The answer is kept for her double click alone, and her code is hers.
  assert.equal((await consent.send({ decision: 'allow' })).headers.location, location);
  const code = readCallback(location).code ?? '';
  assertOAuthError(await exchange(live, VO, code, { redirect_uri: O1.redirect_uri }), 'code');
  const { access_token } = noted(tokensOf(await exchange(live, O1, code)));
  assert.match((await userinfo(live, access_token)).text, /"preferred_username":"alice"/);
});

test('AC-11[B] a link preview claims nothing, of the app\'s link or of the page\'s', async () => {
  const her = createBrowser(live);
  for (let count = 0; count < 3; count += 1) {
    const preview = await visit(live.origin, oauthPath(O1, { state: STATE }));
    assert.equal(preview.status, 303);
  }
  const url = await begin(her);
  for (const way of [url, url.replace('&c=1', '')]) {
    for (let count = 0; count < 3; count += 1) {
      const { status, headers, text } = await visit(live.origin, way);
      assert.ok(status === 303 || status === 400, String(status));
      assert.ok(!(headers.location ?? '').includes('app.example') && !text.includes(STATE));
    }
  }
  await her.open(url);
  await signInAs(her, victim);
  const { code } = await her.consent('allow');
  tokensOf(await exchange(live, O1, code ?? ''));
});

test('AC-11[B] the page of a request cannot be edited into another\'s', async () => {
  const her = await signedIn(victim);
  const url = await begin(her);
  await her.open(url);
  const shown = pageText(her.page().answer.text);
  assert.ok(shown.includes(O1.name));
  for (const client_id of [O3.id, '49999', '']) {
    await her.open(url.replace('40001', client_id));
    assert.equal(pageText(her.page().answer.text), shown, 'the handle alone says whose it is');
    const consent = holdForm(her, 'consent');
    assertPage(await consent.send({ decision: 'allow', client_id }), ['o3.example', STATE]);
  }
  const [handle = ''] = /(?<=request=)[^&]+/.exec(url) ?? [];
  const last = handle.endsWith('A') ? 'B' : 'A';
  for (const edited of [`${handle.slice(0, -1)}${last}`, `${handle}A`, handle.slice(0, -1), 'x']) {
    const answer = await visit(live.origin, url.replace(handle, edited), her);
    assertPage(answer, ['app.example', STATE]);
  }
  assertPage(await visit(live.origin, `${url}&request=${handle}`, her), ['app.example', STATE]);
  await her.open(url);
  tokensOf(await exchange(live, O1, (await her.consent('allow')).code ?? ''));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
