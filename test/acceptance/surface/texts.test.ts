/** Texts that others wrote, and what of them is shown or answered (XS-02, XS-08). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import type { Answer } from '../../outside/call.ts';
import {
  basicOf, codeMembers, credentials, oauthToken, signInAs,
} from '../../outside/tradovate.ts';
import type { Members } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { elementsOf, skeleton, within } from '../../dialects/page-outline.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { traderIn } from '../tradovate/trader.ts';
import { assertMalformed, assertSession } from '../tradovate/sessions/answers.ts';
import { assertLogTellsNothing, callerAt } from '../tradovate/sessions/caller.ts';
import { assertNothingGiven } from './endpoints.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, control } = server;
const { O1, O2 } = REGISTRATIONS;
const { alice, erin } = USERS;
const here = callerAt(live);

/** Her page of connections, with a fresh sign-in. */
async function connectionsOf(user: typeof alice) {
  const browser = createBrowser(live);
  await browser.open('/login');
  await signInAs(browser, user);
  const { answer } = await browser.open('/connections');
  assert.equal(answer.status, 200);
  return { browser, answer };
}

const HOSTILE = [
  '<script>alert(1)</script>zq7mark', '"><img src=x onerror=alert(1)>zq7mark',
  '\'-alert(1)-\'zq7mark', '{{7*7}}${7*7}zq7mark', '</code></dd><base href=//evil.test>zq7mark',
  '&lt;script&gt;&#60;zq7mark', 'javascript:alert(1)//zq7mark', 'zq7mark<!--<style>*{}',
];

/** Nothing on the page runs, loads or leads elsewhere by itself. */
function assertInert({ text, headers }: Answer): void {
  for (const { tag, attributes } of elementsOf(text)) {
    assert.doesNotMatch(tag, /^(?:script|iframe|object|embed|base|template|img|style)$/);
    for (const [name, value] of Object.entries(attributes)) {
      assert.doesNotMatch(name, /^on|^style$|^srcdoc$|^formaction$|^http-equiv$/);
      if (['href', 'src', 'action'].includes(name)) assert.match(value, /^(?:\/(?![/\\])|#)/);
    }
  }
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; (?!script)/);
}

test('XS-02[B] hostile names of devices and versions are text on their page', async () => {
  // Long enough to be shown by its ends, as the hostile ones are.
  const plain = { deviceId: `${'d'.repeat(40)}zq7mark`, appVersion: 'zq7mark' };
  assertSession(await here.login(erin, plain));
  const usual = skeleton((await connectionsOf(erin)).answer.text);
  for (const text of HOSTILE) {
    const deviceId = text.padStart(64, 'd');
    for (let twice = 0; twice < 2; twice += 1) {
      assertSession(await here.login(alice, { deviceId, appVersion: text }));
    }
    const { answer } = await connectionsOf(alice);
    assertInert(answer);
    const cards = within(answer.text, 'session');
    assert.ok(cards.some((element) => element.text === deviceId), 'letter by letter');
    assert.ok(cards.some((element) => element.text === `Version ${text}`));
  }
  // One session of each, and the page has the same elements whatever they say.
  await control.act('live', 'customer.create', {
    login_name: 'mallory', name: 'Mallory', password: 'demo-password-of-mallory',
  });
  await control.act('live', 'account.create', { customer: 'mallory', account: 'TVX00001' });
  const mallory = { ...erin, login_name: 'mallory', password: 'demo-password-of-mallory' };
  const [hostile = ''] = HOSTILE;
  assertSession(await here.login(mallory, {
    deviceId: hostile.padStart(64, 'd'), appVersion: hostile,
  }));
  assert.equal(skeleton((await connectionsOf(mallory)).answer.text), usual);
});

test('XS-02[B] a device that would turn the page is shown as odd, and can be ended', async () => {
  const points = [0x00, 0x0a, 0x1b, 0x7f, 0x85, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069];
  for (const point of points) {
    const hidden = String.fromCodePoint(point);
    const members = { deviceId: `de${hidden}vice`, appVersion: `1${hidden}2` };
    assertSession(await here.login(alice, members));
    const { answer } = await connectionsOf(alice);
    const shown: string = within(answer.text, 'session').map(({ text }) => text).join('\n');
    const kept = hidden === '\n' ? /de\nvice/ : /de\ufffdvice/;
    assert.ok(kept.test(shown), `U+${point.toString(16)}`);
    if (hidden !== '\n') assert.ok(!answer.text.includes(hidden), `U+${point.toString(16)}`);
  }
  const { browser } = await connectionsOf(alice);
  const ends = browser.forms().filter(({ id }) => id.startsWith('end-session-'));
  assert.equal(ends.length, 2);
  for (const { id } of ends) await browser.submit(id);
  assert.ok(!browser.forms().some(({ id }) => id.startsWith('end-session-')));
});

test('XS-02[B] a device has 64 characters, and is no array of them', async () => {
  const events = await eventsOf(server, 'live', async () => {
    const wrong = ['d'.repeat(65), ['device'], 7, { a: 1 }, null, '\ud800'];
    for (const deviceId of wrong) assertMalformed(await here.login(alice, { deviceId }));
    assertMalformed(await here.login(alice, { appVersion: 'v'.repeat(8_193) }));
  });
  assert.deepEqual(actionsOf(events), []);
});

test('XS-02[B] names of keys, apps and users are short and hold nothing invisible', async () => {
  const points = [0x00, 0x0a, 0x7f, 0x200b, 0x202e, 0x2066, 0xfeff];
  const bad = points.map((point) => `Auto${String.fromCodePoint(point)}Trade`);
  for (const name of [...bad, 'x'.repeat(81), '', '  ', ' Auto']) {
    const acts: readonly (readonly [string, object])[] = [
      ['api-key.create', { name, owner: 'partner', cid: '77' }],
      ['api-key.change', { cid: '8', name }],
      ['app.create', {
        dialect: 'tradovate', client_id: '47777', name, redirect_uris: ['https://x.example/cb'],
        scopes: ['Users:Read'],
      }],
      ['customer.create', { login_name: 'trudy', name, password: 'demo-password-of-trudy' }],
    ];
    for (const [act, args] of acts) {
      const { status, body } = await control.tryAct('live', act, args);
      assert.equal(status, 400, `${act} ${JSON.stringify(name)}: ${JSON.stringify(body)}`);
      assert.match(JSON.stringify(body), /name/, act);
    }
  }
  assertSession(await here.login(alice));
  const gone = await control.tryAct('live', 'customer.show', { customer: 'trudy' });
  assert.equal(gone.status, 404);
});

test('XS-02[B] hostile names of apps and users are text at consent and in the list', async () => {
  const name = '"><img src=x onerror=alert(1)>{{7*7}}';
  await control.act('live', 'app.change', { app: O2.id, name });
  const browser = traderIn(live, alice);
  const { answer } = await browser.ask(O2);
  assertInert(answer);
  assert.ok(elementsOf(answer.text).some(({ text }) => text === name), 'letter by letter');
  await browser.browser.consent('allow');
  assertInert((await browser.browser.open('/connections')).answer);
});

const ALPHABET = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const INPUTS = [
  '"zq7mark\\', 'zq7mark<b>é', 'zq7mark\r\nX-Evil: 1', 'zq7mark\u0000', '\u202ezq7mark',
  'zq7mark%22', '\u2028zq7mark',
];

/** Errors of ours alone, in their alphabet, with nothing of what was sent. */
function assertSpare(answer: Answer, what: string): void {
  assert.ok([200, 400].includes(answer.status), `${what}: ${answer.status}`);
  const { error, error_description, errorText } = answer.json();
  assert.match(String(error), /^[a-z_]{1,64}$/, what);
  for (const text of [error_description, errorText ?? '']) {
    assert.match(String(text), ALPHABET, what);
    assert.ok(String(text).length < 200);
  }
  const everything = `${answer.text}${String(answer.raw_headers)}`;
  assert.doesNotMatch(everything, /zq7mark|evil/i, what);
  assertNothingGiven(answer);
}

test('XS-08[B] errors of oauthtoken keep to their alphabet and repeat nothing', async () => {
  const code = { ...codeMembers(O1, 'x') };
  const refreshing = { ...credentials(O1), grant_type: 'refresh_token', refresh_token: 'x' };
  const names = ['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret',
    'refresh_token', 'code_verifier', 'resource', 'httpAuth', 'scope', 'assertion'];
  for (const text of INPUTS) {
    for (const name of [...names, text]) {
      for (const members of [code, refreshing] as Members[]) {
        for (const as of ['json', 'form'] as const) {
          const answer = await oauthToken(live, { ...members, [name]: text }, { as });
          assertSpare(answer, `${JSON.stringify(name)} as ${as}`);
        }
      }
      const spelt = encodeURIComponent(name);
      const path = `/auth/oauthtoken?${spelt}=${encodeURIComponent(text)}`;
      assertSpare(await oauthToken(live, code, { path }), `${spelt} in the query`);
    }
    const twice = `{"code":${JSON.stringify(text)},"code":${JSON.stringify(text)}}`;
    for (const body of [text, `[${JSON.stringify(text)}]`, twice, `{${JSON.stringify(text)}:`]) {
      assertSpare(await oauthToken(live, body), 'body');
    }
    const { id } = O1;
    const basic = Buffer.from(`${id}:${text}`).toString('base64');
    for (const value of [`Basic ${basic}`, `Basic ${basicOf(O1)}zq7mark`, 'Basic zq7mark']) {
      const headers = [['Authorization', value]] as const;
      const body = { ...code, client_id: undefined, client_secret: undefined };
      assertSpare(await oauthToken(live, body, { headers }), 'Basic');
      assertSpare(await oauthToken(live, { ...body, httpAuth: value }), 'httpAuth');
    }
    const type = [['Content-Type', 'application/zq7mark; charset=zq7mark']] as const;
    assertSpare(await oauthToken(live, code, { headers: type }), 'Content-Type');
    await control.advance(61);
  }
});

test('XS-08[B] errorText repeats nothing either', async () => {
  for (const text of INPUTS) {
    for (const name of ['name', 'password', 'appId', 'sec', 'cid', 'chl', 'p-ticket', text]) {
      const answer = await callerAt(live).login(alice, {
        name: 'nobody', password: 'demo-wrong', [name]: text,
      }, API_KEYS.K1);
      assert.equal(answer.status, 200);
      assert.doesNotMatch(`${answer.text}${String(answer.raw_headers)}`, /zq7mark|evil/i);
      const [said = '', ...more] = Object.values(answer.json());
      assert.match(String(said), /^[ -~]{10,80}$/, name);
      assert.deepEqual(more.filter((value) => typeof value === 'string'), []);
      await control.advance(3_700);
    }
  }
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
