/** How often passwords may be guessed: per name and network, per name, per address (EN-07). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { APPS, demoCustomer } from '../../outside/fixtures.ts';
import type { Customer } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import {
  BEHIND_PROXY, assertLimited, assertRefused, assertSignedIn, openDoor, workOf,
} from './door.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, linesOf } from '../tradier/secrets.ts';

const NAMES = ['alice', 'bob', 'u1', 'u2', 'burst', 'spread', 'twin', 'other', 'slow', 'six'];
const people = new Map(NAMES.map((name, at): [string, Customer] => [
  name, demoCustomer(name, { live: [`6YL000${10 + at}`], paper: [`6YP000${10 + at}`] }),
]));

const server = await startServer({
  seed: seedRecords(Object.values(APPS), [...people.values()]), set: BEHIND_PROXY,
});
after(server.stop);
const { live, paper, control } = server;
const door = await openDoor(live);

const WINDOW_S = 900;
const PER_NETWORK = 5;

function right(name: string, address: string) {
  return { name, password: people.get(name)?.password ?? '', address };
}

function wrong(name: string, address: string) {
  return { name, password: `not the password of ${name}`, address };
}

async function fail(name: string, address: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) assertRefused(await door.knock(wrong(name, address)));
}

test('CS-10 of 64 wrong passwords at once five reach the hash', async () => {
  const answers: Awaited<ReturnType<typeof door.knock>>[] = [];
  const work = await workOf(server, 'live', async () => {
    const all = Array.from({ length: 64 }, (_, i) => door.knock(wrong('burst', `203.0.113.${i}`)));
    answers.push(...(await Promise.all(all)));
  });
  assert.equal(work.hashes, PER_NETWORK);
  const refused = answers.filter(({ status }) => status === 422);
  assert.equal(refused.length, PER_NETWORK);
  // While they are all under way the name's own limit is full too, so some hear of its hour.
  for (const answer of answers.filter(({ status }) => status !== 422)) {
    assertLimited(answer, 3600);
  }
  // The right one is not tried either: an answer would be an oracle for the guesses after it.
  const late = await workOf(server, 'live', async () => {
    const answer = await door.knock(right('burst', '203.0.113.200'));
    assertLimited(answer, WINDOW_S);
  });
  assert.equal(late.hashes, 0);
  // What was refused by the limit was no guess: from elsewhere she is not held to it.
  assertSignedIn(await door.knock(right('burst', '198.51.100.1')));
  await control.advance(WINDOW_S + 1);
  assertSignedIn(await door.knock(right('burst', '203.0.113.200')));
});

test('CS-10 right passwords at once are no failures afterwards', async () => {
  const all = Array.from({ length: 20 }, () => door.knock(right('twin', '203.0.114.1')));
  const answers = await Promise.all(all);
  // Each is reserved before its hash: more than the limit at once have to try again.
  const passed = answers.filter(({ status }) => status === 303);
  assert.ok(passed.length >= PER_NETWORK, `${passed.length} passed`);
  for (let i = 0; i < 2 * PER_NETWORK; i += 1) {
    assertSignedIn(await door.knock(right('twin', '203.0.114.1')));
  }
});

/** The same name as five people would type it, or an attacker. */
const SPELLINGS = ['alice', 'ALICE', '  alice ', 'ａｌｉｃｅ', 'Alice\u00a0', '\u3000aLiCe'];

test('CS-11 spellings of one login name share one account and one limit', async () => {
  for (const [at, name] of SPELLINGS.entries()) {
    const { password } = right('alice', '');
    assertSignedIn(await door.knock({ name, password, address: `203.0.${120 + at}.1` }));
  }
  for (const name of SPELLINGS.slice(0, PER_NETWORK)) {
    assertRefused(await door.knock({ ...wrong('alice', '203.0.115.1'), name }));
  }
  for (const name of SPELLINGS) {
    const work = await workOf(server, 'live', async () => {
      assertLimited(await door.knock({ ...wrong('alice', '203.0.115.2'), name }), WINDOW_S);
    });
    assert.equal(work.hashes, 0, JSON.stringify(name));
  }
  for (const login_name of ['Alice', 'ａlice', 'alice ']) {
    const taken = await control.tryAct('live', 'customer.create', {
      login_name, name: 'Another', password: 'demo-password-of-another',
    });
    assert.equal(taken.status, 409, `${login_name}: ${JSON.stringify(taken.body)}`);
  }
});

test('CS-12 an attacker\'s guesses end no session, no token and no other network', async () => {
  const home = customerIn(live, 'u1');
  const { access_token, refresh_token = '' } = await home.link(APPS.A2);
  await home.connections();
  const attacks = Array.from({ length: 64 }, () => door.knock(wrong('u1', '203.0.116.66')));
  const statuses = (await Promise.all(attacks)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 422).length, PER_NETWORK);
  for (let i = 0; i < 10; i += 1) {
    assertLimited(await door.knock(wrong('u1', '203.0.116.66')), WINDOW_S);
  }
  const shown = await home.browser.open('/connections');
  assert.equal(`${shown.url} ${shown.answer.status}`, `${live.origin}/connections 200`);
  assert.equal((await profile(live, access_token)).status, 200);
  assert.equal((await refresh(live, APPS.A2, refresh_token)).status, 200);
  assert.ok((await home.allow(APPS.A2)).code, 'she may still connect apps');
  assertSignedIn(await door.knock(right('u1', '198.51.100.16')));
  const away = createBrowser(paper);
  await away.open('/login');
  assert.equal((await away.signIn('u1')).url, `${paper.origin}/connections`, 'the other world');
});

test('EN-07 five failures per name and network, then 429 until the window ends', async () => {
  await fail('bob', '203.0.117.1', PER_NETWORK - 1);
  assertSignedIn(await door.knock(right('bob', '203.0.117.2')));
  const events = await eventsOf(server, 'live', () => fail('bob', '203.0.117.3', 1));
  assert.deepEqual(actionsOf(events), ['login.failed']);
  const limited = await eventsOf(server, 'live', async () => {
    assertLimited(await door.knock(right('bob', '203.0.117.4')), WINDOW_S);
  });
  assert.deepEqual(actionsOf(limited), ['login.limited']);
  // Others in that network, and she in others, are not held to it.
  assertSignedIn(await door.knock(right('other', '203.0.117.4')));
  assertSignedIn(await door.knock(right('bob', '203.0.118.4')));
  const wait_s = assertLimited(await door.knock(right('bob', '203.0.117.4')), WINDOW_S);
  await control.advance(wait_s - 10);
  assertLimited(await door.knock(right('bob', '203.0.117.4')), 10);
  await control.advance(11);
  assertSignedIn(await door.knock(right('bob', '203.0.117.4')));
});

test('EN-07 an IPv6 network is a /64', async () => {
  await fail('six', '2001:db8:0:1::1', PER_NETWORK - 1);
  await fail('six', '2001:db8:0:1:ffff:ffff:ffff:ffff', 1);
  assertLimited(await door.knock(right('six', '2001:db8:0:1:7::9')), WINDOW_S);
  assertSignedIn(await door.knock(right('six', '2001:db8:0:2::1')));
  // An IPv4 address counts as itself however it is written.
  await fail('six', '203.0.119.1', PER_NETWORK - 1);
  await fail('six', '::ffff:203.0.119.2', 1);
  assertLimited(await door.knock(right('six', '203.0.119.3')), WINDOW_S);
});

test('EN-07 twenty failures an hour per name, from wherever', async () => {
  for (let network = 0; network < 4; network += 1) {
    await fail('spread', `198.51.${network}.1`, PER_NETWORK);
  }
  const work = await workOf(server, 'live', async () => {
    assertLimited(await door.knock(right('spread', '198.51.9.1')), 3600);
  });
  assert.equal(work.hashes, 0);
  assertSignedIn(await door.knock(right('other', '198.51.9.1')));
  await control.advance(WINDOW_S + 1);
  assertLimited(await door.knock(right('spread', '198.51.0.1')), 3600);
  await control.advance(3600 - WINDOW_S);
  assertSignedIn(await door.knock(right('spread', '198.51.0.1')));
});

test('EN-07 a hundred tries a minute per address, over any names', async () => {
  const address = '192.0.2.77';
  const statuses: number[] = [];
  const work = await workOf(server, 'live', async () => {
    // In parts, so that none meets the full queue of hashes, which is another limit (503).
    for (let part = 0; part < 13; part += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) =>
        door.knock(wrong(`nobody-${part}-${i}`, address))));
      statuses.push(...answers.map(({ status }) => status));
    }
  });
  const expected = [...Array<number>(100).fill(422), ...Array<number>(30).fill(429)];
  assert.deepEqual(statuses.toSorted((a, b) => a - b), expected);
  assert.equal(work.hashes, 100);
  assertLimited(await door.knock(right('slow', address)), 60);
  assertSignedIn(await door.knock(right('slow', '192.0.2.78')));
  await control.advance(61);
  assertSignedIn(await door.knock(right('slow', address)));
});

test('EN-07 a limited try is logged as one, with the rule and without the name', async () => {
  await fail('u2', '203.0.125.1', PER_NETWORK);
  assertLimited(await door.knock(right('u2', '203.0.125.1')), WINDOW_S);
  const step = (): Promise<unknown> => door.knock(right('u2', '203.0.125.1'));
  const [line] = await linesOf(server, step, ({ route }) => route === 'pages.login');
  assert.ok(line !== undefined);
  const { status, refusal, rule } = line;
  const expected = { status: 429, refusal: 'sign_in_limited', rule: 'sign_in.failures' };
  assert.deepEqual({ status, refusal, rule }, expected);
  assert.ok(!JSON.stringify(line).includes('"u2"'), 'the log names no one who is not signed in');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
