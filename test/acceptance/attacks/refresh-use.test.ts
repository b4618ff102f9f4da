/** Stable refresh tokens: who may use them, how often, for what, and never anyone else's. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { detailsOf, outcomesOf } from './told.ts';
import {
  assertFault, assertRetryAfter, assertTokenError, readTokenAnswer,
} from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, logLines, noteSecrets } from '../tradier/secrets.ts';

const STORM = demoApp('storm', {
  redirect_uris: ['https://storm.example/cb'], refresh_approved: true,
});
const HALF = demoApp('half', { redirect_uris: ['https://half.example/cb'] });

const server = await startServer({ seed: seedRecords([...Object.values(APPS), STORM, HALF]) });
after(server.stop);
const { live, paper, control } = server;
const u1 = customerIn(live, 'u1');
const u1_paper = customerIn(paper, 'u1');
const { A, B, TI, TX } = APPS;
const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'] as const;
const MINUTE_S = 60;
const REFRESHES_A_MINUTE = 60;
const ACCESS_TOKENS_LIVE = 20;

type Linked = { readonly access_token: string; readonly refresh_token: string };

async function linkedTo(app: App): Promise<Linked> {
  const { access_token, refresh_token = '' } = await u1.link(app);
  assert.notEqual(refresh_token, '');
  return { access_token, refresh_token };
}

const formOf = (refresh_token: string) =>
  [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]] as const;

async function assertWorks(app: App, { access_token, refresh_token }: Linked): Promise<void> {
  assert.equal((await profile(live, access_token)).status, 200);
  tokens(await refresh(live, app, refresh_token));
}

test('RT-01 a refresh token without the app\'s secret is refused and keeps working', async () => {
  const own = await linkedTo(A);
  const form = formOf(own.refresh_token);
  const basic = (text: string) =>
    [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]] as const;
  for (const address of ADDRESSES) {
    const tries = [
      post(live.origin, address, form),
      post(live.origin, address, [...form, ['client_id', A.id]]),
      post(live.origin, address, [...form, ['client_id', A.id], ['client_secret', '']]),
      post(live.origin, address, form, basic(`${A.id}:`)),
      post(live.origin, address, form, basic(A.id)),
      post(live.origin, address, form, [['Authorization', `Bearer ${own.access_token}`]]),
      post(live.origin, address, form, [['Authorization', `Bearer ${own.refresh_token}`]]),
    ];
    for (const answer of await Promise.all(tries)) assertTokenError(live, answer, 'E1');
  }
  await assertWorks(A, own);
});

test('RT-02 a refresh token with another app\'s secret is refused and keeps working', async () => {
  const own = await linkedTo(A);
  for (const app of [B, TI]) {
    const events = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await refresh(live, app, own.refresh_token), 'E4');
    });
    assert.deepEqual(detailsOf(events), ['refresh.refused refused refresh.own']);
  }
  // An app without refresh approval learns nothing more than that.
  assertTokenError(live, await refresh(live, TX, own.refresh_token), 'E4');
  await assertWorks(A, own);
});

/** Access tokens of these answers that are live now, oldest first. */
async function liveOf(access_tokens: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const token of access_tokens) {
    const { status } = await profile(live, token);
    if (status === 200) found.push(token);
    else assert.equal(status, 401);
  }
  return found;
}

test('RT-03 of 64 refreshes at once each is answered, and nothing is revoked', async () => {
  const own = await linkedTo(STORM);
  let answers: readonly Answer[] = [];
  const events = await eventsOf(server, 'live', async () => {
    answers = await Promise.all(Array.from({ length: 64 }, (_, at) => post(
      live.origin, ADDRESSES[at % 2] ?? '', formOf(own.refresh_token),
      [['Authorization', STORM.basic]],
    )));
  });
  const good = answers.filter(({ status }) => status === 200);
  const limited = answers.filter(({ status }) => status !== 200);
  assert.equal(good.length, REFRESHES_A_MINUTE, 'the limit of a minute is exact');
  for (const answer of limited) assertTokenError(live, answer, 'E10');
  const issued = good.map((answer) => readTokenAnswer(answer).access_token);
  noteSecrets(...issued);
  assert.equal(new Set(issued).size, issued.length);
  assert.equal((await liveOf(issued)).length, ACCESS_TOKENS_LIVE);
  const told = Array<string>(REFRESHES_A_MINUTE).fill('token.refreshed ok');
  assert.deepEqual(outcomesOf(events), told);
  await control.advance(MINUTE_S);
  tokens(await refresh(live, STORM, own.refresh_token));
});

test('RT-03 without the limit all 64 succeed', async () => {
  const own = await linkedTo(STORM);
  await control.config({ 'tradier.danger_limits_off': true });
  try {
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => refresh(live, STORM, own.refresh_token)),
    );
    const issued = answers.map((answer) => readTokenAnswer(answer).access_token);
    assert.equal(new Set(issued).size, 64);
    assert.equal((await liveOf(issued)).length, ACCESS_TOKENS_LIVE);
  } finally {
    await control.config({ 'tradier.danger_limits_off': false });
  }
});

const REFUSED_SCOPES = [
  'read trade market', 'read market', 'market', 'placing', 'read placing', 'READ', 'read read',
  'read,trade,read', 'openid', 'offline_access', 'read trade write market stream', 'read\u00e9',
];

test('RT-09 a wider, foreign or doubled scope is refused and changes nothing', async () => {
  const own = await linkedTo(A);
  for (const scope of REFUSED_SCOPES) {
    const answer = await refresh(live, A, own.refresh_token, [['scope', scope]]);
    assertTokenError(live, answer, 'E7');
  }
  const twice = await refresh(live, A, own.refresh_token, [['scope', 'read'], ['scope', 'read']]);
  assertTokenError(live, twice, 'E2', 'scope');
  assert.equal(tokens(await refresh(live, A, own.refresh_token)).scope, 'read trade');
  await assertWorks(A, own);
});

test('RT-09 empty counts as absent, narrower is for this access token only', async () => {
  const own = await linkedTo(A);
  const cases = [
    ['', 'read trade'], [' ', 'read trade'], ['read', 'read'], ['trade', 'trade'],
    ['trade read', 'read trade'], ['read,trade', 'read trade'], ['trade', 'trade'],
  ] as const;
  for (const [scope, granted] of cases) {
    const narrow = readTokenAnswer(await refresh(live, A, own.refresh_token, [['scope', scope]]));
    assert.equal(narrow.scope, granted, scope);
    const answer = await profile(live, narrow.access_token);
    if (granted.includes('read')) assert.equal(answer.status, 200);
    else assertFault(live, answer, 'F4', { scope: 'read' });
    const full = readTokenAnswer(await refresh(live, A, own.refresh_token));
    assert.equal(full.scope, 'read trade', 'the grant keeps the whole');
  }
});

test('RT-14 a refresh token is no bearer, and an access token no refresh token', async () => {
  const own = await linkedTo(A);
  const personal = await u1.newPersonalToken();
  assertFault(live, await profile(live, own.refresh_token), 'F1');
  for (const text of [own.access_token, personal]) {
    assertTokenError(live, await refresh(live, A, text), 'E4');
  }
  await assertWorks(A, own);
  assert.equal((await profile(live, personal)).status, 200);
});

const MEMBERS = ['access_token', 'expires_in', 'issued_at', 'scope', 'status', 'token_type'];

test('RT-15 without refresh approval there is no refresh member, also not after it', async () => {
  const { code } = await u1.allow(TX);
  const before = await exchange(live, TX, code);
  assert.deepEqual(Object.keys(before.json()), MEMBERS);
  const waiting = await u1.allow(TX);
  await control.act('live', 'approval.grant', { app: TX.id });
  try {
    // The old grant has none, whatever is tried; a new consent brings one.
    const { grants } = await control.act('live', 'grant.list', { customer: 'u1', app: TX.id });
    const held = (grants as readonly { readonly holds_refresh_token: boolean }[])
      .map((grant) => grant.holds_refresh_token);
    assert.deepEqual(held, [false]);
    assertTokenError(live, await refresh(live, TX, tokens(before).access_token), 'E4');
    assert.equal((await profile(live, tokens(before).access_token)).status, 200);
    const { refresh_token = '' } = await u1.link(TX);
    readTokenAnswer(await refresh(live, TX, refresh_token));
    // A code from before is redeemed under the rules of now, and only once.
    noteSecrets(waiting.code);
    tokens(await exchange(live, TX, waiting.code));
  } finally {
    await control.act('live', 'approval.withdraw', { app: TX.id });
  }
  const again = await u1.allow(TX);
  assert.deepEqual(Object.keys((await exchange(live, TX, again.code)).json()), MEMBERS);
});

test('BCP-44 without refresh approval there is no refresh member, world by world', async () => {
  await control.act('paper', 'approval.grant', { app: HALF.id });
  for (const address of ADDRESSES) {
    const redeem = async (world: typeof live, code: string): Promise<readonly string[]> => {
      const form = [['grant_type', 'authorization_code'], ['code', code]] as const;
      const answer = await post(world.origin, address, form, [['Authorization', HALF.basic]]);
      if (world === live) assert.ok(!answer.text.includes('refresh'), 'not null, not empty');
      noteSecrets(tokens(answer).refresh_token ?? '');
      return Object.keys(answer.json());
    };
    const approved = [...MEMBERS.slice(0, 3), 'refresh_token', ...MEMBERS.slice(3)];
    assert.deepEqual(await redeem(live, (await u1.allow(HALF)).code), MEMBERS);
    assert.deepEqual(await redeem(paper, (await u1_paper.allow(HALF)).code), approved);
  }
});

const STORM_REFRESHES = 1_000;

test('RT-19 a thousand refreshes in a minute are answered 200 or 429, without alarm', async () => {
  const own = await linkedTo(STORM);
  const issued: string[] = [];
  const events = await eventsOf(server, 'live', async () => {
    for (let count = 0; count < STORM_REFRESHES; count += 1) {
      const answer = await refresh(live, STORM, own.refresh_token);
      if (answer.status === 200) {
        issued.push(readTokenAnswer(answer).access_token);
        if (issued.length > ACCESS_TOKENS_LIVE) continue;
        // Each works until that many newer ones exist; the first one is the code's.
        if (issued.length < ACCESS_TOKENS_LIVE) {
          assert.equal((await profile(live, own.access_token)).status, 200);
        } else assertFault(live, await profile(live, own.access_token), 'F3');
      } else {
        assertTokenError(live, answer, 'E10');
        assertRetryAfter(answer);
      }
    }
  });
  assert.equal(issued.length, REFRESHES_A_MINUTE);
  assert.deepEqual(await liveOf(issued), issued.slice(-ACCESS_TOKENS_LIVE), 'the newest ones');
  assert.deepEqual([...new Set(actionsOf(events))], ['token.refreshed']);
  await control.advance(MINUTE_S);
  tokens(await refresh(live, STORM, own.refresh_token));
});

test('RT-12 that refresh tokens never end is said at start, as a weakened option', () => {
  const said = logLines(server).filter(({ message }) => message === 'weakened by design');
  const lines = said.map(({ weakened }) => String(weakened));
  assert.ok(lines.some((line) => /tradier: refresh tokens neither expire/.test(line)),
    lines.join('\n'));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
