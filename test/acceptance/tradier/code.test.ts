/** Life and death of an authorization code (contract §4, §5.3). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { post } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { assertFault, assertTokenError } from './answers.ts';
import { customerIn } from './customer.ts';
import { actionsOf, eventsOf } from './events.ts';
import { assertLogHoldsNoSecret, linesOf } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const u1 = customerIn(live, 'u1');
const u1_paper = customerIn(paper, 'u1');
const { A1, A2, B } = APPS;

const VERIFIER = 'demo-verifier-0123456789-0123456789-0123456789';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const PKCE = `code_challenge=${CHALLENGE}&code_challenge_method=S256`;
const WRONG_VERIFIER = `${VERIFIER.slice(0, -1)}x`;

test('AT-T31 a code works at 599 seconds and is expired at 601', async () => {
  const young = await u1.allow(A1);
  await control.advance(599);
  assert.equal((await exchange(live, A1, young.code)).status, 200);
  const old = await u1.allow(A1);
  await control.advance(601);
  assertTokenError(live, await exchange(live, A1, old.code), 'E3');
});

test('AT-T32 the second valid use is refused and ends the tokens of the first', async () => {
  const { code } = await u1.allow(A2);
  const other = await u1.link(A2);
  const first = tokens(await exchange(live, A2, code));
  assert.equal((await profile(live, first.access_token)).status, 200);
  const again = tokens(await refresh(live, A2, first.refresh_token ?? ''));
  const events = await eventsOf(server, 'live', async () => {
    assertTokenError(live, await exchange(live, A2, code), 'E3');
  });
  const replay = events.find(({ action }) => action === 'code.replayed');
  assert.equal(replay?.['outcome'], 'alert', String(actionsOf(events)));
  for (const token of [first.access_token, again.access_token]) {
    assertFault(live, await profile(live, token), 'F3');
  }
  assertTokenError(live, await refresh(live, A2, first.refresh_token ?? ''), 'E4');
  assertTokenError(live, await exchange(live, A2, code), 'E3');
  // Another grant of the same app and customer is not touched.
  assert.equal((await profile(live, other.access_token)).status, 200);
  assert.equal((await refresh(live, A2, other.refresh_token ?? '')).status, 200);
});

test('AT-T33 a second use that fails another check leaves the first tokens alive', async () => {
  const { code } = await u1.allow(A2, PKCE);
  const proof = [['code_verifier', VERIFIER]] as const;
  const first = tokens(await exchange(live, A2, code, proof));
  const wrong_secret: App = {
    ...A2, basic: `Basic ${Buffer.from(`${A2.id}:${A1.secret}`).toString('base64')}`,
  };
  assertTokenError(live, await exchange(live, wrong_secret, code, proof), 'E1');
  assertTokenError(live, await exchange(live, B, code, proof), 'E3');
  assertTokenError(live, await exchange(live, A2, code), 'E3');
  const wrong = await exchange(live, A2, code, [['code_verifier', WRONG_VERIFIER]]);
  assertTokenError(live, wrong, 'E3');
  assert.equal((await profile(live, first.access_token)).status, 200);
  assert.equal((await refresh(live, A2, first.refresh_token ?? '')).status, 200);
});

test('AT-T34 another app cannot spend a code', async () => {
  const { code } = await u1.allow(A1);
  assertTokenError(live, await exchange(live, A2, code), 'E3');
  const in_body = await post(live.origin, '/v1/oauth/refreshtoken', [
    ['grant_type', 'authorization_code'], ['code', code],
    ['client_id', B.id], ['client_secret', B.secret],
  ]);
  assertTokenError(live, in_body, 'E3');
  const { access_token } = tokens(await exchange(live, A1, code));
  assert.equal((await profile(live, access_token)).status, 200);
});

test('AT-T36 a code of one world is unknown in the other, and good at home', async () => {
  const directions = [[live, paper, u1], [paper, live, u1_paper]] as const;
  for (const [home, abroad, customer] of directions) {
    const { code } = await customer.allow(A1);
    const logged = await linesOf(
      server,
      async () => assertTokenError(abroad, await exchange(abroad, A1, code), 'E3'),
      (line) => line['reason'] === 'env_mismatch',
    );
    assert.equal(logged.length, 1, 'the operator sees which it was');
    const { access_token } = tokens(await exchange(home, A1, code));
    assert.equal((await profile(home, access_token)).status, 200);
  }
});

test('AT-T37 the verifier must be there and right exactly when a challenge was', async () => {
  const { code } = await u1.allow(A1, PKCE);
  const verifier = (text: string) => [['code_verifier', text]] as const;
  assertTokenError(live, await exchange(live, A1, code), 'E3');
  assertTokenError(live, await exchange(live, A1, code, verifier('')), 'E3');
  assertTokenError(live, await exchange(live, A1, code, verifier(WRONG_VERIFIER)), 'E3');
  assertTokenError(live, await exchange(live, A1, code, verifier(CHALLENGE)), 'E3');
  assert.equal((await exchange(live, A1, code, verifier(VERIFIER))).status, 200);
  const bare = await u1.allow(A1);
  assertTokenError(live, await exchange(live, A1, bare.code, verifier(VERIFIER)), 'E3');
  assert.equal((await exchange(live, A1, bare.code)).status, 200);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
