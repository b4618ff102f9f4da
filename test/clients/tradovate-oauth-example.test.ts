/** AT-V67: an Express program as the vendor's OAuth example describes, and a customer's browser. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createBrowser, readCallback } from '../outside/browser.ts';
import type { Callback } from '../outside/browser.ts';
import { call } from '../outside/call.ts';
import type { Answer } from '../outside/call.ts';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { WorldSite } from '../outside/fixtures.ts';
import { pageText, textById } from '../outside/forms.ts';
import type { Server } from '../world.ts';
import {
  TOKEN_S, addOAuthApp, emailOf, logIn, oauthSecret, pass, skipWithout, startProgram,
  startTradovate,
} from './tradovate-site.ts';
import type { Program, Session } from './tradovate-site.ts';

const PROGRAM = './programs/tradovate/oauth-example.ts';
const PACKAGES = [
  'dotenv', 'express', 'express-session', 'node-cache', 'request', 'request-promise-native',
];
const { alice } = CUSTOMERS;
const skip = skipWithout('AT-V67 the OAuth example', PACKAGES);
const ITSELF = 'AT-V67 tradovate/example-api-oauth itself: it is in no package registry';

type ExampleApp = {
  readonly program: Program;
  readonly callback: string;
  /** GET of one of the app's own pages, with the cookie it set at first. */
  readonly get: (path: string) => Promise<Answer>;
};

describe('the OAuth example', { skip }, () => {
  let server: Server;
  let clients = 41_000;
  before(async () => {
    server = await startTradovate();
  });
  after(() => server.stop());

  /** Starts the app with a .env file, and registers it with the callback of its free port. */
  const begin = async (
    t: TestContext,
    world: WorldSite,
    secret?: string,
  ): Promise<ExampleApp> => {
    const id = String((clients += 1));
    const cwd = mkdtempSync(join(tmpdir(), 'countersign-oauth-example-'));
    const facts = [`CLIENT_ID=${id}`, `CLIENT_SECRET='${secret ?? oauthSecret(id)}'`];
    writeFileSync(join(cwd, '.env'), facts.join('\n'));
    const program = startProgram(PROGRAM, {
      cwd,
      env: {
        EXCHANGE_URL: `${world.origin}/auth/oauthtoken`,
        AUTH_URL: `${world.origin}/oauth`,
        ME_URL: `${world.origin}/auth/me`,
        PORT: '0',
      },
    });
    t.after(async () => {
      await program.end();
      rmSync(cwd, { recursive: true });
    });
    const callback = await program.ask<string>('callback');
    await addOAuthApp(server, id, callback);
    const { origin } = new URL(callback);
    let cookie = '';
    const get: ExampleApp['get'] = async (path) => {
      const answer = await call(origin, { path, headers: cookie ? [['Cookie', cookie]] : [] });
      cookie ||= answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      return answer;
    };
    return { program, callback, get };
  };

  /** From the app's link through our pages: where the customer's browser is sent back to. */
  const walk = async (
    { get }: ExampleApp,
    world: WorldSite,
    decision: 'allow' | 'deny',
  ): Promise<Callback> => {
    const home = await get('/');
    assert.equal(textById(home.text, 'sign-in'), 'Sign in');
    const asked = await get('/auth');
    assert.equal(asked.status, 302);
    const address = new URL(asked.headers.location ?? '');
    const sent = [...address.searchParams.keys()];
    assert.deepEqual(sent, ['response_type', 'client_id', 'redirect_uri']);
    const browser = createBrowser(world);
    await browser.open(address.href);
    await browser.signIn('alice');
    return browser.consent(decision);
  };

  /** The browser follows the callback into the app, then its home page. */
  const arrive = async ({ get }: ExampleApp, { url }: Callback): Promise<Answer> => {
    const { pathname, search } = new URL(url);
    const back = await get(`${pathname}${search}`);
    assert.equal(back.status, 302);
    assert.equal(back.headers.location, '/');
    return get('/');
  };

  const assertSignedOut = ({ status, text }: Answer): void => {
    assert.equal(status, 200);
    assert.equal(pageText(text), 'Sign in');
  };

  for (const name of ['live', 'paper'] as const) {
    it(`AT-V67 the whole flow, ${name}: the page shows the five fields`, async (t) => {
      const world = server[name];
      const app = await begin(t, world);
      const callback = await walk(app, world, 'allow');
      assert.equal(callback.url, `${app.callback}?code=${callback.code ?? ''}`);
      assert.match(callback.code ?? '', /^[A-Za-z0-9_-]{22,128}$/);
      const { status, text } = await arrive(app, callback);
      assert.equal(status, 200);
      const { userId } = (await logIn(world, alice)).json<Session>();
      assert.equal(textById(text, 'fullName'), alice.name);
      assert.equal(textById(text, 'userId'), String(userId));
      assert.equal(textById(text, 'email'), emailOf(alice));
      assert.equal(textById(text, 'emailVerified'), 'true');
      assert.equal(textById(text, 'isTrial'), 'false');
      assert.doesNotMatch(app.program.wrote(), /Code Exchange/);
    });
  }

  it('AT-V67 expires_in is the life of the stored token, in seconds', async (t) => {
    const app = await begin(t, server.live);
    await arrive(app, await walk(app, server.live, 'allow'));
    await pass(server, app.program, TOKEN_S - 60);
    assert.equal(textById((await app.get('/')).text, 'fullName'), alice.name);
    await pass(server, app.program, 61);
    assertSignedOut(await app.get('/'));
  });

  it('AT-V67 signing out forgets the token', async (t) => {
    const app = await begin(t, server.live);
    const { text } = await arrive(app, await walk(app, server.live, 'allow'));
    assert.equal(textById(text, 'sign-out'), 'Sign out');
    await app.get('/logout');
    assertSignedOut(await app.get('/'));
  });

  it('AT-V67 a wrong secret is logged, and no token comes', async (t) => {
    const app = await begin(t, server.live, `demo-wrong-${'0'.repeat(40)}`);
    const callback = await walk(app, server.live, 'allow');
    assertSignedOut(await arrive(app, callback));
    await app.program.says(
      'Code Exchange Error: [invalid_client] client_id, redirect_uri and client_secret do not ' +
        'match existing setup',
    );
  });

  it('AT-V67 a used code is logged as invalid_grant', async (t) => {
    const app = await begin(t, server.live);
    const used = await walk(app, server.live, 'allow');
    assert.equal(textById((await arrive(app, used)).text, 'sign-out'), 'Sign out');
    await app.get('/logout');
    assertSignedOut(await arrive(app, used));
    await app.program.says('Code Exchange Error: [invalid_grant]');
  });

  it('AT-V67 a denial comes back without a code, and no token comes', async (t) => {
    const app = await begin(t, server.live);
    const callback = await walk(app, server.live, 'deny');
    assert.equal(callback.url, `${app.callback}?error=access_denied`);
    assert.equal(readCallback(callback.url).code, null);
    assertSignedOut(await arrive(app, callback));
    assert.doesNotMatch(app.program.wrote(), /Code Exchange/);
  });
});

it('AT-V67 the vendor’s own program, unchanged', { skip: ITSELF }, () => undefined);
