/**
 * The secrets of a whole run over this dialect are searched for wherever they could leak: the log,
 * the data, the trail, and every answer that is not their own channel (CN-01, CN-02).
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../../outside/browser.ts';
import type { Answer } from '../../../outside/call.ts';
import { call } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import {
  accessTokenRequest, basicOf, bearing, exchange, get, loginMembers, me, oauthPath, oauthToken,
  refresh, renew, signInAs, userinfo,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, fixtureSecrets, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Server } from '../../../world.ts';
import { startServer } from '../../../world.ts';
import { freshAddress, from } from '../../matrix/site.ts';
import { linesOf, logLines } from '../../tradier/secrets.ts';
import { ask, authorized, openSocket } from '../../tradovate/sockets.ts';
import { dumpWorld, rawBytes, textsWithin, trailEvents } from '../dump.ts';
import { PRICES, drawSecrets } from './secrets.ts';
import type { Drawn, Secrets } from './secrets.ts';

/** Sent where it does not belong, in the place of every kind of secret. */
const STRAY = 'demo-canary-7b02d5e1-must-never-be-seen-again';
const STRAY_TOKEN = `eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ${STRAY}.c2lnbmF0dXJl`;

const anywhere = (more: readonly (readonly [string, string])[] = []): How =>
  ({ headers: [from(freshAddress()), ...more] });

const K1_ALICE = loginMembers(API_KEYS.K1, USERS.alice);

/** Bodies of `accesstokenrequest` and of `oauthtoken` that hold a secret and are refused. */
const SIGN_INS: readonly Members[] = [
  { ...K1_ALICE, password: STRAY }, { ...K1_ALICE, sec: STRAY }, { ...K1_ALICE, name: STRAY },
  { ...K1_ALICE, 'p-ticket': STRAY, password: 'x' }, { ...K1_ALICE, appId: STRAY },
  { ...K1_ALICE, deviceId: STRAY.repeat(3) }, { ...K1_ALICE, cid: STRAY },
  { ...loginMembers(API_KEYS.first_party, USERS.alice), chl: STRAY },
  { ...loginMembers(API_KEYS.challenged, USERS.alice) },
  { ...K1_ALICE, enc: true }, { ...K1_ALICE, password: [STRAY] }, { [STRAY]: STRAY },
];

function tokenBodies({ spent_code, refresh_token }: Secrets): readonly Members[] {
  const app = { client_id: PRICES.id, client_secret: PRICES.secret };
  return [
    { grant_type: 'authorization_code', code: spent_code, redirect_uri: STRAY, ...app },
    { grant_type: 'authorization_code', code: STRAY, redirect_uri: PRICES.redirect_uri, ...app },
    { grant_type: 'refresh_token', refresh_token: STRAY, ...app },
    { grant_type: 'refresh_token', refresh_token, ...app, client_secret: STRAY },
    { grant_type: 'refresh_token', refresh_token, ...app, httpAuth: basicOf(PRICES) },
    { grant_type: 'refresh_token', refresh_token, httpAuth: `Basic ${STRAY}` },
    { grant_type: STRAY, ...app }, { grant_type: 'refresh_token', refresh_token: [STRAY] },
    { grant_type: 'authorization_code', code: STRAY, code_verifier: STRAY, ...app },
    { grant_type: 'refresh_token', refresh_token, resource: STRAY, ...app },
  ];
}

/** Everything that is refused, with a secret in each place; what came back. */
async function refusals(world: WorldSite, { secrets }: Drawn): Promise<readonly Answer[]> {
  const kept: Promise<Answer>[] = [
    ...SIGN_INS.map((body) => accessTokenRequest(world, body, anywhere())),
    ...tokenBodies(secrets).map((body) => oauthToken(world, body, anywhere())),
    ...tokenBodies(secrets).map((body) => oauthToken(world, body, { ...anywhere(), as: 'form' })),
    accessTokenRequest(world, `{"password":"${STRAY}"`, anywhere()),
    accessTokenRequest(world, `{"password":"${STRAY}","password":"${STRAY}"}`, anywhere()),
    oauthToken(world, `code=${STRAY}&code=${STRAY}`, { ...anywhere(), as: 'form' }),
    exchange(world, PRICES, secrets.spent_code, { client_secret: STRAY }),
    oauthToken(world, {}, anywhere([['Authorization', `Basic ${btoa(`${PRICES.id}:${STRAY}`)}`]])),
  ];
  const queries = [
    'client_secret', 'code', 'refresh_token', 'code_verifier', 'httpAuth', 'access_token',
    'p-ticket', 'chl', 'password', 'sec', 'name',
  ];
  for (const name of queries) {
    for (const path of ['/auth/oauthtoken', '/auth/me', '/auth/challenge', '/gettimestamp']) {
      kept.push(call(world.origin, {
        method: path === '/auth/oauthtoken' ? 'POST' : 'GET',
        path: `${path}?${name}=${STRAY}`, headers: [from(freshAddress())],
      }));
    }
  }
  for (const token of [STRAY, STRAY_TOKEN, secrets.stream_token, secrets.id_token]) {
    kept.push(
      me(world, token, anywhere()), renew(world, token, anywhere()), userinfo(world, token),
      bearing(world, token, { path: '/auth/products' }),
      bearing(world, token, { path: '/v1/order/list' }),
    );
  }
  kept.push(get(world, `/${STRAY}`), get(world, `/oauth?client_id=${STRAY}&state=${STRAY}`));
  return Promise.all(kept);
}

/** Sockets and pages with a stray value, and with good ones. */
async function besides(world: WorldSite, { secrets, trader }: Drawn): Promise<readonly string[]> {
  const said: string[] = [];
  for (const token of [STRAY, STRAY_TOKEN, secrets.id_token, secrets.code]) {
    const peer = await openSocket(world, { first: [`authorize\n0\n\n${token}`] });
    await peer.ended;
    said.push(...peer.frames);
  }
  const peer = await authorized(world, secrets.session_token);
  await ask(peer, `order/list\n3\n${STRAY}\n${STRAY}`);
  await ask(peer, 'auth/me\n4\n\n');
  peer.close();
  const stranger = createBrowser(world);
  await stranger.open(oauthPath(PRICES, { state: 's', scope: STRAY }));
  await signInAs(stranger, { ...USERS.alice, password: STRAY });
  const page = (await trader.browser.open('/connections')).answer.text;
  return [...said, ...peer.frames, stranger.page().answer.text, page];
}

function searched({ secrets }: Drawn): readonly string[] {
  const { csrf: _csrf, request: _request, ...elsewhere } = secrets;
  const whole = [...Object.values(elsewhere), ...fixtureSecrets(), PRICES.secret ?? '', STRAY,
    encodeURIComponent(STRAY), btoa(`${PRICES.id}:${STRAY}`), basicOf(PRICES).slice(6)];
  // A token without its head, or a handle without its prefix, would serve a thief as well.
  const ends = Object.values(elsewhere).filter((text) => text.length > 80)
    .map((text) => text.slice(-60));
  return [...whole, ...ends];
}

for (const [id, level] of [['CN-01[B]', 'info'], ['CN-02[B]', 'debug']] as const) {
  test(`${id} none of its secrets is in logs, answers, data or trail at ${level}`, async () => {
    const server: Server = await startServer({
      seed: tradovateSeed({ registrations: [...Object.values(REGISTRATIONS), PRICES] }),
      set: {
        log_level: level, trusted_proxies: '["127.0.0.1"]', 'tradovate.example_resources': true,
      },
    });
    after(server.stop);
    const { live, control } = server;
    const drawn = await drawSecrets(live, control);
    const answers = await refusals(live, drawn);
    const said = await besides(live, drawn);
    const { secrets } = drawn;
    for (const replayed of [secrets.refresh_token, secrets.next_refresh_token]) {
      await refresh(live, PRICES, replayed);
      await control.advance(31);
      await refresh(live, PRICES, replayed);
    }
    const marked = freshAddress();
    await linesOf(server, () => me(live, STRAY, { headers: [from(marked)] }),
      (line) => line['address'] === marked);
    const texts = textsWithin(dumpWorld(server.data, 'live'));
    const places: readonly (readonly [string, string])[] = [
      ['the log', server.log()],
      ['the data files', rawBytes(server.data)],
      ['the dump', [...texts].join('\n')],
      ['the trail', JSON.stringify(trailEvents(server.data, 'live'))],
      ['the audit view', JSON.stringify(await control.audit('live'))],
      ['the counts', JSON.stringify(await control.counts())],
      ['an answer', answers.map(({ text, raw_headers }) => text + String(raw_headers)).join('\n')],
      ['what sockets and pages said', said.join('\n')],
    ];
    assert.ok(answers.length > 90 && answers.every(({ status }) => status < 500));
    assert.ok(logLines(server).length > 120, `${logLines(server).length} lines of log`);
    for (const [place, text] of places) {
      for (const secret of searched(drawn)) {
        assert.ok(secret.length > 12, 'a secret worth searching for');
        assert.ok(!text.includes(secret), `${place} holds ${secret.slice(0, 24)}…`);
      }
    }
  });
}
