/** A code exists after a customer's yes, in her own browser, and only while what she said holds. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { authorizePath, createBrowser, readCallback } from '../../outside/browser.ts';
import type { Browser } from '../../outside/browser.ts';
import { APPS, CUSTOMERS, demoApp, demoCustomer } from '../../outside/fixtures.ts';
import type { App, CustomerName } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm, visit } from './held-form.ts';
import { assertPage, assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const CUT = demoApp('cut', { redirect_uris: ['https://cut.example/cb'], response_iss: false });
const ELLA = demoCustomer('ella', { live: ['6YA00090'], paper: [] });

const server = await startServer({
  seed: seedRecords([...Object.values(APPS), CUT], [...Object.values(CUSTOMERS), ELLA]),
});
after(server.stop);
const { live, control } = server;
const { A, A1 } = APPS;

const CODE = /cs_live_code_|[?&;]code=/;

/** Nothing that looks like a code left the server on any of these answers. */
function assertNoCode(browser: Browser): void {
  const { hops, answer } = browser.page();
  for (const { text, raw_headers } of [...hops, answer]) {
    assert.doesNotMatch(text, CODE);
    assert.doesNotMatch(raw_headers.join('\n'), CODE);
  }
}

test('AC-10 no code exists before consent, after closing the page or after denial', async () => {
  const before = await control.act('live', 'grant.list', { customer: 'ella' });
  const browser = createBrowser(live);
  const events = await eventsOf(server, 'live', async () => {
    await browser.authorize(A, { state: 'a b&c=d' });
    assertNoCode(browser);
    await browser.submit('sign-in', { name: ELLA.login_name, password: ELLA.password });
    assertNoCode(browser);
    // She closes the page, opens it again, and answers no.
    await browser.open(browser.page().url);
    assertNoCode(browser);
    const { url } = await browser.consent('deny');
    const iss = encodeURIComponent(`${live.origin}/as`);
    assert.equal(url, `https://app.example/cb?error=access_denied&state=a%20b%26c%3Dd&iss=${iss}`);
    assert.equal(browser.page().answer.status, 303);
    await browser.authorize(A);
    browser.form('consent');
    assertNoCode(browser);
  });
  const actions = actionsOf(events);
  assert.deepEqual(actions.filter((action) => /^code\.|^consent\.|^grant\./.test(action)), [
    'consent.denied',
  ]);
  assert.deepEqual(await control.act('live', 'grant.list', { customer: 'ella' }), before);
});

test('AC-10 a denied request cannot be allowed afterwards', async () => {
  const ella = customerIn(live, 'u2');
  await ella.ask(A1, 'state=s1');
  const consent = holdForm(ella.browser, 'consent');
  const page = ella.browser.page().url;
  const denied = 'https://app.example/cb?error=access_denied&state=s1';
  assert.equal((await consent.send({ decision: 'deny' })).headers.location, denied);
  // A double click on either button within a minute repeats the answer that was given.
  assert.equal((await consent.send({ decision: 'allow' })).headers.location, denied);
  assertPage(await visit(live.origin, page, ella.browser));
  await control.advance(61);
  assertPage(await consent.send({ decision: 'allow' }), ['app.example']);
});

/** The address of a request's page, as the app's server could learn it without any browser. */
async function begin(app: App = A1): Promise<string> {
  const { headers } = await visit(live.origin, authorizePath(app, { state: 's1' }));
  return headers.location ?? '';
}

async function signedIn(customer: CustomerName): Promise<Browser> {
  const browser = createBrowser(live);
  await browser.open('/login');
  await browser.signIn(customer);
  return browser;
}

test('AC-11 who opened a request first keeps it: another browser gets our page', async () => {
  const url = await begin();
  const attacker = await signedIn('u2');
  await attacker.open(url);
  const attackers = holdForm(attacker, 'consent');
  const victim = await signedIn('u1');
  await victim.open(url);
  assertPage(victim.page().answer, ['s1']);
  // Also with the attacker's form in the victim's browser, and the other way round.
  const forged = await attackers.send({ decision: 'allow' }, victim);
  assert.equal(`${forged.status} ${forged.headers.location}`, '403 undefined');
  const stolen = new Map([
    ...attacker.cookies, ...[...victim.cookies].filter(([name]) => name.includes('login')),
  ]);
  assert.equal(stolen.size, 2);
  const owner = await attackers.send({ decision: 'allow' });
  const { code } = readCallback(owner.headers.location ?? '');
  const { access_token } = tokens(await exchange(live, A1, code ?? ''));
  assert.match((await profile(live, access_token)).text, /VA000002/, 'his own account, not hers');
});

test('AC-11 what the victim approved in her browser is nothing in the attacker\'s', async () => {
  const url = await begin();
  const victim = await signedIn('u1');
  await victim.open(url);
  const page = victim.page().url;
  const consent = holdForm(victim, 'consent');
  const attacker = await signedIn('u2');
  assertPage(await visit(live.origin, page, attacker));
  const before_yes = await consent.send({ decision: 'allow' }, attacker);
  assert.equal(before_yes.status, 403);
  const { location = '' } = (await consent.send({ decision: 'allow' })).headers;
  assert.match(location, /^https:\/\/app\.example\/cb\?code=/);
  // The answer is kept for her double click only.
  const after_yes = await consent.send({ decision: 'allow' }, attacker);
  assert.equal(`${after_yes.status} ${after_yes.headers.location}`, '403 undefined');
  assertPage(await visit(live.origin, page, attacker));
  assertPage(await visit(live.origin, url, attacker));
  assertPage(await visit(live.origin, `${page}&c=1`));
  assert.equal((await consent.send({ decision: 'allow' })).headers.location, location);
  tokens(await exchange(live, A1, readCallback(location).code ?? ''));
});

test('AC-11 a link preview claims nothing', async () => {
  const url = await begin();
  for (let count = 0; count < 3; count += 1) {
    const preview = await visit(live.origin, url);
    assert.equal(preview.status, 302, 'it is sent to itself to bring a cookie');
    const again = new URL(preview.headers.location ?? '', live.origin).href;
    assert.equal(again, `${url}&c=1`);
    assertPage(await visit(live.origin, again), ['s1']);
  }
  const victim = await signedIn('u1');
  await victim.open(url);
  const { code } = await victim.consent('allow');
  tokens(await exchange(live, A1, code ?? ''));
});

test('AC-11 a flow begun on the page host belongs to that browser from the start', async () => {
  const attacker = createBrowser(live);
  for (const path of [
    `/oauth/authorize?client_id=${A1.id}&state=s1`, `/authorize?client_id=${A1.id}&state=s1`,
    `/login?redirectUrl=${encodeURIComponent(`/authorize?client_id=${A1.id}&state=s1`)}`,
  ]) {
    // Not even opened: the answer's address is what the attacker sends to the victim.
    const entered = await visit(live.origin, path, attacker);
    const flow = /^(cs_live_flow-dev)=([^;]+)/.exec(entered.headers['set-cookie']?.[0] ?? '');
    if (flow?.[1] !== undefined) attacker.cookies.set(flow[1], flow[2] ?? '');
    const url = entered.headers.location ?? '';
    assert.match(url, /request=/);
    const victim = await signedIn('u1');
    assertPage(await visit(live.origin, url, victim), ['s1']);
    assertPage(await visit(live.origin, url.replace('&c=1', ''), victim), ['s1']);
    await attacker.open(url);
    assert.ok(['sign-in', 'consent'].includes(attacker.forms()[0]?.id ?? ''));
  }
});

/** Each alone, done between the issue of a code and its redemption. */
const ENDINGS: { readonly [cause: string]: Ending } = {
  'customer locked': { act: ['customer.set-status', { customer: 'ella', status: 'locked' }] },
  'customer closed': { act: ['customer.set-status', { customer: 'ella', status: 'closed' }] },
  'password changed': { act: ['customer.set-password', { customer: 'ella' }] },
  'sign-ins ended': { act: ['login.end', { customer: 'ella' }] },
  'app removed by an operator': { act: ['grant.end', { customer: 'ella', app: CUT.id }] },
  'app removed by herself': { by_herself: true },
  'app disabled and approved again': { act: ['app.disable', { app: CUT.id }] },
};

type Ending = {
  readonly act?: readonly [name: string, args: object];
  readonly by_herself?: true;
};

test('AC-12 whatever ends between issue and redemption, the code is worthless then', async () => {
  for (const [cause, { act, by_herself }] of Object.entries(ENDINGS)) {
    await control.act('live', 'customer.set-status', { customer: 'ella', status: 'active' });
    const { password } = await control.act('live', 'customer.set-password', { customer: 'ella' });
    await control.act('live', 'app.approve', { app: CUT.id });
    const browser = createBrowser(live);
    await browser.authorize(CUT);
    await browser.submit('sign-in', { name: ELLA.login_name, password: String(password) });
    const { code } = await browser.consent('allow');
    const other = await customerIn(live, 'u1').allow(CUT);
    if (act !== undefined) await control.act('live', ...act);
    if (by_herself === true) {
      // Her page lists apps with a begun grant; removing one ends its unused codes too.
      const { code: begun } = await browser.authorize(CUT).then(() => browser.consent('allow'));
      tokens(await exchange(live, CUT, begun ?? ''));
      await browser.open('/connections');
      await browser.submit(`end-${CUT.id}`);
    }
    if (cause.startsWith('app disabled')) {
      assertTokenError(live, await exchange(live, CUT, code ?? ''), 'E1');
      await control.act('live', 'app.approve', { app: CUT.id });
    }
    const events = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await exchange(live, CUT, code ?? ''), 'E3');
    });
    assert.deepEqual(actionsOf(events), ['code.refused'], cause);
    assert.equal(events[0]?.['detail'], 'code.standing', cause);
    // Set back, the code stays dead: nothing revives.
    await control.act('live', 'customer.set-status', { customer: 'ella', status: 'active' });
    assertTokenError(live, await exchange(live, CUT, code ?? ''), 'E3');
    const others = await exchange(live, CUT, other.code);
    if (cause.startsWith('app disabled')) assertTokenError(live, others, 'E3');
    else tokens(others);
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
