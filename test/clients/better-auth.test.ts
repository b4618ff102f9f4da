/** AT-T64: better-auth with its generic OAuth provider; runs where the package is installed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { App } from '../outside/fixtures.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { addApp, decide } from './client-app.ts';

const HERE = 'http://127.0.0.1:4498';
const CALLBACK = `${HERE}/api/auth/callback/demo-broker`;
const PACKAGES = ['better-auth', 'better-auth/adapters/memory', 'better-auth/plugins'];

type Factory = (options: object) => unknown;
type Auth = { readonly handler: (request: Request) => Promise<Response> };
type Loaded = {
  readonly betterAuth: (options: object) => Auth;
  readonly memoryAdapter: Factory;
  readonly genericOAuth: Factory;
};
type Account = { readonly id: string; readonly refreshToken: string | null };
/** What its adapter keeps in memory; it replaces the lists as it likes. */
type Tables = { user: object[]; session: object[]; account: Account[]; verification: object[] };

const loaded = await loadPackages();
const skip = loaded === undefined ? 'AT-T64 better-auth: the package is not installed' : false;

async function loadPackages(): Promise<Loaded | undefined> {
  try {
    const modules = await Promise.all(PACKAGES.map((name) => import(name) as Promise<object>));
    return Object.assign({}, ...modules) as Loaded;
  } catch {
    return undefined;
  }
}

describe('better-auth', { skip }, () => {
  let server: Server;
  let app: App;
  before(async () => {
    server = await startServer();
    app = await addApp(server, 'betterauth', CALLBACK);
  });
  after(() => server.stop());

  // `basic` with PKCE, `post` without: the two ways in which it is set up.
  for (const authentication of ['basic', 'post']) {
    it(`AT-T64 better-auth exchanges and refreshes, credentials by ${authentication}`, async () => {
      const tables: Tables = { user: [], session: [], account: [], verification: [] };
      const auth = createAuth(server, app, authentication, tables);
      const asked = await send(auth, '/sign-in/social', { provider: 'demo-broker' });
      const { url } = (await asked.json()) as { url: string };
      const callback = await decide(server, url, 'allow');
      const cookie = cookiesOf(asked);
      const done = await auth.handler(new Request(callback, { headers: { cookie } }));
      const location = done.headers.get('location') ?? '';
      assert.equal(done.status, 302);
      assert.doesNotMatch(location, /error/);
      const [account] = tables.account;
      assert.ok(account?.refreshToken);
      const body = { accountId: account.id };
      const refreshed = await send(auth, '/refresh-token', body, cookiesOf(done));
      assert.equal(refreshed.status, 200, await refreshed.clone().text());
      const { accessToken } = (await refreshed.json()) as { accessToken: string };
      assert.match(accessToken, /^[A-Za-z0-9._~-]{20,255}$/);
    });
  }
});

function createAuth(
  server: Server,
  app: App,
  authentication: string,
  tables: Tables,
): Auth {
  assert.ok(loaded);
  const { betterAuth, memoryAdapter, genericOAuth } = loaded;
  const { origin } = server.live;
  const broker = {
    providerId: 'demo-broker',
    clientId: app.id,
    clientSecret: app.secret,
    authorizationUrl: `${origin}/v1/oauth/authorize`,
    tokenUrl: `${origin}/v1/oauth/accesstoken`,
    redirectURI: CALLBACK,
    scopes: ['read', 'trade'],
    authentication,
    pkce: authentication === 'basic',
    getUserInfo: async ({ accessToken }: { accessToken: string }) => {
      const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
      const answer = await fetch(`${origin}/v1/user/profile`, { headers });
      const { profile } = (await answer.json()) as { profile: { id: string; name: string } };
      return { ...profile, email: `${profile.id}@demo.example`, emailVerified: true };
    },
  };
  return betterAuth({
    baseURL: HERE,
    secret: 'demo-secret-of-a-client-app-in-a-test',
    database: memoryAdapter(tables),
    plugins: [genericOAuth({ config: [broker] })],
  });
}

function send(auth: Auth, path: string, body: object, cookie = ''): Promise<Response> {
  const headers = { 'content-type': 'application/json', origin: HERE, cookie };
  const url = `${HERE}/api/auth${path}`;
  return auth.handler(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

function cookiesOf(answer: Response): string {
  return answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
}
