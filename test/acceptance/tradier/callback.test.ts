/** What comes back at the app's callback, byte for byte (contract §4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import type { Call } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App, WorldSite } from '../../outside/fixtures.ts';
import { exchange, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { assertPage, assertRedirect } from './answers.ts';
import { customerIn, errorCallback } from './customer.ts';
import { actionsOf, eventsOf } from './events.ts';
import { assertLogHoldsNoSecret } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper } = server;
const u1 = customerIn(live, 'u1');
const u1_paper = customerIn(paper, 'u1');

const CODE = /^[A-Za-z0-9_-]{22,128}$/;

/** The whole callback address; `rest` is what follows the code. */
function assertCallback(url: string, before: string, rest: string): void {
  assert.ok(url.startsWith(`${before}code=`) && url.endsWith(rest), url);
  assert.match(url.slice(before.length + 'code='.length, url.length - rest.length), CODE);
}

function get(world: WorldSite, path: string, headers: Call['headers'] = []) {
  return call(world.origin, { path, headers: [['Accept', 'text/html'], ...headers] });
}

test('AT-T9 mode ignore: an unregistered redirect_uri is overlooked', async () => {
  const foreign = encodeURIComponent('https://evil.example/cb');
  const { url, code } = await u1.allow(APPS.ignoring, `redirect_uri=${foreign}&state=s1`);
  assertCallback(url, 'https://app.example/cb?', '&state=s1');
  assert.equal((await exchange(live, APPS.ignoring, code)).status, 200);
});

test('AT-T10 without redirect_uri the only callback is used, a registered one obeyed', async () => {
  assertCallback((await u1.allow(APPS.A1)).url, 'https://app.example/cb?', '');
  for (const rest of ['', '&redirect_uri=']) {
    assertPage(await get(live, `/v1/oauth/authorize?client_id=${APPS.A4.id}&scope=read${rest}`));
  }
  for (const uri of APPS.A4.redirect_uris) {
    const { url } = await u1.allow(APPS.A4, `redirect_uri=${encodeURIComponent(uri)}`);
    assertCallback(url, `${uri}?`, '');
  }
});

test('AT-T12 state comes back if it was sent, also when it was empty', async () => {
  assertCallback((await u1.allow(APPS.A1, 'scope=read')).url, 'https://app.example/cb?', '');
  const empty = await u1.allow(APPS.A1, 'scope=read&state=');
  assertCallback(empty.url, 'https://app.example/cb?', '&state=');
});

test('AT-T13 a state of 2,048 bytes comes back as it was, whatever is in it', async () => {
  const piece = 'ü€😀e\u0301 + % & = # . ~ /?:@!$\'()*;,"<>\\^`{|}%41 &code=x&state=y ';
  const pieces = piece.repeat(Math.floor(2_048 / Buffer.byteLength(piece)));
  const exact = pieces + '.'.repeat(2_048 - Buffer.byteLength(pieces));
  const allowed = await u1.allow(APPS.A1, { scope: 'read', state: exact });
  assert.equal(allowed.state, exact);
  assert.equal(allowed.url.split('&').length, 2, 'nothing of the state is a parameter');
  assert.match(allowed.url.split('&state=')[1] ?? '', /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
  const denied = await u1.deny(APPS.A1, { scope: 'read', state: exact });
  assert.equal(denied.state, exact);
  // Above 4,096 bytes the request is refused, and the state not sent on.
  const long = await errorCallback(live, APPS.A1, `scope=read&state=${'s'.repeat(4_097)}`);
  assert.equal(long.url, 'https://app.example/cb?error=invalid_request');
});

test('AT-T16 approval leads to exactly code and state', async () => {
  const { url, code } = await u1.allow(APPS.A1, 'scope=read&state=s1');
  assert.equal(url, `https://app.example/cb?code=${code}&state=s1`);
  assert.match(code, CODE);
  const { answer } = u1.browser.page();
  assert.equal(answer.status, 303, 'it answers our own POST');
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.notEqual((await u1.allow(APPS.A1, 'scope=read&state=s1')).code, code);
});

test('AT-T17 a callback with a query of its own is extended', async () => {
  const { url, code } = await u1.allow(APPS.A2, 'scope=read&state=s1');
  assert.equal(url, `https://app2.example/cb?tradier=linked&env=live&code=${code}&state=s1`);
  const denied = await u1.deny(APPS.A2, 'state=s1');
  const own = 'https://app2.example/cb?tradier=linked&env=live';
  assert.equal(denied.url, `${own}&error=access_denied&state=s1`);
  const wrong = await errorCallback(live, APPS.A2, 'scope=placing&state=s1');
  assert.equal(wrong.url, `${own}&error=invalid_scope&state=s1`);
});

test('AT-T18 denial leads back with access_denied, and no code exists', async () => {
  const rows = [['state=s1', '&state=s1'], ['', ''], ['state=', '&state=']] as const;
  for (const [query, echoed] of rows) {
    let url = '';
    const events = await eventsOf(server, 'live', async () => {
      ({ url } = await u1.deny(APPS.A1, query));
    });
    assert.equal(url, `https://app.example/cb?error=access_denied${echoed}`);
    assert.equal(u1.browser.page().answer.status, 303);
    const actions = actionsOf(events);
    assert.ok(actions.includes('consent.denied'), String(actions));
    assert.ok(!actions.includes('code.issued') && !actions.includes('consent.given'));
  }
});

test('AT-T19 iss is the last parameter of both answers unless the app has it off', async () => {
  const iss = `&iss=${encodeURIComponent(`${live.origin}/as`)}`;
  const allowed = await u1.allow(APPS.TX, 'state=s1');
  assertCallback(allowed.url, 'https://t.example/cb?', `&state=s1${iss}`);
  const denied = await u1.deny(APPS.TX, 'state=s1');
  assert.equal(denied.url, `https://t.example/cb?error=access_denied&state=s1${iss}`);
  for (const callback of [await u1.allow(APPS.A1), await u1.deny(APPS.A1)]) {
    assert.equal(callback.iss, null);
  }
});

test('MX-01 every callback, also of an error, ends with the issuer of its world', async () => {
  const errors = ['scope=placing', 'response_type=token', 'code_challenge=x', 'scope=a&scope=b'];
  const seen: (readonly [WorldSite, App, string])[] = [];
  for (const [world, customer] of [[live, u1], [paper, u1_paper]] as const) {
    for (const app of [APPS.TX, APPS.Q, APPS.TI]) {
      for (const rest of ['&state=s1', '']) {
        seen.push([world, app, (await customer.allow(app, `scope=read${rest}`)).url]);
        seen.push([world, app, (await customer.deny(app, `scope=read${rest}`)).url]);
        for (const query of errors) {
          seen.push([world, app, (await errorCallback(world, app, `${query}${rest}`)).url]);
        }
      }
    }
  }
  for (const [world, app, url] of seen) {
    const [registered = ''] = app.redirect_uris;
    assert.ok(url.startsWith(`${registered}${registered.includes('?') ? '&' : '?'}`), url);
    const parameters = [...new URL(url).searchParams];
    assert.deepEqual(parameters.at(-1), ['iss', `${world.origin}/as`], url);
    assert.equal(parameters.filter(([name]) => name === 'iss').length, 1, url);
  }
  const off = await errorCallback(paper, APPS.A1, 'scope=placing&state=s1');
  assert.equal(off.url, 'https://app.example/cb?error=invalid_scope&state=s1');
});

test('MX-04 the issuer is the configured one whatever Host says, or it is 421', async () => {
  const path = `/v1/oauth/authorize?client_id=${APPS.TX.id}&scope=placing`;
  const iss = (world: WorldSite): string => encodeURIComponent(`${world.origin}/as`);
  const at = (world: WorldSite, host: string) => get(world, path, [['Host', host]]);
  const { port } = new URL(live.origin);
  for (const host of [`localhost:${port}`, `live.localhost:${port}`, `127.0.0.1:${port}`]) {
    const answer = await at(live, host);
    assertRedirect(answer, `https://t.example/cb?error=invalid_scope&iss=${iss(live)}`);
  }
  // The other world's authority at this world's port: its own world answers, or nobody.
  const crossed = await at(live, new URL(paper.origin).host);
  if (crossed.status !== 421) {
    assertRedirect(crossed, `https://t.example/cb?error=invalid_scope&iss=${iss(paper)}`);
  }
  const evil = 'evil.example';
  for (const host of [evil, `${evil}:${port}`, `127.0.0.1.${evil}:${port}`, '127.0.0.1']) {
    for (const target of [path, '/v1/user/profile', '/login', '/connections']) {
      const answer = await get(live, target, [['Host', host]]);
      assert.equal(answer.status, 421, `${host} ${target}`);
      assert.equal(answer.headers.location, undefined);
      assert.ok(!answer.text.includes(evil), 'nothing reflected');
    }
  }
  const spoofed = await get(live, path, [['X-Forwarded-Host', 'evil.example']]);
  assertRedirect(spoofed, `https://t.example/cb?error=invalid_scope&iss=${iss(live)}`);
  const { code } = await u1.allow(APPS.TX, 'scope=read');
  assert.equal(tokens(await exchange(live, APPS.TX, code)).scope, 'read');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
