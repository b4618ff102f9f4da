/** The code grant at `oauthtoken`: what it answers, and to whom (contract §5.1, §5.2, §5.4). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { claimsOf } from '../../outside/jwt.ts';
import {
  basicOf, codeMembers, credentials, exchange, me, oauthToken, refresh, tokensOf,
} from '../../outside/tradovate.ts';
import type { How, Members } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';
import { assertOAuthError, assertTokenAnswer } from './answers.ts';
import { assertAlive, assertDead, noted, traderIn } from './trader.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, paper, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2, O3 } = REGISTRATIONS;
const VERIFIER = 'demo-verifier-of-forty-three-characters-and-more';
const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');
const PKCE = { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' };

const newCode = async (): Promise<string> => (await alice.allow(O1)).code;

test('AT-V1 a code gives the documented members, in their order', async () => {
  const answer = await exchange(live, O1, await newCode());
  assertTokenAnswer(answer, 'code');
  const { access_token } = noted(tokensOf(answer));
  const { userId } = (await me(live, access_token)).json<{ userId: number }>();
  const { sub, iss, aud, exp, iat, jti, ...rest } = claimsOf(access_token);
  assert.equal(sub, String(userId));
  assert.equal(Number(exp) - Number(iat), 4_800);
  for (const claim of [iss, aud, jti]) assert.ok(typeof claim === 'string' && claim !== '');
  assert.deepEqual(Object.keys(rest).sort(), ['client_id', 'env', 'sid']);
  assert.equal(rest['client_id'], O1.id);
  assert.equal(rest['env'], 'live');
});

test('AT-V2 both paths in any case, JSON and forms, with a charset or no type at all', async () => {
  const charset: How = { headers: [['Content-Type', 'application/json; charset=utf-8']] };
  const form_charset: How = {
    as: 'form',
    headers: [['Content-Type', 'application/x-www-form-urlencoded;charset=UTF-8']],
  };
  const ways: readonly How[] = [
    { path: '/v1/auth/oauthtoken' }, { path: '/auth/oauthtoken' }, { path: '/V1/Auth/OAuthToken' },
    { path: '/auth/oAuthToken?' }, { as: 'form' }, form_charset, charset, { as: 'none' },
    { path: '/v1/auth/oauthtoken', as: 'form' },
    { headers: [['Content-Type', 'Application/JSON']] },
  ];
  for (const how of ways) {
    const answer = await oauthToken(live, codeMembers(O1, await newCode()), how);
    assert.equal(answer.status, 200, JSON.stringify(how));
    assertTokenAnswer(answer, 'code');
  }
});

test('AT-V3 the client id may be a number or digits, in both grants', async () => {
  for (const client_id of [40001, '40001']) {
    const answer = await exchange(live, O1, await newCode(), { client_id });
    assertTokenAnswer(answer, 'code');
    const { refresh_token } = tokensOf(answer);
    assertTokenAnswer(await refresh(live, O1, refresh_token, { client_id }), 'refresh');
  }
  for (const client_id of [40001.5, -40001, 4e300]) {
    const answer = await exchange(live, O1, await newCode(), { client_id });
    assert.ok(answer.json()['access_token'] === undefined, String(client_id));
  }
});

const NO_CREDENTIALS = { client_id: undefined, client_secret: undefined };

test('AT-V4 credentials in a Basic header or in httpAuth, and in one way only', async () => {
  const basic: How = { headers: [['Authorization', basicOf(O1)]] };
  const { id: client_id } = O1;
  const httpAuth = basicOf(O1);
  const good: readonly (readonly [Members, How])[] = [
    [NO_CREDENTIALS, basic],
    [{ ...NO_CREDENTIALS, httpAuth }, {}],
    [{ ...NO_CREDENTIALS, httpAuth, client_id }, {}],
    [{ ...NO_CREDENTIALS, httpAuth, client_id: 40001 }, {}],
    [{ ...NO_CREDENTIALS, client_id }, basic],
    [{ ...NO_CREDENTIALS, httpAuth }, { as: 'form' }],
  ];
  for (const [extra, how] of good) {
    const answer = await oauthToken(live, { ...codeMembers(O1, await newCode()), ...extra }, how);
    assertTokenAnswer(answer, 'code');
  }
  const code = await newCode();
  const tried = (extra: Members, how: How = {}) =>
    oauthToken(live, { ...codeMembers(O1, code), ...extra }, how);
  assertOAuthError(await tried({ httpAuth }), 'two_ways');
  assertOAuthError(await tried({}, basic), 'two_ways');
  assertOAuthError(await tried({ ...NO_CREDENTIALS, httpAuth }, basic), 'two_ways');
  const of_other = { ...NO_CREDENTIALS, httpAuth: basicOf(O2) };
  assertOAuthError(await tried({ ...of_other, client_id }), 'client');
  const other_header: How = { headers: [['Authorization', basicOf(O2)]] };
  assertOAuthError(await tried({ ...NO_CREDENTIALS, client_id }, other_header), 'client');
  assertTokenAnswer(await tried({}), 'code');
});

test('AT-V4 credentials in the query are refused, audited and never used', async () => {
  const code = await newCode();
  const secret = encodeURIComponent(O1.secret ?? '');
  const events = await eventsOf(server, 'live', async () => {
    const with_id = `client_id=${O1.id}&client_secret=${secret}`;
    const in_header_form = `httpAuth=${encodeURIComponent(basicOf(O1))}`;
    for (const query of [`client_secret=${secret}`, with_id, in_header_form]) {
      const answer = await oauthToken(live, { ...codeMembers(O1, code), ...NO_CREDENTIALS }, {
        path: `/auth/oauthtoken?${query}`,
      });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json()['access_token'], undefined);
    }
  });
  assert.ok(actionsOf(events).includes('secret.leaked'), actionsOf(events).join());
  assertTokenAnswer(await exchange(live, O1, code), 'code');
});

test('AT-V5 client, address and secret that do not fit get one answer', async () => {
  const code = await newCode();
  const wrong: readonly Members[] = [
    { client_secret: 'demo-wrong-secret-of-more-than-forty-characters' },
    { client_secret: '' },
    { client_secret: undefined },
    { client_id: '49999' },
    { client_id: 49999 },
    { client_id: undefined },
    { client_id: String(API_KEYS.K1.cid), client_secret: API_KEYS.K1.sec },
    { client_id: O3.id },
    { redirect_uri: 'https://app.example/CB' },
    { redirect_uri: 'https://app.example/cb/' },
    { redirect_uri: 'https://app.example:443/cb' },
    { redirect_uri: '' },
    { redirect_uri: undefined },
    { ...NO_CREDENTIALS, httpAuth: 'Basic ???' },
    { ...NO_CREDENTIALS, httpAuth: `Bearer ${basicOf(O1).slice(6)}` },
  ];
  for (const extra of wrong) {
    assertOAuthError(await exchange(live, O1, code, extra), 'client');
  }
  assertTokenAnswer(await exchange(live, O1, code), 'code');
});

test('AT-V6 a code that is not good here, and why is not told', async () => {
  const code = await newCode();
  const { code: of_o2 } = await alice.allow(O2);
  const { code: of_demo } = await traderIn(paper, USERS.alice).allow(O1);
  const { refresh_token, access_token } = await alice.link(O1);
  const last = code.endsWith('A') ? 'B' : 'A';
  const bad = [
    'unknown', code.slice(0, -1), `${code}A`, `${code.slice(0, -1)}${last}`, ` ${code}`, of_o2,
    of_demo, refresh_token, access_token,
  ];
  for (const text of bad) assertOAuthError(await exchange(live, O1, text), 'code');
  assertTokenAnswer(await exchange(live, O1, code), 'code');
  assertTokenAnswer(await exchange(live, O2, of_o2), 'code');
  assertTokenAnswer(await exchange(paper, O1, of_demo), 'code');
  await assertAlive(live, access_token);
});

test('AT-V6 a code lives 300 seconds', async () => {
  const code = await newCode();
  await control.advance(299);
  assertTokenAnswer(await exchange(live, O1, code), 'code');
  const late = await newCode();
  await control.advance(301);
  assertOAuthError(await exchange(live, O1, late), 'code');
});

test('AT-V7 a second good use ends what the first gave, a bad one ends nothing', async () => {
  const code = await newCode();
  const first = noted(tokensOf(await exchange(live, O1, code)));
  const wrong = { client_secret: 'demo-wrong-secret-of-more-than-forty-characters' };
  assertOAuthError(await exchange(live, O1, code, wrong), 'client');
  assertOAuthError(await exchange(live, O1, code, { redirect_uri: O2.redirect_uri }), 'client');
  assertOAuthError(await exchange(live, O1, code, { code_verifier: VERIFIER }), 'code');
  assertOAuthError(await exchange(live, O2, code), 'code');
  await assertAlive(live, first.access_token);
  const events = await eventsOf(server, 'live', async () => {
    assertOAuthError(await exchange(live, O1, code), 'code');
  });
  assert.ok(actionsOf(events).includes('code.replayed'), actionsOf(events).join());
  await assertDead(live, first.access_token);
  assertOAuthError(await refresh(live, O1, first.refresh_token), 'refresh');
});

test('RP-30 a lost answer to a code is not repeated: the second use is refused', async () => {
  const code = await newCode();
  // The answer is dropped: nobody read what was in it.
  assert.equal((await exchange(live, O1, code)).status, 200);
  assertOAuthError(await exchange(live, O1, code), 'code');
  assertOAuthError(await exchange(live, O1, code), 'code');
});

test('AT-V12 the verifier is needed if and only if there was a challenge', async () => {
  const { code } = await alice.allow(O1, PKCE);
  assertOAuthError(await exchange(live, O1, code), 'code');
  const other = `${VERIFIER}x`;
  assertOAuthError(await exchange(live, O1, code, { code_verifier: other }), 'code');
  assertTokenAnswer(await exchange(live, O1, code, { code_verifier: VERIFIER }), 'code');
  const plain = await newCode();
  assertOAuthError(await exchange(live, O1, plain, { code_verifier: VERIFIER }), 'code');
  assertTokenAnswer(await exchange(live, O1, plain), 'code');
});

test('AT-V12 a public client redeems and refreshes with its id alone', async () => {
  const { code } = await alice.allow(O3, PKCE);
  assertOAuthError(await exchange(live, O3, code), 'code');
  const guessed = { client_secret: 'demo-a-secret-that-a-public-client-has-not' };
  const with_secret = await exchange(live, O3, code, { ...guessed, code_verifier: VERIFIER });
  assert.equal(with_secret.json()['access_token'], undefined, with_secret.text);
  const answer = await exchange(live, O3, code, { code_verifier: VERIFIER });
  assertTokenAnswer(answer, 'code');
  const { refresh_token } = noted(tokensOf(answer));
  assertTokenAnswer(await refresh(live, O3, refresh_token), 'refresh');
  assert.deepEqual(credentials(O3), { client_id: '40003' });
});

test('AT-V17 a user locked, or an app removed, between code and exchange', async () => {
  const erin = traderIn(live, USERS.erin);
  const customer = USERS.erin.login_name;
  const { code } = await erin.allow(O1);
  await control.act('live', 'customer.set-status', { customer, status: 'locked' });
  assertOAuthError(await exchange(live, O1, code), 'code');
  await control.act('live', 'customer.set-status', { customer, status: 'active' });
  assertOAuthError(await exchange(live, O1, code), 'code');
  // Removing the app ends what is pending too.
  const { code: pending } = await alice.allow(O1);
  await alice.browser.open('/connections');
  await alice.browser.submit(`end-${O1.id}`);
  assertOAuthError(await exchange(live, O1, pending), 'code');
});

test('the log of these rows holds no secret', () => {
  noteSecrets(VERIFIER);
  assertLogHoldsNoSecret(server);
});
