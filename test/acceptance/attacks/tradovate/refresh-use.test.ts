/** Rotating refresh tokens: who may use them, 64 at once, and what is none. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import {
  basicOf, bearing, credentials, login, oauthToken, refresh, sessionOf, tokensOf,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import {
  assertOAuthError, assertTokenAnswer, assertUnauthorized,
} from '../../tradovate/answers.ts';
import { assertAlive, assertDead, noted, traderIn } from '../../tradovate/trader.ts';
import { alertsIn, refuse, toldBy, use } from '../rotation/family.ts';
import type { Held } from '../rotation/family.ts';
import { detailsOf, outcomesOf } from '../told.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true, 'tradovate.example_resources': true },
});
after(server.stop);
const { live } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2, O3 } = REGISTRATIONS;

const WAYS: readonly How[] = [{ as: 'form' }, { path: '/V1/auth/OAuthToken' }, {}];
const header = (value: string): How => ({ headers: [['Authorization', value]] });
const { id: client_id, secret: client_secret } = O1;

/** The pair is untouched: its access token works, and its refresh token is the current one. */
async function assertWorks({ access_token, refresh_token }: Held): Promise<void> {
  await assertAlive(live, access_token);
  const next = await use(live, refresh_token);
  await use(live, next.refresh_token);
}

test('RT-01[B] without the client\'s secret a token is refused and keeps working', async () => {
  const own = await alice.link(O1);
  const of_none: readonly (readonly [Members, How])[] = [
    [{}, {}], [{ client_id }, {}], [{ client_id: 40001 }, {}], [{ client_secret }, {}],
    [{ client_id, client_secret: '' }, {}], [{ client_id: '', client_secret }, {}],
    [{ httpAuth: `Basic ${btoa(`${client_id}:`)}` }, {}], [{ httpAuth: '' }, {}],
    [{ httpAuth: `Bearer ${own.access_token}`, client_id }, {}],
    [{}, header(`Basic ${btoa(`${client_id}:`)}`)], [{}, header(`Basic ${btoa(client_id)}`)],
    [{}, header(`Bearer ${own.access_token}`)], [{ client_id }, header(`Bearer ${own.id_token}`)],
    [{}, header(`Bearer ${own.refresh_token}`)],
    [{ assertion: own.access_token, client_assertion: own.access_token, client_id }, {}],
  ];
  const { refresh_token } = own;
  const events = await toldBy(server, async () => {
    for (const [proof, how] of of_none) {
      for (const way of WAYS) {
        const body = { grant_type: 'refresh_token', refresh_token, ...proof };
        assertOAuthError(await oauthToken(live, body, { ...way, ...how }), 'client');
      }
    }
  });
  assert.deepEqual(alertsIn(events), []);
  assert.ok(!outcomesOf(events).includes('token.refreshed ok'));
  await assertWorks(own);
});

test('RT-02[B] with another client\'s proof it is refused, and its family is whole', async () => {
  const own = await alice.link(O1);
  const spent = own.refresh_token;
  const next = await use(live, spent);
  const proofs: readonly (readonly [Members, How])[] = [
    [credentials(O2), {}], [credentials(O3), {}], [{ httpAuth: basicOf(O2) }, {}],
    [{}, header(basicOf(O2))],
  ];
  // Also the one that was used: a stranger's replay is no replay.
  for (const refresh_token of [next.refresh_token, spent]) {
    const events = await toldBy(server, async () => {
      for (const [proof, how] of proofs) {
        const body = { grant_type: 'refresh_token', refresh_token, ...proof };
        assertOAuthError(await oauthToken(live, body, how), 'refresh');
      }
    });
    const told = Array<string>(proofs.length).fill('refresh.refused refused refresh.own');
    assert.deepEqual(detailsOf(events), told);
  }
  await assertAlive(live, own.access_token);
  await assertWorks(next);
});

const AT_ONCE = 64;

test('RT-03[B] of 64 at once every one gets the one successor, and nothing ends', async () => {
  const own = await alice.link(O1);
  const other = await alice.link(O1);
  const { refresh_token } = own;
  const body = { grant_type: 'refresh_token', refresh_token, ...credentials(O1) };
  let answers: readonly Answer[] = [];
  const events = await toldBy(server, async () => {
    answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, at) =>
      oauthToken(live, body, WAYS[at % WAYS.length])));
  });
  for (const answer of answers) assertTokenAnswer(answer, 'refresh');
  const pairs = answers.map((answer) => noted(tokensOf(answer)));
  const [first] = pairs;
  const successors = new Set(pairs.map((pair) => pair.refresh_token));
  assert.equal(successors.size, 1, 'one successor');
  assert.ok(!successors.has(refresh_token), 'and it is a new one');
  assert.equal(new Set(pairs.map((pair) => pair.access_token)).size, AT_ONCE);
  assert.deepEqual(outcomesOf(events), Array<string>(AT_ONCE).fill('token.refreshed ok'));
  for (const { access_token } of pairs) await assertAlive(live, access_token);
  // One is live: the successor goes on, and then the one before it is theft.
  const last = await use(live, first?.refresh_token ?? '');
  await refuse(live, refresh_token, first?.refresh_token ?? '', last.refresh_token);
  await assertDead(live, last.access_token, own.access_token, first?.access_token ?? '');
  await assertWorks(other);
});

const BEARER_CALLS: readonly How[] = [
  { path: '/oidcuserinfo' }, { path: '/userinfo', method: 'POST' }, { path: '/auth/me' },
  { path: '/auth/renewaccesstoken' }, { path: '/V1/Auth/RenewAccessToken', method: 'POST' },
  { path: '/v1/order/list' }, { path: '/v1/account/list' },
];

test('RT-14[B] a refresh token is no bearer, and nothing else is a refresh token', async () => {
  const own = await alice.link(O2);
  const session = sessionOf(await login(live, API_KEYS.K1, USERS.alice));
  noteSecrets(session.accessToken, session.mdAccessToken ?? '');
  const { access_token, refresh_token, id_token = '' } = own;
  const spent = await alice.link(O1);
  await use(live, spent.refresh_token);
  for (const text of [refresh_token, spent.refresh_token, id_token]) {
    for (const call of BEARER_CALLS) assertUnauthorized(await bearing(live, text, call));
  }
  const not_refreshing = [
    access_token, id_token, session.accessToken, session.mdAccessToken ?? '', 'x',
    (await alice.allow(O2)).code,
  ];
  for (const text of not_refreshing) {
    for (const way of WAYS) {
      const body = { grant_type: 'refresh_token', refresh_token: text, ...credentials(O2) };
      const answer = await oauthToken(live, body, way);
      assertOAuthError(answer, 'refresh');
    }
  }
  // Nothing was spent on the way.
  for (const token of [access_token, session.accessToken]) await assertAlive(live, token);
  assertTokenAnswer(await refresh(live, O2, refresh_token), 'refresh');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
