/** Marked secrets of a whole run are searched for wherever they could leak (CN-01, CN-02). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh } from '../../outside/tradier.ts';
import { type Server, startServer } from '../../world.ts';
import { rawBytes } from './dump.ts';
import { customerIn } from '../tradier/customer.ts';

const { A1, A2 } = APPS;
/** What no answer but its own channel may hold, and what is sent where it does not belong. */
const STRAY = 'demo-canary-4f1c9a72-must-never-be-seen-again';

/** One run through every door, good and bad; answers the secrets and every body that came. */
async function runThrough(server: Server) {
  const { live, control } = server;
  const u1 = customerIn(live, 'u1');
  const bodies: Answer[] = [];
  const keep = async (answer: Promise<Answer>): Promise<Answer> => {
    const got = await answer;
    bodies.push(got);
    return got;
  };
  const { code } = await u1.allow(A2);
  const first = (await exchange(live, A2, code)).json<{ [name: string]: string }>();
  const personal = await u1.newPersonalToken();
  const cookies = [...u1.browser.cookies.values()];
  const made = await control.act('live', 'app.create', {
    name: 'Demo canary', redirect_uris: ['https://canary.example/cb'],
  });
  await keep(profile(live, first['access_token'] ?? ''));
  await keep(exchange(live, A2, code));
  await keep(exchange(live, A1, STRAY));
  await keep(refresh(live, A2, STRAY));
  await keep(profile(live, STRAY));
  await keep(exchange(live, { ...A2, basic: `Basic ${btoa(`${A2.id}:${STRAY}`)}` }, code));
  await keep(call(live.origin, { path: `/v1/oauth/accesstoken?client_secret=${STRAY}` }));
  await keep(call(live.origin, { path: `/v1/user/profile?access_token=${STRAY}` }));
  await keep(call(live.origin, { path: `/${STRAY}` }));
  await keep(post(live.origin, '/v1/oauth/accesstoken', [['code', STRAY], ['code', STRAY]]));
  await keep(call(live.origin, {
    path: '/connections', headers: [['Cookie', `cs_live_login-dev=${STRAY}`]],
  }));
  const stranger = createBrowser(live);
  await stranger.authorize(A2, { state: STRAY });
  await stranger.submit('sign-in', { name: 'u1', password: STRAY });
  bodies.push(stranger.page().answer);
  const secrets = [
    code, first['access_token'], first['refresh_token'], personal, ...cookies,
    String(made['secret']), A2.secret, A2.basic.slice(6), CUSTOMERS.u1.password, STRAY,
    encodeURIComponent(STRAY), btoa(`${A2.id}:${STRAY}`),
  ];
  return { secrets: secrets.map(String), bodies };
}

function assertNothingLeaked(
  server: Server,
  { secrets, bodies }: Awaited<ReturnType<typeof runThrough>>,
): void {
  const places: readonly (readonly [string, string])[] = [
    ['the log', server.log()],
    ['the data files', rawBytes(server.data)],
    ['an answer', bodies.map(({ text, raw_headers }) => text + String(raw_headers)).join('\n')],
  ];
  assert.ok(server.log().length > 1000, 'there is a log to search');
  for (const [place, text] of places) {
    for (const secret of secrets) {
      assert.ok(secret.length > 12, 'a secret worth searching for');
      assert.ok(!text.includes(secret), `${place} holds ${secret.slice(0, 16)}…`);
    }
  }
}

for (const [id, level] of [['CN-01', 'info'], ['CN-02', 'debug']] as const) {
  test(`${id} no marked secret is found in logs, bodies or files at level ${level}`, async () => {
    const server = await startServer({ set: { log_level: level } });
    after(server.stop);
    assertNothingLeaked(server, await runThrough(server));
  });
}
