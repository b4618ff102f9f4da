/**
 * Signing keys at rest: an envelope is good for its own row, purpose and world alone (DR-05), and
 * the times in the record, nothing else, say when a key signs and is published (KM-05).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { call } from '../../../outside/call.ts';
import type { Answer } from '../../../outside/call.ts';
import type { WorldName, WorldSite } from '../../../outside/fixtures.ts';
import { headerOf, keysOf, verify } from '../../../outside/jwt.ts';
import {
  codeMembers, exchange, get, login, loginMembers, me, refresh, renew, sessionOf, tokensOf,
  userinfo,
} from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import type { Server } from '../../../world.ts';
import { logLines } from '../../tradier/secrets.ts';
import { traderIn } from '../../tradovate/trader.ts';

const { O1 } = REGISTRATIONS;
const { alice } = USERS;
const data = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
after(() => rmSync(data, { recursive: true, force: true }));

let ports: readonly string[] = [];

/** On the ports of the first start: a token names who issued it, with the port. */
async function start(seed: object | null): Promise<Server> {
  const server = await startServer({
    data, seed, args: ports, set: { 'tradovate.limit_exempt': '["127.0.0.0/24"]' },
  });
  const portOf = ({ origin }: WorldSite): string => new URL(origin).port;
  ports = ['--port', portOf(server.live), '--paper-port', portOf(server.paper)];
  return server;
}

type KeyBody = { readonly sealed: string; readonly public_jwk: object } & {
  readonly [member: string]: unknown;
};

function inFile<T>(world: WorldName, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(data, `${world}.sqlite`));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const READ = 'SELECT body FROM key WHERE id = ?';
const WRITE = 'UPDATE key SET body = ? WHERE id = ?';

function keyIn(world: WorldName, id: string): KeyBody {
  const row = inFile(world, (db) => db.prepare(READ).get(id)) as { readonly body: string };
  return JSON.parse(row.body) as KeyBody;
}

function writeKey(world: WorldName, id: string, body: object): void {
  inFile(world, (db) => db.prepare(WRITE).run(JSON.stringify(body), id));
}

function kidIn(world: WorldName, id: string): string {
  return String((keyIn(world, id).public_jwk as { readonly kid: unknown }).kid);
}

type Place = readonly [world: WorldName, id: string];

/** Exchanges members of two rows, and gives back what undoes it. */
function swapped(one: Place, other: Place, members: readonly string[]): () => void {
  const [a, b] = [keyIn(...one), keyIn(...other)];
  const taken = (from: KeyBody): object =>
    Object.fromEntries(members.map((member) => [member, from[member]]));
  writeKey(...one, { ...a, ...taken(b) });
  writeKey(...other, { ...b, ...taken(a) });
  return () => {
    writeKey(...one, a);
    writeKey(...other, b);
  };
}

type Given = { readonly access: string; readonly refreshing: string; readonly session: string };

let given: { readonly [W in WorldName]: Given };

async function giveIn(world: WorldSite): Promise<Given> {
  const { access_token, refresh_token } = await traderIn(world, alice).link(O1);
  const { accessToken } = sessionOf(await login(world, API_KEYS.K1, alice));
  return { access: access_token, refreshing: refresh_token, session: accessToken };
}

before(async () => {
  const server = await start(tradovateSeed());
  for (const purpose of ['access-token', 'id-token']) {
    await server.control.act('live', 'key.rotate', { purpose, announce_s: 86_400 });
  }
  given = { live: await giveIn(server.live), paper: await giveIn(server.paper) };
  await server.stop();
});

/** Straight, for the tools of these tests take a 5xx for a failure of the test. */
const sent = ({ origin }: WorldSite, path: string, token: string | null, body?: object) =>
  call(origin, {
    method: body === undefined ? 'GET' : 'POST', path,
    headers: [
      ['Content-Type', 'application/json'],
      ...token === null ? [] : [['Authorization', `Bearer ${token}`] as const],
    ],
    ...body === undefined ? {} : { body: JSON.stringify(body) },
  });

function assertFault(answer: Answer, where: string): void {
  assert.equal(answer.status, 503, `${where}: ${answer.status} ${answer.text}`);
  assert.deepEqual(Object.keys(answer.json()), ['errorText'], where);
  assert.match(String(answer.headers['retry-after']), /^[1-9]$/, where);
  assert.ok(!/token\.\d|sealed|damaged|key/i.test(answer.text), `${where}: ${answer.text}`);
  assert.equal(answer.headers['www-authenticate'], undefined, where);
}

/** Nothing is signed with the key, and no token is believed because of it. */
async function assertAccessKeyIsOut(world: WorldSite, bearers: Swap['bearers']): Promise<void> {
  const { access, session } = given[world.name];
  for (const path of ['/auth/me', '/auth/renewaccesstoken', '/oidcuserinfo', '/v1/order/list']) {
    for (const token of [access, session]) {
      const answer = await sent(world, path, token);
      if (bearers === 'fault') assertFault(answer, path);
      else assert.equal(`${answer.status} ${answer.text}`, '401 ', path);
    }
  }
  // A sign-in that fails opens nothing: her session is looked at afterwards, and she has two.
  const body = loginMembers(API_KEYS.K1, alice);
  for (let again = 0; again < 2; again += 1) {
    assertFault(await sent(world, '/auth/accesstokenrequest', null, body), 'sign-in');
  }
  const { code } = await traderIn(world, alice).allow(O1);
  assertFault(await sent(world, '/auth/oauthtoken', null, codeMembers(O1, code)), 'code');
  unspent[world.name] = code;
  assertFault(await sent(world, '/auth/accesstokenrequest', null, body), 'sign-in');
  assertFault(await sent(world, '/auth/oauthtoken', null, {
    grant_type: 'refresh_token', refresh_token: given[world.name].refreshing, client_id: O1.id,
    client_secret: O1.secret,
  }), 'refresh');
}

/** The object alone: everything else answers as ever. */
async function assertOthersAreIn(world: WorldSite): Promise<void> {
  for (const path of ['/gettimestamp', '/auth/challenge', '/auth/products', '/auth/jwks']) {
    assert.equal((await get(world, path)).status, 200, path);
  }
  const consent = await traderIn(world, alice).ask(O1);
  assert.equal(consent.answer.status, 200, 'the page');
  assert.ok(consent.answer.text.includes('id="consent"'));
}

/** The code that met the fault last. */
const unspent: { [W in WorldName]?: string } = {};

async function assertAllIsIn(world: WorldSite): Promise<void> {
  const { access, refreshing, session } = given[world.name];
  const keys = await keysOf(world);
  for (const token of [access, session]) {
    await verify(token, keys);
    assert.equal((await me(world, token)).status, 200);
  }
  const code = unspent[world.name];
  if (code !== undefined) {
    await verify(tokensOf(await exchange(world, O1, code)).access_token, keys);
  }
  delete unspent[world.name];
  const next = tokensOf(await refresh(world, O1, refreshing));
  await verify(next.access_token, keys);
  given = { ...given, [world.name]: { access, session, refreshing: next.refresh_token } };
}

const kidsOf = async (world: WorldSite): Promise<readonly string[]> =>
  (await keysOf(world)).keys.map(({ kid }) => String(kid));

const alarmsOf = (server: Server): readonly string[] => logLines(server)
  .filter((line) => line['alarm'] === 'key_damaged')
  .map((line) => `${String(line['world'])} ${String(line['key'])}`).sort();

const SEALED = ['sealed'];
const WHOLE = ['sealed', 'public_jwk'];
const ACCESS = 'access-token.1';
const ID = 'id-token.1';

type Swap = {
  readonly says: string;
  /** Unknown: where the id of the key went to another row with its public half. */
  readonly bearers: 'fault' | 'unknown';
  readonly between: readonly [Place, Place];
  readonly members: readonly string[];
  readonly alarms: readonly string[];
};

const TWO_ACCESS = ['live access-token.1', 'live access-token.2'];
const TWO_PURPOSES = ['live access-token.1', 'live id-token.1'];
const TWO_WORLDS = ['live access-token.1', 'paper access-token.1'];

const SWAPS: readonly Swap[] = [
  {
    says: 'rows of one purpose', bearers: 'fault', members: SEALED, alarms: TWO_ACCESS,
    between: [['live', ACCESS], ['live', 'access-token.2']],
  },
  {
    says: 'rows of one purpose, with their public halves', bearers: 'fault', members: WHOLE,
    between: [['live', ACCESS], ['live', 'access-token.2']], alarms: TWO_ACCESS,
  },
  {
    says: 'purposes', bearers: 'fault', members: SEALED, alarms: TWO_PURPOSES,
    between: [['live', ACCESS], ['live', ID]],
  },
  {
    says: 'purposes, with all that they hold', bearers: 'unknown', alarms: TWO_PURPOSES,
    members: [...WHOLE, 'algorithm'], between: [['live', ACCESS], ['live', ID]],
  },
  {
    says: 'worlds', bearers: 'fault', members: SEALED, alarms: TWO_WORLDS,
    between: [['live', ACCESS], ['paper', ACCESS]],
  },
  {
    says: 'worlds, with their public halves', bearers: 'unknown', members: WHOLE,
    between: [['live', ACCESS], ['paper', ACCESS]], alarms: TWO_WORLDS,
  },
];

/** Kids that stand in a world's row now are published there exactly when the row is whole. */
async function assertPublished(server: Server, alarms: readonly string[]): Promise<void> {
  for (const world of ['live', 'paper'] as const) {
    const kids = await kidsOf(server[world]);
    const rows = world === 'live' ? [ACCESS, 'access-token.2', ID, 'id-token.2'] : [ACCESS, ID];
    const whole = rows.filter((id) => !alarms.includes(`${world} ${id}`));
    assert.deepEqual(kids, whole.map((id) => kidIn(world, id)), world);
  }
}

describe('DR-05[B] envelopes of signing keys exchanged', () => {
  for (const { says, between, members, alarms, bearers } of SWAPS) {
    test(`DR-05[B] between ${says}: neither opens, 503, an alarm, and no more`, async () => {
      const restore = swapped(...between, members);
      const server = await start(null);
      try {
        assert.deepEqual(alarmsOf(server), alarms);
        await assertAccessKeyIsOut(server.live, bearers);
        await assertPublished(server, alarms);
        await assertOthersAreIn(server.live);
        if (alarms === TWO_WORLDS) await assertAccessKeyIsOut(server.paper, bearers);
        else await assertAllIsIn(server.paper);
        const faults = logLines(server).filter(({ message }) => message === 'fault');
        assert.ok(faults.length > 0, 'and the operator is told of each');
      } finally {
        await server.stop();
        restore();
      }
    });
  }

  test('DR-05[B] put back, every key opens: nothing was lost by it', async () => {
    const server = await start(null);
    try {
      assert.deepEqual(alarmsOf(server), []);
      for (const world of [server.live, server.paper]) await assertAllIsIn(world);
      await assertPublished(server, []);
    } finally {
      await server.stop();
    }
  });
});

describe('KM-05[B] a signing key in the times of its record', () => {
  let server: Server;
  before(async () => {
    server = await start(null);
  });
  after(() => server.stop());

  const signedBy = (token: string): string => String(headerOf(token).kid);

  /** Kids that sign now: of access tokens, of session tokens, of id tokens. */
  async function signers(): Promise<readonly string[]> {
    const { access_token, id_token = '' } = await traderIn(server.live, alice).link(O1);
    const { accessToken } = sessionOf(await login(server.live, API_KEYS.K1, alice));
    return [access_token, accessToken, id_token].map(signedBy);
  }

  async function states(purpose: string): Promise<readonly string[]> {
    const { keys } = await server.control.act('live', 'key.list', {});
    return (keys as readonly { purpose: string; number: number; state: string }[])
      .filter((key) => key.purpose === purpose).map(({ number, state }) => `${number} ${state}`);
  }

  const kid = (id: string): string => kidIn('live', id);

  const both = async (): Promise<readonly (readonly string[])[]> =>
    [await states('access-token'), await states('id-token')];

  test('KM-05[B] next, active, retired, removed: by time, with no message', async () => {
    const { live, control } = server;
    const [a1, a2, i1, i2] = [ACCESS, 'access-token.2', ID, 'id-token.2'].map(kid);
    const { active_from } = keyIn('live', 'access-token.2');
    const { retired_at, removed_at } = keyIn('live', ACCESS);
    assert.equal(retired_at, active_from, 'one follows the other');
    const now = async () => Date.parse((await get(live, '/gettimestamp')).json<{
      timestamp: string;
    }>().timestamp);

    assert.deepEqual(await both(), [['1 active', '2 next'], ['1 active', '2 next']]);
    assert.deepEqual(await kidsOf(live), [a1, a2, i1, i2], 'announced');
    assert.deepEqual(await signers(), [a1, a1, i1], 'not used');

    await control.setClock(Number(active_from) - 30_000);
    assert.deepEqual(await signers(), [a1, a1, i1]);
    const last = await giveIn(live);
    await control.setClock(Number(active_from) + 1000);
    assert.deepEqual(await both(), [['1 retired', '2 active'], ['1 retired', '2 active']]);
    assert.deepEqual(await signers(), [a2, a2, i2]);
    assert.deepEqual(await kidsOf(live), [a1, a2, i1, i2], 'retired, and published on');

    // The last tokens of the old key are good to their own end, and can be renewed.
    await control.advance(4700);
    for (const token of [last.access, last.session]) {
      assert.equal((await userinfo(live, token)).status, 200);
      await verify(token, await keysOf(live));
      assert.equal(signedBy(sessionOf(await renew(live, token)).accessToken), a2);
    }
    await control.setClock(Number(removed_at) - 30_000);
    assert.deepEqual(await kidsOf(live), [a1, a2, i1, i2]);
    assert.ok(await now() < Number(removed_at));
    await control.setClock(Number(removed_at) + 1000);
    assert.deepEqual(await both(), [['1 removed', '2 active'], ['1 removed', '2 active']]);
    assert.deepEqual(await kidsOf(live), [a2, i2], 'gone');
    await assert.rejects(async () => verify(last.access, await keysOf(live)), /JWKS/);
    assert.equal((await userinfo(live, last.access)).status, 401);
    assert.deepEqual(await signers(), [a2, a2, i2]);
  });

  test('KM-05[B] what the record says is what counts, also after a restart', async () => {
    const [a2, a3] = ['access-token.2', 'access-token.3'];
    await server.control.act('live', 'key.rotate', { purpose: 'access-token', announce_s: 86_400 });
    const before_restart = await giveIn(server.live);
    await server.stop();
    const next = keyIn('live', a3);
    const { created_at } = next;
    // As if it had been announced a while ago: the switch is due, and the old one to be removed.
    writeKey('live', a3, { ...next, active_from: created_at });
    writeKey('live', a2, {
      ...keyIn('live', a2), retired_at: created_at, removed_at: Number(created_at) + 7_200_000,
    });
    server = await start(null);
    await server.control.setClock(Number(created_at) + 60_000);
    assert.deepEqual((await states('access-token')).slice(1), ['2 retired', '3 active']);
    assert.equal((await signers())[0], kid(a3));
    assert.equal((await me(server.live, before_restart.access)).status, 200);
    await server.control.setClock(Number(created_at) + 7_201_000);
    assert.deepEqual((await states('access-token')).slice(1), ['2 removed', '3 active']);
    assert.ok(!(await kidsOf(server.live)).includes(kid(a2)));
  });
});
