/** AT-T64: general OAuth libraries with hand-written metadata; exchange, refresh, denial. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { OAuth2Client } from '@badgateway/oauth2-client';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import type { App } from '../outside/fixtures.ts';
import { APPS } from '../outside/fixtures.ts';
import { profile } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { decide } from './client-app.ts';

type Token = {
  readonly token: { readonly access_token: string; readonly refresh_token?: string };
  readonly refresh: () => Promise<Token>;
};
type SimpleOAuth2 = {
  readonly AuthorizationCode: new (config: object) => {
    readonly authorizeURL: (parameters: object) => string;
    readonly getToken: (parameters: object) => Promise<Token>;
  };
};

const load = createRequire(import.meta.url);
const { AuthorizationCode } = load('simple-oauth2') as SimpleOAuth2;
const callbackOf = (app: App): string => app.redirect_uris[0] ?? '';

let server: Server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

async function isGood(access_token: string): Promise<void> {
  const answer = await profile(server.live, access_token);
  assert.equal(answer.status, 200, answer.text);
}

describe('AT-T64 simple-oauth2', () => {
  for (const refresh_path of ['/v1/oauth/refreshtoken', '/v1/oauth/accesstoken']) {
    it(`AT-T64 simple-oauth2 refreshes at ${refresh_path}`, async () => {
      const app = APPS.A2;
      const client = simpleClient(app, refresh_path);
      const address = client.authorizeURL({ scope: ['read', 'trade'], state: 's1' });
      const callback = new URL(await decide(server, address, 'allow'));
      assert.equal(callback.searchParams.get('state'), 's1');
      const code = callback.searchParams.get('code');
      const first = await client.getToken({ code, redirect_uri: callbackOf(app) });
      await isGood(first.token.access_token);
      const second = await first.refresh();
      await isGood(second.token.access_token);
      await isGood(first.token.access_token);
      // It forgets the refresh token when an answer repeats none: the app keeps the first.
      assert.equal(second.token.refresh_token, undefined);
      await isGood((await first.refresh()).token.access_token);
    });
  }

  it('AT-T64 simple-oauth2 sees invalid_grant for a used code', async () => {
    const client = simpleClient(APPS.A2, '/v1/oauth/refreshtoken');
    const callback = new URL(await decide(server, client.authorizeURL({}), 'allow'));
    const code = callback.searchParams.get('code');
    await client.getToken({ code });
    type Refused = { readonly data: { readonly payload: { readonly error: string } } };
    await assert.rejects(client.getToken({ code }), ({ data }: Refused) => {
      assert.equal(data.payload.error, 'invalid_grant');
      return true;
    });
  });
});

function simpleClient(app: App, refreshPath: string) {
  return new AuthorizationCode({
    client: { id: app.id, secret: app.secret },
    auth: {
      tokenHost: server.live.origin,
      tokenPath: '/v1/oauth/accesstoken',
      refreshPath,
      authorizePath: '/v1/oauth/authorize',
    },
    options: { scopeSeparator: ',' },
  });
}

function metadata() {
  return {
    issuer: `${server.live.origin}/as`,
    authorization_endpoint: `${server.live.origin}/v1/oauth/authorize`,
    token_endpoint: `${server.live.origin}/v1/oauth/accesstoken`,
  };
}

describe('AT-T64 openid-client', () => {
  // With `iss` in the callback (RFC 9207) and without.
  for (const app of [APPS.TI, APPS.A2]) {
    for (const pkce of [true, false]) {
      it(`AT-T64 openid-client for ${app.name} ${pkce ? 'with' : 'without'} PKCE`, async () => {
        const config = openidConfig(app);
        const verifier = openid.randomPKCECodeVerifier();
        const address = openid.buildAuthorizationUrl(config, {
          redirect_uri: callbackOf(app),
          scope: 'read write',
          state: 's1',
          ...(pkce ? await challenge(verifier) : {}),
        });
        const callback = new URL(await decide(server, address.href, 'allow'));
        const first = await openid.authorizationCodeGrant(config, callback, {
          expectedState: 's1',
          ...(pkce ? { pkceCodeVerifier: verifier } : {}),
        });
        assert.equal(first.scope, 'read write');
        await isGood(first.access_token);
        const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '');
        await isGood(second.access_token);
        assert.notEqual(second.access_token, first.access_token);
      });
    }

    it(`AT-T64 openid-client for ${app.name} hears of a denial`, async () => {
      const config = openidConfig(app);
      const address = openid.buildAuthorizationUrl(config, { state: 's1' });
      const callback = new URL(await decide(server, address.href, 'deny'));
      await assert.rejects(
        openid.authorizationCodeGrant(config, callback, { expectedState: 's1' }),
        { error: 'access_denied' },
      );
    });
  }
});

async function challenge(verifier: string): Promise<{ [name: string]: string }> {
  return {
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
}

function openidConfig(app: App): openid.Configuration {
  const config = new openid.Configuration(
    metadata(), app.id, {}, openid.ClientSecretBasic(app.secret),
  );
  openid.allowInsecureRequests(config);
  return config;
}

describe('AT-T64 oauth4webapi', () => {
  it('AT-T64 oauth4webapi exchanges and refreshes', async () => {
    const app = APPS.TI;
    const client: oauth.Client = { client_id: app.id };
    const authenticate = oauth.ClientSecretBasic(app.secret);
    const options = { [oauth.allowInsecureRequests]: true };
    const query = new URLSearchParams({ client_id: app.id, scope: 'read', state: 's2' });
    const address = `${metadata().authorization_endpoint}?${query.toString()}`;
    const callback = new URL(await decide(server, address, 'allow'));
    const parameters = oauth.validateAuthResponse(metadata(), client, callback, 's2');
    const first = await oauth.processAuthorizationCodeResponse(
      metadata(),
      client,
      await oauth.authorizationCodeGrantRequest(
        metadata(), client, authenticate, parameters, callbackOf(app), oauth.nopkce, options,
      ),
    );
    await isGood(first.access_token);
    const second = await oauth.processRefreshTokenResponse(
      metadata(),
      client,
      await oauth.refreshTokenGrantRequest(
        metadata(), client, authenticate, first.refresh_token ?? '', options,
      ),
    );
    await isGood(second.access_token);
  });
});

describe('AT-T64 @badgateway/oauth2-client', () => {
  const start = (app: App): OAuth2Client =>
    new OAuth2Client({
      server: server.live.origin,
      clientId: app.id,
      clientSecret: app.secret,
      authorizationEndpoint: '/v1/oauth/authorize',
      tokenEndpoint: '/v1/oauth/accesstoken',
    });

  it('AT-T64 @badgateway/oauth2-client exchanges and refreshes', async () => {
    const client = start(APPS.A2);
    const asked = { redirectUri: callbackOf(APPS.A2), state: 's1' };
    const scope = ['read', 'market'];
    const address = await client.authorizationCode.getAuthorizeUri({ ...asked, scope });
    const callback = await decide(server, address, 'allow');
    const first = await client.authorizationCode.getTokenFromCodeRedirect(callback, asked);
    await isGood(first.accessToken);
    const second = await client.refreshToken(first);
    await isGood(second.accessToken);
    assert.equal(second.refreshToken, first.refreshToken);
  });

  it('AT-T64 @badgateway/oauth2-client hears of a denial', async () => {
    const client = start(APPS.A2);
    const asked = { redirectUri: callbackOf(APPS.A2), state: 's1' };
    const address = await client.authorizationCode.getAuthorizeUri(asked);
    const callback = await decide(server, address, 'deny');
    await assert.rejects(
      client.authorizationCode.getTokenFromCodeRedirect(callback, asked),
      { oauth2Code: 'access_denied' },
    );
  });
});
