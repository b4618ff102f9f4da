/** `npm run demo`: the whole flow against the running development server, without a browser. */
import { parseArgs } from 'node:util';
import { DEMO } from './demo-data.ts';
import { type DemoClient, demoClient } from './demo-client.ts';

const HELP = `countersign demo [--url http://127.0.0.1:4401]

Walks sign-in, consent, code, tokens, profile, refresh and the end of the connection
against a running development server (npm start) and prints every request and answer.
`;

export async function runDemo(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    strict: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const client = demoClient(values.url ?? 'http://127.0.0.1:4401');
  try {
    await walk(client);
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const hint = reason === 'fetch failed' ? 'no server answers: run npm start first' : reason;
    process.stderr.write(`demo: ${hint}\n`);
    return 1;
  }
}

async function walk(client: DemoClient): Promise<void> {
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
