/** The Tradier walk: from the app's link to the end of the connection. */
import { DEMO } from './demo-data.ts';
import type { DemoClient } from './demo-client.ts';

export async function walkTradier(client: DemoClient): Promise<void> {
  const { id, secret } = DEMO.trader;
  client.title('1. The app sends the customer here');
  const query = `client_id=${id}&scope=read,trade&state=demo-state`;
  const begun = await client.get(`/v1/oauth/authorize?${query}`);
  client.title('2. The page sets a cookie, then asks her to sign in');
  const sign_in = await client.follow(begun);
  client.title('3. She signs in as alice');
  const signed_in = await client.submit(sign_in, 'sign-in', {
    name: 'alice', password: DEMO.password,
  });
  const consent = await client.follow(signed_in);
  client.title('4. She allows it; the browser goes back to the app with a code');
  const allowed = await client.submit(consent, 'consent', { decision: 'allow' });
  const code = new URL(allowed.location ?? '').searchParams.get('code') ?? '';
  client.title('5. The app exchanges the code');
  const basic = { id, secret };
  const tokens = await client.token('/v1/oauth/accesstoken', basic, {
    grant_type: 'authorization_code', code,
  });
  client.title('6. Its first call: whose accounts are these?');
  await client.get('/v1/user/profile', {
    authorization: `Bearer ${tokens.access_token}`, accept: 'application/json',
  });
  client.title('7. Later it refreshes');
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
  const fresh = await client.token('/v1/oauth/refreshtoken', basic, refresh);
  client.title('8. She ends the connection');
  const page = await client.get('/connections');
  await client.submit(page, `end-${id}`, {});
  client.title('9. From now on everything is refused');
  await client.token('/v1/oauth/refreshtoken', basic, refresh);
  await client.get('/v1/user/profile', {
    authorization: `Bearer ${fresh.access_token}`, accept: 'application/json',
  });
}
