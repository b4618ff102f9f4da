/**
 * AT-V68: a program that behaves on the wire as the SDK in beta. Its clock and the server's pass
 * together, so that its renewals and the expiry of its first token come when they would.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { WorldSite } from '../outside/fixtures.ts';
import type { Server } from '../world.ts';
import {
  TOKEN_S, assertSession, credentials, getWith, pass, skipWithout, socketUrl, startProgram,
  startTradovate,
} from './tradovate-site.ts';
import type { Program, Session } from './tradovate-site.ts';

const PROGRAM = './programs/tradovate/sdk-beta.ts';
const ENVIRONMENTS = ['sim', 'live'] as const;
const { alice } = CUSTOMERS;
const skip = skipWithout('AT-V68 the SDK in beta', ['tradovate', 'ws']);
const ITSELF =
  'AT-V68 arlenner/tradovate-sdk-beta: it is in no package registry; the program above does ' +
  'what it does on the wire';

/** It renews a quarter of an hour before expiry; a little either way is the two clocks' start. */
const RENEWS_AT_S = TOKEN_S - 900;
const MARGIN_S = 10;

type Item = { readonly s: number; readonly i: number; readonly d: unknown };
type SocketFacts = { readonly opened: number; readonly closed: number | null };
type Started = { readonly session: Session; readonly limits: readonly object[] };

describe('the SDK in beta', { skip }, () => {
  let server: Server;
  let program: Program;
  // Both clocks must begin together, so each test has a server of its own.
  beforeEach(async () => {
    server = await startTradovate();
    program = startProgram(PROGRAM);
  });
  afterEach(async () => {
    await program.end();
    await server.stop();
  });

  const begin = async (world: WorldSite): Promise<Session> => {
    const rest = `${world.origin}/v1`;
    const wss = socketUrl(world);
    const { session, limits } = await program.ask<Started>('initialize', {
      addresses: { live: rest, sim: rest, live_wss: wss, sim_wss: wss },
      credentials: credentials(alice, { deviceId: 'demo-device-of-alice' }),
    });
    assertSession(session, alice);
    assert.deepEqual(limits, []);
    return session;
  };

  const assertSocketsServe = async ({ userId }: Session): Promise<void> => {
    for (const env of ENVIRONMENTS) {
      const me = await program.ask<Item>('send', { env, url: 'auth/me' });
      assert.equal(me.s, 200, env);
      assert.equal((me.d as Session).userId, userId);
    }
  };

  for (const name of ['paper', 'live'] as const) {
    it(`AT-V68 SDK signs in, reads its limits and opens both sockets, ${name}`, async () => {
      const session = await begin(server[name]);
      await assertSocketsServe(session);
      const sockets = await program.ask<readonly SocketFacts[]>('sockets');
      assert.deepEqual(sockets, [{ opened: 1, closed: null }, { opened: 1, closed: null }]);
      assert.equal(((await program.ask('list')) as readonly object[]).length > 0, true);
      assert.deepEqual(await program.ask('renewals'), []);
    });
  }

  it('AT-V68 SDK’s sockets stay authorized past the first token once it has renewed', async () => {
    const session = await begin(server.live);
    await pass(server, program, RENEWS_AT_S - MARGIN_S);
    assert.deepEqual(await program.ask('renewals'), []);
    // Until the first answer is in it asks every second: some renewals at once.
    await pass(server, program, MARGIN_S * 2);
    const renewals = await program.ask<readonly number[]>('renewals');
    assert.equal(renewals.length >= 1 && renewals.length <= 15, true);
    assert.deepEqual(new Set(renewals), new Set([200]));
    await pass(server, program, TOKEN_S - RENEWS_AT_S);
    const late = await getWith(server.live, '/auth/me', session.accessToken);
    assert.equal(late.status, 401);
    assert.equal(late.text, '');
    // The server looks after its sockets between heartbeats: it has had the time to end them.
    await program.ask('beats');
    const sockets = await program.ask<readonly SocketFacts[]>('sockets');
    assert.deepEqual(sockets, [{ opened: 1, closed: null }, { opened: 1, closed: null }]);
    await assertSocketsServe(session);
    // What it stored of the renewal is no token, so it asked no more and its REST calls fail.
    assert.equal(await program.ask('has_token'), false);
    assert.equal((await program.ask<readonly number[]>('renewals')).length, renewals.length);
    await assert.rejects(program.ask('list'), /status code 401/);
  });

  it('AT-V68 without a renewal they end at expiry: the test can tell', async () => {
    await begin(server.live);
    // Only the server's day passes: the program does not know that it is time to renew.
    await server.control.advance(TOKEN_S + 1);
    const codes = await program.ask<readonly number[]>('ended');
    assert.equal(codes.length, 2);
    assert.deepEqual(await program.ask('renewals'), []);
  });
});

it('AT-V68 SDK itself, unchanged', { skip: ITSELF }, () => undefined);
