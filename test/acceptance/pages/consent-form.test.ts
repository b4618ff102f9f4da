/** The consent page: every time, of the server's own record, for her own accounts (CO). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser, readCallback } from '../../outside/browser.ts';
import { APPS, CUSTOMERS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import type { Server } from '../../world.ts';
import { holdForm } from '../attacks/held-form.ts';
import { assertPage } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const PLAIN = demoApp('plain', { redirect_uris: ['https://plain.example:8443/cb?a=1'] });
const server: Server = await startServer({ seed: seedRecords([...Object.values(APPS), PLAIN]) });
after(server.stop);
const { live, paper, control } = server;
const { A, A1, A2, A3, B } = APPS;

test('CO-01 consent is asked every time, whatever was allowed before', async () => {
  await control.act('live', 'app.change', { app: A2.id, publisher_verified: true });
  const alice = customerIn(live, 'alice');
  const { refresh_token } = await alice.link(A2, 'scope=read,trade');
  assert.ok(refresh_token);
  const again = [
    'scope=read,trade', 'scope=read', 'scope=read,trade&prompt=none', 'scope=read&prompt=',
    'scope=read&max_age=0', 'scope=read&approval_prompt=auto', 'scope=read&login_hint=alice',
  ];
  for (const asked of again) {
    await alice.browser.open(`/v1/oauth/authorize?client_id=${A2.id}&${asked}&state=s1`);
    const { leaves_to, answer } = alice.browser.page();
    assert.equal(`${answer.status} ${leaves_to}`, '200 null', asked);
    alice.browser.form('consent');
    // A reload shows it again; nothing was decided by opening it.
    await alice.browser.open(alice.browser.page().url);
    alice.browser.form('consent');
  }
});

/** A consent form of u1 for this app, and what sending it changed led to. */
async function formOf(app: App, query = 'scope=read&state=s1') {
  const customer = customerIn(live, 'u1');
  await customer.ask(app, query);
  return { customer, form: holdForm(customer.browser, 'consent') };
}

test('CO-02 fields that widen, redirect or rename are not read', async () => {
  const { form } = await formOf(A1);
  const { location = '' } = (await form.send({
    decision: 'allow', scope: 'read write trade', scopes: '31', account: '6YA00003',
    accounts: '6YA00003', customer: 'bob', user: 'bob', redirect_uri: 'https://evil.test/cb',
    state: 'evil', code_challenge: 'x', response_type: 'token', iss: 'https://evil.test',
  })).headers;
  const { code } = readCallback(location);
  assert.equal(location, `https://app.example/cb?code=${code}&state=s1`);
  const body = tokens(await exchange(live, A1, code ?? ''));
  assert.equal(body.scope, 'read');
  const { text } = await profile(live, body.access_token);
  assert.ok(text.includes('VA000001') && !text.includes('6YA00003'), 'hers, not what was named');
});

test('CO-02 a form that names another app or another request grants nothing', async () => {
  const { form, customer } = await formOf(A1);
  const other = await formOf(B);
  const hers = await (async () => {
    await customer.ask(A, 'state=s2');
    return holdForm(customer.browser, 'consent');
  })();
  const events = await eventsOf(server, 'live', async () => {
    for (const client_id of [B.id, A.id, 'x', A1.id.toLowerCase()]) {
      assertPage(await form.send({ decision: 'allow', client_id }), ['app.example', B.name]);
    }
    // The request of another flow, of the same browser or of another.
    for (const from of [hers.fields, other.form.fields]) {
      const request = from.get('request') ?? '';
      const client_id = from.get('client_id') ?? '';
      const answer = await form.send({ decision: 'allow', request, client_id });
      assert.equal(`${answer.status} ${answer.headers.location}`, '403 undefined');
      assertPage(await form.send({ decision: 'allow', request }), ['b.example']);
    }
    const request = form.fields.get('request') ?? '';
    for (const broken of [request.slice(0, -1), `${request}A`, request.toUpperCase(), '']) {
      assertPage(await form.send({ decision: 'allow', request: broken }));
    }
  });
  assert.deepEqual(actionsOf(events), []);
  // None of the three was spent by it.
  for (const good of [form, hers, other.form]) {
    assert.match((await good.send({ decision: 'allow' })).headers.location ?? '', /[?&]code=/);
  }
});

test('CO-02 a form made for one customer grants nothing of another', async () => {
  const browser = createBrowser(live);
  await browser.authorize(A1, { state: 's1' });
  await browser.signIn('u1');
  const page = browser.page().url;
  const form = holdForm(browser, 'consent');
  // In another tab of the same browser somebody else signs in.
  await control.act('live', 'login.end', { customer: 'u1' });
  await browser.open('/login');
  await browser.signIn('u2');
  const events = await eventsOf(server, 'live', async () => {
    const answer = await form.send({ decision: 'allow' });
    assert.equal(`${answer.status} ${answer.headers.location}`, '403 undefined');
  });
  assert.deepEqual(actionsOf(events), []);
  await browser.open(page);
  assert.ok(pageText(browser.page().answer.text).includes(CUSTOMERS.u2.name));
  assert.ok((await browser.consent('allow')).code, 'what the page says now is what she allows');
});

test('CO-02 a stale form of an answered or changed request grants nothing', async () => {
  const { form, customer } = await formOf(PLAIN, 'scope=read,trade&state=s1');
  const second = await formOf(PLAIN, 'scope=read,trade&state=s2');
  // Since the page was shown, the app lost a scope: only what both know is granted.
  await control.act('live', 'app.change', { app: PLAIN.id, scopes: ['read', 'market'] });
  const { location = '' } = (await form.send({ decision: 'allow' })).headers;
  const { code } = readCallback(location);
  assert.equal(tokens(await exchange(live, PLAIN, code ?? '')).scope, 'read');
  await control.act('live', 'app.change', { app: PLAIN.id, scopes: ['market'] });
  assertPage(await second.form.send({ decision: 'allow' }), ['plain.example']);
  await control.act('live', 'app.change', { app: PLAIN.id, scopes: ['read'] });
  const uris = ['https://plain.example/moved'];
  await control.act('live', 'app.change', { app: PLAIN.id, redirect_uris: uris });
  assertPage(await second.form.send({ decision: 'allow' }), ['plain.example']);
  await control.advance(61);
  assertPage(await form.send({ decision: 'allow' }), ['plain.example']);
  assert.ok((await customer.allow(PLAIN)).code);
});

const byText = (a = '', b = ''): number => (a < b ? -1 : 1);

/** What the page says, and the scope words that it lists. */
async function consentPage(app: App, world = live, query = 'state=s1') {
  const customer = customerIn(world, 'u1');
  const { answer } = await customer.ask(app, query);
  const scopes = [...answer.text.matchAll(/data-scope="(\w+)"/g)].map(([, word]) => word);
  return { text: pageText(answer.text), scopes: scopes.toSorted(byText), html: answer.text };
}

test('CO-06 consent shows app, callback host, scopes, accounts, world and lifetime', async () => {
  const plain = await consentPage(A1);
  assert.ok(plain.text.includes(A1.name));
  assert.match(plain.text, /Publisher not verified by us/);
  assert.match(plain.text, /Back to the app at app\.example/);
  assert.deepEqual(plain.scopes, ['market', 'read', 'stream', 'trade', 'write']);
  assert.match(plain.text, /Orders use real money/, 'trading stands apart');
  assert.match(plain.text, /LIVE/);
  assert.doesNotMatch(plain.text, /PAPER/);
  assert.ok(plain.text.includes('VA000001'));
  assert.match(plain.text, /also those you open later/);
  assert.match(plain.text, /How long ?24 hours\. After that the app has to ask you again/);
  assert.ok(plain.text.includes(`signed in as ${CUSTOMERS.u1.name}`));
  const narrow = await consentPage(A1, live, 'scope=read,market');
  assert.deepEqual(narrow.scopes, ['market', 'read'], 'what was asked, not what it could have');
  assert.doesNotMatch(narrow.text, /real money, which can be lost/);
  // Each scope is told in words, not by its name alone.
  for (const [, says = ''] of plain.html.matchAll(/data-scope="\w+">.*?<span>([^<]+)<\/span>/gs)) {
    assert.ok(says.split(' ').length >= 3, says);
  }
});

test('CO-06 refresh approval, a verified publisher and the paper world are told', async () => {
  const renewing = await consentPage(APPS.TI);
  assert.match(renewing.text, /How long ?Until you end it/);
  const home_page = 'https://orchard.example/';
  await control.act('live', 'app.change', { app: B.id, publisher_verified: true, home_page });
  const verified = await consentPage(B);
  assert.match(verified.text, /Verified publisher ?orchard\.example/);
  assert.match(verified.text, /Back to the app at b\.example/);
  const paper_page = await consentPage(A3, paper);
  assert.match(paper_page.text, /PAPER/);
  assert.doesNotMatch(paper_page.text, /LIVE|VA000001/);
  for (const number of CUSTOMERS.u1.accounts.paper) assert.ok(paper_page.text.includes(number));
  assert.deepEqual(paper_page.scopes, ['market', 'read']);
});

test('CO-06 a callback with a port is shown with it', async () => {
  const uris = ['https://plain.example:8443/cb?a=1'];
  await control.act('live', 'app.change', { app: PLAIN.id, redirect_uris: uris });
  assert.match((await consentPage(PLAIN)).text, /Back to the app at plain\.example:8443/);
});

test('CO-10 another customer\'s account in request or form has no effect and no echo', async () => {
  const real = CUSTOMERS.bob.accounts.live[0] ?? '';
  const invented = '6YZ99999';
  const seen: unknown[] = [];
  for (const number of [real, invented]) {
    const alice = customerIn(live, 'alice');
    const asked = `scope=read&state=s1&account=${number}&account_id=${number}&accounts=${number}`;
    const { answer } = await alice.ask(A1, asked);
    assert.equal(answer.status, 200);
    assert.ok(!answer.text.includes(number), 'it is not offered');
    const form = holdForm(alice.browser, 'consent');
    const sent = await form.send({ decision: 'allow', account: number, accounts: number });
    const { code } = readCallback(sent.headers.location ?? '');
    const answered = await exchange(live, A1, code ?? '', [['account', number]]);
    const { access_token, scope } = tokens(answered);
    const { text } = await profile(live, access_token);
    assert.ok(!text.includes(number) && text.includes('6YA00001') && text.includes('6YA00002'));
    const callback = (sent.headers.location ?? '').replace(/code=[^&]+/, 'code');
    const page = answer.text.replaceAll(/value="cs_live_(?:req|csrf)_[^"]+"/g, '');
    seen.push({ status: sent.status, callback, scope, page });
  }
  assert.deepEqual(seen[0], seen[1], 'no hint that it exists');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
