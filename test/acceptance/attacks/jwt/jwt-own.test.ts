/** What our own key never signed: wrong times, audiences and types (JW-04, JW-08…JW-10, MX-06). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pageText } from '../../../outside/forms.ts';
import { exchange, me, renew, serverTime, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { assertUnauthorized } from '../../tradovate/answers.ts';
import { assertAlive, traderIn } from '../../tradovate/trader.ts';
import {
  es256, forge, partsOf, passesEverywhere, refusedEverywhere, stolenKey,
} from './forge.ts';
import type { Json } from './forge.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true },
});
after(server.stop);
const { live, paper, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;
const linked = await alice.link(O1);
const { header, claims } = partsOf(linked.access_token);
const ours = es256(stolenKey(server, 'live'));
const NOW_S = Number(claims['iat']);
const DAY_S = 86_400;

/** Our token with other claims, signed by our key; `undefined` leaves one out. */
const signed = (change: Json, header_change: Json = {}): string =>
  forge({ ...header, ...header_change }, { ...claims, ...change }, ours);

async function allRefused(changes: readonly Json[]): Promise<void> {
  for (const change of changes) {
    await refusedEverywhere(live, signed(change), JSON.stringify(change));
  }
}

test('JW-08 the key is the server\'s: what it signed unchanged is a good token', async () => {
  await passesEverywhere(live, signed({}));
});

test('JW-08 a token past its time, before it, or without one', async () => {
  await control.advance(2);
  const now_s = Math.floor(await serverTime(live) / 1_000);
  for (const exp of [now_s - 11, now_s - 1, now_s, 0, -1]) {
    const token = signed({ exp });
    assertUnauthorized(await me(live, token), 'expired');
    assertUnauthorized(await renew(live, token), 'expired');
  }
  await allRefused([
    { exp: undefined }, { exp: null }, { iat: undefined }, { exp: String(claims['exp']) },
    { exp: [claims['exp']] }, { nbf: NOW_S + 3_600 }, { iat: NOW_S + DAY_S },
    { iat: NOW_S + DAY_S, exp: NOW_S + 2 * DAY_S },
  ]);
});

test('JW-09 a token for somebody else, or of another issuer', async () => {
  const [foreign = ''] = O2.resources;
  await allRefused([
    { aud: undefined }, { aud: null }, { aud: '' }, { aud: [claims['aud']] },
    { aud: [claims['aud'], 'https://evil.test'] }, { aud: 'https://evil.test' }, { aud: foreign },
    { aud: O1.id }, { aud: paper.origin }, { iss: paper.origin }, { iss: undefined },
    { iss: 'https://evil.test' }, { iss: `${String(claims['iss'])}/` }, { iss: [claims['iss']] },
  ]);
});

test('JW-09 a token of the other world\'s key, with every claim of this one', async () => {
  const { access_token } = await traderIn(paper, USERS.alice).link(O1);
  const theirs = es256(stolenKey(server, 'paper'));
  const { header: their_header, claims: their_claims } = partsOf(access_token);
  await passesEverywhere(paper, forge(their_header, their_claims, theirs));
  await refusedEverywhere(live, forge(their_header, their_claims, theirs), 'paper at live');
  await refusedEverywhere(live, forge(their_header, claims, theirs), 'our claims');
  await refusedEverywhere(live, forge(header, claims, theirs), 'our kid');
  await refusedEverywhere(live, forge(their_header, their_claims, ours), 'their claims');
  await refusedEverywhere(live, signed({ env: 'demo' }), 'the other world\'s word');
});

const TYPES = [undefined, null, '', 'JWT', 'jwt', 'dpop+jwt', 'logout+jwt', 'oauth-authz-req+jwt',
  'token-introspection+jwt', 'AT+JWT2', 'at+jwt ', ['at+jwt']];

test('JW-10 only at+jwt is an access token', async () => {
  for (const typ of TYPES) {
    await refusedEverywhere(live, signed({}, { typ }), `typ ${JSON.stringify(typ)}`);
  }
});

test('JW-04 our own signature under a critical header is no help', async () => {
  for (const more of [{ crit: ['demo'], demo: 1 }, { crit: ['b64'], b64: false }, { crit: [] }]) {
    await refusedEverywhere(live, signed({}, more), JSON.stringify(more));
  }
  const nested = forge({ ...header, cty: 'JWT' }, linked.access_token, ours);
  await refusedEverywhere(live, nested, 'nested');
});

test('MX-06 tokens of other kinds are no access token', async () => {
  const { id_token = '', access_token } = await alice.link(O1);
  await refusedEverywhere(live, id_token, 'an ID token');
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const kinds: readonly (readonly [string, Json])[] = [
    ['logout+jwt', { events }], ['oauth-authz-req+jwt', { response_type: 'code' }],
    ['JWT', { iss: O1.id, sub: O1.id }], ['client-authentication+jwt', { iss: O1.id, sub: O1.id }],
  ];
  for (const [typ, change] of kinds) {
    await refusedEverywhere(live, signed(change, { typ }), typ);
  }
  // Neither a hint nor a request object is read at the authorize page.
  const plain = pageText((await alice.ask(O1)).answer.text);
  for (const name of ['id_token_hint', 'request', 'login_hint']) {
    const visit = await alice.ask(O1, { [name]: access_token });
    assert.equal(pageText(visit.answer.text), plain, name);
  }
  const { code } = await alice.allow(O1, { id_token_hint: access_token, request: access_token });
  assert.equal(tokensOf(await exchange(live, O1, code)).token_type, 'Bearer');
});

test('JW-08 none of these ended anything', () => assertAlive(live, linked.access_token));

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
