/** PKCE in the Tradier dialect: not asked for, and enforced as soon as a challenge was sent. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm } from './held-form.ts';
import { assertTokenError } from '../tradier/answers.ts';
import { customerIn, errorCallback } from '../tradier/customer.ts';
import { eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live } = server;
const u1 = customerIn(live, 'u1');
const { A, A1, A2, B } = APPS;
const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'] as const;

type Proof = { readonly verifier: string; readonly challenge: string; readonly query: string };

/** A verifier (a demo one, or these characters) with its challenge. */
function proof(verifier = randomBytes(32).toString('base64url')): Proof {
  noteSecrets(verifier);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, challenge, query: asked(challenge, 'S256') };
}

const asked = (challenge: string, method: string): string =>
  `code_challenge=${encodeURIComponent(challenge)}` +
  `&code_challenge_method=${encodeURIComponent(method)}`;

/** Redeems at an address with a raw rest of the form. */
function redeem(code: string, rest: string, address: string = ADDRESSES[0]): Promise<Answer> {
  const form = `grant_type=authorization_code&code=${code}${rest}`;
  return post(live.origin, address, form, [['Authorization', A.basic]]);
}

const verified = (verifier: string): string => `&code_verifier=${encodeURIComponent(verifier)}`;

test('PK-01 a confidential app may leave PKCE out', async () => {
  for (const app of [A, A1, A2]) {
    const { code } = await u1.allow(app);
    const { access_token } = tokens(await exchange(live, app, code));
    assert.equal((await profile(live, access_token)).status, 200);
  }
  // Empty parameters are absent ones, here too.
  const { code } = await u1.allow(A, 'code_challenge=&code_challenge_method=');
  tokens(await redeem(code, ''));
});

test('PK-02 after a challenge, no verifier or an empty one is an invalid grant', async () => {
  const { query, verifier } = proof();
  for (const address of ADDRESSES) {
    const { code } = await u1.allow(A, query);
    for (const rest of ['', '&code_verifier=', '&code_verifier', '&Code_Verifier=x']) {
      const events = await eventsOf(server, 'live', async () => {
        assertTokenError(live, await redeem(code, rest, address), 'E3');
      });
      assert.deepEqual(events.map(({ detail }) => detail), ['code.pkce'], rest);
    }
    tokens(await redeem(code, verified(verifier), address));
  }
});

test('PK-03 a verifier without a challenge is refused and spends nothing', async () => {
  const { code } = await u1.allow(A, 'state=s1');
  const { verifier } = proof();
  for (const address of ADDRESSES) {
    assertTokenError(live, await redeem(code, verified(verifier), address), 'E3');
  }
  const { access_token } = tokens(await redeem(code, ''));
  assert.equal((await profile(live, access_token)).status, 200);
});

test('PK-04 any challenge method but the exact S256 is refused at the callback', async () => {
  const { challenge, verifier } = proof();
  const methods = [
    'plain', 'S512', 's256', 'S256\n', 'S256 ', ' S256', 'S256\0', 'none', 'S256,plain',
  ];
  const queries = [
    ...methods.map((method) => asked(challenge, method)),
    `code_challenge=${challenge}`, `code_challenge=${challenge}&code_challenge_method=`,
    'code_challenge_method=S256', 'code_challenge_method=plain', asked(verifier, 'plain'),
  ];
  for (const query of queries) {
    const { url } = await errorCallback(live, A, `${query}&state=s1`);
    const expected = 'https://app.example/cb?error=invalid_request&state=s1&iss=';
    assert.equal(url, `${expected}${encodeURIComponent(`${live.origin}/as`)}`, query);
  }
});

test('PK-05 a wrong verifier, the challenge, or another flow\'s verifier is refused', async () => {
  const own = proof();
  const other = proof();
  const { code } = await u1.allow(A, own.query);
  const others = (await u1.allow(A, other.query)).code;
  const last = own.verifier.endsWith('A') ? 'B' : 'A';
  const wrong = [
    own.challenge, other.verifier, other.challenge, `${own.verifier.slice(0, -1)}${last}`,
    `${own.verifier}A`, own.verifier.toLowerCase(),
  ];
  for (const verifier of wrong) {
    assertTokenError(live, await redeem(code, verified(verifier)), 'E3');
  }
  tokens(await redeem(code, verified(own.verifier)));
  tokens(await redeem(others, verified(other.verifier)));
});

test('PK-06 verifiers of wrong length or alphabet are malformed and spend nothing', async () => {
  const { query, verifier } = proof();
  const { code } = await u1.allow(A, query);
  const plain = (await u1.allow(A)).code;
  const wrong = [
    'v'.repeat(42), 'v'.repeat(129), 'v'.repeat(4_000), `${'v'.repeat(42)}+`, `${'v'.repeat(42)}/`,
    `${verifier}=`, `${verifier} `, `${verifier}\n`, `${verifier}\0`, 'v',
    `${'v'.repeat(42)}\u00e9`,
  ];
  for (const text of wrong) {
    for (const one of [code, plain]) {
      assertTokenError(live, await redeem(one, verified(text)), 'E2', 'code_verifier');
    }
  }
  assertTokenError(live, await redeem(code, '&code_verifier=%ff'), 'E2', 'code_verifier');
  tokens(await redeem(code, verified(verifier)));
  tokens(await redeem(plain, ''));
});

test('PK-06 verifiers of 43 and 128 characters, of every allowed character, work', async () => {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
  for (const text of ['v'.repeat(43), 'v'.repeat(128), all]) {
    const { query, verifier } = proof(text);
    const { code } = await u1.allow(A, query);
    tokens(await redeem(code, verified(verifier)));
  }
});

test('PK-06 a challenge that is not 43 base64url characters is refused', async () => {
  const { challenge } = proof();
  const wrong = [
    challenge.slice(1), `${challenge}A`, `${challenge}=`, `${challenge.slice(1)}+`,
    `${challenge.slice(1)}/`, `${challenge.slice(1)}.`, `${challenge.slice(1)}~`,
    `${challenge}\n`, `${challenge} `, 'x', 'x'.repeat(128), `${challenge.slice(1)}\u00e9`,
  ];
  for (const text of wrong) {
    const { error, state } = await errorCallback(live, A, `${asked(text, 'S256')}&state=s1`);
    assert.equal(`${error} ${state}`, 'invalid_request s1', text);
  }
});

test('PK-07 one challenge in two flows is allowed, and flagged in the event', async () => {
  const { query, verifier } = proof();
  const flags = async (step: () => Promise<unknown>): Promise<unknown[]> => {
    const events = await eventsOf(server, 'live', step);
    return events.filter(({ action }) => action === 'code.issued').map(({ detail }) => detail);
  };
  const codes: string[] = [];
  const allow = async (): Promise<void> => void codes.push((await u1.allow(A, query)).code);
  assert.deepEqual(await flags(allow), [undefined], 'the first is not flagged');
  assert.deepEqual(await flags(allow), ['challenge_repeated']);
  assert.deepEqual(await flags(allow), ['challenge_repeated']);
  for (const code of codes) tokens(await redeem(code, verified(verifier)));
  // A page looked at twice and a double click are one flow.
  await u1.ask(A, proof().query);
  await u1.browser.open(u1.browser.page().url);
  const consent = holdForm(u1.browser, 'consent');
  const clicks = await flags(async () => {
    const first = await consent.send({ decision: 'allow' });
    const second = await consent.send({ decision: 'allow' });
    assert.equal(second.headers.location, first.headers.location);
  });
  assert.deepEqual(clicks, [undefined]);
  // And so is a yes that had to wait for a new sign-in.
  await u1.ask(A, proof().query);
  const page = u1.browser.page().url;
  const early = holdForm(u1.browser, 'consent');
  const waited = await flags(async () => {
    await server.control.act('live', 'login.end', { customer: 'u1' });
    const sent_back = await early.send({ decision: 'allow' });
    assert.match(sent_back.headers.location ?? '', /^\/oauth\/authorize\?/);
    await u1.browser.open(page);
    await u1.browser.signIn('u1');
    await u1.browser.consent('allow');
  });
  assert.deepEqual(waited, [undefined]);
});

test('PK-08 a code with a challenge is worthless without its verifier', async () => {
  for (const address of ADDRESSES) {
    const { query, verifier } = proof();
    const { code } = await u1.allow(A, query);
    const thief = (app: typeof A, rest: string) => {
      const form = `grant_type=authorization_code&code=${code}${rest}`;
      return post(live.origin, address, form, [['Authorization', app.basic]]);
    };
    assertTokenError(live, await thief(A, ''), 'E3');
    assertTokenError(live, await thief(A, verified(proof().verifier)), 'E3');
    assertTokenError(live, await thief(B, verified(verifier)), 'E3');
    const in_body = `&client_id=${A.id}&client_secret=${A.secret}`;
    const form = `grant_type=authorization_code&code=${code}${in_body}`;
    assertTokenError(live, await post(live.origin, address, form), 'E3');
    const { refresh_token = '' } = tokens(await redeem(code, verified(verifier), address));
    // The verifier belongs to the code: refreshing asks for none and minds none.
    tokens(await refresh(live, A, refresh_token));
    tokens(await refresh(live, A, refresh_token, [['code_verifier', verifier]]));
  }
});

test('PK-09 a doubled PKCE parameter is malformed at both endpoints', async () => {
  const { query, verifier, challenge } = proof();
  const doubled = [
    `${query}&code_challenge=${challenge}`, `${query}&code_challenge=${proof().challenge}`,
    `${query}&code_challenge_method=S256`, `code_challenge_method=plain&${query}`,
    `${query}&code_challenge=`, `${query}&code%5Fchallenge=${challenge}`,
  ];
  for (const text of doubled) {
    const { error, state, code } = await errorCallback(live, A, `${text}&state=s1`);
    assert.deepEqual({ error, state, code }, { error: 'invalid_request', state: 's1', code: null });
  }
  const { code } = await u1.allow(A, query);
  const own = verified(verifier);
  for (const rest of [own + own, `${own}${verified('x'.repeat(43))}`, `&code_verifier=${own}`]) {
    assertTokenError(live, await redeem(code, rest), 'E2', 'code_verifier');
  }
  const in_query = await post(
    live.origin, `${ADDRESSES[0]}?code_verifier=${verifier}`,
    `grant_type=authorization_code&code=${code}${own}`, [['Authorization', A.basic]],
  );
  assertTokenError(live, in_query, 'E2', 'code_verifier');
  tokens(await redeem(code, own));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
