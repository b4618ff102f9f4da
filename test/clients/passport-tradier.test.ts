/** AT-T62: the vendor's own Node strategy, in an app of its own, unchanged. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { call } from '../outside/call.ts';
import type { Answer } from '../outside/call.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { addApp, decide } from './client-app.ts';

type User = {
  readonly access_token: string;
  readonly refresh_token: string | undefined;
  readonly profile: { readonly id: string; readonly name: string; readonly accounts: object[] };
};
type Handler = (request: IncomingMessage, response: ServerResponse, next: Next) => void;
type Next = (error?: unknown) => void;
type Verify = (
  access_token: string,
  refresh_token: string | undefined,
  profile: User['profile'],
  done: (error: unknown, user: User) => void,
) => void;
type PassportModule = {
  readonly Passport: new () => {
    readonly use: (strategy: object) => void;
    readonly authenticate: (name: string, options: object) => Handler;
  };
};

const load = createRequire(import.meta.url);
const { Passport } = load('passport') as PassportModule;
const { Strategy } = load('passport-tradier') as {
  readonly Strategy: new (options: object, verify: Verify) => object;
};

type ClientApp = {
  readonly callback: string;
  /** Options of the strategy become known when the app is registered. */
  readonly use: (options: object) => void;
  readonly get: (path: string, cookie?: string) => Promise<Answer>;
  readonly stop: () => void;
};

describe('passport-tradier 0.2.0', () => {
  let server: Server;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const begin = async (options: object): Promise<ClientApp> => {
    const client = await startClientApp();
    const key = `passport${client.callback.replaceAll(/\D/g, '')}`;
    const app = await addApp(server, key, client.callback);
    client.use({
      clientID: app.id,
      clientSecret: app.secret,
      callbackURL: client.callback,
      authorizationURL: `${server.live.origin}/v1/oauth/authorize`,
      tokenURL: `${server.live.origin}/v1/oauth/accesstoken`,
      profileURL: `${server.live.origin}/v1/user/profile`,
      ...options,
    });
    return client;
  };

  for (const state of [false, true]) {
    it(`AT-T62 signs in ${state ? 'with' : 'without'} state: a user with accounts`, async () => {
      const client = await begin(state ? { state: true } : {});
      const asked = await client.get('/start');
      assert.equal(asked.status, 302);
      const address = asked.headers.location ?? '';
      assert.equal(new URL(address).searchParams.has('state'), state);
      const callback = new URL(await decide(server, address, 'allow'));
      const cookie = asked.headers['set-cookie']?.[0]?.split(';')[0];
      const answer = await client.get(`${callback.pathname}${callback.search}`, cookie);
      client.stop();
      assert.equal(answer.status, 200, answer.text);
      const user = answer.json<User>();
      assert.match(user.access_token, /^[A-Za-z0-9._~-]{20,255}$/);
      assert.match(user.refresh_token ?? '', /^[A-Za-z0-9_]+$/);
      assert.equal(user.profile.name, 'Demo u1');
      assert.equal(user.profile.accounts.length, 1);
    });
  }

  it('AT-T62 a denial fails', async () => {
    const client = await begin({});
    const asked = await client.get('/start');
    const callback = new URL(await decide(server, asked.headers.location ?? '', 'deny'));
    assert.equal(callback.search, '?error=access_denied');
    const answer = await client.get(`${callback.pathname}${callback.search}`);
    client.stop();
    assert.equal(answer.status, 401);
  });

  it('AT-T62 a used code is a TokenError with code invalid_grant', async () => {
    const client = await begin({});
    const asked = await client.get('/start');
    const callback = new URL(await decide(server, asked.headers.location ?? '', 'allow'));
    const path = `${callback.pathname}${callback.search}`;
    assert.equal((await client.get(path)).status, 200);
    const answer = await client.get(path);
    client.stop();
    assert.equal(answer.status, 500);
    assert.deepEqual(answer.json(), { name: 'TokenError', code: 'invalid_grant' });
  });
});

async function startClientApp(): Promise<ClientApp> {
  const passport = new Passport();
  const sessions = new Map<string, object>();
  const authenticate = passport.authenticate('tradier', { session: false });
  const server = createServer((request, response) => {
    const query = Object.fromEntries(new URL(request.url ?? '', 'http://app').searchParams);
    const id = /sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? `s${sessions.size}`;
    const session = sessions.get(id) ?? {};
    sessions.set(id, session);
    response.setHeader('Set-Cookie', `sid=${id}`);
    const asked = Object.assign(request, { query, session }) as IncomingMessage & { user?: User };
    authenticate(asked, response, (error) => {
      response.statusCode = error === undefined ? 200 : 500;
      response.end(JSON.stringify(error === undefined ? asked.user : errorFacts(error)));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    callback: `${origin}/callback`,
    use: (options) =>
      passport.use(
        new Strategy(options, (access_token, refresh_token, profile, done) =>
          done(null, { access_token, refresh_token, profile }),
        ),
      ),
    get: (path, cookie) =>
      call(origin, { path, headers: cookie === undefined ? [] : [['Cookie', cookie]] }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function errorFacts(error: unknown): object {
  const { name, code } = error as { name?: string; code?: string };
  return { name, code };
}
