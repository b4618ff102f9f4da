/** Uses every object once where it belongs. */
import assert from 'node:assert/strict';
import { APPS } from '../../../outside/fixtures.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { keysOf, verify } from '../../../outside/jwt.ts';
import * as tradier from '../../../outside/tradier.ts';
import {
  exchange, login, me, oauthToken, refresh, sessionOf, tokensOf,
} from '../../../outside/tradovate.ts';
import { authorized } from '../../tradovate/sockets.ts';
import { assertOAuthError } from '../../tradovate/answers.ts';
import { assertTokenError } from '../../tradier/answers.ts';
import type { Given, Holder, Kind } from './objects.ts';
import { BOTH, ONLY, bob, freshAddress, from } from '../site.ts';

const valueOf = ({ things }: Given, kind: Kind): string =>
  things.find((thing) => thing.kind === kind)?.text ?? assert.fail(`no ${kind}`);

export async function assertStillGood(world: WorldSite, holder: Holder): Promise<void> {
  await tradierIsGood(world, holder.tradier);
  await tradovateIsGood(world, holder.tradovate);
}

async function tradierIsGood(world: WorldSite, own: Holder['tradier']): Promise<void> {
  for (const kind of ['access_token', 'personal_token'] as const) {
    assert.equal((await tradier.profile(world, valueOf(own, kind))).status, 200, kind);
  }
  tradier.tokens(await tradier.refresh(world, APPS.A2, valueOf(own, 'refresh_token')));
  tradier.tokens(await tradier.exchange(world, APPS.A2, valueOf(own, 'code')));
  // A code that nobody knows is judged when the client has proved who it is.
  assertTokenError(world, await tradier.exchange(world, ONLY[world.name].app, 'x'), 'E3');
  // Request, form token and both cookies together.
  assert.notEqual((await own.customer.browser.consent('allow')).code, null);
}

async function tradovateIsGood(world: WorldSite, own: Holder['tradovate']): Promise<void> {
  const how = { headers: [from(freshAddress())] };
  for (const kind of ['access_token', 'session_token'] as const) {
    assert.equal((await me(world, valueOf(own, kind), how)).status, 200, kind);
  }
  for (const kind of ['stream_token', 'grant_stream_token'] as const) {
    (await authorized(world, valueOf(own, kind))).close();
  }
  await verify(valueOf(own, 'id_token'), await keysOf(world));
  tokensOf(await refresh(world, BOTH, valueOf(own, 'refresh_token')));
  tokensOf(await exchange(world, BOTH, valueOf(own, 'code')));
  const { registration, key } = ONLY[world.name];
  assertOAuthError(await oauthToken(world, {
    grant_type: 'authorization_code', code: 'x', redirect_uri: registration.redirect_uri,
    client_id: registration.id, client_secret: registration.secret,
  }), 'code');
  sessionOf(await login(world, key, bob));
  assert.notEqual((await own.trader.browser.consent('allow')).code, null);
}
