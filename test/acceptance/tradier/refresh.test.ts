/** Refreshing with a token that never changes (contract §5.4, §8.3). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { post } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import {
  assertFault, assertRetryAfter, assertTokenError, readTokenAnswer,
} from './answers.ts';
import { customerIn } from './customer.ts';
import { assertLogHoldsNoSecret, noteSecrets } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const u1 = customerIn(live, 'u1');
const { A1, A2, TI, TX } = APPS;

const ALL = 'read write trade market stream';
const DAY_S = 86_400;

type Held = { readonly access_token: string; readonly refresh_token: string };

/** A fresh grant of A2 with its refresh token. */
async function newGrant(query = ''): Promise<Held & { readonly issued_at: string }> {
  const { access_token, refresh_token, issued_at } = await u1.link(A2, query);
  assert.ok(refresh_token !== undefined);
  return { access_token, refresh_token, issued_at };
}

async function refreshed({ refresh_token }: Pick<Held, 'refresh_token'>): Promise<string> {
  const { access_token } = tokens(await refresh(live, A2, refresh_token));
  noteSecrets(access_token);
  return access_token;
}

test('AT-T41 refresh answers a new access token and no refresh token', async () => {
  const grant = await newGrant();
  const answer = await refresh(live, A2, grant.refresh_token);
  const { access_token, scope } = readTokenAnswer(answer);
  assert.equal(scope, ALL);
  assert.notEqual(access_token, grant.access_token);
  assert.equal((await profile(live, access_token)).status, 200);
});

test('AT-T42 each of the two addresses serves both grants', async () => {
  const { code } = await u1.allow(A2);
  const exchanged = await post(
    live.origin, '/v1/oauth/refreshtoken', [['grant_type', 'authorization_code'], ['code', code]],
    [['Authorization', A2.basic]],
  );
  const { refresh_token = '' } = tokens(exchanged);
  const again = await post(
    live.origin, '/v1/oauth/accesstoken',
    [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]],
    [['Authorization', A2.basic]],
  );
  assert.equal(tokens(again).scope, ALL);
  assert.equal(tokens(again).refresh_token, undefined);
});

test('AT-T43 a refresh token works 50 times over 400 days and never changes', async () => {
  const grant = await newGrant();
  const seen = new Set([grant.access_token]);
  for (let use = 1; use <= 50; use += 1) {
    await control.advance(8 * DAY_S);
    const answer = await refresh(live, A2, grant.refresh_token);
    const { access_token, refresh_token } = tokens(answer);
    assert.equal(refresh_token, undefined);
    assert.equal((await profile(live, access_token)).status, 200, `use ${use}`);
    seen.add(access_token);
  }
  assert.equal(seen.size, 51);
});

test('AT-T44 an access token outlives a refresh and ends a day after its issue', async () => {
  const grant = await newGrant();
  const issued = Date.parse(grant.issued_at);
  const next = await refreshed(grant);
  assert.equal((await profile(live, grant.access_token)).status, 200);
  await control.setClock(issued + 86_399_000);
  assert.equal((await profile(live, grant.access_token)).status, 200);
  assert.equal((await profile(live, next)).status, 200);
  await control.setClock(issued + 86_401_000);
  assertFault(live, await profile(live, grant.access_token), 'F2');
  await refreshed(grant);
});

test('AT-T45 the 21st access token ends the oldest, the 61st refresh must wait', async () => {
  const grant = await newGrant();
  const issued = [grant.access_token];
  const last = (): string => issued.at(-1) ?? '';
  for (let count = 1; count <= 19; count += 1) issued.push(await refreshed(grant));
  assert.equal((await profile(live, grant.access_token)).status, 200, 'twenty may live');
  for (const oldest of [0, 1]) {
    issued.push(await refreshed(grant));
    assertFault(live, await profile(live, issued[oldest] ?? ''), 'F3');
    assert.equal((await profile(live, issued[oldest + 1] ?? '')).status, 200);
  }
  while (issued.length <= 60) issued.push(await refreshed(grant));
  const limited = await refresh(live, A2, grant.refresh_token);
  assertTokenError(live, limited, 'E10');
  assert.equal((await profile(live, last())).status, 200, 'the grant is unharmed');
  const other = await newGrant();
  assert.equal((await refresh(live, A2, other.refresh_token)).status, 200, 'counted per grant');
  await control.advance(assertRetryAfter(limited));
  issued.push(await refreshed(grant));
  assert.equal((await profile(live, last())).status, 200);
  // Exact: of many at once as many pass as are left, and one more would not.
  await control.advance(61);
  const burst = Array.from({ length: 64 }, () => refresh(live, A2, grant.refresh_token));
  const statuses = (await Promise.all(burst)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 60);
  assert.equal(statuses.filter((status) => status === 429).length, 4);
});

test('AT-T46 a refresh may narrow the scope of its token and never widen it', async () => {
  const grant = await newGrant('scope=read,market');
  const ask = (scope: string) => refresh(live, A2, grant.refresh_token, [['scope', scope]]);
  const read = tokens(await ask('read'));
  assert.equal(read.scope, 'read');
  assert.equal((await profile(live, read.access_token)).status, 200);
  const market = tokens(await ask('market'));
  assert.equal(market.scope, 'market');
  assertFault(live, await profile(live, market.access_token), 'F4', { scope: 'read' });
  assertTokenError(live, await ask('trade'), 'E7');
  assertTokenError(live, await ask('read,trade'), 'E7');
  assert.equal(tokens(await ask('market, read')).scope, 'read market');
  // Narrowing was for that token alone.
  assert.equal(tokens(await refresh(live, A2, grant.refresh_token)).scope, 'read market');
});

test('BR-07 a refresh cannot widen its scope, by no spelling', async () => {
  const grant = await newGrant('scope=read');
  const wider = ['read write', 'write', ALL, 'read,write', 'read%2Cwrite', 'read placing', 'READ'];
  for (const scope of wider) {
    const answer = await refresh(live, A2, grant.refresh_token, [['scope', scope]]);
    assertTokenError(live, answer, 'E7');
  }
  assert.equal(tokens(await refresh(live, A2, grant.refresh_token)).scope, 'read');
});

test('AT-T47 a refresh token of another app or world, or none at all, is refused', async () => {
  const { refresh_token } = await newGrant();
  assertTokenError(live, await refresh(live, A1, refresh_token), 'E4');
  assertTokenError(live, await refresh(live, TI, refresh_token), 'E4');
  assertTokenError(paper, await refresh(paper, A2, refresh_token), 'E4');
  const last = refresh_token.at(-1) === 'A' ? 'B' : 'A';
  const wrong = ['unknown', `${refresh_token.slice(0, -1)}${last}`, refresh_token.slice(0, -1)];
  for (const text of wrong) assertTokenError(live, await refresh(live, A2, text), 'E4');
  assert.equal((await refresh(live, A2, refresh_token)).status, 200);
});

test('AT-T48 withdrawn approval stops refreshes, and for good', async () => {
  const grant = await newGrant();
  const in_paper = await customerIn(paper, 'u1').link(A2);
  const others = await customerIn(live, 'u2').link(TI);
  await control.act('live', 'approval.withdraw', { app: A2.id });
  assertTokenError(live, await refresh(live, A2, grant.refresh_token), 'E5');
  assert.equal((await refresh(paper, A2, in_paper.refresh_token ?? '')).status, 200);
  assert.equal((await refresh(live, TI, others.refresh_token ?? '')).status, 200);
  await control.act('live', 'approval.grant', { app: A2.id });
  assertTokenError(live, await refresh(live, A2, grant.refresh_token), 'E4');
  assert.equal((await refresh(live, A2, (await newGrant()).refresh_token)).status, 200);
});

test('BR-06 approval missing, withdrawn or of the other world gives no refresh', async () => {
  const missing = await u1.link(TX);
  assert.equal(missing.refresh_token, undefined);
  const grant = await newGrant();
  assertTokenError(live, await refresh(live, TX, grant.refresh_token), 'E4');
  // Approved in paper alone.
  await control.act('paper', 'approval.grant', { app: TX.id });
  const in_paper = await customerIn(paper, 'u1').link(TX);
  assert.equal((await refresh(paper, TX, in_paper.refresh_token ?? '')).status, 200);
  assert.equal((await u1.link(TX)).refresh_token, undefined);
  assertTokenError(live, await refresh(live, TX, in_paper.refresh_token ?? ''), 'E4');
  // Withdrawn between consent and exchange.
  const { code } = await u1.allow(A2);
  await control.act('live', 'approval.withdraw', { app: A2.id });
  const { refresh_token, access_token } = tokens(await exchange(live, A2, code));
  assert.equal(refresh_token, undefined);
  assert.equal((await profile(live, access_token)).status, 200);
  assertTokenError(live, await refresh(live, A2, grant.refresh_token), 'E5');
  await control.act('live', 'approval.grant', { app: A2.id });
  assertTokenError(live, await refresh(live, A2, grant.refresh_token), 'E4');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
