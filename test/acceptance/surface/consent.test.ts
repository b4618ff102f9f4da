/** What the consent page says of permissions, and that no request changes them (CO-04, CO-06). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { WorldSite } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { bearing, exchange, get, oauthPath, refresh, tokensOf } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { noted, traderIn } from '../tradovate/trader.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper, control } = server;
const { O1, O2, VO } = REGISTRATIONS;
const { alice } = USERS;

/** The page of a request, with the permissions that it lists. */
async function consentPage(app: Registration, world: WorldSite = live, query = '') {
  const trader = traderIn(world, alice);
  await trader.ask(app);
  const { answer, leaves_to } = await trader.browser.open(`${oauthPath(app)}${query}`);
  assert.equal(`${answer.status} ${leaves_to}`, '200 null', query.slice(0, 80));
  const found = [...answer.text.matchAll(/data-scope="([^"]+)"/g)].map(([, word]) => String(word));
  return { trader, text: pageText(answer.text), words: found.sort(), html: answer.text };
}

/** What a token was granted, area by area, as the integrator can see it. */
async function grantedTo(token: string): Promise<readonly string[]> {
  const answer = await bearing(live, token, { path: '/auth/products' });
  return answer.json<{ name: string; granted: string }[]>()
    .filter(({ granted }) => granted !== 'Denied')
    .map(({ name, granted }) => `${name}:${granted}`).toSorted();
}

const long = (words: string): string => encodeURIComponent(words.repeat(2_000).slice(0, 10_000));

const ASKED = [
  '&scope=', '&scope=READ', '&scope=read', '&scope=Orders%3AFullAccess', '&scope=trading',
  '&scope=openid%20offline_access', '&scope=Users:Read&scope=Orders:FullAccess',
  '&scope=Users:Read%20Users:Read%20Users:Read', '&scope=All', '&scope=%00', '&scope=%ff',
  '&Scope=Orders:FullAccess', '&scope[]=Orders:FullAccess', '&permissions=Orders:FullAccess',
  `&scope=${long('Orders:FullAccess ')}`, `&scope=${long('x')}`,
];

test('CO-04[B] no scope of a request adds a permission, takes one or is an error', async () => {
  const registered = [...VO.permissions].toSorted();
  for (const query of ASKED) {
    const { words, text } = await consentPage(VO, live, query);
    assert.deepEqual(words, registered, query.slice(0, 60));
    assert.doesNotMatch(text, /trading|offline_access/);
  }
  for (const query of [ASKED[3], ASKED[6], ASKED[14]]) {
    const { trader } = await consentPage(VO, live, query);
    const { code, error } = await trader.browser.consent('allow');
    assert.equal(error, null);
    const tokens = noted(tokensOf(await exchange(live, VO, code ?? '')));
    assert.equal('scope' in tokens, false);
    assert.deepEqual(await grantedTo(tokens.access_token), registered);
    const order = await bearing(live, tokens.access_token, {
      path: '/v1/order/placeorder', method: 'POST',
    });
    assert.equal(`${order.status} ${order.text}`, '401 ');
  }
});

test('CO-04[B] neither does a scope at the token endpoint or in the form of consent', async () => {
  const trader = traderIn(live, alice);
  await trader.ask(VO);
  const widened = {
    decision: 'allow', scope: 'Orders:FullAccess', scopes: '4095', permissions: 'Orders:FullAccess',
  };
  const { leaves_to } = await trader.browser.submit('consent', widened);
  const code = new URL(leaves_to ?? '').searchParams.get('code') ?? '';
  const asked = { scope: 'Orders:FullAccess Risks:FullAccess', permissions: ['Orders:FullAccess'] };
  const first = noted(tokensOf(await exchange(live, VO, code, asked)));
  const registered = [...VO.permissions].toSorted();
  assert.deepEqual(await grantedTo(first.access_token), registered);
  let { refresh_token } = first;
  for (const scope of ['Orders:FullAccess', 'Users:Read', '', 'no such word', 'openid']) {
    const next = noted(tokensOf(await refresh(live, VO, refresh_token, { scope })));
    assert.deepEqual(await grantedTo(next.access_token), registered, scope);
    assert.equal('scope' in next, false);
    ({ refresh_token } = next);
  }
});

test('CO-06[B] consent shows app, host, each permission with its level, world, time', async () => {
  const { text, words, html } = await consentPage(O1);
  assert.ok(text.includes(O1.name));
  assert.match(text, /Publisher not verified by us/);
  assert.match(text, /Back to the app at app\.example/);
  assert.deepEqual(words, [...O1.permissions].toSorted());
  for (const says of ['Orders Full access', 'Positions Read', 'Users Read']) {
    assert.ok(text.includes(says), says);
  }
  assert.match(text, /Place, change and cancel orders/, 'in words');
  assert.match(text, /Orders use real money, which can be lost/);
  assert.match(text, /LIVE/);
  assert.doesNotMatch(text, /PAPER|Denied/);
  assert.ok(text.includes(alice.accounts.live[0] ?? ''), 'the account');
  assert.ok(!text.includes(alice.accounts.paper[0] ?? ''));
  assert.match(text, /How long ?Until you end it, at most 90 days\./);
  assert.ok(text.includes(`signed in as ${alice.name}`));
  for (const [, said = ''] of html.matchAll(/data-scope="[^"]+">.*?<span>([^<]+)<\/span>/gs)) {
    assert.ok(said.split(' ').length >= 3, said);
  }
});

test('CO-06[B] the same area reads otherwise at another level, and demo is no live', async () => {
  const reads = await consentPage(VO);
  assert.match(reads.text, /Orders Read/);
  assert.doesNotMatch(reads.text, /Orders Full access|real money, which can be lost|Place, change/);
  const demo = await consentPage(O1, paper);
  assert.match(demo.text, /PAPER/);
  assert.doesNotMatch(demo.text, /LIVE|real money, which can be lost/);
  assert.match(demo.text, /Orders are simulated/);
  assert.ok(demo.text.includes(alice.accounts.paper[0] ?? ''));
  assert.ok(!demo.text.includes(alice.accounts.live[0] ?? ''));
  const few = await consentPage(O2);
  assert.deepEqual(few.words, ['Prices:Read']);
  assert.match(few.text, /Back to the app at o2\.example/);
});

test('CO-06[B] what the operator changes is shown at the next request', async () => {
  const home_page = 'https://orchard.example/';
  await control.act('live', 'app.change', {
    app: VO.id, publisher_verified: true, home_page, scopes: ['Orders:FullAccess', 'Risks:Read'],
  });
  const { text, words } = await consentPage(VO);
  assert.match(text, /Verified publisher ?orchard\.example/);
  assert.deepEqual(words, ['Orders:FullAccess', 'Risks:Read']);
  assert.match(text, /Orders use real money/);
});

test('CO-06[B] looking at the page grants nothing', async () => {
  const events = await eventsOf(server, 'live', async () => {
    assert.equal((await get(live, oauthPath(O1))).headers.location?.includes('code='), false);
    const trader = traderIn(live, alice);
    await trader.ask(O1);
    assert.equal((await trader.browser.open('/connections')).answer.text.includes(O1.name), false);
  });
  for (const action of actionsOf(events)) assert.doesNotMatch(action, /consent|grant|token|code/);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
