/** A code is for one use by one app, and only a valid second use ends what the first one got. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { call, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import type { TokenBody } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { outcomesOf } from './told.ts';
import { assertFault, assertTokenError, tokenErrorText } from '../tradier/answers.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const R = demoApp('AC', { redirect_uris: ['https://ac.example/cb'], refresh_approved: true });

const server = await startServer({ seed: seedRecords([...Object.values(APPS), R]) });
after(server.stop);
const { live, control } = server;
const u1 = customerIn(live, 'u1');
const { A, A1, B } = APPS;
const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'] as const;

const VERIFIER = 'demo-verifier-0123456789-0123456789-0123456789';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const PKCE = `code_challenge=${CHALLENGE}&code_challenge_method=S256`;

async function assertLive(app: App, { access_token, refresh_token = '' }: TokenBody) {
  assert.equal((await profile(live, access_token)).status, 200, 'the access token works');
  tokens(await refresh(live, app, refresh_token));
}

async function assertDead(app: App, { access_token, refresh_token = '' }: TokenBody) {
  assertFault(live, await profile(live, access_token), 'F3');
  assertTokenError(live, await refresh(live, app, refresh_token), 'E4');
}

/** What the operator sees of the customer's live grants of an app. */
async function liveGrants(app: App): Promise<number> {
  const { grants } = await control.act('live', 'grant.list', { customer: 'u1', app: app.id });
  return (grants as readonly { readonly live: boolean }[]).filter((grant) => grant.live).length;
}

test('AC-01 a second valid use fails and ends the first one\'s tokens, now and later', async () => {
  const other = await u1.link(R);
  for (const wait_s of [0, 1, 30]) {
    const { code } = await u1.allow(R);
    const first = tokens(await exchange(live, R, code));
    await assertLive(R, first);
    const before = await liveGrants(R);
    await control.advance(wait_s);
    const events = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await exchange(live, R, code), 'E3');
    });
    assert.deepEqual(outcomesOf(events), ['code.replayed alert']);
    assert.equal(events[0]?.['app'], R.id);
    await assertDead(R, first);
    assert.equal(await liveGrants(R), before - 1, 'the grant has ended, and no other');
    // A third use finds nothing left to end and raises no second alarm.
    const third = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await exchange(live, R, code), 'E3');
    });
    assert.ok(!third.some(({ outcome }) => outcome === 'alert'), actionsOf(third).join());
  }
  await assertLive(R, other);
  assert.match((await u1.connections()).answer.text, new RegExp(`end-${R.id}`));
});

const AT_ONCE = 64;
const ROUNDS = 8;

/** One code, 64 times at once, at both addresses in turn. */
function redeemAtOnce(app: App, code: string): Promise<Answer[]> {
  const form = [['grant_type', 'authorization_code'], ['code', code]] as const;
  return Promise.all(Array.from({ length: AT_ONCE }, (_, at) =>
    post(live.origin, ADDRESSES[at % 2] ?? '', form, [['Authorization', app.basic]])));
}

test('AC-02 of 64 uses at once one succeeds, and then its tokens end', async () => {
  const other = await u1.link(R);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { code } = await u1.allow(R);
    let answers: readonly Answer[] = [];
    const events = await eventsOf(server, 'live', async () => {
      answers = await redeemAtOnce(R, code);
    });
    const winners = answers.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1, answers.map(({ status }) => status).join());
    for (const answer of answers) {
      if (answer.status !== 200) assertTokenError(live, answer, 'E3');
    }
    for (const winner of winners) {
      noteSecrets(tokens(winner).access_token);
      await assertDead(R, tokens(winner));
    }
    const actions = actionsOf(events);
    const count = (action: string) => actions.filter((one) => one === action).length;
    assert.equal(count('code.redeemed'), 1);
    assert.equal(count('code.replayed'), 1, 'one race, one alert');
    assert.equal(count('code.refused'), AT_ONCE - 2);
  }
  await assertLive(R, other);
});

test('AC-03 a replay that is not valid otherwise leaves the first tokens alive', async () => {
  const { code } = await u1.allow(R, PKCE);
  const proof = [['code_verifier', VERIFIER]] as const;
  const form = [['grant_type', 'authorization_code'], ['code', code], ...proof] as const;
  const first = tokens(await exchange(live, R, code, proof));
  const wrong_basic = `Basic ${Buffer.from(`${R.id}:${A1.secret}`).toString('base64')}`;
  const replays = {
    'of another app': () => exchange(live, B, code, proof),
    'with no authentication': () => post(live.origin, ADDRESSES[0], form),
    'with only an app id': () => post(live.origin, ADDRESSES[0], [...form, ['client_id', R.id]]),
    'with a wrong secret': () => exchange(live, { ...R, basic: wrong_basic }, code, proof),
    'without its verifier': () => exchange(live, R, code),
    'with a wrong verifier': () =>
      exchange(live, R, code, [['code_verifier', `${VERIFIER.slice(0, -1)}x`]]),
    'with the challenge': () => exchange(live, R, code, [['code_verifier', CHALLENGE]]),
    'cut by one character': () => exchange(live, R, code.slice(0, -1), proof),
  } as const;
  const unauthenticated = ['with no authentication', 'with only an app id', 'with a wrong secret'];
  for (const [how, replay] of Object.entries(replays)) {
    const events = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await replay(), unauthenticated.includes(how) ? 'E1' : 'E3');
    });
    assert.ok(!events.some(({ outcome }) => outcome === 'alert'), how);
    await assertLive(R, first);
  }
  // Past its time it fails an earlier check than use, so it is no kill switch any more.
  await control.advance(601);
  assertTokenError(live, await exchange(live, R, code, proof), 'E3');
  await assertLive(R, first);
});

test('AC-04 another app\'s try and a foreign app id beside the header spend nothing', async () => {
  const { code } = await u1.allow(A);
  const form = [['grant_type', 'authorization_code'], ['code', code]] as const;
  for (const address of ADDRESSES) {
    const send = (app: App, extra: readonly (readonly [string, string])[]) =>
      post(live.origin, address, [...form, ...extra], [['Authorization', app.basic]]);
    assertTokenError(live, await send(B, []), 'E3');
    assertTokenError(live, await send(A, [['client_id', B.id]]), 'E1');
    assertTokenError(live, await send(B, [['client_id', A.id]]), 'E1');
    assertTokenError(live, await send(A, [['client_id', 'x']]), 'E1');
    const in_body = [['client_id', B.id], ['client_secret', B.secret]] as const;
    assertTokenError(live, await post(live.origin, address, [...form, ...in_body]), 'E3');
  }
  const { access_token } = tokens(await exchange(live, A, code));
  assert.equal((await profile(live, access_token)).status, 200);
});

test('AC-05 a code works at 599 s and is expired at 601 s', async () => {
  const young = await u1.allow(A);
  await control.advance(599);
  tokens(await exchange(live, A, young.code));
  const old = await u1.allow(A);
  await control.advance(601);
  const events = await eventsOf(server, 'live', async () => {
    assertTokenError(live, await exchange(live, A, old.code), 'E3');
  });
  assert.deepEqual(events.map(({ detail }) => detail), ['code.fresh']);
  await control.advance(86_400);
  assertTokenError(live, await exchange(live, A, old.code), 'E3');
});

test('AC-13 any response_type but code is refused at the callback; none means code', async () => {
  const others = [
    'token', 'id_token token', 'code token', 'token code', 'code id_token', 'xyz', 'none', 'CODE',
    'code ', 'code%00', 'id_token',
  ];
  for (const type of others) {
    const asked = `response_type=${encodeURIComponent(type)}&state=s1`;
    const { url } = await errorCallback(live, A, asked);
    const expected = 'https://app.example/cb?error=unsupported_response_type&state=s1&iss=';
    assert.equal(url, `${expected}${encodeURIComponent(`${live.origin}/as`)}`, type);
  }
  const twice = await errorCallback(live, A, 'response_type=code&response_type=code&state=s1');
  assert.equal(twice.error, 'invalid_request');
  for (const asked of ['state=s1', 'response_type=&state=s1', 'response_type=code&state=s1']) {
    const { code, url } = await u1.allow(A, asked);
    assert.match(url, /\?code=[^&]+&state=s1&iss=/);
    tokens(await exchange(live, A, code));
  }
});

test('AC-15 GET is 405; a query or JSON instead of a form is malformed', async () => {
  const { code } = await u1.allow(A);
  const query = `grant_type=authorization_code&code=${code}`;
  const basic = [['Authorization', A.basic]] as const;
  for (const address of ADDRESSES) {
    for (const path of [address, `${address}?${query}`]) {
      const answer = await call(live.origin, { path, headers: basic });
      assertTokenError(live, answer, 'E8');
    }
    const events = await eventsOf(server, 'live', async () => {
      const answer = await post(live.origin, `${address}?${query}`, '', basic);
      assertTokenError(live, answer, 'E2', 'code');
    });
    assert.deepEqual(outcomesOf(events), ['secret.leaked alert']);
    const secret = `client_id=${A.id}&client_secret=${A.secret}`;
    const leaked = await eventsOf(server, 'live', async () => {
      const answer = await post(live.origin, `${address}?${secret}`, query, basic);
      assertTokenError(live, answer, 'E2', 'client_secret');
    });
    assert.deepEqual(actionsOf(leaked), ['secret.leaked']);
    const json = JSON.stringify({ grant_type: 'authorization_code', code });
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '']) {
      const body = type === 'application/json' ? json : query;
      const answer = await post(live.origin, address, body, [...basic, ['Content-Type', type]]);
      assertTokenError(live, answer, 'E2', 'Content-Type');
    }
  }
  tokens(await exchange(live, A, code));
});

test('AC-16 other grant types are not offered to anyone', async () => {
  const { code } = await u1.allow(A);
  const others = [
    'client_credentials', 'implicit', 'password', 'Authorization_Code', 'refresh_token ',
    'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange', 'constructor',
  ];
  for (const address of ADDRESSES) {
    for (const grant_type of others) {
      const form = [
        ['grant_type', grant_type], ['username', 'u1'], ['password', 'demo-password-of-u1'],
        ['scope', 'read'], ['code', code],
      ] as const;
      const answer = await post(live.origin, address, form, [['Authorization', A.basic]]);
      assertTokenError(live, answer, 'E6');
      assert.ok(!answer.text.includes('access_token'));
      // Without a proof of the app nobody learns what is offered.
      const nobody = await post(live.origin, address, form);
      assert.equal(`${nobody.status} ${nobody.text}`, `401 ${tokenErrorText('E1')}`);
    }
  }
  tokens(await exchange(live, A, code));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
