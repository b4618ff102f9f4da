/** What a dump of the store gives away of this dialect: nothing that works (DR-07). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { accessTokenRequest, loginMembers } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { from } from '../../matrix/site.ts';
import { BEHIND_PROXY } from '../../tradovate/sessions/caller.ts';
import { dumpWorld, textsWithin } from '../dump.ts';
import { PRICES, SIGNED, drawSecrets } from './secrets.ts';
import { BEARER, SOCKET, WAYS, takesTicket } from './ways.ts';

const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values(REGISTRATIONS), PRICES] }),
  // Waits of this dialect stay: each try comes from a network of its own.
  set: {
    ...BEHIND_PROXY, 'tradier.danger_limits_off': true, 'tradovate.example_resources': true,
    'tradovate.lifetimes': '{"code_s":600}',
  },
});
after(server.stop);
const { live, control } = server;
const drawn = await drawSecrets(live, control);

/** Every text of the dump that could be sent at all. */
const texts = [...textsWithin(dumpWorld(server.data, 'live'))]
  .filter((text) => text.length >= 8 && text.length <= 4096 && !/[\r\n]/.test(text));

const AT_ONCE = 16;

test('DR-07[B] no value of a full dump is any credential of this dialect anywhere', async () => {
  assert.ok(texts.length > 400, `a dump with ${texts.length} values`);
  for (const [name, way] of Object.entries(WAYS)) {
    for (let at = 0; at < texts.length; at += AT_ONCE) {
      await Promise.all(texts.slice(at, at + AT_ONCE).map(async (text) => {
        assert.equal(await way(live, text, drawn), false, `${name} took ${text.slice(0, 40)}…`);
      }));
    }
  }
});

/** What each way is for: a value that was drawn, or one of the fixtures. */
const { secrets } = drawn;
const { alice } = USERS;
const { of_alice } = API_KEYS;
const GOOD: { readonly [way: string]: string } = {
  'refresh token': secrets.next_refresh_token,
  'client secret': PRICES.secret ?? '',
  httpAuth: PRICES.secret ?? '',
  Basic: PRICES.secret ?? '',
  'drawn client secret': secrets.next_client_secret,
  password: alice.password,
  sec: API_KEYS.K1.sec,
  'drawn sec': secrets.next_key_secret,
  // For a key that answers challenges the digest is as good as the secret.
  'challenge answer of decoded bytes':
    createHash('sha256').update(API_KEYS.challenged.sec).digest('base64url'),
  'sign-in cookie': secrets.sign_in_cookie,
  'flow cookie': secrets.flow_cookie,
  request: secrets.request,
};

test('what it rests on: each way takes what it is for, and the dump held none of it', async () => {
  for (const kind of SIGNED.filter((one) => one !== 'id_token')) {
    const way = kind.includes('stream') ? SOCKET : BEARER;
    assert.equal(await way(live, secrets[kind], drawn), true, kind);
  }
  for (const [name, text] of Object.entries(GOOD)) {
    assert.equal(await WAYS[name]?.(live, text, drawn), true, name);
    assert.ok(!texts.includes(text), name);
  }
  const of_key = of_alice.password ?? '';
  assert.equal(await WAYS['password']?.(live, of_key, drawn), true, 'of the key');
  assert.equal(await WAYS['verifier']?.(live, secrets.verifier, drawn), true, 'with its code');
  for (const [kind, text] of Object.entries(secrets)) assert.ok(!texts.includes(text), kind);
});

test('DR-07[B] no value of what is kept of waits and challenges is a ticket', async () => {
  const kept = dumpWorld(server.data, 'live').filter(({ table }) =>
    ['ticket', 'challenge', 'counter'].includes(table));
  const values = [...textsWithin(kept)].filter((text) => text.length >= 8 && text.length < 200);
  assert.ok(values.some((text) => text.length === 43), 'the digests are among them');
  for (const text of values.slice(0, 60)) {
    await control.advance(16);
    assert.equal(await takesTicket(live, text, drawn.penalized), false, text);
  }
  const { address, user } = drawn.penalized;
  const again = loginMembers(API_KEYS.K1, user);
  const { 'p-ticket': ticket } =
    (await accessTokenRequest(live, again, { headers: [from(address)] })).json();
  assert.ok(!texts.includes(String(ticket)));
  await control.advance(16);
  assert.equal(await takesTicket(live, String(ticket), drawn.penalized), true, 'a good one is');
});
