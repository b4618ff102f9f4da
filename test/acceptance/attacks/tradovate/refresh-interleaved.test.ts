/** Many customers at once in one process: no answer ever holds a value of another one. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { claimsOf } from '../../../outside/jwt.ts';
import {
  bearing, login, me, refresh, renew, sessionOf, tokensOf, userinfo,
} from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration, User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { noted, traderIn } from '../../tradovate/trader.ts';
import { alertsIn, grantOf, toldBy } from '../rotation/family.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true, 'tradovate.example_resources': true },
});
after(server.stop);
const { live } = server;
const { O1, O2 } = REGISTRATIONS;

const REFRESHES = 1_200;
const SIGN_IN_EVERY = 60;
const LANES: readonly (readonly [User, Registration])[] = [
  [USERS.alice, O1], [USERS.erin, O1], [USERS.bob_active, O1],
  [USERS.alice, O2], [USERS.erin, O2], [USERS.bob_active, O2],
  [USERS.alice, O1], [USERS.erin, O1],
];

/** What only this customer's answers may hold. */
type Own = {
  readonly user: User;
  readonly app: Registration;
  readonly user_id: number;
  readonly grant: unknown;
};

const NAMES = Object.values(USERS).map(({ login_name }) => login_name);

/** Name and number are hers, and no other customer's name stands in the answer. */
function assertOwn(text: string, { user, user_id }: Pick<Own, 'user' | 'user_id'>): void {
  assert.ok(text.includes(String(user_id)), text);
  for (const name of NAMES) {
    if (name !== user.login_name) assert.ok(!text.includes(`"${name}"`), text);
  }
}

function assertOwnToken(token: string, { app, user_id, grant }: Own): void {
  const claims = claimsOf(token);
  const expected = [String(user_id), app.id, grant];
  assert.deepEqual([claims['sub'], claims['client_id'], claims['sid']], expected);
}

const seen = { refresh_tokens: new Set<string>(), access_tokens: new Set<string>(), lists: 0 };

function unseen(set: Set<string>, value: string): void {
  assert.ok(!set.has(value), 'a value was given out twice');
  set.add(value);
}

/** Signs in by password, uses that session's tokens, and reads the account list with them. */
async function signIn({ user, user_id }: Own): Promise<void> {
  const answer = await login(live, API_KEYS.K1, user);
  const session = sessionOf(answer);
  noteSecrets(session.accessToken, session.mdAccessToken ?? '');
  assert.deepEqual([session.userId, session.name], [user_id, user.login_name]);
  for (const token of [session.accessToken, session.mdAccessToken ?? '']) {
    assert.equal(claimsOf(token)['sub'], String(user_id));
  }
  // Another lane of hers may have closed this session since: then there is no answer at all.
  const list = await bearing(live, session.accessToken, { path: '/v1/account/list' });
  if (list.status === 408) return;
  seen.lists += 1;
  const accounts = list.json<readonly { readonly userId: number; readonly name: string }[]>();
  const found = accounts.map(({ userId, name }) => `${userId} ${name}`);
  assert.deepEqual(found, user.accounts.live.map((name) => `${user_id} ${name}`));
}

let done = 0;

async function lane([user, app]: typeof LANES[number]): Promise<void> {
  let held = await traderIn(live, user).link(app);
  const user_id = (await me(live, held.access_token)).json<{ userId: number }>().userId;
  const own: Own = { user, app, user_id, grant: grantOf(held) };
  while (done < REFRESHES) {
    done += 1;
    if (done % SIGN_IN_EVERY === 0) await signIn(own);
    held = noted(tokensOf(await refresh(live, app, held.refresh_token)));
    unseen(seen.refresh_tokens, held.refresh_token);
    unseen(seen.access_tokens, held.access_token);
    assertOwnToken(held.access_token, own);
    const answers = await Promise.all([
      userinfo(live, held.access_token), me(live, held.access_token),
      renew(live, held.access_token),
    ]);
    for (const { status, text } of answers) {
      assert.equal(status, 200, text);
      assertOwn(text, own);
    }
    const { accessToken } = sessionOf(answers[2]);
    unseen(seen.access_tokens, accessToken);
    assertOwnToken(accessToken, own);
  }
}

test('RT-18[B] thousands of interleaved calls and sign-ins never swap a value', async () => {
  const events = await toldBy(server, async () => {
    await Promise.all(LANES.map(lane));
  });
  assert.deepEqual(alertsIn(events), []);
  assert.ok(seen.refresh_tokens.size >= REFRESHES, String(seen.refresh_tokens.size));
  assert.ok(seen.lists > 0);
  assert.equal(seen.access_tokens.size, 2 * seen.refresh_tokens.size);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
