/** Codes beside everything else we give out: no other kind, no part and no guess is a code. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';
import { after, test } from 'node:test';
import { post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm, visit } from './held-form.ts';
import { assertFault, assertPage, assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;
const alice = customerIn(live, 'alice');
const { browser } = alice;
const { A, A1 } = APPS;
const [FLOW, LOGIN] = ['cs_live_flow-dev', 'cs_live_login-dev'] as const;

/** One good object of every kind, all of one customer and app. */
const code = (await alice.allow(A)).code;
const linked = await alice.link(A);
const personal_token = await alice.newPersonalToken();
const page_csrf = holdForm(browser, 'end-all').fields.get('csrf') ?? '';
await alice.ask(A, 'state=s1');
const consent = holdForm(browser, 'consent');
const OBJECTS = {
  code,
  refresh_token: linked.refresh_token ?? '',
  access_token: linked.access_token,
  personal_token,
  request: consent.fields.get('request') ?? '',
  consent_csrf: consent.fields.get('csrf') ?? '',
  page_csrf,
  flow_cookie: browser.cookies.get(FLOW) ?? '',
  login_cookie: browser.cookies.get(LOGIN) ?? '',
  secret: A.secret,
  client_id: A.id,
} as const;
type Kind = keyof typeof OBJECTS;
for (const [kind, value] of Object.entries(OBJECTS)) assert.notEqual(value, '', kind);
noteSecrets(...Object.entries(OBJECTS).flatMap(([kind, text]) => kind === 'client_id' ? [] : text));

const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'] as const;

const codeAt = (address: string, text: string): Promise<Answer> => post(live.origin, address, [
  ['grant_type', 'authorization_code'], ['code', text],
], [['Authorization', A.basic]]);

const requestPage = (text: string): string =>
  `/oauth/authorize?client_id=${A.id}&request=${encodeURIComponent(text)}&c=1`;

/** The browser with one of its cookies replaced. */
function withCookie(name: string, value: string): typeof browser {
  return { ...browser, cookies: new Map([...browser.cookies, [name, value]]) };
}

/** Who takes what, and what it says to anything else. */
const RECEIVERS: { readonly [name: string]: Receiver } = {
  'code at accesstoken': {
    takes: 'code',
    refuses: async (text) =>
      assertTokenError(live, await codeAt(ADDRESSES[0], text), 'E3'),
  },
  'code at refreshtoken': {
    takes: 'code',
    refuses: async (text) => assertTokenError(live, await codeAt(ADDRESSES[1], text), 'E3'),
  },
  'refresh token': {
    takes: 'refresh_token',
    refuses: async (text) => assertTokenError(live, await refresh(live, A, text), 'E4'),
  },
  'client secret': {
    takes: 'secret',
    refuses: async (text) => {
      const basic = `Basic ${Buffer.from(`${A.id}:${text}`).toString('base64')}`;
      assertTokenError(live, await exchange(live, { ...A, basic }, code), 'E1');
    },
  },
  'bearer': {
    takes: 'access_token',
    also: 'personal_token',
    refuses: async (text) => assertFault(live, await profile(live, text), 'F1'),
  },
  'request of a page': {
    takes: 'request',
    refuses: async (text) => assertPage(await visit(live.origin, requestPage(text), browser)),
  },
  'request of a consent': {
    takes: 'request',
    refuses: async (text) =>
      assertPage(await consent.send({ request: text, decision: 'allow' })),
  },
  'form token of a consent': {
    takes: 'consent_csrf',
    refuses: async (text) => {
      const answer = await consent.send({ csrf: text, decision: 'allow' });
      assert.equal(`${answer.status} ${answer.headers.location}`, '403 undefined');
    },
  },
  'sign-in cookie': {
    takes: 'login_cookie',
    refuses: async (text) => {
      const answer = await visit(live.origin, '/connections', withCookie(LOGIN, text));
      assert.equal(`${answer.status} ${answer.headers.location}`, '303 /login');
    },
  },
  'flow cookie': {
    takes: 'flow_cookie',
    refuses: async (text) =>
      assertPage(await visit(live.origin, '/login?c=1', withCookie(FLOW, text))),
  },
};

type Receiver = {
  readonly takes: Kind;
  readonly also?: Kind;
  readonly refuses: (text: string) => Promise<void>;
};

test('AC-06 every other kind of object is unknown, wherever it is sent', async () => {
  let pairs = 0;
  for (const [name, { takes, also, refuses }] of Object.entries(RECEIVERS)) {
    for (const [kind, text] of Object.entries(OBJECTS)) {
      if (kind === takes || kind === also) continue;
      const events = await eventsOf(server, 'live', () => refuses(text).catch((error: Error) => {
        throw new Error(`${kind} as ${name}: ${error.message}`, { cause: error });
      }));
      assert.ok(events.every(({ outcome }) => outcome !== 'alert'), `${kind} as ${name}`);
      pairs += 1;
    }
  }
  assert.equal(pairs, Object.keys(RECEIVERS).length * (Object.keys(OBJECTS).length - 1) - 1);
});

test('AC-06 and nothing of it was spent or ended', async () => {
  assert.equal((await profile(live, linked.access_token)).status, 200);
  assert.equal((await profile(live, personal_token)).status, 200);
  tokens(await refresh(live, A, OBJECTS.refresh_token));
  assert.equal((await visit(live.origin, '/connections', browser)).status, 200);
  assert.equal((await visit(live.origin, requestPage(OBJECTS.request), browser)).status, 200);
  const allowed = await consent.send({ decision: 'allow' });
  assert.match(allowed.headers.location ?? '', /^https:\/\/app\.example\/cb\?code=/);
  tokens(await codeAt(ADDRESSES[0], code));
});

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Cut, lengthened, padded, and every other last character. */
function alterations(text: string): string[] {
  const { length } = text;
  const others = `${BASE62}-_`.split('').filter((character) => character !== text.at(-1));
  return [
    text.slice(0, -1), text.slice(0, -8), text.slice(0, length >> 1), text.slice(1),
    text.slice(length >> 1), `${text}A`, `${text}=`, `${text}==`, `${text}.`, `${text}${text}`,
    `${text.slice(0, -1)}=`, `${text.slice(0, -2)}==`, ` ${text}`, `${text} `, `${text}\n`,
    `${text}\0`, text.toLowerCase(), text.toUpperCase(), text.replaceAll('_', '-'),
    `${text.slice(0, -2)}${text.at(-1)}${text.at(-2)}`,
    ...others.map((character) => `${text.slice(0, -1)}${character}`),
  ].filter((altered) => altered !== text);
}

test('AC-07 a code that is cut, lengthened, padded or flipped is no code', async () => {
  const fresh = await alice.allow(A);
  for (const text of alterations(fresh.code)) {
    assertTokenError(live, await exchange(live, A, text), 'E3');
  }
  for (let place = 0; place < fresh.code.length; place += 1) {
    const other = fresh.code[place] === 'x' ? 'y' : 'x';
    const text = `${fresh.code.slice(0, place)}${other}${fresh.code.slice(place + 1)}`;
    assertTokenError(live, await exchange(live, A, text), 'E3');
  }
  tokens(await exchange(live, A, fresh.code));
});

test('AC-07 the same holds for refresh tokens, access tokens and personal tokens', async () => {
  const own = await alice.link(A);
  const { refresh_token = '' } = own;
  for (const text of alterations(refresh_token)) {
    assertTokenError(live, await refresh(live, A, text), 'E4');
  }
  // A blank or a line feed at the end is not part of a header's value (RFC 9110 §5.5).
  const bearers = [own.access_token, personal_token]
    .flatMap((text) => alterations(text).filter((altered) => /^[\x21-\x7e]+$/.test(altered)));
  for (const text of bearers) assertFault(live, await profile(live, text), 'F1');
  for (let place = 0; place < own.access_token.length; place += 1) {
    const other = own.access_token[place] === 'x' ? 'y' : 'x';
    const { access_token: text } = own;
    const altered = `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
    assertFault(live, await profile(live, altered), 'F1');
  }
  tokens(await refresh(live, A, refresh_token));
  assert.equal((await profile(live, own.access_token)).status, 200);
  assert.equal((await profile(live, personal_token)).status, 200);
});

const GUESSES = 10_000;
const AT_ONCE = 32;

/** Half of them with the real beginning of an issued code, half made up from the prefix on. */
function guess(issued: string, at: number): string {
  const kept = at % 2 === 0 ? issued.length - 60 : 'cs_live_code_'.length + 2;
  const drawn = Array.from({ length: issued.length - kept }, () => BASE62[randomInt(62)]);
  return issued.slice(0, kept) + drawn.join('');
}

/** What the store of a world was asked for so far. */
async function storeWork(): Promise<object> {
  const { live: counts } = await control.counts() as { readonly live: StoreWork };
  const { reads, commits, bumps, lists } = counts;
  for (const count of [reads, commits, bumps, lists]) assert.equal(typeof count, 'number');
  return { reads, commits, bumps, lists };
}

type StoreWork = {
  readonly reads: number;
  readonly commits: number;
  readonly bumps: number;
  readonly lists: number;
};

test('AC-08 ten thousand random codes are all refused, without touching the store', async () => {
  const issued = (await alice.allow(A)).code;
  const before = await storeWork();
  let next = 0;
  const guessOn = async (): Promise<void> => {
    while (next < GUESSES) {
      next += 1;
      assertTokenError(live, await exchange(live, A, guess(issued, next)), 'E3');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, guessOn));
  assert.deepEqual(await storeWork(), before, 'a guess costs a query');
  tokens(await exchange(live, A, issued));
  assert.notDeepEqual(await storeWork(), before, 'and a redemption is counted');
});

test('AC-08 issued codes hold 256 random bits', async () => {
  const codes = await Promise.all(Array.from({ length: 8 }, async (_, at) => {
    const customer = customerIn(live, at % 2 === 0 ? 'u1' : 'bob');
    const found: string[] = [];
    for (let count = 0; count < 16; count += 1) found.push((await customer.allow(A1)).code);
    return found;
  })).then((found) => found.flat());
  assert.equal(new Set(codes).size, codes.length);
  const [first = ''] = codes;
  for (const text of codes) assert.match(text, /^[A-Za-z0-9_-]{22,128}$/);
  assert.ok(codes.every((text) => text.length === first.length), 'one length');
  // 43 characters of 62 are 256 bits; they stand between the ids and the 96-bit tag at the end.
  const secrets = codes.map((text) => text.slice(-17 - 43, -17));
  for (let place = 0; place < 43; place += 1) {
    const seen = new Set(secrets.map((text) => text[place]));
    assert.ok(seen.size > 40, `place ${place} shows ${seen.size} characters of 62`);
  }
});

/** Every value that a table row holds, in each form in which it could be tried as a code. */
function dumpedTexts(row: { readonly [column: string]: SQLOutputValue }): string[] {
  return Object.values(row).flatMap((value) => {
    if (value instanceof Uint8Array) {
      const bytes = Buffer.from(value);
      return [bytes.toString('utf8'), bytes.toString('base64url'), bytes.toString('hex')];
    }
    return value === null ? [] : [String(value)];
  }).flatMap((text) => [text, `cs_live_code_${text}`, `cs_live_code_01${text}`]);
}

test('AC-09 nothing in the stored code record works as a code', async () => {
  const { code: own } = await alice.allow(A);
  const db = new DatabaseSync(join(server.data, 'live.sqlite'), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const texts = tables.map(({ name }) => String(name))
    .filter((name) => name.includes('code') || name === 'request' || name === 'requests')
    .flatMap((name) => db.prepare(`SELECT * FROM "${name}"`).all())
    .flatMap((row) => dumpedTexts(row));
  db.close();
  const record = own.slice('cs_live_code_01'.length, 'cs_live_code_01'.length + 22);
  assert.ok(texts.includes(record), 'the row of this code is among them');
  for (const text of new Set(texts)) {
    assertTokenError(live, await exchange(live, A, text), 'E3');
  }
  // And the code itself, or its secret part, stands in no file of the data directory.
  const files = readdirSync(server.data).filter((file) => file.startsWith('live.sqlite'))
    .map((name) => ({ name, bytes: readFileSync(join(server.data, name)) }));
  assert.ok(files.some(({ bytes }) => bytes.includes(record)), 'the row is on disk');
  for (const { name, bytes } of files) {
    for (const part of [own, own.slice(-60), own.slice(-60, -17)]) {
      assert.ok(!bytes.includes(part), `${name} holds the code`);
    }
  }
  tokens(await exchange(live, A, own));
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
