/** The server's time and the countries it may not serve (contract §12.1, §12.4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { get, oauthToken } from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { callerAt, clockOf } from './caller.ts';
import { assertEmpty, assertErrorText, assertMalformed, bodyOf } from './answers.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'signup.banned_countries': '["KP","IR"]' },
});
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);

const TIMES = ['/gettimestamp', '/timestamp', '/v1/gettimestamp', '/v1/timestamp'];

async function assertTime(answer: Answer): Promise<void> {
  const { timestamp, ...rest } = bodyOf(answer);
  assert.deepEqual(rest, {});
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(String(timestamp)) - clock.now()) <= 1_000, String(timestamp));
}

test('AT-V51 four addresses tell the time in UTC and milliseconds', async () => {
  for (const world of [live, paper]) {
    for (const path of TIMES) {
      await assertTime(await get(world, path));
      await assertTime(await get(world, path.toUpperCase()));
      await assertTime(await get(world, `${path}?`));
    }
  }
  await clock.advance(86_400);
  await assertTime(await get(live, '/gettimestamp'));
  await assertTime(await callerAt(live).call('junk', { path: '/gettimestamp' }));
});

test('AT-V51 the time is asked by GET alone', async () => {
  for (const method of ['POST', 'PUT', 'HEAD']) {
    const answer = await callerAt(live).call(null, { path: '/gettimestamp', method });
    assert.equal(answer.status, 405, method);
    assert.match(String(answer.headers.allow), /\bGET\b/);
    if (method !== 'HEAD') assertMalformed(answer, 405);
  }
  for (const path of ['/auth/gettimestamp', '/gettimestamp/', '/v1/v1/timestamp']) {
    assertEmpty(await get(live, path), 404);
  }
});

/** POST, whose manner `oauthToken` has, at this path. */
function isBanned(body: Members | string, how: How = {}): Promise<Answer> {
  return oauthToken(live, body, { path: '/auth/countryisbanned', ...how });
}

async function assertBanned(
  body: Members | string,
  country: string,
  banned: boolean,
  how?: How,
): Promise<void> {
  const answer = await isBanned(body, how);
  assert.equal(answer.text, JSON.stringify({ country, banned }));
  bodyOf(answer);
}

test('AT-V54 a listed country is banned, another is not, in any case', async () => {
  await assertBanned({ country: 'KP' }, 'KP', true);
  await assertBanned({ country: 'IR' }, 'IR', true);
  await assertBanned({ country: 'kp' }, 'KP', true);
  await assertBanned({ country: 'DE' }, 'DE', false);
  await assertBanned({ country: 'us' }, 'US', false);
  await assertBanned({ countryCode: 'KP' }, 'KP', true);
  await assertBanned({ countryCode: 'ch' }, 'CH', false);
  await assertBanned({ country: 'KP', unknown: 1 }, 'KP', true, { as: 'none' });
  for (const path of ['/v1/auth/countryIsBanned', '/AUTH/COUNTRYISBANNED']) {
    await assertBanned({ country: 'KP' }, 'KP', true, { path });
  }
});

test('AT-V54 no country, or none that exists: Unknown country', async () => {
  const bodies: readonly Members[] = [
    {}, { country: 'X'.repeat(3) }, { country: '' }, { country: 'K' }, { country: 'ZZ' },
    { country: 'K P' }, { country: 'КР' }, { country: '12' }, { countryCode: 'PRK' },
    { country: '__proto__' }, { country: 'constructor' },
  ];
  for (const body of bodies) assertErrorText(await isBanned(body), 'Unknown country');
});

test('AT-V54 a body that is no object, or a country that is no text, is malformed', async () => {
  const bodies = [
    '', '[]', 'KP', '{"country":["KP"]}', '{"country":7}', '{"country":null}',
    '{"country":"DE","country":"KP"}',
  ];
  for (const body of bodies) assertMalformed(await isBanned(body));
  assertMalformed(await callerAt(live).call(null, { path: '/auth/countryisbanned' }), 405);
});

test('AT-V54 nothing is guessed from the address, and no token is looked at', async () => {
  const headers = [
    ['X-Forwarded-For', '175.45.176.1'], ['CF-IPCountry', 'KP'], ['Accept-Language', 'ko-KP'],
    ['Authorization', 'Bearer junk'],
  ] as const;
  await assertBanned({ country: 'DE' }, 'DE', false, { headers });
});
