/** Nothing of one world is anything in the other, whatever is tried where (BR-01, P-06, I6). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { WorldName, WorldSite } from '../../../outside/fixtures.ts';
import { claimsOf } from '../../../outside/jwt.ts';
import {
  exchange, me, oauthToken, refresh, renew, tokensOf, userinfo,
} from '../../../outside/tradovate.ts';
import {
  REGISTRATIONS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { freshAddress, from } from '../../matrix/site.ts';
import { assertOAuthError, assertUnauthorized } from '../../tradovate/answers.ts';
import { linesOf } from '../../tradier/secrets.ts';
import { HANDLES, KINDS, PRICES, SIGNED, drawSecrets } from './secrets.ts';
import type { Drawn } from './secrets.ts';
import { BEARER, SOCKET, WAYS, takesTicket } from './ways.ts';

const ONLY_PAPER = demoRegistration('only paper', { id: '42001', worlds: ['paper'] });

const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values(REGISTRATIONS), PRICES, ONLY_PAPER] }),
  set: {
    trusted_proxies: '["127.0.0.1"]', 'tradier.danger_limits_off': true,
    'tradovate.example_resources': true,
  },
});
after(server.stop);
const { live, paper, control } = server;

const drawn: { readonly [W in WorldName]: Drawn } = {
  live: await drawSecrets(live, control), paper: await drawSecrets(paper, control),
};
const DIRECTIONS = [[live, paper], [paper, live]] as const;

/** An app draws its verifier itself, the same for both if it likes: it is of no world. */
const OF_A_WORLD = KINDS.filter((kind) => kind !== 'verifier');

test('BR-01[B] every kind of object of one world is taken nowhere in the other', async () => {
  let tried = 0;
  for (const [home, abroad] of DIRECTIONS) {
    for (const kind of OF_A_WORLD) {
      const text = drawn[home.name].secrets[kind];
      const taken = await Promise.all(Object.entries(WAYS).map(async ([name, way]) =>
        await way(abroad, text, drawn[abroad.name]) ? name : null));
      assert.deepEqual(taken.filter((name) => name !== null), [], `${kind} of ${home.name}`);
      tried += taken.length;
    }
  }
  assert.equal(tried, 2 * OF_A_WORLD.length * Object.keys(WAYS).length);
});

const anywhere = () => ({ headers: [from(freshAddress())] });

test('BR-01[B] it is answered like an unknown one, and the log says env_mismatch', async () => {
  for (const [home, abroad] of DIRECTIONS) {
    const { code, next_refresh_token, access_token, session_token } = drawn[home.name].secrets;
    const calls: readonly (() => Promise<unknown>)[] = [
      async () => assertOAuthError(await exchange(abroad, PRICES, code), 'code'),
      async () => assertOAuthError(await refresh(abroad, PRICES, next_refresh_token), 'refresh'),
      ...[access_token, session_token].flatMap((token) => [
        async () => assertUnauthorized(await me(abroad, token, anywhere())),
        async () => assertUnauthorized(await renew(abroad, token, anywhere())),
        async () => assertUnauthorized(await userinfo(abroad, token)),
      ]),
    ];
    for (const send of calls) {
      const lines = await linesOf(server, send, (line) => line['reason'] === 'env_mismatch');
      assert.deepEqual(lines.map((line) => line['world']), [abroad.name]);
    }
  }
});

test('BR-01[B] a client of one world, or its secret there, is none in the other', async () => {
  const members = {
    grant_type: 'authorization_code', code: 'x', redirect_uri: PRICES.redirect_uri,
  };
  const ask = async (world: WorldSite, { id, secret }: typeof ONLY_PAPER) =>
    oauthToken(world, { ...members, client_id: id, client_secret: secret }, anywhere());
  assertOAuthError(await ask(live, ONLY_PAPER), 'client');
  assertOAuthError(await ask(paper, ONLY_PAPER), 'code');
  // The same app in both worlds, with a secret of its own in one.
  const { secret } = await control.act('paper', 'app.rotate-secret', {
    app: PRICES.id, overlap_s: 3600,
  });
  const rotated = { ...PRICES, secret: String(secret) };
  assertOAuthError(await ask(paper, rotated), 'code');
  assertOAuthError(await ask(live, rotated), 'client');
  assertOAuthError(await ask(live, PRICES), 'code');
});

const encoded = (said: object): string => Buffer.from(JSON.stringify(said)).toString('base64url');

/** As it would be if it were of the other world, as far as anybody can write that. */
function renamed(text: string, home: WorldSite, abroad: WorldSite): string {
  const [head, , signature] = text.split('.');
  if (signature === undefined) return text.replace(`cs_${home.name}_`, `cs_${abroad.name}_`);
  const claims = JSON.parse(JSON.stringify(claimsOf(text))
    .replaceAll(home.origin, abroad.origin)) as object;
  const env = abroad.name === 'paper' ? 'demo' : 'live';
  return [head, encoded({ ...claims, env }), signature].join('.');
}

test('P-06[B] nothing of one world is taken by the other: random object, place, cut', async () => {
  const names = Object.keys(WAYS);
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(...DIRECTIONS), fc.constantFrom(...OF_A_WORLD), fc.constantFrom(...names),
    fc.nat(60), async ([home, abroad], kind, name, cut) => {
      const text = drawn[home.name].secrets[kind];
      const other = renamed(text, home, abroad);
      for (const tried of [text, other, other.slice(0, other.length - cut)]) {
        const taken = await WAYS[name]?.(abroad, tried, drawn[abroad.name]);
        assert.equal(taken, false, `${kind} of ${home.name} as ${name}`);
      }
    },
  ), { numRuns: 300 });
});

test('P-06[B] a ticket counts in its own world alone, and all is still good at home', async () => {
  for (const [home, abroad] of DIRECTIONS) {
    await control.advance(16);
    const { ticket } = drawn[home.name].secrets;
    assert.equal(await takesTicket(abroad, ticket, drawn[abroad.name].penalized), false);
  }
  for (const world of [live, paper]) {
    const own = drawn[world.name];
    for (const kind of SIGNED.filter((one) => one !== 'id_token')) {
      const way = kind.includes('stream') ? SOCKET : BEARER;
      assert.equal(await way(world, own.secrets[kind], own), true, `${kind} of ${world.name}`);
    }
    tokensOf(await refresh(world, PRICES, own.secrets.next_refresh_token));
    for (const [name, kind] of [
      ['drawn client secret', 'next_client_secret'], ['drawn sec', 'next_key_secret'],
      ['request', 'request'], ['sign-in cookie', 'sign_in_cookie'], ['verifier', 'verifier'],
    ] as const) {
      assert.equal(await WAYS[name]?.(world, own.secrets[kind], own), true, name);
    }
  }
  assert.ok(HANDLES.every((kind) => drawn.live.secrets[kind] !== drawn.paper.secrets[kind]));
});
