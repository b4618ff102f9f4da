/** At `oauthtoken` a code is for one use by one app, and only a valid second use is an alarm. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import {
  basicOf, codeMembers, credentials, exchange, oauthToken, refresh, renew, sessionOf, tokensOf,
} from '../../../outside/tradovate.ts';
import type { How, Members, OAuthTokens } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { actionsOf, eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { assertOAuthError } from '../../tradovate/answers.ts';
import { assertAlive, assertDead, noted, traderIn } from '../../tradovate/trader.ts';
import { alertsIn, grantOf, toldBy } from '../rotation/family.ts';
import { outcomesOf } from '../told.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;

const VERIFIER = 'demo-verifier-of-the-code-rows-with-enough-characters';
const PKCE = {
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
};
noteSecrets(VERIFIER);

/** Both addresses and both forms of a body, for what must not depend on either. */
const WAYS: readonly How[] = [
  {}, { path: '/V1/Auth/OAuthToken' }, { as: 'form' }, { path: '/v1/auth/oauthtoken', as: 'form' },
];

const newCode = async (): Promise<string> => (await alice.allow(O1)).code;

type Pair = Pick<OAuthTokens, 'access_token' | 'refresh_token'>;

/** Both tokens work; the refresh token's successor comes back. */
async function assertWorks(pair: Pair): Promise<Pair> {
  await assertAlive(live, pair.access_token);
  return noted(tokensOf(await refresh(live, O1, pair.refresh_token)));
}

async function assertEnded(...pairs: readonly Pair[]): Promise<void> {
  for (const { access_token, refresh_token } of pairs) {
    await assertDead(live, access_token);
    assertOAuthError(await refresh(live, O1, refresh_token), 'refresh');
  }
}

test('AC-01[B] a second valid use ends all that the first one gave, now and later', async () => {
  const other = await alice.link(O1);
  for (const wait_s of [0, 1, 30]) {
    const code = await newCode();
    const first = noted(tokensOf(await exchange(live, O1, code)));
    // What was made of it since ends as well: a successor, and a renewed access token.
    const next = await assertWorks(first);
    const { accessToken: renewed } = sessionOf(await renew(live, first.access_token));
    noteSecrets(renewed);
    await control.advance(wait_s);
    const events = await toldBy(server, async () => {
      assertOAuthError(await exchange(live, O1, code), 'code');
    });
    assert.deepEqual(outcomesOf(events), ['code.replayed alert']);
    assert.equal(events[0]?.['app'], O1.id);
    await assertEnded(first, next);
    await assertDead(live, renewed);
    // A third use finds nothing left to end and raises no second alarm.
    const third = await toldBy(server, async () => {
      assertOAuthError(await exchange(live, O1, code), 'code');
    });
    assert.deepEqual(outcomesOf(third), ['code.refused refused']);
  }
  await assertWorks(other);
});

const AT_ONCE = 64;
const ROUNDS = 4;

test('AC-02[B] of 64 uses at once one succeeds, and then its tokens end', async () => {
  const other = await alice.link(O1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const members = codeMembers(O1, await newCode());
    let answers: readonly Answer[] = [];
    const events = await toldBy(server, async () => {
      answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, at) =>
        oauthToken(live, members, WAYS[at % WAYS.length])));
    });
    const won = answers.filter(({ text }) => text.includes('"access_token"'));
    assert.equal(won.length, 1, answers.map(({ text }) => text).join('\n'));
    for (const answer of answers) if (!won.includes(answer)) assertOAuthError(answer, 'code');
    for (const answer of won) await assertEnded(noted(tokensOf(answer)));
    const told = outcomesOf(events).toSorted();
    const refused = Array<string>(AT_ONCE - 2).fill('code.refused refused');
    assert.deepEqual(told, ['code.redeemed ok', ...refused, 'code.replayed alert']);
  }
  await assertWorks(other);
});

const WRONG_SECRET = 'demo-wrong-secret-of-more-than-forty-characters';
const NO_CREDENTIALS = { client_id: undefined, client_secret: undefined };

test('AC-03[B] a replay that fails an earlier check leaves the first tokens alive', async () => {
  const { code } = await alice.allow(O1, PKCE);
  const proof = { code_verifier: VERIFIER };
  const first = noted(tokensOf(await exchange(live, O1, code, proof)));
  const of_o2 = credentials(O2);
  const replays: readonly (readonly [how: string, changed: Members, 'client' | 'code'])[] = [
    ['of another app', of_o2, 'code'],
    ['of another app at its address', { ...of_o2, redirect_uri: O2.redirect_uri }, 'code'],
    ['with no authentication', NO_CREDENTIALS, 'client'],
    ['with only the client id', { client_secret: undefined }, 'client'],
    ['with a wrong secret', { client_secret: WRONG_SECRET }, 'client'],
    ['without its redirect address', { redirect_uri: undefined }, 'client'],
    ['with an empty redirect address', { redirect_uri: '' }, 'client'],
    ['with another redirect address', { redirect_uri: O2.redirect_uri }, 'client'],
    ['with a slash too many', { redirect_uri: `${O1.redirect_uri}/` }, 'client'],
    ['with an address in capitals', { redirect_uri: 'HTTPS://APP.EXAMPLE/CB' }, 'client'],
    ['without its verifier', { code_verifier: undefined }, 'code'],
    ['with a wrong verifier', { code_verifier: `${VERIFIER.slice(0, -1)}x` }, 'code'],
    ['with the challenge', { code_verifier: PKCE.code_challenge }, 'code'],
    ['cut by one character', { code: code.slice(0, -1) }, 'code'],
  ];
  let held: Pair = first;
  for (const [how, changed, says] of replays) {
    for (const way of WAYS) {
      const events = await toldBy(server, async () => {
        const body = { ...codeMembers(O1, code), ...proof, ...changed };
        assertOAuthError(await oauthToken(live, body, way), says);
      });
      assert.deepEqual(alertsIn(events), [], how);
    }
    await assertAlive(live, first.access_token);
    held = await assertWorks(held);
  }
  // Past its time it fails an earlier check than use, so it is no kill switch any more.
  await control.advance(301);
  assertOAuthError(await exchange(live, O1, code, proof), 'code');
  await assertWorks(held);
});

test('AC-04[B] another app\'s try, or a foreign id beside ours, spends nothing', async () => {
  const code = await newCode();
  const basic = (app: typeof O1): How => ({ headers: [['Authorization', basicOf(app)]] });
  const beside = (app: typeof O1, client_id: unknown): Members =>
    ({ ...NO_CREDENTIALS, httpAuth: basicOf(app), client_id });
  const tries: readonly (readonly [Members, How, 'client' | 'code'])[] = [
    [credentials(O2), {}, 'code'],
    [{ ...NO_CREDENTIALS, httpAuth: basicOf(O2) }, {}, 'code'],
    [NO_CREDENTIALS, basic(O2), 'code'],
    [{ ...credentials(O2), redirect_uri: O2.redirect_uri }, {}, 'code'],
    [{ ...NO_CREDENTIALS, client_id: O2.id }, basic(O1), 'client'],
    [{ ...NO_CREDENTIALS, client_id: O1.id }, basic(O2), 'client'],
    [beside(O1, O2.id), {}, 'client'],
    [beside(O2, O1.id), {}, 'client'],
    [beside(O1, 40002), {}, 'client'],
    [{ client_id: O2.id }, {}, 'client'],
    [{ client_secret: O2.secret }, {}, 'client'],
  ];
  const events = await toldBy(server, async () => {
    for (const [changed, how, says] of tries) {
      for (const way of WAYS) {
        const body = { ...codeMembers(O1, code), ...changed };
        assertOAuthError(await oauthToken(live, body, { ...way, ...how }), says);
      }
    }
  });
  assert.deepEqual(alertsIn(events), []);
  assert.deepEqual([...new Set(actionsOf(events))], ['code.refused']);
  await assertWorks(noted(tokensOf(await exchange(live, O1, code))));
});

const LEAKED = ['code', 'client_secret', 'refresh_token', 'httpAuth'] as const;

test('AC-15[B] a GET is 405 and a query is malformed; form, JSON and no type pass', async () => {
  const code = await newCode();
  const { refresh_token } = await alice.link(O1);
  const members = codeMembers(O1, code);
  const leaks: { readonly [L in typeof LEAKED[number]]: string } = {
    code, client_secret: O1.secret ?? '', refresh_token, httpAuth: basicOf(O1),
  };
  for (const path of ['/auth/oauthtoken', '/v1/auth/oauthtoken', '/V1/AUTH/OAUTHTOKEN']) {
    for (const query of ['', `?grant_type=authorization_code&code=${code}&client_id=${O1.id}`]) {
      // Methods that a cache or a prefetch would use, too: none of them redeems.
      for (const method of ['GET', 'HEAD', 'PUT', 'QUERY']) {
        const answer = await oauthToken(live, '', { method, path: `${path}${query}`, as: 'form' });
        const { allow } = answer.headers;
        assert.equal(`${method} ${answer.status} ${allow}`, `${method} 405 POST`);
        assert.ok(!answer.text.includes('_token":"'));
      }
    }
    for (const parameter of LEAKED) {
      const value = encodeURIComponent(leaks[parameter]);
      const events = await toldBy(server, async () => {
        const answer = await oauthToken(live, { ...members, [parameter]: undefined }, {
          path: `${path}?client_id=${O1.id}&${parameter}=${value}`, as: 'form',
        });
        assert.equal(answer.status, 400);
        assert.equal(answer.json()['error'], 'invalid_request');
        assert.ok(!answer.text.includes('_token":"'), answer.text);
      });
      assert.deepEqual(outcomesOf(events), ['secret.leaked alert'], parameter);
    }
  }
  noted(tokensOf(await exchange(live, O1, code)));
  for (const as of ['json', 'form', 'none'] as const) {
    noted(tokensOf(await oauthToken(live, codeMembers(O1, await newCode()), { as })));
  }
  noted(tokensOf(await refresh(live, O1, refresh_token)));
});

const OTHER_GRANTS = [
  'password', 'client_credentials', 'implicit', 'Authorization_Code', 'PASSWORD', 'refresh_token ',
  'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange', 'constructor', '__proto__', 'toString',
];

test('AC-16[B] a password at oauthtoken, or any other grant type, is not offered', async () => {
  const code = await newCode();
  const { login_name, password } = USERS.alice;
  const person = { username: login_name, name: login_name, password };
  const events = await eventsOf(server, 'live', async () => {
    for (const grant_type of OTHER_GRANTS) {
      for (const way of WAYS) {
        const asked = { ...codeMembers(O1, code), ...person, scope: 'All', grant_type };
        for (const body of [asked, { ...asked, ...NO_CREDENTIALS }]) {
          assertOAuthError(await oauthToken(live, body, way), 'grant_type');
        }
      }
    }
  });
  assert.deepEqual(actionsOf(events), [], 'no sign-in was tried and no code looked at');
  const { access_token } = noted(tokensOf(await exchange(live, O1, code)));
  assert.equal(typeof grantOf({ access_token }), 'string');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
