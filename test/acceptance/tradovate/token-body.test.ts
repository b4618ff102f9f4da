/** Bodies of `oauthtoken` that are wrong, odd or hostile (contract §2, §5.1, §5.4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call } from '../../outside/call.ts';
import {
  basicOf, codeMembers, credentials, exchange, oauthToken, refresh, tokensOf,
} from '../../outside/tradovate.ts';
import type { How, Members } from '../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';
import { assertMalformed, assertOAuthError, assertTokenAnswer } from './answers.ts';
import { traderIn } from './trader.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live } = server;
const alice = traderIn(live, USERS.alice);
const { O1, O2 } = REGISTRATIONS;

const token = (body: Members | string, how?: How) => oauthToken(live, body, how);
const CREDENTIALS = credentials(O1);
const CODE_GRANT = { grant_type: 'authorization_code', ...CREDENTIALS };
const REFRESH_GRANT = { grant_type: 'refresh_token', ...CREDENTIALS };
/** A body whose text matters: members as they are written. */
const raw = (...members: readonly string[]): string => `{${members.join(',')}}`;
const RAW_CLIENT = `"client_id":"${O1.id}","client_secret":"${O1.secret}"`;

test('AT-V9 a grant type that is not offered, or a field that its grant needs', async () => {
  assertOAuthError(await token({ grant_type: 'string' }), 'grant_type');
  assertOAuthError(await token('{"grant_type":"string"}', { as: 'none' }), 'grant_type');
  const offered_elsewhere = [
    'urn:ietf:params:oauth:grant-type:jwt-bearer', 'client_credentials', 'password', 'implicit',
    'Authorization_Code', 'authorization_code ', 'refresh_token,authorization_code',
  ];
  for (const grant_type of offered_elsewhere) {
    const asked = { ...CODE_GRANT, grant_type, assertion: 'eyJhbGciOiJub25lIn0.e30.' };
    assertOAuthError(await token(asked), 'grant_type');
  }
  assertOAuthError(await token({}), 'required', 'grant_type');
  assertOAuthError(await token({ ...CREDENTIALS, code: 'x' }), 'required', 'grant_type');
  assertOAuthError(await token({ ...CODE_GRANT, grant_type: '' }), 'required', 'grant_type');
  const no_code = { ...CODE_GRANT, redirect_uri: O1.redirect_uri };
  assertOAuthError(await token(no_code), 'required', 'code');
  assertOAuthError(await token({ ...no_code, code: '' }), 'required', 'code');
  assertOAuthError(await token(REFRESH_GRANT), 'required', 'refresh_token');
  assertOAuthError(await token(CODE_GRANT, { as: 'form' }), 'required', 'code');
});

const LONG = 'x'.repeat(8_193);

test('AT-V10 a body that cannot be read is 400, and says which field', async () => {
  const table: readonly (readonly [Members | string, string | undefined, How?])[] = [
    ['not JSON', undefined], ['[]', undefined], ['null', undefined], ['"text"', undefined],
    ['7', undefined], ['', undefined], ['{"grant_type":', undefined], ['{}{}', undefined],
    ['\u0000', undefined], ['{"grant_type":"a\u0000b"', undefined],
    ['{"grant_type":["authorization_code"]}', 'grant_type'],
    [raw('"grant_type":"authorization_code"', '"code":"a"', '"code":"b"', RAW_CLIENT), 'code'],
    [raw('"grant_type":"string"', '"grant_type":"string"'), 'grant_type'],
    [raw('"grant_type":"authorization_code"', '"code":"a"', '"c\\u006fde":"b"'), 'code'],
    [{ ...CODE_GRANT, grant_type: 'x'.repeat(65) }, 'grant_type'],
    [{ ...CODE_GRANT, code: LONG }, 'code'],
    [{ ...REFRESH_GRANT, refresh_token: LONG }, 'refresh_token'],
    [{ ...CODE_GRANT, code: 'x', redirect_uri: LONG }, 'redirect_uri'],
    [{ ...CODE_GRANT, code: 'x', client_secret: LONG }, 'client_secret'],
    [{ ...CODE_GRANT, code: 'x', client_id: '4'.repeat(8_193) }, 'client_id'],
    [{ ...CODE_GRANT, code: 'x', httpAuth: LONG }, 'httpAuth'],
    [{ ...CODE_GRANT, code: 'x', resource: LONG }, 'resource'],
    [{ ...CODE_GRANT, code: 'x', code_verifier: 'x'.repeat(129) }, 'code_verifier'],
    ['grant_type=authorization_code&code=a&code=b', 'code', { as: 'form' }],
    [`grant_type=authorization_code&code=${LONG}`, 'code', { as: 'form' }],
    ['grant_type=authorization_code&code=%zz', undefined, { as: 'form' }],
    ['grant_type=authorization_code&code=%ff%fe', undefined, { as: 'form' }],
    ['', undefined, { as: 'none' }],
  ];
  for (const [body, field, how] of table) assertMalformed(await token(body, how), field);
  assertMalformed(await token(JSON.stringify(CODE_GRANT), {
    headers: [['Content-Type', 'application/xml']],
  }));
});

test('AT-V10 more than 64 KiB is 413, in JSON too', async () => {
  const body = JSON.stringify({ ...CODE_GRANT, unknown: 'x'.repeat(70_000) });
  const answer = await token(body);
  assert.equal(answer.status, 413, answer.text.slice(0, 100));
  assert.equal(typeof answer.json()['errorText'], 'string');
  assertOAuthError(await token({ ...CODE_GRANT, unknown: 'x'.repeat(60_000) }), 'required', 'code');
});

test('AT-V10 another method is 405 and HEAD is no GET', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'PATCH']) {
    const answer = await call(live.origin, { method, path: '/auth/oauthtoken' });
    assert.equal(answer.status, 405, method);
    assert.match(String(answer.headers.allow), /\bPOST\b/);
    assert.doesNotMatch(String(answer.headers.allow), /GET|HEAD/);
    if (method !== 'HEAD') assert.equal(typeof answer.json()['errorText'], 'string');
  }
});

const POLLUTING = [
  '"__proto__":{"client_secret":"polluted","polluted":true}', '"constructor":{"prototype":{}}',
  '"unknown":[1,{"a":null}]', '"p-ticket":"x"', '"":""',
];

test('AT-V11 full lengths and unknown members are read, and nothing is polluted', async () => {
  const longest = {
    ...CODE_GRANT,
    code: 'x'.repeat(8_192),
    redirect_uri: 'x'.repeat(8_192),
    assertion: LONG.slice(1),
  };
  assertOAuthError(await token(longest), 'code');
  assertOAuthError(await token({ ...CODE_GRANT, grant_type: 'x'.repeat(64) }), 'grant_type');
  assertOAuthError(await token(raw('"grant_type":"string"', ...POLLUTING)), 'grant_type');
  // A secret that only a polluted prototype would give: the client is not authenticated by it.
  const { code } = await alice.allow(O1);
  const members = Object.entries({ ...codeMembers(O1, code), client_secret: undefined })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
  const inherited = `"__proto__":{"client_secret":"${O1.secret}"}`;
  assertOAuthError(await token(raw(...members, inherited)), 'client');
  const whole = [...members, `"client_secret":"${O1.secret}"`, ...POLLUTING];
  assertTokenAnswer(await token(raw(...whole)), 'code');
});

test('BR-15 no array, object, number, flag or null passes for a string', async () => {
  const { code } = await alice.allow(O1);
  const { refresh_token } = await alice.link(O1);
  const fields: readonly (readonly [string, Members, string])[] = [
    ['grant_type', codeMembers(O1, code), 'authorization_code'],
    ['code', codeMembers(O1, code), code],
    ['redirect_uri', codeMembers(O1, code), O1.redirect_uri],
    ['client_secret', codeMembers(O1, code), O1.secret ?? ''],
    ['refresh_token', { ...REFRESH_GRANT, refresh_token }, refresh_token],
    ['code_verifier', codeMembers(O1, code), 'x'],
    ['httpAuth', codeMembers(O1, code), basicOf(O1)],
    ['resource', codeMembers(O1, code), 'x'],
  ];
  for (const [field, members, value] of fields) {
    for (const wrong of [[value], { 0: value }, 7, true, [[value]]]) {
      assertMalformed(await token({ ...members, [field]: wrong }), field);
    }
  }
  for (const client_id of [[O1.id], { id: O1.id }, true]) {
    assertMalformed(await token({ ...codeMembers(O1, code), client_id }), 'client_id');
  }
  // The exception: a number, and nothing was spent on the way.
  assertTokenAnswer(await exchange(live, O1, code, { client_id: 40001 }), 'code');
  assertTokenAnswer(await refresh(live, O1, refresh_token), 'refresh');
});

test('BR-16 httpAuth of one app with the client id of another is invalid_client', async () => {
  const { code } = await alice.allow(O1);
  const { refresh_token } = await alice.link(O1);
  const of = (app: typeof O1, client_id: string | number) => ({
    httpAuth: basicOf(app), client_id, client_secret: undefined,
  });
  for (const how of [{}, { as: 'form' }] as const) {
    const asked = codeMembers(O1, code);
    assertOAuthError(await token({ ...asked, ...of(O1, O2.id) }, how), 'client');
    assertOAuthError(await token({ ...asked, ...of(O2, O1.id) }, how), 'client');
    assertOAuthError(await token({ ...asked, ...of(O2, 40001) }, how), 'client');
    const refreshing = { ...REFRESH_GRANT, refresh_token };
    assertOAuthError(await token({ ...refreshing, ...of(O2, O1.id) }, how), 'client');
  }
  assertTokenAnswer(await exchange(live, O1, code), 'code');
  assert.equal(tokensOf(await refresh(live, O1, refresh_token)).token_type, 'Bearer');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
