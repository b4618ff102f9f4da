/** How an app proves who it is at the token endpoints, and what is no proof. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, callRaw, encodeForm, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { detailsOf } from './told.ts';
import {
  assertFault, assertRetryAfter, assertTokenError, tokenErrorText,
} from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const TURN = demoApp('turn', {
  redirect_uris: ['https://turn.example/cb'], refresh_approved: true,
});

// Addresses of clients come from the proxy in front, which is this test.
const server = await startServer({
  seed: seedRecords([...Object.values(APPS), TURN]),
  set: { trusted_proxies: '["127.0.0.1"]' },
});
after(server.stop);
const { live, control } = server;
const u1 = customerIn(live, 'u1');
const { A, A3, B, disabled, pending } = APPS;
const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'] as const;

type Pairs = readonly (readonly [string, string])[];

const codeForm = (code: string): Pairs =>
  [['grant_type', 'authorization_code'], ['code', code]];
const bodyOf = (id: string, secret: string): Pairs =>
  [['client_id', id], ['client_secret', secret]];
const basicOf = (text: string | Buffer): Pairs =>
  [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]];
const from = (address: string): Pairs => [['X-Forwarded-For', address]];

/** Sends to both addresses and hands both answers to `check`. */
async function atBoth(
  form: Pairs,
  headers: Pairs,
  check: (answer: Answer) => void,
): Promise<void> {
  for (const address of ADDRESSES) check(await post(live.origin, address, form, headers));
}

const isE1 = (answer: Answer): void => assertTokenError(live, answer, 'E1');

/** A fresh minute: rows about wrong secrets must not meet the limit of the one before. */
const nextMinute = (): Promise<void> => control.advance(61);

test('CA-01 no, an empty, a null or a blank secret is no authentication', async () => {
  await nextMinute();
  const { code } = await u1.allow(A);
  const form = codeForm(code);
  const secrets = ['', ' ', '   ', 'null', 'undefined', '\0', '\t', '0', 'false', '%00', '""'];
  for (const secret of secrets) {
    await atBoth([...form, ...bodyOf(A.id, secret)], [], isE1);
    await atBoth(form, basicOf(`${A.id}:${secret}`), isE1);
  }
  const none: readonly (readonly [Pairs, Pairs])[] = [
    [form, []], [[...form, ['client_id', A.id]], []], [[...form, ['client_secret', A.secret]], []],
    [form, basicOf(A.id)], [form, basicOf(':')], [form, basicOf(`:${A.secret}`)],
    [[...form, ['client_secret', '']], basicOf(`${A.id}:`)],
  ];
  for (const [body, headers] of none) await atBoth(body, headers, isE1);
  tokens(await exchange(live, A, code));
});

test('CA-02 two credentials that differ are malformed, equal ones are one', async () => {
  await nextMinute();
  const { code } = await u1.allow(A);
  const form = codeForm(code);
  const differ = [
    bodyOf(B.id, B.secret), bodyOf(A.id, B.secret), bodyOf(B.id, A.secret),
    bodyOf(A.id, `${A.secret} `), bodyOf(A.id, A.secret.slice(1)),
    [['client_secret', B.secret]] as const,
  ];
  for (const body of differ) {
    await atBoth([...form, ...body], [['Authorization', A.basic]], (answer) =>
      assertTokenError(live, answer, 'E2', 'client_secret'));
  }
  // Two headers are two methods, even when they say the same; nothing picks one.
  for (const second of [A.basic, B.basic, 'Bearer x', '']) {
    for (const headers of [[A.basic, second], [second, A.basic]]) {
      const both = headers.map((value): readonly [string, string] => ['Authorization', value]);
      await atBoth(form, both, (answer) =>
        assertTokenError(live, answer, 'E2', 'Authorization'));
    }
  }
  const twice = [...form, ...bodyOf(A.id, A.secret), ['client_secret', A.secret] as const];
  await atBoth(twice, [], (answer) => assertTokenError(live, answer, 'E2', 'client_secret'));
  tokens(await post(
    live.origin, ADDRESSES[0], [...form, ...bodyOf(A.id, A.secret)], [['Authorization', A.basic]],
  ));
});

test('CA-03 an app id in the body that is not the header\'s is refused', async () => {
  await nextMinute();
  const { code } = await u1.allow(A);
  const form = codeForm(code);
  for (const id of [B.id, 'unknown', A.id.toUpperCase(), A.id.slice(0, -1), `${A.id} `]) {
    const events = await eventsOf(server, 'live', () =>
      atBoth([...form, ['client_id', id]], [['Authorization', A.basic]], isE1));
    const told = 'client.refused refused client.hint';
    assert.deepEqual(detailsOf(events), [told, told]);
  }
  const equal = [...form, ['client_id', A.id] as const];
  tokens(await post(live.origin, ADDRESSES[0], equal, [['Authorization', A.basic]]));
});

const BROKEN: { readonly [says: string]: string } = {
  'nothing': 'Basic', 'only a blank': 'Basic ', 'no base64': 'Basic !!!', 'a comma': 'Basic a,b',
  'base64url': `Basic ${Buffer.from('??>>~~:??').toString('base64url')}`,
  'no colon': `Basic ${Buffer.from('no-colon').toString('base64')}`,
  'no id': `Basic ${Buffer.from(':x').toString('base64')}`,
  'bytes that are no UTF-8': `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0xc3]).toString('base64')}`,
  'overlong UTF-8': `Basic ${Buffer.from([0xc0, 0xaf, 0x3a, 0x41]).toString('base64')}`,
  'a NUL': `Basic ${Buffer.from('a\0b:c\0').toString('base64')}`,
  'a bad escape': `Basic ${Buffer.from('%zz%:%4').toString('base64')}`,
  'an escape of no UTF-8': `Basic ${Buffer.from('%ff:%c3').toString('base64')}`,
  'too much padding': `Basic ${Buffer.from('a:b').toString('base64')}====`,
  'padding in the middle': 'Basic YTp=iYg==',
  'two words': `Basic ${Buffer.from('a:b').toString('base64')} x`,
  'the word alone': 'basic', 'a negotiation': 'Negotiate abc', 'quotes': 'Basic "YTpi"',
};

test('CA-09 a broken Basic header is no authentication, and never a fault', async () => {
  await nextMinute();
  const { code } = await u1.allow(A);
  for (const [says, value] of Object.entries(BROKEN)) {
    await atBoth(codeForm(code), [['Authorization', value]], (answer) => {
      assert.equal(answer.status, 401, says);
      isE1(answer);
    });
  }
  // A good body does not heal a header that tries to be Basic.
  const healed = [...codeForm(code), ...bodyOf(A.id, A.secret)];
  await atBoth(healed, [['Authorization', 'Basic !!!']], isE1);
  tokens(await exchange(live, A, code));
});

test('CA-09 a header of 64 kB is 431, in the form of the endpoint', async () => {
  const { code } = await u1.allow(A);
  const huge = Buffer.alloc(48 * 1_024, 'a:').toString('base64');
  for (const address of ADDRESSES) {
    const body = encodeForm(codeForm(code));
    const head = [
      `POST ${address} HTTP/1.1`, `Host: ${new URL(live.origin).host}`,
      `Authorization: Basic ${huge}`, 'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`, 'Connection: close',
    ];
    const raw = await callRaw(live.origin, `${head.join('\r\n')}\r\n\r\n${body}`);
    assert.match(raw, /^HTTP\/1\.1 431 /);
    const expected = tokenErrorText('E9');
    assert.ok(raw.endsWith(expected), raw);
  }
  tokens(await exchange(live, A, code));
});

const FAILURES_A_MINUTE = 60;
const GUESSES = 1_000;

test('CA-10 guesses from one subnet are throttled, and the app works from elsewhere', async () => {
  await nextMinute();
  const { code } = await u1.allow(A);
  const guess = (at: number, address: string): Promise<Answer> =>
    post(live.origin, ADDRESSES[at % 2] ?? '', codeForm(code), [
      ...basicOf(`${A.id}:${at}${A.secret.slice(String(at).length)}`), ...from(address),
    ]);
  let refused = 0;
  const events = await eventsOf(server, 'live', async () => {
    for (let at = 0; at < GUESSES; at += 1) {
      // Every address of the /24 counts as one, in whatever order they come.
      const answer = await guess(at, `203.0.113.${at % 250}`);
      if (answer.status === 401) {
        isE1(answer);
        refused += 1;
      } else assertTokenError(live, answer, 'E10');
    }
  });
  assert.equal(refused, FAILURES_A_MINUTE, 'the limit is exact');
  assert.deepEqual(actionsOf(events), Array<string>(FAILURES_A_MINUTE).fill('client.refused'));
  // The right secret is not told from a wrong one there, and good everywhere else.
  const right: Pairs = [['Authorization', A.basic]];
  const there = await post(live.origin, ADDRESSES[0], codeForm(code), [
    ...right, ...from('203.0.113.7'),
  ]);
  assertTokenError(live, there, 'E10');
  assertRetryAfter(there);
  const { access_token } = tokens(
    await post(live.origin, ADDRESSES[0], codeForm(code), [...right, ...from('203.0.114.7')]),
  );
  assert.equal((await profile(live, access_token)).status, 200);
  await nextMinute();
  isE1(await guess(1, '203.0.113.7'));
});

test('CA-10 guesses from a thousand subnets throttle nobody else', async () => {
  await nextMinute();
  const { refresh_token = '' } = await u1.link(A);
  const wrong = basicOf(`${A.id}:${B.secret}`);
  const form: Pairs = [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < GUESSES) {
      next += 1;
      const address = `198.${next >> 8}.${next & 255}.9`;
      isE1(await post(live.origin, ADDRESSES[1], form, [...wrong, ...from(address)]));
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  tokens(await post(live.origin, ADDRESSES[1], form, [
    ['Authorization', A.basic], ...from('192.0.2.1'),
  ]));
  // IPv6: one /64 is one.
  let limited = 0;
  for (let at = 0; at < FAILURES_A_MINUTE + 5; at += 1) {
    const answer = await post(live.origin, ADDRESSES[1], form, [
      ...wrong, ...from(`2001:db8:1:2::${at.toString(16)}`),
    ]);
    if (answer.status === 429) limited += 1;
  }
  assert.equal(limited, 5);
  isE1(await post(live.origin, ADDRESSES[1], form, [...wrong, ...from('2001:db8:1:3::1')]));
});

/** The app with a secret that was shown by an act. */
function withSecret(app: App, secret: unknown): App {
  const text = String(secret);
  assert.match(text, /^[A-Za-z0-9_-]{40,}$/);
  noteSecrets(text);
  const [, basic = ''] = basicOf(`${app.id}:${text}`)[0] ?? [];
  return { ...app, secret: text, basic };
}

const OVERLAP_S = 3_600;

test('CA-11 old and new secret both work during a change, then only the new one', async () => {
  await nextMinute();
  const { refresh_token = '' } = await u1.link(TURN);
  const rotate = (overlap_s: number) =>
    control.act('live', 'app.rotate-secret', { app: TURN.id, overlap_s });
  const second = withSecret(TURN, (await rotate(OVERLAP_S))['secret']);
  for (const app of [TURN, second]) tokens(await refresh(live, app, refresh_token));
  await control.advance(OVERLAP_S - 10);
  for (const app of [TURN, second]) tokens(await refresh(live, app, refresh_token));
  await control.advance(11);
  isE1(await refresh(live, TURN, refresh_token));
  tokens(await refresh(live, second, refresh_token));
  // Never more than two; with no overlap the old one is dead at once.
  const third = withSecret(TURN, (await rotate(OVERLAP_S))['secret']);
  const fourth = withSecret(TURN, (await rotate(OVERLAP_S))['secret']);
  isE1(await refresh(live, second, refresh_token));
  for (const app of [third, fourth]) tokens(await refresh(live, app, refresh_token));
  const fifth = withSecret(TURN, (await rotate(0))['secret']);
  for (const app of [third, fourth]) isE1(await refresh(live, app, refresh_token));
  tokens(await refresh(live, fifth, refresh_token));
  // The other world's record keeps its own secret.
  const { paper } = server;
  const on_paper = await customerIn(paper, 'u1').allow(TURN);
  tokens(await exchange(paper, TURN, on_paper.code));
  assertTokenError(paper, await exchange(paper, fifth, on_paper.code), 'E1');
});

type Counts = { readonly live: { readonly [name: string]: number } };

test('CA-14 disabled, pending and other-world apps look and cost like unknown ones', async () => {
  await nextMinute();
  const unknown = demoApp('nobody', { redirect_uris: ['https://nobody.example/cb'] });
  const { code } = await u1.allow(A);
  const wrong = (app: App): App => withSecret(app, B.secret);
  const clients = {
    'unknown': unknown, 'unknown, in other words': wrong(unknown), 'disabled': disabled,
    'disabled, wrong secret': wrong(disabled), 'pending, wrong secret': wrong(pending),
    'of the other world': A3, 'of the other world, wrong secret': wrong(A3),
    'approved, wrong secret': wrong(A),
  } as const;
  const seen = new Map<string, string>();
  for (const [says, app] of Object.entries(clients)) {
    const before = (await control.counts() as Counts).live;
    const events = await eventsOf(server, 'live', async () => {
      const answer = await exchange(live, app, code);
      isE1(answer);
      const headers = answer.raw_headers.filter(([name]) => !/^(date|x-request-id)$/i.test(name));
      seen.set(says, JSON.stringify([answer.status, headers, answer.text]));
    });
    assert.deepEqual(actionsOf(events), ['client.refused'], says);
    const later = (await control.counts() as Counts).live;
    const cost = Object.entries(later).flatMap(([name, count]) =>
      count === before[name] ? [] : [`${name} ${count - (before[name] ?? 0)}`]);
    seen.set(`${says}: cost`, cost.join());
  }
  const answers = [...seen].filter(([says]) => !says.endsWith(': cost')).map(([, text]) => text);
  assert.equal(new Set(answers).size, 1, [...seen].join('\n'));
  const costs = [...seen].filter(([says]) => says.endsWith(': cost')).map(([, text]) => text);
  assert.equal(new Set(costs).size, 1, [...seen].join('\n'));
  // Only who proves to be the waiting app learns that it waits (contract, E5).
  assertTokenError(live, await exchange(live, pending, code), 'E5');
  tokens(await exchange(live, A, code));
  assertFault(live, await profile(live, 'x'), 'F1');
  assert.equal((await call(live.origin, { path: '/healthz' })).status, 200);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
