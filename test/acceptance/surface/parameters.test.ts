/** Members and parameters that come twice, or under names that look alike (HP-05). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  codeMembers, credentials, exchange, get, oauthPath, oauthToken,
} from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { WRONG_CLIENT, assertTokenAnswer, assertWrongPage } from '../tradovate/answers.ts';
import { traderIn } from '../tradovate/trader.ts';
import { ERROR_TEXTS, assertErrorText } from '../tradovate/sessions/answers.ts';
import { callerAt } from '../tradovate/sessions/caller.ts';
import { READERS, assertNothingGiven, assertUnread, sendTo } from './endpoints.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;
const { O1, O2 } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);
const here = callerAt(live);

/** Members as JSON text, with one of them once more, spelt in this way. */
function twice(members: object, name: string, again: string): string {
  const pairs = Object.entries(members).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
  return `{${[...pairs, `"${again}":${JSON.stringify(members[name as never])}`].join(',')}}`;
}

const escaped = (name: string): string =>
  `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;

test('HP-05[B] a member twice is 400 at every endpoint, however it is spelt', async () => {
  const events = await eventsOf(server, 'live', async () => {
    for (const reader of READERS) {
      for (const name of Object.keys(reader.members)) {
        for (const again of [name, escaped(name)]) {
          const body = twice(reader.members, name, again);
          assertUnread(reader, await sendTo(live, reader, body), name);
        }
      }
    }
    const [token] = READERS;
    assert.ok(token?.forms);
    for (const name of Object.keys(token.members)) {
      const again = `${name}=x&${name}=x`;
      assertUnread(token, await sendTo(live, token, again, { as: 'form' }), name);
      const spelt = `${name}=x&%${name.charCodeAt(0).toString(16)}${name.slice(1)}=x`;
      assertUnread(token, await sendTo(live, token, spelt, { as: 'form' }), name);
    }
    const device = await get(live, '/auth/challenge?deviceId=a&deviceId=a');
    assert.equal(`${device.status} ${device.text}`, '400 {"errorText":"deviceId"}');
  });
  assert.deepEqual(actionsOf(events), [], 'nothing came of it');
});

test('HP-05[B] in the query as well: 400 for what a token request reads', async () => {
  const { code } = await alice.allow(O1);
  const body = codeMembers(O1, code);
  const names = Object.keys(READERS[0]?.members ?? {});
  const events = await eventsOf(server, 'live', async () => {
    for (const name of names) {
      for (const as of ['json', 'form'] as const) {
        const path = `/auth/oauthtoken?${name}=zq7mark`;
        const answer = await oauthToken(live, body, { path, as });
        assertUnread({ path: '/auth/oauthtoken' }, answer);
        assertNothingGiven(answer);
      }
    }
  });
  assert.deepEqual(actionsOf(events), [], 'junk in a URL is no secret of ours');
  // A sign-in and the others read their body alone.
  const asked = `/auth/accesstokenrequest?password=${USERS.alice.password}&name=alice`;
  const reader = { path: asked };
  assertErrorText(await sendTo(live, reader, { cid: 8, sec: API_KEYS.K1.sec,
    appId: API_KEYS.K1.app_id }), ERROR_TEXTS.password);
  assertTokenAnswer(await exchange(live, O1, code), 'code');
});

test('HP-05[B] names with brackets and dots are unknown names', async () => {
  const { code } = await alice.allow(O1);
  const odd = ['code[]', 'code[a]', 'code.b', 'client_id[]', 'grant_type[0]', 'redirect_uri.x'];
  const extra = Object.fromEntries(odd.map((name) => [name, 'zq7mark']));
  const form = await oauthToken(live, { ...codeMembers(O1, code), ...extra }, { as: 'form' });
  assertTokenAnswer(form, 'code');
  const { code: next } = await alice.allow(O1);
  assertTokenAnswer(await exchange(live, O1, next, extra), 'code');
  // They do not stand in for the name itself, either.
  const instead = { ...credentials(O1), grant_type: 'authorization_code', 'code[]': next };
  const answer = await oauthToken(live, instead, { as: 'form' });
  assert.equal(answer.text,
    '{"error":"invalid_request","error_description":"code is required"}');
  const only = { 'name[]': 'alice', 'password.x': USERS.alice.password };
  assertErrorText(await here.login(USERS.alice, { ...only, name: undefined, password: undefined }),
    ERROR_TEXTS.password);
});

test('HP-05[B] at the page: no way out for the app itself, an error for the rest', async () => {
  const one = oauthPath(O2, { state: 's1', resource: O2.resources[0] });
  const page = await get(live, `${one}&client_id=${O2.id}`);
  assertWrongPage(page, WRONG_CLIENT, ['o2.example']);
  const uri = await get(live, `${one}&redirect_uri=${encodeURIComponent(O2.redirect_uri)}`);
  assertWrongPage(uri, 'client_id and redirect_uri do not match', ['o2.example']);
  for (const name of ['response_type', 'state', 'code_challenge', 'code_challenge_method',
    'resource', 'nonce']) {
    const path = `${oauthPath(O2, { [name]: 'code' })}&${name}=code`;
    const { answer, leaves_to } = await alice.browser.open(path);
    assert.equal(answer.status, 303, name);
    const { searchParams } = new URL(leaves_to ?? '');
    assert.equal(searchParams.get('error'), 'invalid_request', name);
    assert.equal(searchParams.get('code'), null);
    assert.ok(leaves_to?.startsWith('https://o2.example/cb?error='), name);
  }
  // What is ignored may come as often as it likes.
  for (const name of ['scope', 'unknown', 'client_id[]', 'redirect_uri.x']) {
    const { answer } = await alice.browser.open(`${one}&${name}=a&${name}=b`);
    assert.equal(answer.status, 200, name);
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
