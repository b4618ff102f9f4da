/** Sign-ins: new each time, of one browser and one world, dead after sign-out (CS). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import type { Browser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { CustomerName, WorldSite } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm } from '../attacks/held-form.ts';
import { assertPage } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const { A1, A2, B } = APPS;

const FLOW = 'cs_live_flow-dev';
const LOGIN = 'cs_live_login-dev';

async function signedIn(name: CustomerName, world: WorldSite = live): Promise<Browser> {
  const browser = createBrowser(world);
  await browser.open('/login');
  await browser.signIn(name);
  assert.equal(browser.page().url, `${world.origin}/connections`);
  noteSecrets(...browser.cookies.values());
  return browser;
}

/** Whom the connections page greets with these cookies; null when it leads to sign-in. */
async function whoIs(world: WorldSite, cookie: string): Promise<string | null> {
  const headers = [['Cookie', cookie], ['Accept', 'text/html']] as const;
  const answer = await call(world.origin, { path: '/connections', headers });
  if (answer.status === 303) {
    assert.equal(answer.headers.location, '/login');
    return null;
  }
  assert.equal(answer.status, 200);
  return /You are signed in as Demo (\w+)/.exec(pageText(answer.text))?.[1] ?? 'nobody';
}

function loginOf(browser: Browser): string {
  const value = browser.cookies.get(LOGIN) ?? '';
  assert.notEqual(value, '');
  return `${LOGIN}=${value}`;
}

test('CS-03 each sign-in makes a new session id, and the old one is unknown', async () => {
  const browser = await signedIn('u1');
  const ids = [loginOf(browser)];
  for (const name of ['u1', 'u2', 'u1'] as const) {
    // In the same browser, from the sign-in page of a flow that the old session does not know.
    const before = browser.cookies.get(LOGIN) ?? '';
    browser.cookies.delete(LOGIN);
    await browser.open('/login');
    const form = holdForm(browser, 'sign-in');
    browser.cookies.set(LOGIN, before);
    const password = `demo-password-of-${name}`;
    const { headers, status } = await form.send({ name, password });
    assert.equal(status, 303);
    const set = headers['set-cookie']?.[0] ?? '';
    const [, value = ''] = /^cs_live_login-dev=([^;]+)/.exec(set) ?? [];
    noteSecrets(value);
    browser.cookies.set(LOGIN, value);
    for (const old of ids) assert.equal(await whoIs(live, old), null, 'an old id is unknown');
    ids.push(loginOf(browser));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(await whoIs(live, loginOf(browser)), name);
  }
});

test('CS-03 an id that somebody fixed before the sign-in is never taken over', async () => {
  const attacker = await signedIn('u2');
  const planted = [attacker.cookies.get(LOGIN) ?? '', 'cs_live_login_fixed', 'x'];
  for (const value of planted) {
    const victim = createBrowser(live);
    await victim.authorize(A1, { state: 's1' });
    victim.cookies.set(LOGIN, value);
    const { answer } = await victim.signIn('u1');
    assert.equal(answer.status, 200);
    assert.notEqual(victim.cookies.get(LOGIN), value);
    assert.ok(pageText(answer.text).includes('Demo u1'));
    assert.equal(await whoIs(live, `${LOGIN}=${value}`), null);
    // Nor does the flow's cookie become a sign-in.
    assert.equal(await whoIs(live, `${LOGIN}=${victim.cookies.get(FLOW)}`), null);
  }
});

test('CS-06 two tabs, two apps and two customers in one browser stay apart', async () => {
  const browser = await signedIn('u1');
  const open = async (app: typeof A1, state: string) => {
    await browser.authorize(app, { state });
    return holdForm(browser, 'consent');
  };
  const [one, two, three] = [await open(A1, 's1'), await open(B, 's2'), await open(A1, 's3')];
  const location = async (form: typeof one, decision: 'allow' | 'deny'): Promise<URL> =>
    new URL((await form.send({ decision })).headers.location ?? '');
  const of_two = await location(two, 'allow');
  const of_three = await location(three, 'deny');
  const of_one = await location(one, 'allow');
  assert.equal(of_one.searchParams.get('state'), 's1');
  assert.equal(`${of_two.host} ${of_two.searchParams.get('state')}`, 'b.example s2');
  const denied = [of_three.searchParams.get('error'), of_three.searchParams.get('state')];
  assert.deepEqual(denied, ['access_denied', 's3']);
  const codes = [of_one, of_two].map((url) => url.searchParams.get('code') ?? '');
  assert.equal(new Set(codes).size, 2);
  // Each code is good for its own app alone.
  const [code_one = '', code_two = ''] = codes;
  assert.equal((await exchange(live, B, code_one)).status, 400);
  tokens(await exchange(live, A1, code_one));
  assert.equal((await exchange(live, A1, code_two)).status, 400);
  tokens(await exchange(live, B, code_two));
  assert.equal([...browser.cookies].length, 2, 'one pair of cookies, however many flows');
});

test('CS-06 a consent opened by one customer is not answered as another', async () => {
  const browser = createBrowser(live);
  await browser.authorize(A1, { state: 's1' });
  await browser.signIn('u1');
  const page = browser.page().url;
  await control.act('live', 'login.end', { customer: 'u1' });
  await browser.open('/login');
  await browser.signIn('u2');
  await browser.open(page);
  assert.ok(pageText(browser.page().answer.text).includes('Demo u2'), 'the page says who decides');
  const { code } = await browser.consent('allow');
  const { access_token } = tokens(await exchange(live, A1, code ?? ''));
  const { text } = await profile(live, access_token);
  assert.ok(text.includes('VA000002') && !text.includes('VA000001'));
});

test('CS-06 what she opened before she signed out is not the next customer\'s', async () => {
  const browser = createBrowser(live);
  await browser.authorize(A1, { state: 's1' });
  await browser.signIn('u1');
  const page = browser.page().url;
  const opened = holdForm(browser, 'consent');
  await browser.open('/connections');
  await browser.submit('sign-out');
  await browser.open('/login');
  await browser.signIn('u2');
  assertPage((await browser.open(page)).answer, ['app.example']);
  const sent = await opened.send({ decision: 'allow' });
  assert.equal(`${sent.status} ${sent.headers.location}`, '403 undefined');
});

test('CS-07 the other world\'s cookies mean nothing here, under either name', async () => {
  const there = await signedIn('u1', paper);
  const login = there.cookies.get('cs_paper_login-dev') ?? '';
  const flow = there.cookies.get('cs_paper_flow-dev') ?? '';
  assert.equal(await whoIs(paper, `cs_paper_login-dev=${login}`), 'u1');
  // Browsers send both worlds' cookies to both ports of one host.
  assert.equal(await whoIs(live, `cs_paper_login-dev=${login}; cs_paper_flow-dev=${flow}`), null);
  assert.equal(await whoIs(live, `${LOGIN}=${login}`), null);
  for (const [name, value] of [['cs_paper_flow-dev', flow], [FLOW, flow]]) {
    const headers = [['Cookie', `${name}=${value}`]] as const;
    const answer = await call(live.origin, { path: '/login?c=1', headers });
    assert.equal(answer.status, 400, 'no cookie of ours came back');
  }
  const both = await signedIn('u2');
  const mixed = [...both.cookies, ...there.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
  assert.equal(await whoIs(live, mixed), 'u2');
  assert.equal(await whoIs(paper, mixed), 'u1');
});

test('CS-07 of two cookies of one name neither is ours', async () => {
  const victim = await signedIn('u1');
  const attacker = await signedIn('u2');
  const [hers, his] = [loginOf(victim), loginOf(attacker)];
  for (const cookie of [`${hers}; ${his}`, `${his}; ${hers}`, `${hers}; ${hers}`, `${hers};${his}`,
    `${LOGIN}=; ${hers}`, `${hers}; a=b; ${LOGIN}=x`]) {
    assert.equal(await whoIs(live, cookie), null, cookie.replaceAll(/=[^;]+/g, '=…'));
  }
  const flows = [victim, attacker].map(({ cookies }) => `${FLOW}=${cookies.get(FLOW)}`);
  const headers = [['Cookie', flows.join('; ')]] as const;
  const tossed = await call(live.origin, { path: '/login?c=1', headers });
  assert.equal(tossed.status, 400);
  // Alone, each is what it was; other names beside it do not matter.
  assert.equal(await whoIs(live, `a=b; ${hers}; __Host-cs_live_login=x`), 'u1');
  assert.equal(await whoIs(live, his), 'u2');
});

test('CS-07 a login cookie that is cut, changed or quoted is none', async () => {
  const browser = await signedIn('u1');
  const value = browser.cookies.get(LOGIN) ?? '';
  const last = value.endsWith('A') ? 'B' : 'A';
  for (const wrong of [value.slice(0, -1), `${value.slice(0, -1)}${last}`, `${value}A`,
    `"${value}"`, value.toUpperCase(), encodeURIComponent(`${value} `), `${value}%00`]) {
    assert.equal(await whoIs(live, `${LOGIN}=${wrong}`), null, wrong);
  }
  assert.equal(await whoIs(live, `${LOGIN}=${value}`), 'u1');
});

async function signOut(browser: Browser): Promise<Answer> {
  await browser.open('/connections');
  const { hops, answer } = await browser.submit('sign-out');
  assert.equal(answer.status, 200);
  assert.ok(browser.page().url.endsWith('/signed-out'));
  return hops[0] ?? answer;
}

test('CS-14 sign-out clears the cookie and ends the session on the server', async () => {
  const browser = await signedIn('u1');
  const elsewhere = await signedIn('u1');
  const { access_token } = await customerIn(live, 'u1').link(A2);
  const old = loginOf(browser);
  const flow = `${FLOW}=${browser.cookies.get(FLOW)}`;
  let cleared: Answer | undefined;
  const events = await eventsOf(server, 'live', async () => {
    cleared = await signOut(browser);
  });
  assert.deepEqual(actionsOf(events), ['login.ended']);
  const ending = '=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax';
  assert.deepEqual(cleared?.headers['set-cookie'], [`${LOGIN}${ending}`, `${FLOW}${ending}`]);
  assert.equal(browser.cookies.size, 0);
  assert.equal(await whoIs(live, old), null, 'kept by a thief, it is dead');
  // At the sign-in page it is worth as little, also within a flow.
  const headers = [['Cookie', `${old}; ${flow}`]] as const;
  const page = await call(live.origin, { path: '/login?c=1', headers });
  assert.equal(page.status, 200);
  assert.match(page.text, /id="sign-in"/);
  assert.equal(await whoIs(live, loginOf(elsewhere)), 'u1', 'another browser is not signed out');
  assert.equal((await profile(live, access_token)).status, 200, 'apps keep working');
});

test('CS-14 forms kept from before the sign-out do nothing', async () => {
  const browser = await signedIn('u1');
  await customerIn(live, 'u1').link(A2);
  await browser.open('/connections');
  const kept = new Map(browser.cookies);
  const forms = ['end-all', 'personal-token', 'sign-out'].map((id) => holdForm(browser, id));
  await signOut(browser);
  for (const [name, value] of kept) browser.cookies.set(name, value);
  const events = await eventsOf(server, 'live', async () => {
    for (const form of forms) {
      const answer = await form.send({ change: 'replace' });
      assert.equal(answer.status, 303);
      assert.match(answer.headers.location ?? '', /^\/(?:login|signed-out)$/);
    }
  });
  assert.deepEqual(actionsOf(events), []);
});

test('CS-14 a session ends after eight hours, and when her password changes', async () => {
  const browser = await signedIn('u2');
  await control.advance(8 * 3600 - 5);
  assert.equal(await whoIs(live, loginOf(browser)), 'u2');
  await control.advance(6);
  assert.equal(await whoIs(live, loginOf(browser)), null);
  const fresh = await signedIn('bob');
  await control.act('live', 'customer.set-password', { customer: 'bob' });
  assert.equal(await whoIs(live, loginOf(fresh)), null);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
