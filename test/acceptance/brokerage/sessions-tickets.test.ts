/** Penalty tickets and the small calls, as somebody uses them who means ill (BR-18, BR-23). */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import type { Answer } from '../../outside/call.ts';
import { get, oauthToken } from '../../outside/tradovate.ts';
import type { Members } from '../../outside/tradovate.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import type { User } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { workOf } from '../pages/door.ts';
import {
  ERROR_TEXTS, assertEmpty, assertErrorText, assertPenalty, assertSession, bodyOf,
} from '../tradovate/sessions/answers.ts';
import {
  BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf, spoil,
} from '../tradovate/sessions/caller.ts';
import type { Caller } from '../tradovate/sessions/caller.ts';

/** One server believes its proxy, the other hears every client directly. */
const proxied = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(proxied.stop);
const direct = await startServer({
  seed: tradovateSeed(), set: { 'signup.banned_countries': '["KP"]' },
});
after(direct.stop);
const clock = clockOf(proxied.control);
const { alice, erin } = USERS;
const { live } = proxied;

let strangers = 0;

/** Somebody whom nobody knows and who never came before. */
function stranger(): User {
  strangers += 1;
  return { ...alice, login_name: `stranger-${strangers}` };
}

async function overLimit(): Promise<{ readonly caller: Caller; readonly ticket: string }> {
  const caller = callerAt(live);
  for (let count = 1; count <= 5; count += 1) {
    assertErrorText(await caller.login(stranger()), ERROR_TEXTS.password);
  }
  return { caller, ticket: assertPenalty(await caller.login(alice), 15).ticket };
}

/** A penalty again: nothing was evaluated, no session opened, the count did not fall. */
async function refusedUnseen(send: () => Promise<Answer>): Promise<string> {
  let ticket = '';
  const work = await workOf(proxied, 'live', async () => {
    const answer = await send();
    assert.doesNotMatch(answer.text, /accessToken|errorText/);
    ticket = assertPenalty(answer, 15).ticket;
    assert.match(answer.text, /"p-captcha":(?:true|false)\}$/);
  });
  assert.equal(work.hashes, 0);
  return ticket;
}

test('BR-23 a forged ticket is no ticket', async () => {
  const { caller, ticket } = await overLimit();
  await clock.advance(15);
  const forged: readonly unknown[] = [
    spoil(ticket), ticket.slice(1), `${ticket}x`, ticket.toUpperCase(), '', 'junk',
  ];
  for (const one of forged) {
    await clock.advance(15);
    await refusedUnseen(() => caller.login(alice, { 'p-ticket': one }));
  }
});

test('BR-23 of another address, too early, used twice, with another body', async () => {
  const first = await overLimit();
  const second = await overLimit();
  const use = (caller: Caller, ticket: string, members: Members = {}) => (): Promise<Answer> =>
    caller.login(alice, { 'p-ticket': ticket, ...members });
  assert.equal(await refusedUnseen(use(first.caller, first.ticket)), first.ticket, 'too early');
  await clock.advance(15);
  await refusedUnseen(use(second.caller, first.ticket));
  const as_erin = { name: erin.login_name, password: erin.password };
  await refusedUnseen(use(first.caller, first.ticket, as_erin));
  await refusedUnseen(use(first.caller, first.ticket, { appVersion: '9' }));
  assertSession(await use(first.caller, first.ticket)());
  await refusedUnseen(use(first.caller, first.ticket));
  await clock.advance(15);
  await refusedUnseen(use(first.caller, first.ticket));
});

test('BR-23 a ticket buys one guess, which counts', async () => {
  const { caller, ticket } = await overLimit();
  await clock.advance(15);
  const guess = { 'p-ticket': ticket, password: 'guess' };
  const answers = await Promise.all(Array.from({ length: 16 }, () => caller.login(alice, guess)));
  const evaluated = answers.filter(({ text }) => text.includes('errorText'));
  assert.equal(evaluated.length, 1);
  assertPenalty(await caller.login(alice), 30);
  assertPenalty(await caller.login(stranger()), 30);
});

test('BR-23 on GET an elapsed wait is enough, with no ticket and with a wrong one', async () => {
  const { accessToken } = assertSession(await callerAt(live).login(alice));
  const caller = callerAt(live);
  for (let count = 1; count <= 15; count += 1) assertSession(await caller.renew(accessToken));
  await refusedUnseen(() => caller.renew(accessToken));
  await refusedUnseen(() => caller.renew(accessToken));
  await clock.advance(15);
  assertSession(await caller.renew(accessToken));
  await refusedUnseen(() => caller.renew(accessToken));
  await clock.advance(15);
  assertSession(await caller.renew(accessToken, { path: '/auth/renewaccesstoken?p-ticket=junk' }));
});

/** An address the client made up, in every header that proxies write. */
const spoofed = (address: string) => [
  ['X-Forwarded-For', address], ['Forwarded', `for=${address}`], ['X-Real-IP', address],
  ['True-Client-IP', address], ['CF-Connecting-IP', address],
] as const;

test('BR-18 an address is believed of the trusted hop alone', async () => {
  // A challenge is bound to a subnet: the made-up ones make no difference.
  const { chl } = bodyOf(await get(direct.live, '/auth/challenge', spoofed('192.0.2.1')));
  const key = API_KEYS.first_party;
  const text = JSON.stringify([
    chl, 'demo-device-1', alice.login_name, alice.password, key.app_id,
  ]);
  const secret = createHash('sha256').update(key.sec).digest();
  const sec = createHmac('sha256', secret).update(text).digest('hex');
  const login = { chl, sec };
  assertSession(await callerAt(direct.live, '198.51.100.1').login(alice, login, key));
  // Used once is used, from wherever it seems to come.
  const again = await callerAt(direct.live, '192.0.2.1').login(alice, login, key);
  assertErrorText(again, ERROR_TEXTS.challenge);
  // Nor do they make room in the limits.
  const answers = await Promise.all(Array.from({ length: 120 }, (_, at) =>
    get(direct.live, '/gettimestamp', spoofed(`203.0.${at}.1`))));
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(limited.length >= 20, `${limited.length} of 120 limited`);
  for (const answer of limited) assertEmpty(answer, 429);
  await direct.control.advance(61);
});

test('BR-18 countries are told one by one, and none by the address', async () => {
  const ask = (body: Members): Promise<Answer> => oauthToken(direct.live, body, {
    path: '/auth/countryisbanned', headers: spoofed('175.45.176.1'),
  });
  assert.deepEqual(bodyOf(await ask({ country: 'DE' })), { country: 'DE', banned: false });
  assert.deepEqual(bodyOf(await ask({ country: 'KP' })), { country: 'KP', banned: true });
  for (const body of [{}, { country: '*' }, { country: '%' }]) {
    assertErrorText(await ask(body), 'Unknown country');
  }
});

test('BR-18 search: a token, three characters, no wildcard, a page with an end', async () => {
  await direct.control.advance(61);
  const { accessToken } = assertSession(await callerAt(direct.live).login(alice));
  const search = (body: Members, token: string | null = accessToken): Promise<Answer> =>
    oauthToken(direct.live, body, {
      path: '/auth/search',
      headers: token === null ? [] : [['Authorization', `Bearer ${token}`]],
    });
  assertEmpty(await search({ text: 'orders' }, null), 401);
  for (const text of ['*', '%', '__', 'or', '']) {
    assertErrorText(await search({ text }), 'Search text is too short');
  }
  for (const text of ['***', '%%%', '___', '.*.*']) {
    assert.deepEqual((await search({ text })).json<unknown>(), [], text);
  }
  for (const limit of [26, 1_000, -1, 1e9]) {
    const { status } = await search({ text: 'and', limit });
    assert.equal(status, 400, String(limit));
  }
});

test('BR-18 nobody scrapes: a thousand anonymous calls an hour are all there are', async () => {
  await direct.control.advance(3_601);
  const paths = ['/auth/products', '/auth/challenge', '/timestamp', '/gettimestamp'];
  let passed = 0;
  for (let part = 0; part < 15; part += 1) {
    const answers = await Promise.all(Array.from({ length: 80 }, (_, at) =>
      get(direct.live, paths[at % paths.length] ?? '')));
    passed += answers.filter(({ status }) => status === 200).length;
    await direct.control.advance(2);
  }
  assert.ok(passed <= 1_000, `${passed} passed`);
  const bodies = [{ country: 'DE' }, { id: 7 }];
  for (const [at, path] of ['/auth/countryisbanned', '/auth/getproduct'].entries()) {
    assertEmpty(await oauthToken(direct.live, bodies[at] ?? {}, { path }), 429);
  }
});

test('the logs of these rows hold no secret', () => {
  for (const server of [proxied, direct]) assertLogTellsNothing(server);
});
