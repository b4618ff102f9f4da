/** What is too large is refused before any work is done for it (DS-01). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../outside/call.ts';
import { encodeForm } from '../../outside/call.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import {
  codeMembers, credentials, exchange, get, oauthPath, oauthToken,
} from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { sendRaw, statuses } from '../http/raw.ts';
import { workOf } from '../pages/door.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertOAuthError, assertTokenAnswer } from '../tradovate/answers.ts';
import { traderIn } from '../tradovate/trader.ts';
import { ERROR_TEXTS, assertErrorText, assertSession } from '../tradovate/sessions/answers.ts';
import { callerAt } from '../tradovate/sessions/caller.ts';
import { ALL, READERS, assertUnread, sendTo } from './endpoints.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;
const { O1, O2 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const here = callerAt(live);
const host = new URL(live.origin).host;

const NOTHING = {
  hashes: 0, reads: 0, records_read: 0, lists: 0, commits: 0, bumps: 0, decisions: 0,
} as const;

/** No query, no hash, no counter, no event. */
async function costsNothing(step: () => Promise<void>): Promise<void> {
  const events = await eventsOf(server, 'live', async () => {
    assert.deepEqual(await workOf(server, 'live', step), NOTHING);
  });
  assert.deepEqual(actionsOf(events), []);
}

function assertTooLarge(answer: Answer): void {
  assert.equal(answer.status, 413, answer.text.slice(0, 100));
  const { errorText, ...more } = answer.json();
  assert.equal(errorText, 'Request too large');
  assert.ok(Object.values(more).every((text) => typeof text === 'string'));
  assert.equal(answer.headers['cache-control'], 'no-store');
}

test('DS-01[B] a body beyond 64 KiB is 413 at every endpoint that takes one', async () => {
  await costsNothing(async () => {
    for (const [path, methods] of ALL) {
      if (!methods.includes('POST')) continue;
      for (const size of [65_600, 200_000]) {
        assertTooLarge(await sendTo(live, { path }, { code: 'x'.repeat(size) }));
        assertTooLarge(await sendTo(live, { path }, `code=${'x'.repeat(size)}`, { as: 'form' }));
      }
    }
  });
});

/** Lengths of fields that are shorter than others. */
const SHORT: { readonly [name: string]: number } = {
  grant_type: 64, code_verifier: 128, deviceId: 64, name: 254,
};

test('DS-01[B] a field beyond its length is 400, at its length it is read', async () => {
  await costsNothing(async () => {
    for (const reader of READERS) {
      for (const [name, value] of Object.entries(reader.members)) {
        if (typeof value !== 'string') continue;
        const own = reader.path === '/auth/accesstokenrequest' || name !== 'name';
        const longest = own ? SHORT[name] ?? 8_192 : 8_192;
        const members = { ...reader.members, [name]: 'x'.repeat(longest + 1) };
        assertUnread(reader, await sendTo(live, reader, members), name);
        if (!reader.forms) continue;
        assertUnread(reader, await sendTo(live, reader, members, { as: 'form' }), name);
      }
    }
    const long_name = { path: '/auth/accesstokenrequest', members: {}, forms: false };
    assertUnread(long_name, await here.login(USERS.alice, { name: 'x'.repeat(65) }), 'name');
    const device = await get(live, `/auth/challenge?deviceId=${'x'.repeat(65)}`);
    assert.equal(`${device.status} ${device.text}`, '400 {"errorText":"deviceId"}');
  });
  const { code } = await alice.allow(O1);
  const full = 'x'.repeat(8_192);
  assertOAuthError(await exchange(live, O1, full), 'code');
  assertOAuthError(await oauthToken(live, { grant_type: 'x'.repeat(64) }), 'grant_type');
  assertTokenAnswer(await exchange(live, O1, code, { assertion: full }), 'code');
  const email = `${'x'.repeat(64)}@${'y'.repeat(189)}`;
  for (const name of ['x'.repeat(64), email]) {
    assertErrorText(await here.login(USERS.alice, { name }), ERROR_TEXTS.password);
  }
  const members = { deviceId: 'd'.repeat(64), appVersion: full };
  assertSession(await here.login(USERS.alice, members));
});

test('DS-01[B] more than a hundred parameters are 400 in a form, in a query nothing', async () => {
  const { code } = await alice.allow(O1);
  const own = Object.entries(codeMembers(O1, code)).map(([name, text]) =>
    [name, String(text)] as const);
  const many = (count: number) => [
    ...Array.from({ length: count - own.length }, (_, i) => [`p${i}`, 'x'] as const), ...own,
  ];
  const token = { path: '/auth/oauthtoken' };
  await costsNothing(async () => {
    for (const count of [101, 5_000]) {
      const body = encodeForm(many(count));
      assertUnread(token, await sendTo(live, token, body, { as: 'form' }));
    }
  });
  assertTokenAnswer(await sendTo(live, token, encodeForm(many(100)), { as: 'form' }), 'code');
  const crowd = encodeForm(Array.from({ length: 101 }, (_, i) => [`p${i}`, 'x'] as const));
  const page = await get(live, `${oauthPath(O1)}&${crowd}`);
  assert.equal(page.status, 400);
  assert.equal(page.headers.location, undefined);
});

/** The one answer to a head that is sent as it is; the connection ends with it. */
async function headAnswer({ origin }: WorldSite, head: string): Promise<string> {
  const { text, closed } = await sendRaw(origin, `${head}\r\n\r\n`);
  assert.ok(closed, 'the connection ends');
  assert.equal(statuses(text).length, 1);
  assert.match(text, /\r\nCache-Control: no-store\r\n/);
  return text;
}

test('DS-01[B] heads beyond 32 KiB are 431, request lines beyond 16 KiB are 414', async () => {
  await costsNothing(async () => {
    for (const [path, [method = 'GET']] of ALL) {
      const line = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n`;
      for (const name of ['X-Big', 'Authorization', 'Cookie', 'X-Forwarded-For']) {
        const text = await headAnswer(live, `${line}${name}: Bearer ${'x'.repeat(33_000)}`);
        assert.match(text, /^HTTP\/1\.1 431 [^{]+\r\n\r\n\{"[^\r\n]+\}$/, `${name} ${path}`);
      }
      const long = `${method} ${path}?q=${'x'.repeat(16_400)} HTTP/1.1\r\nHost: ${host}`;
      const text = await headAnswer(live, long);
      assert.match(text, /^HTTP\/1\.1 414 [^{]+\r\n\r\n\{"errorText":"[^"]+"\}$/, path);
    }
  });
});

test('DS-01[B] state has 4,096 bytes after decoding, counted as bytes', async () => {
  const states = [
    ['x'.repeat(4_096), true], ['x'.repeat(4_097), false], ['%20'.repeat(1_365), true],
    [encodeURIComponent('é'.repeat(2_048)), true], [encodeURIComponent('é'.repeat(2_049)), false],
    [encodeURIComponent('😀'.repeat(1_024)), true], [encodeURIComponent('😀'.repeat(1_025)), false],
  ] as const;
  for (const [state, fits] of states) {
    const { answer, leaves_to } = await alice.browser.open(`${oauthPath(O2)}&state=${state}`);
    const what = `${decodeURIComponent(state).length} characters`;
    if (fits) {
      assert.equal(`${answer.status} ${leaves_to}`, '200 null', what);
      continue;
    }
    assert.equal(answer.status, 303, what);
    const { searchParams, host: to } = new URL(leaves_to ?? '');
    assert.equal(`${to} ${searchParams.get('error')}`, 'o2.example invalid_request', what);
    assert.equal(searchParams.get('state'), null, what);
  }
});

test('DS-01[B] a token of any length is no token, and costs no query', async () => {
  const { reads, hashes, commits, bumps } = await workOf(server, 'live', async () => {
    for (const size of [8_193, 16_000, 30_000]) {
      const answer = await here.call('x'.repeat(size), { path: '/oidcuserinfo' });
      assert.equal(`${answer.status} ${answer.text}`, '401 ');
    }
  });
  assert.deepEqual([reads, hashes, commits, bumps], [0, 0, 0, 0]);
  assertOAuthError(await oauthToken(live, {
    ...credentials(O1), grant_type: 'refresh_token', refresh_token: 'x'.repeat(8_192),
  }), 'refresh');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
