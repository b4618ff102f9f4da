/** Codes beside all else that this dialect gives out: no other kind, no part, no stored value. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { claimsOf } from '../../../outside/jwt.ts';
import {
  accessTokenRequest, basicOf, bearing, codeMembers, loginMembers, me,
  oauthToken, refresh, tokensOf, userinfo,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import { dumpWorld, rawBytes, textsWithin } from '../../data/dump.ts';
import { objectsIn } from '../../matrix/separation/objects.ts';
import type { Kind } from '../../matrix/separation/objects.ts';
import { assertStillGood } from '../../matrix/separation/still-good.ts';
import { BOTH, freshAddress, from, startBoth } from '../../matrix/site.ts';
import { assertPage } from '../../tradier/answers.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { assertErrorText, assertOAuthError, assertUnauthorized } from '../../tradovate/answers.ts';
import { assertAlive, noted, traderIn } from '../../tradovate/trader.ts';
import { holdForm, visit } from '../held-form.ts';
import { alertsIn, toldBy } from '../rotation/family.ts';

const server = await startBoth();
after(server.stop);
const { live } = server;
const holder = await objectsIn(live);
const { browser } = holder.tradovate.trader;
const consent = holdForm(browser, 'consent');
const alice = traderIn(live, USERS.alice);

/** From a network of its own, where no limit has counted anything yet. */
const apart = (how: How = {}): How =>
  ({ ...how, headers: [...how.headers ?? [], from(freshAddress())] });

const send = (members: Members, how?: How): Promise<Answer> =>
  oauthToken(live, members, apart(how));
const redeem = (code: string, how?: How): Promise<Answer> => send(codeMembers(BOTH, code), how);

type Sort = Kind | 'id' | 'secret' | 'password';

/** One good object of every kind, and the ids that stand in tokens. */
const OBJECTS: readonly (readonly [kind: Sort, text: string])[] = [
  ...holder.tradovate.things.flatMap(({ kind, id, text }) =>
    id === null ? [[kind, text] as const] : [[kind, text] as const, ['id', id] as const]),
  ...holder.tradovate.things.filter(({ kind }) => kind === 'access_token' ||
    kind === 'session_token').flatMap(({ text }) => ['jti', 'sid', 'sub']
    .flatMap((claim) => {
      const value = claimsOf(text)[claim];
      return typeof value === 'string' ? [['id', value] as const] : [];
    })),
  ['secret', BOTH.secret ?? ''],
  ['password', USERS.alice.password],
];

type Receiver = {
  readonly takes: readonly Sort[];
  readonly refuses: (text: string) => Promise<void>;
};

const NO_CREDENTIALS = { client_id: undefined, client_secret: undefined };
const UNKNOWN_CODE = codeMembers(BOTH, 'unknown');

const bearerAt = (path: string, method = 'GET'): Receiver => ({
  takes: ['access_token', 'session_token'],
  refuses: async (text) =>
    assertUnauthorized(await bearing(live, text, apart({ path, method }))),
});

/** A network whose sign-ins must wait, and what its next one is told. */
async function penalised(body: Members): Promise<Answer> {
  const how = { headers: [from(freshAddress())] };
  const wrong = { ...loginMembers(API_KEYS.K1, USERS.alice), sec: 'wrong' };
  for (let failures = 0; failures < 5; failures += 1) await accessTokenRequest(live, wrong, how);
  return accessTokenRequest(live, body, how);
}

/** Who takes what, and what it says to anything else. */
const RECEIVERS: { readonly [name: string]: Receiver } = {
  'code': {
    takes: ['code'],
    refuses: async (text) => assertOAuthError(await redeem(text), 'code'),
  },
  'code of a form': {
    takes: ['code'],
    refuses: async (text) => assertOAuthError(await redeem(text, { as: 'form' }), 'code'),
  },
  'refresh token': {
    takes: ['refresh_token'],
    refuses: async (text) => assertOAuthError(await send({
      grant_type: 'refresh_token', refresh_token: text, client_id: BOTH.id,
      client_secret: BOTH.secret,
    }), 'refresh'),
  },
  'client secret': {
    takes: ['secret'],
    refuses: async (text) =>
      assertOAuthError(await send({ ...UNKNOWN_CODE, client_secret: text }), 'client'),
  },
  'httpAuth': {
    takes: ['secret'],
    refuses: async (text) => {
      const httpAuth = basicOf({ ...BOTH, secret: text });
      assertOAuthError(await send({ ...UNKNOWN_CODE, ...NO_CREDENTIALS, httpAuth }), 'client');
    },
  },
  'Basic': {
    takes: ['secret'],
    refuses: async (text) => {
      const headers = [['Authorization', basicOf({ ...BOTH, secret: text })]] as const;
      assertOAuthError(await send({ ...UNKNOWN_CODE, ...NO_CREDENTIALS }, { headers }), 'client');
    },
  },
  'bearer of userinfo': bearerAt('/oidcuserinfo'),
  'bearer of me': bearerAt('/v1/auth/me'),
  'bearer of a renewal': bearerAt('/auth/renewaccesstoken'),
  'bearer of an entity': bearerAt('/v1/order/list'),
  'key secret': {
    takes: ['api_key'],
    refuses: async (sec) => assertErrorText(await accessTokenRequest(live, {
      ...loginMembers(API_KEYS.K1, USERS.alice), sec,
    }, apart()), 'The app is not registered'),
  },
  'challenge': {
    takes: ['challenge'],
    refuses: async (chl) => assertErrorText(await accessTokenRequest(live, {
      ...loginMembers(API_KEYS.challenged, USERS.alice), chl,
    }, apart()), 'Challenge is invalid or expired'),
  },
  'ticket': {
    // Also the good one: it is another network's.
    takes: [],
    refuses: async (text) => {
      const body = { ...loginMembers(API_KEYS.K1, USERS.alice), 'p-ticket': text };
      const members = Object.keys((await penalised(body)).json());
      assert.deepEqual(members.toSorted(), ['p-captcha', 'p-ticket', 'p-time']);
    },
  },
  'request of a page': {
    takes: ['request'],
    refuses: async (text) => {
      const request = encodeURIComponent(text);
      const page = `/oauth?client_id=${BOTH.id}&request=${request}&c=1`;
      assertPage(await visit(live.origin, page, browser));
    },
  },
  'request of a consent': {
    takes: ['request'],
    refuses: async (text) => assertPage(await consent.send({ request: text, decision: 'allow' })),
  },
  'form token of a consent': {
    takes: ['csrf'],
    refuses: async (text) => {
      const { status, headers } = await consent.send({ csrf: text, decision: 'allow' });
      assert.equal(`${status} ${headers.location}`, '403 undefined');
    },
  },
};

test('AC-06[B] every other kind of object is unknown, wherever it is sent', async () => {
  const kinds = new Set(OBJECTS.map(([kind]) => kind));
  assert.ok(kinds.size >= 15 && OBJECTS.every(([, text]) => text !== ''), [...kinds].join());
  noteSecrets(...OBJECTS.flatMap(([kind, text]) => kind === 'id' ? [] : text));
  let pairs = 0;
  for (const [name, { takes, refuses }] of Object.entries(RECEIVERS)) {
    const events = await toldBy(server, async () => {
      for (const [kind, text] of OBJECTS) {
        if (takes.includes(kind)) continue;
        await refuses(text).catch((error: Error) => {
          throw new Error(`${kind} as ${name}: ${error.message}`, { cause: error });
        });
        pairs += 1;
      }
    });
    assert.deepEqual(alertsIn(events), [], name);
  }
  assert.ok(pairs > 200, String(pairs));
  await assertStillGood(live, holder);
});

/** What a lenient reader would take for the text: parts of it, more than it, and its likes. */
function* likes(text: string): Generator<string> {
  const cuts = [1, 2, 8, 16, text.length >> 1, text.length - 1];
  for (const cut of cuts) yield* [text.slice(0, -cut), text.slice(cut)];
  for (const more of ['A', '=', '==', '.', '/', '%00', '\0', ' ', '\n', '\t', '\u200b', text]) {
    yield* [text + more, more + text];
  }
  yield* [`${text.slice(0, -1)}=`, `${text.slice(0, -2)}==`, text.toUpperCase()];
  yield* [text.toLowerCase(), text.replaceAll('_', '-'), text.replaceAll('-', '+')];
  yield* [text.replaceAll('.', '')];
  for (const character of LETTERS) yield `${text.slice(0, -1)}${character}`;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~';

const otherThan = (text: string): string[] =>
  [...new Set(likes(text))].filter((like) => like !== text && like !== '');

/** The text with one character changed, at every `step`th place. */
function flips(text: string, step: number): string[] {
  return Array.from({ length: Math.ceil(text.length / step) }, (_, at) => {
    const place = at * step;
    const other = text[place] === 'Q' ? 'R' : 'Q';
    return `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
  });
}

test('AC-07[B] a code that is cut, lengthened, padded or flipped is no code', async () => {
  const { code } = await alice.allow(BOTH);
  for (const text of [...otherThan(code), ...flips(code, 1)]) {
    assertOAuthError(await redeem(text), 'code');
    // A form's blank ends are its own; what a form cannot carry is malformed there.
    assertOAuthError(await redeem(text, { as: 'form' }), 'code');
  }
  noted(tokensOf(await redeem(code)));
});

test('AC-07[B] nor is such a refresh token one, nor such an access token', async () => {
  const pair = await alice.link(BOTH);
  const { access_token, refresh_token } = pair;
  for (const text of [...otherThan(refresh_token), ...flips(refresh_token, 1)]) {
    const answer = await send({
      grant_type: 'refresh_token', refresh_token: text, client_id: BOTH.id,
      client_secret: BOTH.secret,
    });
    assertOAuthError(answer, 'refresh');
  }
  // A blank at either end is not part of a header's value (RFC 9110 §5.5).
  const bearers = [...otherThan(access_token), ...flips(access_token, 7)]
    .filter((text) => /^[\x21-\x7e]+$/.test(text));
  assert.ok(bearers.length > 150);
  for (const text of bearers) {
    const answer = await userinfo(live, text, apart());
    assert.equal(`${answer.status} ${answer.text}`, '401 ', text);
  }
  await assertAlive(live, access_token);
  noted(tokensOf(await refresh(live, BOTH, refresh_token)));
});

test('AC-09[B] nothing that is stored works as a code, refresh token or bearer', async () => {
  const { code } = await alice.allow(BOTH);
  const { access_token, refresh_token } = await alice.link(BOTH);
  const rows = dumpWorld(server.data, 'live');
  const tables = new Set(rows.map(({ table }) => table));
  assert.ok(tables.has('code') && tables.has('grant_'), [...tables].join());
  const stored = textsWithin(rows.filter(({ table }) => ['code', 'grant_'].includes(table)));
  // The record's id stands in the code itself, so this dump is the one that matters.
  const id = [...stored].find((text) => text.length >= 16 && code.includes(text));
  assert.notEqual(id, undefined, 'the row of this code is among them');
  const prefix = code.slice(0, code.indexOf(id ?? ''));
  for (const text of stored) {
    if (text === '' || text.length > 4_000) continue;
    for (const tried of [text, `${prefix}${text}`, code.slice(0, -text.length) + text]) {
      assert.notEqual(tried, code);
      assertOAuthError(await redeem(tried), 'code');
    }
    if (!/^[\x21-\x7e]+$/.test(text)) continue;
    assert.equal((await userinfo(live, text, apart())).status, 401);
    assertOAuthError(await refresh(live, BOTH, text), 'refresh');
  }
  const bytes = rawBytes(server.data);
  assert.ok(id !== undefined && bytes.includes(id), 'the row is on disk');
  for (const text of [code, refresh_token]) {
    for (const part of [text, text.slice(-60), text.slice(-60, -17)]) {
      assert.ok(!bytes.includes(part), 'a file holds it');
    }
  }
  assert.ok(!bytes.includes(access_token.split('.')[2] ?? ''));
  noted(tokensOf(await redeem(code)));
  noted(tokensOf(await refresh(live, BOTH, refresh_token)));
  assert.equal((await me(live, access_token, apart())).status, 200);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
