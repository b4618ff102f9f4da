/**
 * Replies that never arrive: the request is sent whole and the connection is cut, at once, while
 * the server works, or when the first byte of the answer is there. The client then does what
 * clients do, and asks again.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { link, login, me, refresh, renew, sessionOf, tokensOf } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import type { Server } from '../../world.ts';

const { O1 } = REGISTRATIONS;
const { alice, erin } = USERS;
/** When the connection is cut: at the first byte of the answer, or so long after sending. */
const CUTS: readonly (number | 'answered')[] = ['answered', 0, 1, 2, 4, 8];

/** @param drops replies that are dropped, of refreshes and as many of renewals */
export function checkDroppedReplies(drops: number): void {
  describe(`dropped replies, ${drops} times`, () => {
    let server: Server;
    before(async () => {
      const set = { 'tradovate.danger_limits_off': true };
      server = await startServer({ seed: tradovateSeed(), set });
    });
    after(() => server.stop());

    it('RP-11 a lost refresh is asked again and answered: nobody is locked out', async () => {
      const grants = await Promise.all([alice, erin].map((user) => link(server.live, O1, user)));
      const chains = grants.map(async ({ refresh_token }) => {
        let token = refresh_token;
        for (let count = 0; count < drops / 2; count += 1) {
          token = await refreshedThrough(server, token, count);
        }
      });
      await Promise.all(chains);
    });

    it('RP-12 asked again after the window it is answered with another successor', async () => {
      let token = (await link(server.live, O1, alice)).refresh_token;
      for (let count = 0; count < drops / 10; count += 1) {
        await sendAndCut(server, refreshRequest(token), cutAt(count));
        await server.control.advance(31);
        const pair = tokensOf(await refresh(server.live, O1, token));
        assert.equal((await me(server.live, pair.access_token)).status, 200);
        token = pair.refresh_token;
      }
    });

    it('RP-31 a lost renewal is repeated: 200, same session, no third one', async () => {
      const other = sessionOf(await login(server.live, API_KEYS.K1, alice)).accessToken;
      const first = sessionOf(await login(server.live, API_KEYS.K1, alice)).accessToken;
      let token = first;
      for (let count = 0; count < drops; count += 1) {
        await sendAndCut(server, renewalRequest(token), cutAt(count));
        const next = sessionOf(await renew(server.live, token)).accessToken;
        // The presented one stays good; every other turn goes on with it.
        if (count % 2 === 0) token = next;
        assert.equal((await me(server.live, next)).status, 200);
      }
      for (const held of [other, first, token]) {
        assert.equal((await me(server.live, held)).status, 200);
      }
    });

    it('I7 a lost login may have opened a session, of which two live at most', async () => {
      for (let count = 0; count < drops / 10; count += 1) {
        const before = sessionOf(await login(server.live, API_KEYS.K1, erin)).accessToken;
        await sendAndCut(server, loginRequest(), cutAt(count));
        const next = sessionOf(await login(server.live, API_KEYS.K1, erin)).accessToken;
        assert.equal((await me(server.live, next)).status, 200);
        const status = (await me(server.live, before)).status;
        assert.ok(status === 200 || status === 408, String(status));
      }
    });
  });
}

const cutAt = (count: number): number | 'answered' => CUTS[count % CUTS.length] ?? 0;

/** Loses the reply to a refresh, once or twice, and comes to its successor all the same. */
async function refreshedThrough(server: Server, token: string, count: number): Promise<string> {
  const losses = 1 + (count % 2);
  for (let lost = 0; lost < losses; lost += 1) {
    await sendAndCut(server, refreshRequest(token), cutAt(count + lost));
  }
  const pair = tokensOf(await refresh(server.live, O1, token));
  const again = tokensOf(await refresh(server.live, O1, token));
  assert.equal(again.refresh_token, pair.refresh_token, 'the same successor');
  assert.notEqual(pair.refresh_token, token);
  for (const { access_token } of [pair, again]) {
    assert.equal((await me(server.live, access_token)).status, 200);
  }
  return pair.refresh_token;
}

type Request = { readonly method: string; readonly path: string; readonly bearer?: string } & {
  readonly body?: object;
};

function refreshRequest(refresh_token: string): Request {
  const body = {
    grant_type: 'refresh_token', refresh_token, client_id: O1.id, client_secret: O1.secret,
  };
  return { method: 'POST', path: '/auth/oauthtoken', body };
}

const renewalRequest = (bearer: string): Request =>
  ({ method: 'GET', path: '/auth/renewaccesstoken', bearer });

function loginRequest(): Request {
  const { cid, sec, app_id: appId } = API_KEYS.K1;
  const { login_name: name, password } = erin;
  return {
    method: 'POST', path: '/auth/accesstokenrequest', body: { name, password, appId, cid, sec },
  };
}

/** Writes a whole request and cuts the connection without having read an answer. */
function sendAndCut(
  { live }: Server,
  { method, path, bearer, body }: Request,
  cut: number | 'answered',
): Promise<void> {
  const { hostname, port, host } = new URL(live.origin);
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`, `Host: ${host}`,
    ...(bearer === undefined ? [] : [`Authorization: Bearer ${bearer}`]),
    ...(text === '' ? [] : ['Content-Type: application/json']),
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return new Promise((done, fail) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const end = (): void => void socket.resetAndDestroy();
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') fail(error);
    });
    socket.on('close', () => done());
    socket.on('connect', () => {
      socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`, () => {
        if (cut !== 'answered') setTimeout(end, cut);
      });
    });
    socket.once('readable', end);
  });
}
