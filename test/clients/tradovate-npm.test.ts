/** AT-V66: npm `tradovate` 1.0.3, unchanged, each environment in all of its addresses. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { WorldSite } from '../outside/fixtures.ts';
import type { Server } from '../world.ts';
import {
  KEY, PENALTY_S, TOKEN_S, assertSession, credentials, getWith, logIn, pass, skipWithout,
  startProgram, startTradovate,
} from './tradovate-site.ts';
import type { Program, Session } from './tradovate-site.ts';

const PROGRAM = './programs/tradovate/npm-tradovate.ts';
const WRONG = { errorText: 'Incorrect username or password. Please try again.' };
const { alice } = CUSTOMERS;
const skip = skipWithout('AT-V66 npm tradovate', ['tradovate', 'ws']);

type Account = { readonly userId: number; readonly active: boolean };
type Stored = Session & {
  readonly accounts: readonly Account[];
  readonly user: { readonly userId: number; readonly name: string };
};
type Frame = { readonly s: number; readonly i: number; readonly d: unknown };

// The package sends the key's id as text.
const ALICE = credentials(alice, { cid: String(KEY.cid), deviceId: 'demo-device-of-alice' });

/** Runs with a program that talks to this world, and ends it whatever happens. */
async function using(world: WorldSite, run: (program: Program) => Promise<void>): Promise<void> {
  const program = startProgram(PROGRAM, { env: { BASE: world.origin } });
  try {
    await run(program);
  } finally {
    await program.end();
  }
}

/** The program signs alice in. */
function connect(program: Program, live: boolean, changes: object = {}): Promise<Session> {
  return program.ask<Session>('connect', { credentials: { ...ALICE, ...changes }, live });
}

describe('npm tradovate', { skip }, () => {
  let server: Server;
  before(async () => {
    server = await startTradovate();
  });
  after(() => server.stop());

  for (const name of ['paper', 'live'] as const) {
    for (const live of [false, true]) {
      const how = `login ${live ? 'live' : 'demo'}, all addresses ${name}`;
      it(`AT-V66 ${how}: tokens, user and accounts are stored`, () =>
        using(server[name], async (program) => {
          const session = await connect(program, live);
          assertSession(session, alice);
          const stored = await program.ask<Stored>('stored');
          assert.equal(stored.accessToken, session.accessToken);
          assert.equal(stored.mdAccessToken, session.mdAccessToken);
          assert.notEqual(stored.mdAccessToken, stored.accessToken);
          assert.deepEqual(stored.user, { userId: session.userId, name: 'alice' });
          assert.equal(stored.accounts.length > 0, true);
          for (const account of stored.accounts) {
            assert.equal(account.userId, session.userId);
            assert.equal(account.active, true);
          }
          assert.doesNotMatch(program.wrote(), /Time Penalty|Error/);
        }));
    }
  }

  it('AT-V66 a wrong password is its errorText, and nothing is stored', () =>
    using(server.paper, async (program) => {
      const refused = connect(program, false, { password: 'demo-wrong' });
      await assert.rejects(refused, { message: WRONG.errorText });
      const stored = await program.ask<Stored>('stored');
      assert.equal(stored.accessToken, '');
      assert.deepEqual(stored.accounts, []);
    }));

  it('AT-V66 an unknown key is its errorText', () =>
    using(server.paper, async (program) => {
      const refused = connect(program, true, { cid: '9999' });
      await assert.rejects(refused, { message: 'The app is not registered' });
    }));

  for (const live of [false, true]) {
    it(`AT-V66 both sockets, ${live ? 'live' : 'demo'}, on the market data token`, () =>
      using(server.live, async (program) => {
        const { userId } = await connect(program, live);
        assert.deepEqual(await program.ask('sockets', { live }), [true, true]);
        const accounts = await program.ask<Frame>('request', {
          which: 'user', url: 'account/list',
        });
        assert.equal(accounts.s, 200);
        assert.equal((accounts.d as readonly Account[])[0]?.userId, userId);
        const me = await program.ask<Frame>('request', { which: 'market', url: 'auth/me' });
        assert.equal(me.s, 200);
        assert.equal((me.d as Session).userId, userId);
      }));
  }
});

describe('npm tradovate as time passes', { skip }, () => {
  // Counts are by subnet, and both clocks begin together: each test has a server of its own.
  const fresh = async (t: TestContext): Promise<Server> => {
    const server = await startTradovate();
    t.after(() => server.stop());
    return server;
  };

  for (const live of [false, true]) {
    it(`AT-V66 ${live ? 'live' : 'demo'}: five wrong logins, penalty, retry`, async (t) => {
      const server = await fresh(t);
      await using(server.paper, async (program) => {
        for (let count = 0; count < 5; count += 1) {
          const refused = connect(program, live, { password: 'demo-wrong' });
          await assert.rejects(refused, { message: WRONG.errorText });
        }
        const session = connect(program, live);
        await program.says(`Retrying operation in ${PENALTY_S}s`);
        await pass(server, program, PENALTY_S);
        assertSession(await session, alice);
        const stored = await program.ask<Stored>('stored');
        assert.equal(stored.accounts.length > 0, true);
      });
    });
  }

  it('AT-V66 waits double, and after eight failures a captcha makes it give up', async (t) => {
    const server = await fresh(t);
    for (let count = 0; count < 5; count += 1) {
      const answer = await logIn(server.paper, alice, { name: `nobody${count}` });
      assert.deepEqual(answer.json(), WRONG);
    }
    await using(server.paper, async (program) => {
      for (const [at, wait_s] of [PENALTY_S, PENALTY_S * 2, PENALTY_S * 4].entries()) {
        const refused = connect(program, false, { name: `nobody${at}` });
        const told = assert.rejects(refused, { message: WRONG.errorText });
        await program.says(`Retrying operation in ${wait_s}s`);
        await pass(server, program, wait_s);
        await told;
      }
      await assert.rejects(connect(program, false), /Captcha present, cannot retry/);
    });
  });

  it('AT-V66 renews near expiry, not before; the first token lives on', async (t) => {
    const server = await fresh(t);
    await using(server.live, async (program) => {
      const first = await connect(program, true);
      const early = await program.ask<Session>('renew', { live: true });
      assert.equal(early.accessToken, first.accessToken);
      assert.match(program.wrote(), /Already have an accessToken/);
      // It renews when less than ten minutes are left.
      await pass(server, program, TOKEN_S - 500);
      const renewed = await program.ask<Session>('renew', { live: true });
      assertSession(renewed, alice);
      assert.notEqual(renewed.accessToken, first.accessToken);
      assert.equal(renewed.userId, first.userId);
      const gained_ms = Date.parse(renewed.expirationTime) - Date.parse(first.expirationTime);
      assert.equal(gained_ms >= (TOKEN_S - 502) * 1000, true);
      const stored = await program.ask<Stored>('stored');
      assert.equal(stored.accessToken, renewed.accessToken);
      assert.equal(Array.isArray(await program.ask('get', { endpoint: 'account/list' })), true);
      const old = await getWith(server.live, '/auth/me', first.accessToken);
      assert.equal(old.status, 200);
    });
  });

  it('AT-V66 a penalised renewal is repeated, and the first token goes on', async (t) => {
    const server = await fresh(t);
    await using(server.paper, async (program) => {
      const first = await connect(program, false);
      await pass(server, program, TOKEN_S - 500);
      for (let count = 0; count < 15; count += 1) {
        const answer = await getWith(server.paper, '/auth/renewaccesstoken', first.accessToken);
        assert.equal('accessToken' in answer.json(), true);
      }
      const renewing = program.ask<Session>('renew', { live: false });
      await program.says(`Retrying operation in ${PENALTY_S}s`);
      await pass(server, program, PENALTY_S);
      const renewed = await renewing;
      assertSession(renewed, alice);
      // The package does not keep the token of a retry, so its first one must do.
      const stored = await program.ask<Stored>('stored');
      assert.equal(stored.accessToken, first.accessToken);
      assert.notEqual(stored.accessToken, renewed.accessToken);
      assert.equal(Array.isArray(await program.ask('get', { endpoint: 'account/list' })), true);
    });
  });
});
