/** The redirect address between page and token: bound to the code, judged again before consent. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readCallback } from '../../../outside/browser.ts';
import { codeMembers, exchange, oauthToken, tokensOf } from '../../../outside/tradovate.ts';
import type { Members } from '../../../outside/tradovate.ts';
import {
  REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import {
  WRONG_CLIENT, WRONG_SETUP, assertOAuthError, assertTokenAnswer, assertWrongPage,
} from '../../tradovate/answers.ts';
import { assertAlive, noted, traderIn } from '../../tradovate/trader.ts';
import { holdForm, visit } from '../held-form.ts';
import type { HeldForm } from '../held-form.ts';
import { detailsOf } from '../told.ts';
import { decidedIn } from './oauth-page.ts';
import { proof } from './proof.ts';

const changing = (key: string, id: string): Registration => demoRegistration(key, {
  id, redirect_uri: `https://${key}.example/cb`, permissions: ['Users:Read', 'Orders:Read'],
});
const TWO = changing('two', '40021');
const MOVED = changing('moved', '40022');
const FEWER = changing('fewer', '40023');
const OFF = changing('off', '40024');
const NARROWED = changing('narrowed', '40025');

const server = await startServer({
  seed: tradovateSeed({
    registrations: [
      ...Object.values<Registration>(REGISTRATIONS), TWO, MOVED, FEWER, OFF, NARROWED,
    ],
  }),
});
after(server.stop);
const { live, control } = server;
const { VO, O2 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const SECOND = 'https://two.example/second';
await control.act('live', 'app.change', {
  app: TWO.id, redirect_uris: [TWO.redirect_uri, SECOND],
});

test('RU-22[B] another address than the authorized one is refused and spends nothing', async () => {
  const wrong = [
    'https://evil.test/cb', O2.redirect_uri, 'https://v.example/CB', 'https://v.example/cb/',
    'https://v.example:443/cb', `${VO.redirect_uri}?code=x&state=s`, ` ${VO.redirect_uri}`,
    `${VO.redirect_uri}\u0000`, encodeURIComponent(VO.redirect_uri),
  ];
  const { code } = await alice.allow(VO, { state: 's1' });
  for (const redirect_uri of wrong) {
    for (const as of ['json', 'form', 'none'] as const) {
      const events = await eventsOf(server, 'live', async () => {
        const answer = await oauthToken(live, { ...codeMembers(VO, code), redirect_uri }, { as });
        assertOAuthError(answer, 'client');
      });
      assert.deepEqual(detailsOf(events), ['code.refused refused code.redirect_uri'], redirect_uri);
    }
  }
  const answer = await exchange(live, VO, code);
  assertTokenAnswer(answer, 'code');
  await assertAlive(live, noted(tokensOf(answer)).access_token);
});

/** A body without the address, as a program that forgets it would send it. */
const MISSING: readonly Members[] = [
  { redirect_uri: undefined }, { redirect_uri: '' },
  { redirect_uri: undefined, Redirect_Uri: VO.redirect_uri },
  { redirect_uri: undefined, 'redirect_uri[]': VO.redirect_uri },
];

test('RU-22[B] a missing address is a wrong one, also beside the right verifier', async () => {
  const { verifier, asked } = proof();
  const plain = await alice.allow(VO);
  const bound = await alice.allow(VO, asked);
  for (const extra of MISSING) {
    for (const [{ code }, code_verifier] of [[plain, undefined], [bound, verifier]] as const) {
      const events = await eventsOf(server, 'live', async () => {
        const answer = await exchange(live, VO, code, { code_verifier, ...extra });
        assertOAuthError(answer, 'client');
      });
      assert.deepEqual(detailsOf(events), ['code.refused refused code.redirect_uri']);
    }
  }
  tokensOf(await exchange(live, VO, plain.code));
  tokensOf(await exchange(live, VO, bound.code, { code_verifier: verifier }));
});

test('RU-22[B] of two registered addresses only the one that was authorized will do', async () => {
  for (const [asked, other] of [[TWO.redirect_uri, SECOND], [SECOND, TWO.redirect_uri]] as const) {
    const { code, url } = await alice.allow(TWO, { redirect_uri: asked });
    assert.equal(url, `${asked}?code=${code}`);
    assertOAuthError(await exchange(live, TWO, code, { redirect_uri: other }), 'client');
    tokensOf(await exchange(live, TWO, code, { redirect_uri: asked }));
  }
});

/** The consent form of the app, held by the customer while an operator acts. */
async function heldConsent(app: Registration, redirect_uri = app.redirect_uri): Promise<HeldForm> {
  await alice.ask(app, { redirect_uri, state: 's1' });
  return holdForm(alice.browser, 'consent');
}

/** Our page whatever she answers or looks at: no code, no grant, and no way to the app. */
async function endsOnPage(app: Registration, form: HeldForm, says: string): Promise<void> {
  const page = `/oauth?client_id=${app.id}&request=${form.fields.get('request') ?? ''}`;
  const absent = [app.redirect_uri, 'elsewhere.example'];
  const events = await eventsOf(server, 'live', async () => {
    for (const decision of ['allow', 'deny']) {
      const answer = await form.send({ decision });
      assert.equal(`${answer.status} ${answer.headers.location}`, '400 undefined');
      for (const text of absent) assert.ok(!answer.text.includes(text));
    }
    assertWrongPage(await visit(live.origin, page, alice.browser), says, absent);
    assertWrongPage(await visit(live.origin, `${page}&c=1`, alice.browser), says, absent);
  });
  assert.deepEqual(decidedIn(events), []);
  const { grants } = await control.act('live', 'grant.list', { customer: 'alice', app: app.id });
  assert.deepEqual(grants, []);
}

test('RU-23[B] an address that was removed before consent gets no code', async () => {
  const moved = await heldConsent(MOVED);
  await control.act('live', 'app.change', {
    app: MOVED.id, redirect_uris: ['https://elsewhere.example/cb'],
  });
  await endsOnPage(MOVED, moved, WRONG_SETUP);
  // The same when the list only lost the one that the flow was begun with.
  const second = `${FEWER.redirect_uri}/second`;
  await control.act('live', 'app.change', {
    app: FEWER.id, redirect_uris: [FEWER.redirect_uri, second],
  });
  const fewer = await heldConsent(FEWER, second);
  await control.act('live', 'app.change', { app: FEWER.id, redirect_uris: [FEWER.redirect_uri] });
  await endsOnPage(FEWER, fewer, WRONG_SETUP);
  const { code } = await alice.allow(FEWER);
  tokensOf(await exchange(live, FEWER, code));
});

test('RU-23[B] an app that was disabled before consent gets no code', async () => {
  const form = await heldConsent(OFF);
  await control.act('live', 'app.disable', { app: OFF.id });
  await endsOnPage(OFF, form, WRONG_CLIENT);
});

test('RU-23[B] permissions that were removed before consent are not in the grant', async () => {
  const form = await heldConsent(NARROWED);
  await control.act('live', 'app.change', { app: NARROWED.id, scopes: ['Users:Read'] });
  const { headers } = await form.send({ decision: 'allow' });
  const { code } = readCallback(String(headers.location));
  tokensOf(await exchange(live, NARROWED, code ?? ''));
  const { grants } = await control.act('live', 'grant.list', {
    customer: 'alice', app: NARROWED.id,
  });
  assert.deepEqual((grants as { scopes: unknown }[]).map(({ scopes }) => scopes), [['Users:Read']]);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
