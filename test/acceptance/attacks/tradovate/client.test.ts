/** How a client proves who it is at `oauthtoken`, in each of three ways, and what is no proof. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { callRaw } from '../../../outside/call.ts';
import type { Answer } from '../../../outside/call.ts';
import { APPS } from '../../../outside/fixtures.ts';
import { seedRecords } from '../../../outside/seed.ts';
import {
  basicOf, codeMembers, credentials, oauthToken, tokensOf,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { freshAddress, from } from '../../matrix/site.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { assertMalformed, assertOAuthError } from '../../tradovate/answers.ts';
import { noted, traderIn } from '../../tradovate/trader.ts';
import { costOf, toldBy } from '../rotation/family.ts';
import { detailsOf, outcomesOf } from '../told.ts';

const OFF = demoRegistration('off', { id: '43001' });
const PAPER_ONLY = demoRegistration('paper only', { id: '43002', worlds: ['paper'] });
const TURNED = demoRegistration('turned', { id: '43003' });
const NOBODY = demoRegistration('nobody', { id: '43999' });

const { apps } = seedRecords(Object.values(APPS), []) as { readonly apps: readonly object[] };
// Addresses of clients come from the proxy in front, which is this test.
const server = await startServer({
  seed: tradovateSeed({
    apps, registrations: [...Object.values(REGISTRATIONS), OFF, PAPER_ONLY, TURNED],
  }),
  set: { trusted_proxies: '["127.0.0.1"]' },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2, O3 } = REGISTRATIONS;
const { id, secret } = O1;

let { code } = await alice.allow(O1);

/** The good code with no proof of its client. */
const unproven = (): Members =>
  ({ ...codeMembers(O1, code), client_id: undefined, client_secret: undefined });

const WAYS: readonly How[] = [{}, { as: 'form', path: '/v1/auth/oauthtoken' }];

type Proof = { readonly body?: Members; readonly headers?: readonly string[] };

/** The code with this proof, from a network of its own, where no limit has counted anything. */
function prove({ body = {}, headers = [] }: Proof, way: How = {}): Promise<Answer> {
  const authorization = headers.map((value) => ['Authorization', value] as const);
  return oauthToken(live, { ...unproven(), ...body }, {
    ...way, headers: [...authorization, from(freshAddress())],
  });
}

/** Each proof in both forms of a body; nothing is issued, and no code is looked at. */
async function refuses(
  proofs: readonly Proof[],
  says: 'client' | 'two_ways',
): Promise<void> {
  const events = await toldBy(server, async () => {
    for (const proof of proofs) {
      for (const way of WAYS) {
        const answer = await prove(proof, way);
        assert.ok(!answer.text.includes('_token"'), JSON.stringify(proof));
        assertOAuthError(answer, says);
      }
    }
  });
  assert.deepEqual(outcomesOf(events).filter((told) => told !== 'client.refused refused'), []);
}

/** Nothing was spent: the client's own proof redeems the code, and the next row gets another. */
async function assertUnspent(proof: Proof = { body: credentials(O1) }): Promise<void> {
  noted(tokensOf(await prove(proof)));
  ({ code } = await alice.allow(O1));
}

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`;

const NO_SECRETS = [
  '', ' ', '   ', 'null', 'undefined', '\t', '\0', '0', 'false', '%00', '""', '\u00a0', '*',
];

test('CA-01[B] no, an empty, a null or a blank secret is no authentication', async () => {
  await refuses(NO_SECRETS.flatMap((none): Proof[] => [
    { body: { client_id: id, client_secret: none } },
    { body: { httpAuth: basic(`${id}:${none}`) } },
    { body: { httpAuth: basic(`${id}:${none}`), client_id: id } },
    { headers: [basic(`${id}:${none}`)] },
    { headers: [basic(`${id}:${none}`)], body: { client_id: id } },
  ]), 'client');
  await refuses([
    {}, { body: { client_id: id } }, { body: { client_id: Number(id) } },
    { body: { client_secret: secret } }, { body: { client_id: '', client_secret: secret } },
    { body: { httpAuth: basic(id) } }, { body: { httpAuth: basic(`:${secret}`) } },
    { body: { httpAuth: basic(':') } }, { body: { httpAuth: '' } },
    { headers: [basic(id)] }, { headers: [basic(':')] }, { headers: [basic(`:${secret}`)] },
    { body: { client_secret: '' }, headers: [basic(`${id}:`)] },
  ], 'client');
  // JSON has a null of its own, which is no text.
  const nulled = await prove({ body: { client_id: id, client_secret: null } });
  assertMalformed(nulled, 'client_secret');
  assertMalformed(await prove({ body: { client_id: null, client_secret: secret } }), 'client_id');
  await assertUnspent();
});

test('CA-02[B] two ways at once are refused, also when they say the same', async () => {
  const own = credentials(O1);
  const [httpAuth, header] = [basicOf(O1), basicOf(O1)];
  const other = basicOf(O2);
  await refuses([
    { body: { ...own, httpAuth } }, { body: { ...own, httpAuth: other } },
    { body: { ...credentials(O2), httpAuth } }, { body: { client_secret: secret, httpAuth } },
    { body: own, headers: [header] }, { body: own, headers: [other] },
    { body: { client_secret: O2.secret }, headers: [header] },
    { body: { httpAuth }, headers: [header] }, { body: { httpAuth: other }, headers: [header] },
    { body: { httpAuth }, headers: [other] }, { body: { ...own, httpAuth }, headers: [header] },
    // One of them broken is still a second one: nothing picks the better.
    { body: { ...own, httpAuth: 'Basic !!!' } }, { body: own, headers: ['Basic !!!'] },
    { body: { httpAuth: 'x' }, headers: [header] }, { body: { httpAuth }, headers: ['Basic'] },
  ], 'two_ways');
  // Two headers are two ways, whatever they say.
  for (const second of [header, other, 'Bearer x', 'Basic', '']) {
    await refuses([{ headers: [header, second] }, { headers: [second, header] }], 'two_ways');
  }
  await assertUnspent({ body: { httpAuth, client_id: id } });
  await assertUnspent({ body: { client_id: Number(id) }, headers: [header] });
});

test('CA-03[B] a client id beside httpAuth or Basic that is not theirs is refused', async () => {
  const beside: readonly unknown[] = [
    O2.id, Number(O2.id), O3.id, 'unknown', `${id} `, ` ${id}`, id.slice(0, -1), `0${id}`,
    `${id}.0`, `${id}e0`, API_KEYS.K1.cid, 0, -40001, '４０００１',
  ];
  for (const client_id of beside) {
    const events = await toldBy(server, () => refuses([
      { body: { httpAuth: basicOf(O1), client_id } },
      { body: { client_id }, headers: [basicOf(O1)] },
    ], 'client'));
    const told = Array<string>(4).fill('client.refused refused client.hint');
    assert.deepEqual(detailsOf(events), told, String(client_id));
  }
  // The other way round: our id beside another app's good proof.
  await refuses([
    { body: { httpAuth: basicOf(O2), client_id: id } },
    { body: { client_id: id }, headers: [basicOf(O2)] },
  ], 'client');
  await assertUnspent({ body: { httpAuth: basicOf(O1) } });
});

const good = `${id}:${secret}`;

/** Values of an Authorization header that are no Basic credentials. */
const BROKEN: readonly string[] = [
  'Basic', 'Basic ', 'basic', 'Basic !!!', 'Basic a,b', 'Basic "YTpi"', 'Negotiate abc', 'Basic =',
  `Basic ${Buffer.from('??>>~~:??').toString('base64url')}`, basic('no-colon'), basic(':x'),
  basic(Buffer.from([0xff, 0xfe, 0x3a, 0xc3])), basic(Buffer.from([0xc0, 0xaf, 0x3a, 0x41])),
  basic('a\0b:c\0'), basic('%zz%:%4'), basic('%ff:%c3'), `${basic('a:b')}====`,
  'Basic YTp=iYg==', `${basic('a:b')} x`, `Basic ${good}`, `Basic ${basic(good)}`,
  `${basic(good)},`, `${basic(good)} ${basic(good)}`, `Bearer ${basic(good).slice(6)}`,
  `Basic ${Buffer.from(good).toString('hex')}`, basic(` ${good}`), basic(`${good}\n`),
  basic(Buffer.from(`\ufeff${good}`)), basic(Buffer.from(good, 'utf16le')),
];

test('CA-09[B] a broken Basic value is no authentication, in the header and httpAuth', async () => {
  await refuses(BROKEN.flatMap((value): Proof[] => [
    { headers: [value] }, { body: { httpAuth: value } },
    { headers: [value], body: { client_id: id } }, { body: { httpAuth: value, client_id: id } },
  ]), 'client');
  await assertUnspent();
});

test('CA-09[B] a header of 64 kB is 431 and such an httpAuth is malformed, no fault', async () => {
  const huge = basic(Buffer.alloc(48 * 1_024, 'a:'));
  const body = JSON.stringify(unproven());
  const raw = await callRaw(live.origin, [
    'POST /auth/oauthtoken HTTP/1.1', `Host: ${new URL(live.origin).host}`,
    `Authorization: ${huge}`, 'Content-Type: application/json',
    `Content-Length: ${body.length}`, 'Connection: close', '', body,
  ].join('\r\n'));
  assert.match(raw, /^HTTP\/1\.1 431 /);
  const refusal = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n'))) as Members;
  assert.deepEqual(Object.keys(refusal), ['errorText']);
  assert.match(String(refusal['errorText']), /too large/);
  for (const httpAuth of [huge.slice(0, 8_193), huge.slice(0, 60_000)]) {
    for (const way of WAYS) {
      assertMalformed(await prove({ body: { httpAuth } }, way), 'httpAuth');
    }
  }
  const { status } = await prove({ body: { httpAuth: huge } });
  assert.equal(status, 413);
  await refuses([{ body: { httpAuth: huge.slice(0, 8_192) } }], 'client');
  await assertUnspent();
});

/** The registration with another secret. */
function withSecret(app: Registration, other: string): Registration {
  noteSecrets(other);
  return { ...app, secret: other };
}

const wrongly = (app: Registration): Registration =>
  withSecret(app, 'demo-wrong-secret-of-more-than-forty-characters');

test('CA-14[B] disabled, foreign and other-world clients look and cost like none', async () => {
  await control.act('live', 'app.disable', { app: OFF.id });
  const { secret: turned } = await control.act('live', 'app.rotate-secret', {
    app: TURNED.id, overlap_s: 0,
  });
  const api_key = { ...O1, id: String(API_KEYS.K1.cid), secret: API_KEYS.K1.sec };
  const clients: { readonly [says: string]: Registration } = {
    'unknown': NOBODY, 'unknown, wrong secret': wrongly(NOBODY), 'disabled': OFF,
    'disabled, wrong secret': wrongly(OFF), 'of the other world': PAPER_ONLY,
    'of the other world, wrong secret': wrongly(PAPER_ONLY), 'secret replaced': TURNED,
    'good, wrong secret': wrongly(O1), 'an API key': api_key,
    'of the other dialect': { ...O1, id: APPS.A.id, secret: APPS.A.secret },
    'public, with a secret': withSecret(O3, 'demo-a-secret-that-a-public-client-has-not'),
  };
  for (const [way, proofOf] of Object.entries(PROOFS)) {
    const seen = new Map<string, string>();
    for (const [says, client] of Object.entries(clients)) {
      let line = '';
      const cost = await costOf(server, async () => {
        const answer = await prove(proofOf(client));
        assertOAuthError(answer, 'client');
        line = alikeIn(answer);
      });
      seen.set(says, `${line} ${JSON.stringify(cost)}`);
    }
    const looks = new Set(seen.values());
    assert.equal(looks.size, 1, `${way}\n${[...seen].join('\n')}`);
  }
  const renewed = withSecret(TURNED, String(turned));
  const { code: of_turned } = await alice.allow(TURNED);
  noted(tokensOf(await oauthToken(live, codeMembers(renewed, of_turned), {
    headers: [from(freshAddress())],
  })));
  await assertUnspent();
});

const PROOFS: { readonly [way: string]: (app: Registration) => Proof } = {
  'body': (app) => ({ body: credentials(app) }),
  'httpAuth': (app) => ({ body: { httpAuth: basicOf(app) } }),
  'Basic': (app) => ({ headers: [basicOf(app)] }),
};

/** What a client can tell of an answer, besides the moment and the number of the request. */
function alikeIn({ status, raw_headers, text }: Answer): string {
  const headers = raw_headers.filter(([name]) => !/^(date|x-request-id)$/i.test(name));
  return JSON.stringify([status, headers, text]);
}

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
