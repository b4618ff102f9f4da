/** A secret of its own in every input, then a search wherever one could be left behind (LG-02). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import {
  codeMembers, credentials, oauthPath, signInAs, tokensOf, userinfo,
} from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { type Server, startServer } from '../../world.ts';
import { rawBytes } from '../data/dump.ts';
import { noteSecrets } from '../tradier/secrets.ts';
import { traderIn } from '../tradovate/trader.ts';
import { openSocket } from '../tradovate/sockets.ts';
import { assertSession } from '../tradovate/sessions/answers.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt } from '../tradovate/sessions/caller.ts';
import { ALL, READERS, sendTo } from './endpoints.ts';

const { O1, O2 } = REGISTRATIONS;
const { alice, erin } = USERS;

/** Hands out marks, and remembers them: none is like another in its first characters. */
function canaries() {
  const marks: string[] = [];
  return {
    marks,
    next: (): string => {
      const number = marks.length.toString(36).padStart(4, '0');
      const mark = `zq${number}-demo-canary-of-forty-characters`;
      marks.push(mark);
      return mark;
    },
  };
}

type Run = { readonly server: Server; readonly next: () => string; readonly bodies: Answer[] };

/** Every member of every body, in JSON and form, alone and beside good ones. */
async function throughBodies({ server: { live, control }, next, bodies }: Run): Promise<void> {
  const good: { readonly [path: string]: object } = {
    '/auth/oauthtoken': { ...credentials(O1), grant_type: 'refresh_token', refresh_token: 'x' },
  };
  for (const reader of READERS) {
    for (const name of [...Object.keys(reader.members), 'unknown', next()]) {
      const members = { ...good[reader.path], [name]: next() };
      bodies.push(await sendTo(live, reader, members));
      bodies.push(await sendTo(live, reader, { ...members, [name]: [next()] }));
      for (const length of [70, 8_300]) {
        const long = next().padEnd(length, 'x');
        bodies.push(await sendTo(live, reader, { ...members, [name]: long }));
      }
      bodies.push(await sendTo(live, reader, `${name}=${next()}`, { as: 'form' }));
      const query = `${encodeURIComponent(name)}=${next()}`;
      bodies.push(await sendTo(live, { path: `${reader.path}?${query}` }, members));
    }
    const surrogate = `{"code":"${next()}\\ud800"}`;
    for (const broken of [next(), `{"${next()}":`, `["${next()}"]`, surrogate]) {
      bodies.push(await sendTo(live, reader, broken));
    }
    await control.advance(3_700);
  }
  const { code } = await traderIn(live, alice).allow(O1);
  for (const name of ['client_secret', 'redirect_uri', 'code_verifier', 'resource', 'httpAuth']) {
    const members = { ...codeMembers(O1, code), [name]: next() };
    bodies.push(await sendTo(live, { path: '/auth/oauthtoken' }, members));
  }
}

/** Headers, paths, queries and cookies of every endpoint. */
async function throughHeads({ server: { live, control }, next, bodies }: Run): Promise<void> {
  for (const [path, [method = 'GET']] of ALL) {
    const header = (name: string, value: string) => [name, value] as const;
    const heads = [
      header('Authorization', `Bearer ${next()}`), header('Authorization', next()),
      header('Authorization', `Basic ${Buffer.from(`${next()}:x`).toString('base64')}`),
      header('Authorization', `Digest ${next()}`), header('Cookie', `cs_live_login-dev=${next()}`),
      header('Cookie', next()), header('Content-Type', next()), header('Referer', next()),
      header('User-Agent', next()), header('Origin', `https://${next()}`), header('X-Any', next()),
      header('X-Forwarded-For', next()), header('X-Request-Id', next()), header('Host', next()),
    ];
    for (const one of heads) {
      bodies.push(await call(live.origin, { method, path, headers: [one] }));
    }
    for (const target of [`${path}?${next()}=${next()}`, `${path}/${next()}`, `/auth/${next()}`]) {
      bodies.push(await call(live.origin, { method, path: target }));
    }
    bodies.push(await call(live.origin, { method: 'PUT', path: `${path}?p-ticket=${next()}` }));
    await control.advance(3_700);
  }
}

/** The page, the socket, and a sign-in whose every secret is right but one. */
async function throughTheRest({ server: { live }, next, bodies }: Run): Promise<void> {
  for (const name of ['client_id', 'redirect_uri', 'state', 'nonce', 'code_challenge', 'resource',
    'scope', 'response_type', 'env', 'request']) {
    bodies.push(await call(live.origin, { path: oauthPath(O2, { [name]: next() }) }));
  }
  const browser = createBrowser(live);
  await browser.open(oauthPath(O2));
  await signInAs(browser, { ...alice, password: next() });
  bodies.push(browser.page().answer);
  for (const name of ['password', 'sec', 'chl', 'p-ticket', 'cid', 'appId']) {
    bodies.push(await callerAt(live).login(alice, { [name]: next() }, API_KEYS.first_party));
  }
  for (const text of [next(), `"${next()}"`, `${next()}\n`]) {
    const peer = await openSocket(live);
    peer.send(`authorize\n0\n${next()}\n${text}`);
    await peer.ended;
    bodies.push({ text: peer.frames.join('\n'), raw_headers: [] } as unknown as Answer);
  }
}

/** What really is secret, used as it should be. */
async function throughTheFrontDoor({ server: { live } }: Run): Promise<readonly string[]> {
  const trader = traderIn(live, erin);
  const { code } = await trader.allow(O1);
  const answer = await sendTo(live, { path: '/auth/oauthtoken' }, codeMembers(O1, code));
  const { access_token, refresh_token, id_token = '' } = tokensOf(answer);
  const session = assertSession(await callerAt(live).login(erin));
  assert.equal((await userinfo(live, session.accessToken)).status, 200);
  const challenge = await callerAt(live).call(null, { path: '/auth/challenge' });
  const chl = String(challenge.json()['chl']);
  const penalized = callerAt(live);
  let ticket: unknown;
  for (let times = 0; times < 6; times += 1) {
    ticket = (await penalized.login(erin, { password: 'demo-wrong' })).json()['p-ticket'];
  }
  const secrets = [
    code, access_token, refresh_token, id_token, session.accessToken, session.mdAccessToken ?? '',
    chl, String(ticket), O1.secret ?? '', API_KEYS.K1.sec, erin.password,
    ...trader.browser.cookies.values(),
  ];
  noteSecrets(...secrets);
  // Of a signed token the signature alone makes it one.
  return secrets.map((text) => text.split('.').at(-1) ?? text);
}

for (const log_level of ['debug', 'info', 'warn', 'error']) {
  test(`LG-02[B] no canary of any input is found at level ${log_level}`, async () => {
    const server = await startServer({
      seed: tradovateSeed(), set: { ...BEHIND_PROXY, log_level },
    });
    after(server.stop);
    const { marks, next } = canaries();
    const run: Run = { server, next, bodies: [] };
    if (log_level === 'debug') {
      await throughBodies(run);
      await throughHeads(run);
    }
    await throughTheRest(run);
    const secrets = await throughTheFrontDoor(run);
    const answers = run.bodies.map(({ text, raw_headers }) => text + String(raw_headers));
    const events = JSON.stringify(await server.control.audit('live'));
    const places = {
      'the log': server.log(), 'the data files': rawBytes(server.data), 'the trail': events,
    };
    assert.ok(marks.length > (log_level === 'debug' ? 500 : 20), `${marks.length} marks`);
    for (const [place, text] of Object.entries(places)) {
      for (const secret of [...marks, ...secrets]) {
        assert.ok(secret.length > 12, `a secret worth searching for: ${secret}`);
        // The first characters are enough to tell one from another, however it was cut.
        const cut = marks.includes(secret) ? secret.slice(0, 12) : secret;
        assert.ok(!text.includes(cut), `${place} holds ${cut}`);
        const base64 = Buffer.from(secret).toString('base64').slice(0, 20);
        assert.ok(!text.includes(base64), `${place} holds ${cut} in base64`);
      }
    }
    for (const text of answers) {
      const found = marks.find((mark) => text.includes(mark.slice(0, 12)));
      assert.equal(found, undefined, text.slice(0, 400));
    }
    if (log_level === 'info') assertLogTellsNothing(server);
  });
}
