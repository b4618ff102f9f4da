/** The published patterns know every secret of this dialect that is ours alone to read (EI-07). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SECRET_PATTERNS } from '../../../../src/adapters/tokens/shapes.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { headerOf } from '../../../outside/jwt.ts';
import { exchange, refresh } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { BEHIND_PROXY } from '../../tradovate/sessions/caller.ts';
import { HANDLES, PRICES, SIGNED, drawSecrets } from './secrets.ts';
import type { Secrets } from './secrets.ts';

const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values(REGISTRATIONS), PRICES] }),
  set: BEHIND_PROXY,
});
after(server.stop);

const secrets: { readonly [W in WorldSite['name']]: Secrets } = {
  live: (await drawSecrets(server.live, server.control)).secrets,
  paper: (await drawSecrets(server.paper, server.control)).secrets,
};

/** The part of a name by which scanners tell what they found. */
const NAMED: { readonly [K in (typeof HANDLES)[number]]: readonly [part: string, says: string] } = {
  spent_code: ['code', 'authorization code'],
  code: ['code', 'authorization code'],
  refresh_token: ['rt', 'refresh token'],
  next_refresh_token: ['rt', 'refresh token'],
  request: ['req', 'authorization request'],
  sign_in_cookie: ['login', 'sign-in cookie'],
  flow_cookie: ['flow', 'flow cookie'],
  csrf: ['csrf', 'form token'],
  client_secret: ['secret', 'client secret'],
  next_client_secret: ['secret', 'client secret'],
  key_secret: ['secret', 'client secret'],
  next_key_secret: ['secret', 'client secret'],
  first_party_secret: ['secret', 'client secret'],
};

const found = (text: string): readonly string[] =>
  SECRET_PATTERNS.filter(({ pattern }) => new RegExp(pattern).test(text)).map(({ name }) => name);

test('EI-07[B] one pattern matches each handle and drawn secret, whole, in both worlds', () => {
  for (const [world, of_world] of Object.entries(secrets)) {
    for (const kind of HANDLES) {
      const text = of_world[kind];
      const [part, says] = NAMED[kind];
      assert.ok(text.startsWith(`cs_${world}_${part}_`), `${kind} of ${world}: ${text}`);
      const matching = SECRET_PATTERNS.filter(({ pattern }) =>
        new RegExp(`^(?:${pattern})$`).test(text));
      assert.deepEqual(matching.map(({ name }) => name), [`countersign ${says}`], kind);
    }
  }
  assert.equal(new Set([secrets.live, secrets.paper].flatMap((one) =>
    HANDLES.map((kind) => one[kind]))).size, 2 * HANDLES.length, 'all different');
});

test('EI-07[B] they are found in what programs write: JSON, forms, headers, addresses', () => {
  for (const kind of HANDLES) {
    const text = secrets.live[kind];
    const says = `countersign ${NAMED[kind][1]}`;
    const written = [
      JSON.stringify({ refresh_token: text }), `a=1&code=${encodeURIComponent(text)}&b=2`,
      `Authorization: Basic x, ${text}`, `https://app.example/cb?code=${text}#x`, `SEC=${text}\n`,
    ];
    for (const one of written) assert.deepEqual(found(one), [says], one);
  }
});

test('EI-07[B] signed tokens are no values of that form: their own header tells of them', () => {
  for (const of_world of Object.values(secrets)) {
    for (const kind of SIGNED) {
      assert.deepEqual(found(of_world[kind]), [], kind);
      assert.ok(!of_world[kind].includes('cs_'), kind);
      const { typ, alg } = headerOf(of_world[kind]);
      const expected = kind === 'id_token' ? ['JWT', 'RS256'] : ['at+jwt', 'ES256'];
      assert.deepEqual([typ, alg], expected, kind);
    }
    // Neither are the short-lived ones that are bound to a network, nor what people chose.
    for (const kind of ['ticket', 'challenge', 'verifier'] as const) {
      assert.deepEqual(found(of_world[kind]), [], kind);
    }
  }
});

test('EI-07[B] what was matched is what works, and a shorter piece is neither', async () => {
  const { live } = server;
  const { next_refresh_token } = secrets.live;
  const cut = next_refresh_token.slice(0, -1);
  assert.deepEqual(found(cut), []);
  const refused = (await refresh(live, PRICES, cut)).json();
  assert.deepEqual([refused['error'], refused['access_token']], ['invalid_token', undefined]);
  const [whole = ''] = SECRET_PATTERNS.flatMap(({ pattern }) =>
    new RegExp(pattern).exec(`lost: ${next_refresh_token}.`)?.[0] ?? []);
  assert.equal(typeof (await refresh(live, PRICES, whole)).json()['access_token'], 'string');
  const spent = (await exchange(live, PRICES, secrets.live.spent_code)).json();
  assert.equal(spent['error'], 'invalid_grant');
});
