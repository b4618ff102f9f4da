/** Where a flow ends: the registered callback, and the state as it came, from begin to end. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { createBrowser, readCallback } from '../../outside/browser.ts';
import type { Visit } from '../../outside/browser.ts';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm, visit } from './held-form.ts';
import type { HeldForm } from './held-form.ts';
import { proceedsEverywhere, queryOf, refusedEverywhere } from './ways-in.ts';
import { assertPage, assertTokenError } from '../tradier/answers.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, linesOf } from '../tradier/secrets.ts';

const CHANGING = ['moved', 'fewer', 'disabled2', 'narrowed']
  .map((key) => demoApp(key, { redirect_uris: [`https://${key}.example/cb`] }));
const [MOVED, FEWER, DISABLED, NARROWED] = CHANGING as [App, App, App, App];

const server = await startServer({ seed: seedRecords([...Object.values(APPS), ...CHANGING]) });
after(server.stop);
const { live, control } = server;
const u1 = customerIn(live, 'u1');
const { A, A1, B, M, TI, TX } = APPS;

test('RU-19 no callback asked for: our page with two registered, else the only one', async () => {
  await refusedEverywhere(live, queryOf(M, 'state=s'), ['m.example']);
  await refusedEverywhere(live, queryOf(M, 'state=s&redirect_uri='), ['m.example']);
  for (const query of ['state=s', 'state=s&redirect_uri=']) {
    await proceedsEverywhere(live, queryOf(A, query));
    const { url } = await u1.allow(A, query);
    assert.match(url, /^https:\/\/app\.example\/cb\?code=[A-Za-z0-9_-]+&state=s&iss=/);
  }
  for (const callback of M.redirect_uris) {
    const { url } = await u1.allow(M, { redirect_uri: callback });
    assert.ok(url.startsWith(`${callback}?code=`), url);
  }
});

test('RU-22 the callback of a token request is ignored, app and verifier are not', async () => {
  const verifier = 'demo-verifier-0123456789-0123456789-0123456789';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const [own = ''] = TI.redirect_uris;
  const asked = {
    redirect_uri: own, state: 's', code_challenge: challenge, code_challenge_method: 'S256',
  };
  const proof = ['code_verifier', verifier] as const;
  const later = [
    [], [['redirect_uri', own]], [['redirect_uri', 'https://evil.test/cb']],
    [['redirect_uri', `${own}?code=x&state=s`]], [['redirect_uri', '']],
  ] as const;
  for (const extra of later) {
    const { code } = await u1.allow(TI, asked);
    assertTokenError(live, await exchange(live, TX, code, [proof, ...extra]), 'E3');
    assertTokenError(live, await exchange(live, TI, code, extra), 'E3');
    const { access_token } = tokens(await exchange(live, TI, code, [proof, ...extra]));
    assert.equal((await profile(live, access_token)).status, 200);
    // And the same for a code that no challenge binds.
    const plain = await u1.allow(TI, { redirect_uri: own });
    assertTokenError(live, await exchange(live, B, plain.code, extra), 'E3');
    tokens(await exchange(live, TI, plain.code, extra));
  }
});

/** The consent form of the app, held by the customer while an operator acts. */
async function heldConsent(app: App, asked = 'state=s1'): Promise<HeldForm> {
  await u1.ask(app, asked);
  return holdForm(u1.browser, 'consent');
}

/** Our page whatever is answered, no code, and nothing that the app could redeem. */
async function noCodeComesOf(app: App, form: HeldForm): Promise<void> {
  const absent = [app.redirect_uris[0] ?? app.id, 'elsewhere.example'];
  const request = form.fields.get('request') ?? '';
  const page = `/oauth/authorize?client_id=${app.id}&request=${request}`;
  const events = await eventsOf(server, 'live', async () => {
    for (const decision of ['allow', 'deny']) {
      assertPage(await visit(live.origin, page, u1.browser), absent);
      assertPage(await form.send({ decision }), absent);
    }
  });
  const actions = actionsOf(events);
  assert.ok(!actions.includes('code.issued') && !actions.includes('consent.given'), actions.join());
  assert.deepEqual((await control.act('live', 'grant.list', { customer: 'u1', app: app.id }))
    ['grants'], []);
}

test('RU-23 a callback that was removed before consent gets no code', async () => {
  const moved = await heldConsent(MOVED);
  await control.act('live', 'app.change', {
    app: MOVED.id, redirect_uris: ['https://elsewhere.example/cb'],
  });
  await noCodeComesOf(MOVED, moved);
  // The same when the list only lost the one that the flow was begun with.
  const [own = ''] = FEWER.redirect_uris;
  const second = `${own}/two`;
  await control.act('live', 'app.change', { app: FEWER.id, redirect_uris: [own, second] });
  const fewer = await heldConsent(FEWER, `redirect_uri=${encodeURIComponent(second)}`);
  await control.act('live', 'app.change', { app: FEWER.id, redirect_uris: [own] });
  await noCodeComesOf(FEWER, fewer);
  const { code } = await u1.allow(FEWER);
  tokens(await exchange(live, FEWER, code));
});

test('RU-23 an app that was disabled before consent gets no code', async () => {
  const form = await heldConsent(DISABLED);
  await control.act('live', 'app.disable', { app: DISABLED.id });
  await noCodeComesOf(DISABLED, form);
});

test('RU-23 scopes that were removed before consent are not in the grant', async () => {
  const form = await heldConsent(NARROWED, 'scope=read,trade&state=s1');
  await control.act('live', 'app.change', { app: NARROWED.id, scopes: ['read', 'market'] });
  const { headers } = await form.send({ decision: 'allow' });
  const { code } = readCallback(headers.location ?? '');
  assert.equal(tokens(await exchange(live, NARROWED, code ?? '')).scope, 'read');
});

test('RU-23 when no asked scope is left before consent, there is no empty grant', async () => {
  const form = await heldConsent(NARROWED, 'scope=market&state=s1');
  await control.act('live', 'app.change', { app: NARROWED.id, scopes: ['read'] });
  const answer = await form.send({ decision: 'allow' });
  const code = readCallback(answer.headers.location ?? 'https://none.example/').code;
  assert.equal(code, null, 'a code for nothing');
});

const OFF_SITE = [
  '//evil.test', '/\\evil.test', '/\t/evil.test', '/%09/evil.test', 'https:evil.test',
  'https://evil.test/', '///evil.test', '\\\\evil.test', '/.evil.test/..//evil.test',
  'https:/evil.test', 'javascript:alert(1)', ' //evil.test', '/\u00a0/evil.test',
  '//evil.test/authorize?client_id=x', 'https://evil.test/oauth/authorize?client_id=x',
  '/authorize/../..//evil.test', '/oauth/authorize/..//evil.test?x', '/connections//evil.test',
];

test('RU-25 a target after sign-in that is not on our list is forgotten', async () => {
  const names = ['redirectUrl', 'return_to', 'continue', 'next'];
  const links = OFF_SITE.flatMap((target) =>
    names.map((name) => `/login?${name}=${encodeURIComponent(target)}`));
  // Not encoded at all, and encoded once more.
  links.push('/login?redirectUrl=//evil.test', '/login?redirectUrl=/\\evil.test',
    '/login?redirectUrl=%252F%252Fevil.test', '/login?redirectUrl=%2F%09%2Fevil.test');
  for (const link of links) {
    const browser = createBrowser(live);
    const shown = await browser.open(link);
    assert.equal(`${shown.answer.status} ${shown.leaves_to}`, '200 null', link);
    for (const { headers } of shown.hops) {
      assert.doesNotMatch(headers.location ?? '', /^(\/\/|[a-z]+:)/);
    }
    assert.ok(!shown.answer.text.includes('evil.test'), link);
    const { fields } = browser.form('sign-in');
    assert.deepEqual(fields.filter(([name]) => name === 'request'), [], link);
  }
});

test('RU-25 after sign-in behind such a link she stands on her own page', async () => {
  const browser = createBrowser(live);
  for (const target of OFF_SITE.slice(0, 6)) {
    browser.cookies.clear();
    await browser.open(`/login?redirectUrl=${encodeURIComponent(target)}`);
    const { url, leaves_to, hops } = await browser.signIn('u1');
    assert.equal(`${url} ${leaves_to}`, `${live.origin}/connections null`, target);
    assert.equal(hops[0]?.headers.location, '/connections');
    // Already signed in, the link shows the same.
    await browser.open(`/login?redirectUrl=${encodeURIComponent(target)}`);
    assert.equal(browser.page().url, `${live.origin}/connections`);
  }
});

/** The first answer to a form: status and target. */
function answered({ hops, answer }: Visit): string {
  const first = hops[0] ?? answer;
  return `${first.status} ${first.headers.location}`;
}

test('RU-26 every form of ours redirects with 303', async () => {
  const browser = createBrowser(live);
  await browser.open('/login');
  assert.equal(answered(await browser.signIn('u2')), '303 /connections');
  browser.cookies.clear();
  await browser.authorize(A1, { state: 's1' });
  const into_flow = answered(await browser.signIn('u2'));
  assert.match(into_flow, /^303 \/oauth\/authorize\?client_id=\w{32}&request=[^&]+$/);
  const allowed = await browser.submit('consent', { decision: 'allow' });
  assert.match(answered(allowed), /^303 https:\/\/app\.example\/cb\?code=[^&]+&state=s1$/);
  await browser.authorize(A1, { state: 's1' });
  const denied = answered(await browser.submit('consent', { decision: 'deny' }));
  assert.equal(denied, '303 https://app.example/cb?error=access_denied&state=s1');
  const link = await browser.authorize(A1).then(() => browser.consent('allow'));
  tokens(await exchange(live, A1, link.code ?? ''));
  const ways = [
    [`end-${A1.id}`, {}], ['end-all', {}], ['personal-token', { change: 'delete' }],
    ['sign-out', {}],
  ] as const;
  for (const [form, fields] of ways) {
    await browser.open('/connections');
    if (form === 'end-all') {
      const again = await browser.authorize(A1).then(() => browser.consent('allow'));
      tokens(await exchange(live, A1, again.code ?? ''));
      await browser.open('/connections');
    }
    if (form === 'personal-token') await browser.submit(form, { change: 'replace' });
    const answer = answered(await browser.submit(form, fields));
    assert.match(answer, /^303 \/[a-z-]+(\?done=\w+)?$/, form);
  }
});

const STATES = {
  'with 384 characters': 'n'.repeat(384),
  'with the most bytes': 'é'.repeat(1_024),
  'with 4096 bytes': 's'.repeat(4_096),
  'with control characters': 'a\u0000b\u0001c\td\re\nf\u007fg\u0085',
  'that would split a header': 'x\r\nSet-Cookie: a=b\r\n\r\n<script>',
  'with separators and escapes': '&code=evil&state=2#?;%00%25%2526+%20',
  'with directions and planes': '\u202e\ufeff\u2028\u{1f4a9}\u200d\ud7ff',
  'with blanks at both ends': '  s  ',
} as const;

/** A callback in which the state is one parameter, escaped, between answer and issuer. */
const UNDIVIDED =
  /^https:\/\/app\.example\/cb\?(code|error)=[^&]+&state=[A-Za-z0-9._~%-]+&iss=[^&]+$/;

test('JR-11 a long or odd state comes back unchanged, in success, denial and error', async () => {
  for (const [kind, state] of Object.entries(STATES)) {
    const asked = `state=${encodeURIComponent(state)}`;
    const found = [
      await u1.allow(A, asked), await u1.deny(A, asked),
      await errorCallback(live, A, `${asked}&scope=placing`),
    ];
    for (const { url, state: came } of found) {
      assert.equal(came, state, kind);
      assert.match(url, UNDIVIDED);
    }
  }
});

test('JR-11 a state that is too long or undecodable is refused whole, never cut', async () => {
  const too_long = ['s'.repeat(4_097), 's'.repeat(5_000), 'é'.repeat(2_049)]
    .map((state) => `state=${encodeURIComponent(state)}`);
  for (const asked of [...too_long, 'state=%ff', 'state=%ed%a0%80', 'state=%', 'state=a&state=b']) {
    const logged = await linesOf(
      server,
      async () => {
        const { url } = await errorCallback(live, A, asked);
        assert.match(url, /^https:\/\/app\.example\/cb\?error=invalid_request&iss=[^&]+$/);
      },
      (line) => line['rule'] === 'authorize.well_formed',
    );
    assert.equal(logged.length, 1, asked.slice(0, 20));
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
