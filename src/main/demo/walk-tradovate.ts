/** The Tradovate walk: an app by its code, then a program by name and password. */
import { percentEncode } from '../../core/rules/callback.ts';
import { DEMO } from './demo-data.ts';
import type { DemoClient } from './demo-client.ts';

export async function walkTradovate(client: DemoClient): Promise<void> {
  await walkApp(client);
  await walkProgram(client);
}

async function walkApp(client: DemoClient): Promise<void> {
  const { id: client_id, secret: client_secret } = DEMO.desk;
  const redirect_uri = DEMO.callback;
  client.title('1. The app sends the customer here; its permissions are registered');
  const query = `response_type=code&client_id=${client_id}` +
    `&redirect_uri=${percentEncode(redirect_uri)}`;
  const sign_in = await client.follow(await client.get(`/oauth?${query}`));
  client.title('2. She signs in as alice and allows it');
  const signed_in = await client.submit(sign_in, 'sign-in', {
    name: 'alice', password: DEMO.password,
  });
  const consent = await client.follow(signed_in);
  const allowed = await client.submit(consent, 'consent', { decision: 'allow' });
  const code = new URL(allowed.location ?? '').searchParams.get('code') ?? '';
  client.title('3. The app exchanges the code; JSON or form, as it likes');
  const own = { client_id: Number(client_id), client_secret };
  const tokens = await client.json('/auth/oauthtoken', {
    grant_type: 'authorization_code', code, redirect_uri, ...own,
  });
  client.title('4. Who is she, and what was granted?');
  const bearer = { authorization: `Bearer ${String(tokens['access_token'])}` };
  await client.get('/auth/me', bearer);
  await client.get('/auth/products', bearer);
  client.title('5. Refreshing gives a new refresh token; the same again, if the answer was lost');
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens['refresh_token'], ...own };
  await client.json('/auth/oauthtoken', refresh);
  await client.json('/auth/oauthtoken', refresh);
  client.title('6. She ends the connection; a refusal is HTTP 200 in this dialect');
  await client.submit(await client.get('/connections'), `end-${client_id}`, {});
  await client.json('/auth/oauthtoken', refresh);
  await client.get('/auth/me', bearer);
}

async function walkProgram(client: DemoClient): Promise<void> {
  const { cid, sec, app_id: appId } = DEMO.api_key;
  client.title('7. A program signs in with an API key: a session, of which she has two at most');
  const session = await client.json('/auth/accesstokenrequest', {
    name: 'alice', password: DEMO.password, appId, appVersion: '1.0', deviceId: 'demo-device',
    cid, sec,
  });
  client.title('8. It renews in place: the same session, a new end');
  const bearer = { authorization: `Bearer ${String(session['accessToken'])}` };
  await client.get('/auth/renewaccesstoken', bearer);
  client.title('9. Two more sign-ins close the first session: 408, not 401, so that it stays out');
  for (let times = 0; times < 2; times += 1) {
    await client.json('/auth/accesstokenrequest', {
      name: 'alice', password: DEMO.password, appId, cid, sec,
    });
  }
  await client.get('/auth/me', bearer);
}
