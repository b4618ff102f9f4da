/** What a consent is worth: its scopes and no more, until she ends it (CO-04, 07, 08). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm } from '../attacks/held-form.ts';
import { assertFault, assertTokenError } from '../tradier/answers.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const { A, A1, A2, B } = APPS;
const u1 = customerIn(live, 'u1');

/** Scope of the token that this query ends in, for app A (`read trade`). */
async function granted(query: string, app: App = A): Promise<string> {
  return (await u1.link(app, query)).scope;
}

test('CO-04 no spelling of the scope list enlarges what the app may hold', async () => {
  const words = ['write', 'READ', 'Read', 'admin', '*', 'openid', 'offline_access', 'read.all',
    'read\u200b', 're\u0430d', '__proto__', 'trade;write', 'trade|write', '31'];
  for (const word of words) {
    const scope = encodeURIComponent(`${word},trade`);
    assert.equal(await granted(`scope=${scope}`), 'trade', JSON.stringify(word));
    const alone = await errorCallback(live, A, `scope=${encodeURIComponent(word)}&state=s1`);
    assert.equal(`${alone.error} ${alone.state}`, 'invalid_scope s1', JSON.stringify(word));
  }
});

test('CO-04 duplicates collapse and long lists are read to their end', async () => {
  assert.equal(await granted('scope=read,read,read'), 'read');
  assert.equal(await granted(`scope=${'read,'.repeat(1500)}trade`), 'read trade');
  assert.equal(await granted(`scope=${'unknown,'.repeat(1000)}read`), 'read');
  const nothing = await errorCallback(live, A, `scope=${'unknown,'.repeat(1000)}`);
  assert.equal(nothing.error, 'invalid_scope');
  // 10 kB is more than any parameter may hold (DS-01), whatever words it is made of.
  const long = await errorCallback(live, A, `scope=${'read,'.repeat(2000)}&state=s1`);
  assert.equal(`${long.error} ${long.state}`, 'invalid_request s1');
  assert.equal(await granted(''), 'read trade', 'absent: all that the app may hold');
});

test('CO-04 exchange and refresh never give more than was allowed', async () => {
  const { code } = await u1.allow(A2, 'scope=read');
  const body = tokens(await exchange(live, A2, code, [['scope', 'read write trade']]));
  assert.equal(body.scope, 'read', 'scope is no parameter of the exchange');
  const refresh_token = body.refresh_token ?? '';
  assertTokenError(live, await refresh(live, A2, refresh_token, [['scope', 'read trade']]), 'E7');
  assert.equal(tokens(await refresh(live, A2, refresh_token)).scope, 'read');
  // Neither what the app is given later nor a second grant widens the first.
  await u1.link(A2, 'scope=read,trade');
  assertTokenError(live, await refresh(live, A2, refresh_token, [['scope', 'trade']]), 'E7');
});

/** Her page, as it lists apps. */
async function listed(): Promise<string> {
  const { answer } = await u1.connections();
  return pageText(answer.text);
}

test('CO-07 removing an app ends all its tokens, and the list says so', async () => {
  const grants = [await u1.link(A2), await u1.link(A2, 'scope=read')];
  const refreshed = tokens(await refresh(live, A2, grants[0]?.refresh_token ?? ''));
  const pending = await u1.allow(A2);
  const other = await u1.link(B);
  const elsewhere = await customerIn(live, 'u2').link(A2);
  const in_paper = await customerIn(paper, 'u1').link(A2);
  const before = await listed();
  assert.ok(before.includes(A2.name) && before.includes(B.name));
  const events = await eventsOf(server, 'live', async () => {
    const { answer, url } = await u1.browser.submit(`end-${A2.id}`);
    assert.equal(`${answer.status} ${new URL(url).pathname}`, '200 /connections');
    assert.match(pageText(answer.text), /Access ended\. What the app held no longer works\./);
  });
  const actions = actionsOf(events);
  assert.equal(actions[0], 'consent.withdrawn');
  assert.ok(actions.filter((action) => action === 'grant.ended').length >= 2, actions.join());
  for (const { access_token } of [...grants, refreshed]) {
    assertFault(live, await profile(live, access_token), 'F3');
  }
  for (const { refresh_token = '' } of grants) {
    assertTokenError(live, await refresh(live, A2, refresh_token), 'E4');
  }
  assertTokenError(live, await exchange(live, A2, pending.code), 'E3');
  const now = await listed();
  assert.ok(!now.includes(A2.name) && now.includes(B.name));
  const { grants: ended } = await control.act('live', 'grant.list', { customer: 'u1' });
  const of_app = (ended as readonly { app: string; ended?: unknown; state?: unknown }[])
    .filter(({ app }) => app === A2.id);
  assert.ok(JSON.stringify(of_app).includes('ended'), JSON.stringify(of_app));
  for (const [world, { access_token }] of [
    [live, other], [live, elsewhere], [paper, in_paper],
  ] as const) {
    assert.equal((await profile(world, access_token)).status, 200);
  }
});

test('CO-07 removing every app leaves her own token and other customers alone', async () => {
  const own = await u1.newPersonalToken();
  const grants = [await u1.link(A1), await u1.link(B)];
  const elsewhere = await customerIn(live, 'u2').link(B);
  await u1.connections();
  await u1.browser.submit('end-all');
  for (const { access_token } of grants) {
    assertFault(live, await profile(live, access_token), 'F3');
  }
  assert.equal((await profile(live, own)).status, 200);
  assert.equal((await profile(live, elsewhere.access_token)).status, 200);
  assert.match(await listed(), /No app can use your live accounts/);
  await u1.connections();
  await u1.browser.submit('personal-token', { change: 'delete' });
  assert.equal((await profile(live, own)).status, 401);
});

test('CO-08 a token without the read scope is refused at the profile', async () => {
  for (const scope of ['write', 'trade', 'market', 'stream', 'write,trade,market,stream']) {
    const { access_token, scope: held } = await u1.link(A1, `scope=${scope}`);
    assert.ok(!held.includes('read'));
    assertFault(live, await profile(live, access_token), 'F4', { scope: 'read' });
    assertFault(live, await profile(live, access_token), 'F4', { scope: 'read' });
  }
  const { access_token } = await u1.link(A1, 'scope=read');
  assert.equal((await profile(live, access_token)).status, 200);
  // A refresh may narrow, and what is narrowed away is gone for that token.
  const wide = await u1.link(A2, 'scope=read,trade');
  const narrowed = await refresh(live, A2, wide.refresh_token ?? '', [['scope', 'trade']]);
  const { access_token: narrow } = tokens(narrowed);
  assertFault(live, await profile(live, narrow), 'F4', { scope: 'read' });
  assert.equal((await profile(live, wide.access_token)).status, 200);
});

test('CO-07 a list that is old by now ends nothing twice, and nothing new', async () => {
  const { access_token } = await customerIn(live, 'u2').link(A2);
  const browser = createBrowser(live);
  await browser.open('/login');
  await browser.signIn('u2');
  const old = holdForm(browser, `end-${A2.id}`);
  assert.equal((await old.send({})).status, 303);
  assertFault(live, await profile(live, access_token), 'F3');
  const events = await eventsOf(server, 'live', async () => {
    assert.equal((await old.send({})).status, 303);
  });
  assert.deepEqual(actionsOf(events), []);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
