/** AT-T63, AT-T64: OmniAuth (Ruby) and requests-oauthlib (Python) as Debian brings them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { App } from '../outside/fixtures.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { addApp, decide } from './client-app.ts';
import { talkTo, whyMissing } from './programs.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');
const PYTHON = '/usr/bin/python3';

const skipRuby = skip(
  'AT-T63 OmniAuth (ruby-omniauth-oauth2)',
  whyMissing('ruby', ['-e', "require 'omniauth-oauth2'"]),
);
const skipPython = skip(
  'AT-T64 requests-oauthlib (python3-requests-oauthlib)',
  whyMissing(PYTHON, ['-c', 'import requests_oauthlib']),
);

function skip(what: string, why: string | undefined): string | false {
  return why === undefined ? false : `${what}: ${why}`;
}

let server: Server;
let app: App;
before(async () => {
  server = await startServer();
  app = await addApp(server, 'ruby', 'https://ruby.example/auth/tradier/callback');
});
after(() => server.stop());

type Said = { readonly [name: string]: unknown };

async function walk(
  program: readonly [string, string],
  args: readonly string[],
  decision: 'allow' | 'deny',
  change: (callback: URL) => void = () => undefined,
): Promise<Said> {
  const env = { OAUTHLIB_INSECURE_TRANSPORT: '1', OAUTHLIB_RELAX_TOKEN_SCOPE: '1' };
  const [interpreter, file] = program;
  const talk = talkTo(interpreter, [join(PROGRAMS, file), ...args], env);
  const callback = new URL(await decide(server, await talk.hear(), decision));
  change(callback);
  talk.say(callback.href);
  const said = JSON.parse(await talk.hear()) as Said;
  await talk.end();
  return said;
}

describe('OmniAuth', { skip: skipRuby }, () => {
  const ruby = ['ruby', 'omniauth-tradier.rb'] as const;
  for (const credentials of ['body', 'basic']) {
    it(`AT-T63 OmniAuth signs in, credentials by ${credentials}`, async () => {
      const args = [server.live.origin, app.id, app.secret, credentials];
      const { uid, info, token, refresh_token } = await walk(ruby, args, 'allow');
      assert.equal(typeof uid, 'string');
      assert.notEqual(uid, '');
      assert.deepEqual((info as Said)['name'], 'Demo u1');
      assert.match(String(token), /^[A-Za-z0-9._~-]{20,255}$/);
      assert.match(String(refresh_token), /^[A-Za-z0-9_]+$/);
    });
  }

  it('AT-T63 OmniAuth sees a denial as access_denied', async () => {
    const args = [server.live.origin, app.id, app.secret, 'body'];
    const { failure } = await walk(ruby, args, 'deny');
    assert.equal(failure, 'access_denied');
  });

  it('AT-T63 a denial that lost its state would be csrf_detected: the test can tell', async () => {
    const args = [server.live.origin, app.id, app.secret, 'body'];
    const lose = (callback: URL): void => callback.searchParams.delete('state');
    const { failure } = await walk(ruby, args, 'deny', lose);
    assert.equal(failure, 'csrf_detected');
  });
});

describe('requests-oauthlib', { skip: skipPython }, () => {
  const python = [PYTHON, 'requests-oauthlib.py'] as const;
  const args = (scopes: string): string[] => [
    server.live.origin, app.id, app.secret, app.redirect_uris[0] ?? '', scopes,
  ];

  it('AT-T64 requests-oauthlib exchanges, reads the profile, refreshes', async () => {
    const said = await walk(python, args('write,read'), 'allow');
    assert.equal(said['error'], undefined);
    const { token, refreshed, profile } = said as {
      readonly token: Said;
      readonly refreshed: Said;
      readonly profile: { readonly profile: Said };
    };
    assert.deepEqual(token['scope'], ['read', 'write']);
    assert.equal(profile.profile['name'], 'Demo u1');
    assert.notEqual(refreshed['access_token'], token['access_token']);
    assert.equal(refreshed['refresh_token'], token['refresh_token']);
  });

  it('AT-T64 requests-oauthlib hears of a denial', async () => {
    const said = await walk(python, args('read'), 'deny');
    assert.equal(said['error'], 'access_denied');
  });
});
