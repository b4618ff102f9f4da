/**
 * AT-V68: programs that behave on the wire as the vendor's trading-strategy and FAQ examples, and
 * two WebSocket libraries with a raw, a quoted and a market data token.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket as PlainSocket } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { WorldSite } from '../outside/fixtures.ts';
import type { Server } from '../world.ts';
import {
  KEY, assertSession, credentials, logIn, skipWithout, socketUrl, startProgram, startTradovate,
} from './tradovate-site.ts';
import type { Program, Session } from './tradovate-site.ts';

const { alice, bob } = CUSTOMERS;
const INVALID = 'a[{"s":401,"i":0,"d":"Invalid access token"}]';
const NOT_HERE = 'it is in no package registry; the program above does what it does on the wire';
const skip = skipWithout('AT-V68 the trading-strategy example', ['tradovate', 'ws']);

type Item = { readonly s: number; readonly i: number; readonly d: unknown };
type Account = { readonly userId: number };

let server: Server;
before(async () => {
  server = await startTradovate();
});
after(() => server.stop());

/** Runs with a program of this name, and ends it whatever happens. */
async function using(
  name: string,
  env: NodeJS.ProcessEnv,
  run: (program: Program) => Promise<void>,
): Promise<void> {
  const program = startProgram(name, { env });
  try {
    await run(program);
  } finally {
    await program.end();
  }
}

/** Nothing precedes the answer to `authorize` but one `o` and heartbeats. */
function assertAuthorized(frames: readonly string[], id: number): void {
  assert.equal(frames[0], 'o');
  assert.equal(frames.filter((frame) => frame === 'o').length, 1);
  const told = frames.filter((frame) => frame !== 'o' && frame !== 'h');
  assert.equal(told[0], `a[{"s":200,"i":${id}}]`);
}

describe('the trading-strategy example', { skip }, () => {
  const PROGRAM = './programs/tradovate/trading-strategy.ts';
  const settings = (world: WorldSite, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    HTTP_URL: `${world.origin}/v1`,
    WS_URL: socketUrl(world),
    MD_URL: socketUrl(world),
    REPLAY_URL: socketUrl(world),
    USER: alice.login_name,
    PASS: alice.password,
    APP_ID: KEY.app_id,
    CID: String(KEY.cid),
    SEC: KEY.sec,
    ...changes,
  });

  for (const name of ['paper', 'live'] as const) {
    it(`AT-V68 trading-strategy signs in and opens three sockets, ${name}`, () =>
      using(PROGRAM, settings(server[name]), async (program) => {
        const session = await program.ask<Session>('login');
        assertSession(session, alice);
        const accounts = await program.ask<readonly Account[]>('accounts');
        assert.equal(accounts[0]?.userId, session.userId);
        await program.ask('connect');
        for (const which of ['user', 'market', 'replay']) {
          assertAuthorized(await program.ask<string[]>('frames', { which }), 0);
        }
      }));
  }

  it('AT-V68 trading-strategy: the word undefined counts as absent', () =>
    using(PROGRAM, settings(server.live), async (program) => {
      const { userId } = await program.ask<Session>('login');
      await program.ask('connect');
      for (const which of ['user', 'market', 'replay']) {
        const me = await program.ask<Item>('request', { which, url: 'auth/me' });
        assert.deepEqual([me.s, me.i], [200, 1]);
        assert.equal((me.d as Session).userId, userId);
      }
      const list = await program.ask<Item>('request', { which: 'user', url: 'account/list' });
      assert.deepEqual([list.s, list.i], [200, 2]);
      // With a body, and no query: the operation itself is not served here.
      const body = { users: [userId] };
      const url = 'user/syncrequest';
      const sync = await program.ask<Item>('request', { which: 'user', url, body });
      assert.deepEqual(sync, { s: 404, i: 3, d: 'Not found' });
    }));

  it('AT-V68 trading-strategy signs in by e-mail address', () =>
    using(PROGRAM, settings(server.live, { USER: 'alice@example.com' }), async (program) => {
      assertSession(await program.ask<Session>('login'), alice);
    }));

  it('AT-V68 trading-strategy is told of a token of the other environment', () =>
    using(PROGRAM, settings(server.live), async (program) => {
      const { accessToken: token } = (await logIn(server.paper, alice)).json<Session>();
      const refused = program.ask('connectWith', { token });
      await assert.rejects(refused, { message: `not authorized: ${INVALID}` });
    }));

  const why = `AT-V68 tradovate/example-api-trading-strategy: ${NOT_HERE}`;
  it('AT-V68 trading-strategy itself, unchanged', { skip: why }, () => undefined);
});

describe('the FAQ example', () => {
  const PROGRAM = './programs/tradovate/faq.ts';
  const base = (world: WorldSite): string => `${world.origin}/v1`;
  // The sample sends what its data file says: here no device id, and the key's id as text.
  const CREDENTIALS = credentials(bob, { cid: String(KEY.cid) });

  for (const name of ['paper', 'live'] as const) {
    it(`AT-V68 FAQ signs in and authorizes with a quoted token, ${name}`, () =>
      using(PROGRAM, {}, async (program) => {
        const world = server[name];
        const given = { base: base(world), credentials: CREDENTIALS };
        const session = await program.ask<Session>('login', given);
        assertSession(session, bob);
        const token = session.accessToken;
        const address = `${base(world)}/account/list`;
        const accounts = await program.ask<readonly Account[]>('get', { address, token });
        assert.equal(accounts[0]?.userId, session.userId);
        await program.ask('connect', { url: socketUrl(world), token });
        assertAuthorized(await program.ask<string[]>('frames'), 0);
        const list = await program.ask<Item>('send', { url: 'account/list' });
        assert.deepEqual([list.s, list.i], [200, 1]);
        const unserved = { url: 'user/syncrequest', body: { users: [session.userId] } };
        await assert.rejects(program.ask('send', unserved), /404 Not found/);
      }));
  }

  it('AT-V68 FAQ overlooks the refusal with id 0, so the socket must be closed', () =>
    using(PROGRAM, {}, async (program) => {
      const connecting = program.ask('connect', { url: socketUrl(server.live), token: 'junk' });
      // It never settles while the program runs.
      connecting.catch(() => undefined);
      const ended = await program.ask('ended');
      assert.deepEqual(ended, { code: 1008, connected: false });
      const frames = await program.ask<string[]>('frames');
      assert.deepEqual(frames.filter((frame) => frame !== 'h').map(head), ['o', INVALID, 'c']);
    }));

  for (const status of [200, 401]) {
    it(`AT-V68 FAQ reads errorText at status ${status}`, async (t) => {
      const own = await startTradovate({ 'tradovate.login_failure_status': status });
      t.after(() => own.stop());
      await using(PROGRAM, {}, async (program) => {
        const wrong = { ...CREDENTIALS, password: 'demo-wrong' };
        const given = { base: base(own.paper), credentials: wrong };
        const answer = await program.ask('login', given);
        assert.deepEqual(answer, {
          errorText: 'Incorrect username or password. Please try again.',
        });
      });
    });
  }

  const why = `AT-V68 tradovate/example-api-faq: ${NOT_HERE}`;
  it('AT-V68 FAQ itself, unchanged', { skip: why }, () => undefined);
});

/** What a close frame says besides its letter is the server's own. */
function head(frame: string): string {
  return frame.startsWith('c') ? 'c' : frame;
}

describe('a WebSocket client', () => {
  const LIBRARIES = { ws: WebSocket, 'Node’s own': PlainSocket } as const;
  const TOKENS = {
    raw: ({ accessToken }: Session) => accessToken,
    quoted: ({ accessToken }: Session) => JSON.stringify(accessToken),
    'market data': ({ mdAccessToken }: Session) => mdAccessToken,
  } as const;

  for (const [library, Socket] of Object.entries(LIBRARIES)) {
    for (const [kind, written] of Object.entries(TOKENS)) {
      it(`AT-V68 ${library}, ${kind} token: authorized, then served`, async () => {
        const session = (await logIn(server.live, alice)).json<Session>();
        const socket = new Socket(socketUrl(server.live));
        const frames: string[] = [];
        const answered = Promise.withResolvers<Item>();
        socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
          frames.push(String(data));
          const items = String(data).startsWith('a') ? JSON.parse(String(data).slice(1)) : [];
          if (items[0]?.i === 7) socket.send('auth/me\n8\n\n');
          if (items[0]?.i === 8) answered.resolve(items[0]);
        });
        socket.addEventListener('close', () => answered.reject(new Error(frames.join('\n'))));
        socket.addEventListener('open', () => socket.send(`authorize\n7\n\n${written(session)}`));
        const me = await answered.promise;
        socket.close();
        assertAuthorized(frames, 7);
        assert.equal((me.d as Session).userId, session.userId);
      });
    }
  }

  it('AT-V68 a junk token is told and cut off: the test can tell', async () => {
    const socket = new WebSocket(socketUrl(server.live));
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    socket.on('open', () => socket.send('authorize\n0\n\njunk'));
    const [code] = (await once(socket, 'close')) as [number];
    assert.equal(code, 1008);
    assert.deepEqual(frames.filter((frame) => frame !== 'h').map(head), ['o', INVALID, 'c']);
  });
});
