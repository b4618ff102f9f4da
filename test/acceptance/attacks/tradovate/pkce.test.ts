/** PKCE in the Tradovate dialect: a must for public apps, binding wherever a challenge was sent. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AuthorizeParameters } from '../../../outside/browser.ts';
import {
  basicOf, codeMembers, exchange, oauthPath, oauthToken, refresh, tokensOf,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertMalformed, assertOAuthError, assertTokenAnswer } from '../../tradovate/answers.ts';
import { assertAlive, noted, traderIn } from '../../tradovate/trader.ts';
import { detailsOf } from '../told.ts';
import { errorAt, goesOn, sentBack } from './oauth-page.ts';
import { proof } from './proof.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper } = server;
const { O1, O2, O3, VO } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);

/** The code is no good with these members; one event tells it and nothing else happens. */
async function refusesCode(app: Registration, code: string, extra: Members): Promise<void> {
  const events = await eventsOf(server, 'live', async () => {
    assertOAuthError(await exchange(live, app, code, extra), 'code');
  });
  assert.deepEqual(detailsOf(events), ['code.refused refused code.pkce'], JSON.stringify(extra));
}

/** The code was not spent by what was tried before: it still gives living tokens. */
async function redeems(app: Registration, code: string, code_verifier?: string): Promise<void> {
  const answer = await exchange(live, app, code, { code_verifier });
  assertTokenAnswer(answer, 'code');
  await assertAlive(live, noted(tokensOf(answer)).access_token);
}

/** RDR(invalid_request) in both worlds, and no flow has begun. */
async function refusesRequest(app: Registration, asked: AuthorizeParameters): Promise<void> {
  for (const world of [live, paper]) {
    const path = oauthPath(app, { ...asked, state: 's1' });
    const events = await eventsOf(server, world.name, async () => {
      await sentBack(world, path, errorAt(world, app, 'invalid_request'));
    });
    assert.deepEqual(events, []);
  }
}

test('PK-01[B] a public app may not leave the challenge out, a confidential one may', async () => {
  await refusesRequest(O3, {});
  await refusesRequest(O3, { code_challenge: '', code_challenge_method: '' });
  await refusesRequest(O3, { code_challenge_method: 'S256' });
  await refusesRequest(O3, { code_verifier: 'v'.repeat(43), scope: 'code_challenge' });
  const { verifier, asked } = proof();
  await goesOn(live, oauthPath(O3, asked));
  const { code } = await alice.allow(O3, asked);
  await refusesCode(O3, code, {});
  await redeems(O3, code, verifier);
  for (const app of [O1, O2, VO]) {
    await redeems(app, (await alice.allow(app)).code);
    const empty = await alice.allow(app, { code_challenge: '', code_challenge_method: '' });
    await redeems(app, empty.code);
  }
});

test('PK-02[B] after a challenge, no verifier or an empty one is an invalid grant', async () => {
  for (const app of [VO, O3]) {
    const { verifier, asked } = proof();
    const { code } = await alice.allow(app, asked);
    for (const extra of [
      {}, { code_verifier: '' }, { Code_Verifier: verifier }, { 'code_verifier[]': verifier },
      { codeVerifier: verifier }, { code_challenge: verifier },
    ]) await refusesCode(app, code, extra);
    // No string is no verifier, and not read as one.
    for (const code_verifier of [null, [verifier], { s: verifier }, true, 0]) {
      const answer = await exchange(live, app, code, { code_verifier });
      assertMalformed(answer, 'code_verifier');
    }
    await redeems(app, code, verifier);
  }
});

test('PK-03[B] a verifier without a challenge is refused and spends nothing', async () => {
  const { verifier, challenge } = proof();
  const { code } = await alice.allow(VO, { state: 's1' });
  for (const code_verifier of [verifier, challenge]) {
    await refusesCode(VO, code, { code_verifier });
  }
  await redeems(VO, code);
});

test('PK-04[B] any challenge method but the exact S256 is sent back', async () => {
  const { verifier, challenge: code_challenge, asked } = proof();
  const methods = [
    'plain', 'S512', 's256', 'S256\n', 'S256 ', ' S256', 'S256%0A', 'S256\0', 'none', 'S256,plain',
    '', undefined,
  ];
  for (const app of [VO, O1, O3]) {
    for (const code_challenge_method of methods) {
      await refusesRequest(app, { code_challenge, code_challenge_method });
    }
    await refusesRequest(app, { code_challenge: verifier, code_challenge_method: 'plain' });
    await refusesRequest(app, { code_challenge_method: 'plain' });
    await goesOn(live, oauthPath(app, asked));
  }
});

test('PK-05[B] a wrong verifier, the challenge, or one of another flow is refused', async () => {
  for (const app of [VO, O3]) {
    const own = proof();
    const other = proof();
    const { code } = await alice.allow(app, own.asked);
    const others = (await alice.allow(app, other.asked)).code;
    const last = own.verifier.endsWith('A') ? 'B' : 'A';
    for (const code_verifier of [
      own.challenge, other.verifier, other.challenge, `${own.verifier}A`,
      `${own.verifier.slice(0, -1)}${last}`, own.verifier.toLowerCase(),
    ]) await refusesCode(app, code, { code_verifier });
    await redeems(app, code, own.verifier);
    await redeems(app, others, other.verifier);
  }
});

test('PK-06[B] verifiers of wrong length or alphabet are refused and spend nothing', async () => {
  const { verifier, asked } = proof();
  const bound = (await alice.allow(VO, asked)).code;
  const plain = (await alice.allow(VO)).code;
  const rest = 'v'.repeat(42);
  for (const code of [bound, plain]) {
    for (const code_verifier of [
      'v', rest, `${rest}+`, `${rest}/`, `${rest}=`, `${rest}\u00e9`, `${verifier} `,
      `${verifier}\n`, `${verifier}\0`, ` ${verifier}`,
    ]) await refusesCode(VO, code, { code_verifier });
    for (const length of [129, 4_000, 8_193]) {
      const answer = await exchange(live, VO, code, { code_verifier: 'v'.repeat(length) });
      assertMalformed(answer, 'code_verifier');
    }
  }
  const undecodable = `grant_type=authorization_code&code=${bound}&code_verifier=%ff`;
  assertMalformed(await oauthToken(live, undecodable, { as: 'form' }), 'code_verifier');
  await redeems(VO, bound, verifier);
  await redeems(VO, plain);
});

/** Each challenge is the right one of its verifier, so that nothing but its form is judged. */
test('PK-06[B] an ill-formed verifier is not good even when its challenge fits', async () => {
  const rest = 'v'.repeat(42);
  for (const text of [rest, `${rest}+`, `${rest} `, `${rest}\u00e9`]) {
    const { verifier, asked } = proof(text);
    const { code } = await alice.allow(VO, asked);
    await refusesCode(VO, code, { code_verifier: verifier });
  }
});

test('PK-06[B] verifiers of 43 and 128 characters, of every allowed character, work', async () => {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
  for (const text of ['w'.repeat(43), 'w'.repeat(128), all]) {
    const { verifier, asked } = proof(text);
    await redeems(VO, (await alice.allow(VO, asked)).code, verifier);
  }
});

test('PK-06[B] a challenge that is not 43 base64url characters is sent back', async () => {
  const { challenge } = proof();
  const cut = challenge.slice(1);
  for (const code_challenge of [
    cut, `${challenge}A`, `${challenge}=`, `${cut}+`, `${cut}/`, `${cut}.`, `${cut}~`, 'x',
    `${challenge}\n`, `${challenge} `, 'x'.repeat(128), `${cut}\u00e9`,
  ]) await refusesRequest(VO, { code_challenge, code_challenge_method: 'S256' });
});

/** The ways of one request: both addresses, both bodies, each way of client authentication. */
const NO_CREDENTIALS = { client_id: undefined, client_secret: undefined };
const WAYS: readonly (readonly [Members, How])[] = [
  [{}, {}],
  [{}, { path: '/v1/auth/oauthtoken' }],
  [{}, { path: '/V1/AUTH/OAUTHTOKEN?', as: 'form' }],
  [{}, { as: 'form' }],
  [{}, { as: 'none' }],
  [NO_CREDENTIALS, { headers: [['Authorization', basicOf(VO)]] }],
  [{ ...NO_CREDENTIALS, httpAuth: basicOf(VO) }, { path: '/v1/auth/oauthtoken' }],
];

test('PK-08[B] a code with a challenge is worthless without its verifier by any way', async () => {
  for (const [extra, how] of WAYS) {
    const { verifier, asked } = proof();
    const { code } = await alice.allow(VO, asked);
    const send = (more: Members) =>
      oauthToken(live, { ...codeMembers(VO, code), ...extra, ...more }, how);
    assertOAuthError(await send({}), 'code');
    assertOAuthError(await send({ code_verifier: proof().verifier }), 'code');
    assertOAuthError(await exchange(live, O1, code, { code_verifier: verifier }), 'code');
    const answer = await send({ code_verifier: verifier });
    assertTokenAnswer(answer, 'code');
    // The verifier belongs to the code: a refresh asks for none and minds none.
    const { refresh_token } = noted(tokensOf(answer));
    const next = noted(tokensOf(await refresh(live, VO, refresh_token)));
    tokensOf(await refresh(live, VO, next.refresh_token, { code_verifier: proof().verifier }));
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
