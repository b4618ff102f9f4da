/** What a family is for stays what it was consented to (RT-10, contract §5.3). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { claimsOf } from '../../../outside/jwt.ts';
import { exchange, refresh, renew, sessionOf, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { assertOAuthError, assertTokenAnswer } from '../../tradovate/answers.ts';
import { assertAlive, noted, traderIn } from '../../tradovate/trader.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;
const alice = traderIn(live, USERS.alice);
const { O2, VO } = REGISTRATIONS;
const [PRICES, CHARTS] = O2.resources as readonly [string, string];

const audienceOf = (token: string): unknown => claimsOf(token).aud;

const FOREIGN = ['https://evil.test/', CHARTS, VO.resources[0], `${PRICES}/`, PRICES.toUpperCase(),
  `${PRICES}?x`, live.origin];

test('RT-10 a refresh gets no other resource, and the token goes on', async () => {
  const first = await alice.link(O2, { resource: PRICES });
  assert.equal(audienceOf(first.access_token), PRICES);
  let { refresh_token } = first;
  for (const resource of FOREIGN) {
    assertOAuthError(await refresh(live, O2, refresh_token, { resource }), 'resource');
    await assertAlive(live, first.access_token);
  }
  for (const extra of [{}, { resource: PRICES }, { audience: CHARTS }, { resource: '' }]) {
    const answer = await refresh(live, O2, refresh_token, extra);
    assertTokenAnswer(answer, 'refresh');
    const next = noted(tokensOf(answer));
    assert.equal(audienceOf(next.access_token), PRICES, JSON.stringify(extra));
    ({ refresh_token } = next);
  }
  const renewed = sessionOf(await renew(live, first.access_token));
  noteSecrets(renewed.accessToken, renewed.mdAccessToken ?? '');
  assert.equal(audienceOf(renewed.accessToken), PRICES);
});

test('RT-10 a wrong resource does not hide a replay, nor is it one', async () => {
  const first = await alice.link(O2, { resource: PRICES });
  const second = noted(tokensOf(await refresh(live, O2, first.refresh_token)));
  const third = noted(tokensOf(await refresh(live, O2, second.refresh_token)));
  // Binding is judged first: what fails there leaves the family intact (§1.2).
  const wrong = { resource: CHARTS };
  assertOAuthError(await refresh(live, O2, first.refresh_token, wrong), 'resource');
  await assertAlive(live, third.access_token);
  assertTokenAnswer(await refresh(live, O2, third.refresh_token), 'refresh');
});

test('RT-10 a code is redeemed for a registered resource alone, and is not spent', async () => {
  const { code } = await alice.allow(O2);
  for (const resource of ['https://evil.test/', VO.resources[0], `${PRICES}/`]) {
    assertOAuthError(await exchange(live, O2, code, { resource }), 'resource');
  }
  const answer = await exchange(live, O2, code, { resource: CHARTS });
  assertTokenAnswer(answer, 'code');
  assert.equal(audienceOf(tokensOf(answer).access_token), CHARTS);
  const { refresh_token } = noted(tokensOf(answer));
  const next = noted(tokensOf(await refresh(live, O2, refresh_token)));
  assert.equal(audienceOf(next.access_token), CHARTS);
});

test('RT-10 without a resource the audience is the issuer', async () => {
  const { access_token } = await alice.link(O2);
  assert.equal(audienceOf(access_token), claimsOf(access_token).iss);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
