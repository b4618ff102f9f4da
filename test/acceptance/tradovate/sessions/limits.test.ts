/** Calls per user and per address: 429 without a word (contract §10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { get, link } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { noteSecrets } from '../../tradier/secrets.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import { assertEmpty, assertSession } from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;

/** `times` calls, at most 64 of them at once. */
async function repeat(times: number, send: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let left = times;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      answers.push(await send());
    }
  };
  await Promise.all(Array.from({ length: 64 }, work));
  return answers;
}

const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

test('AT-V47 the 5,001st call of a user in an hour is 429 and empty', async () => {
  const here = callerAt(live);
  const mine = assertSession(await here.login(alice)).accessToken;
  const grant = await link(live, REGISTRATIONS.O1, alice);
  noteSecrets(grant.access_token, grant.refresh_token);
  const others = assertSession(await here.login(erin)).accessToken;
  const demo = assertSession(await callerAt(paper).login(alice)).accessToken;
  const peer = await here.socket(mine);
  // Spread over time, so that the limits of a minute and a second are not met.
  const tokens = [mine, grant.access_token];
  const answers: Answer[] = [];
  for (let part = 0; part < 5; part += 1) {
    let turn = 0;
    answers.push(...await repeat(1_000, () => here.me(tokens[(turn += 1) % 2] ?? '')));
    await clock.advance(61);
  }
  // The socket's authorize may have been a call of hers too.
  assert.ok(count(answers, 200) >= 4_999, `429: ${count(answers, 429)}`);
  assert.equal((await here.me(mine)).status, 429);
  peer.send('auth/me\n7\n\n');
  assert.equal(await peer.frame((text) => text.includes('"i":7')), 'a[{"s":429,"i":7}]');
  peer.close();
  for (const token of tokens) assertEmpty(await here.me(token), 429);
  assertEmpty(await here.call(mine, { path: '/v1/auth/me', method: 'GET' }), 429);
  assert.equal((await here.me(others)).status, 200);
  assert.equal((await callerAt(paper).me(demo)).status, 200);
  await clock.advance(3_601);
  assert.equal((await here.me(mine)).status, 200);
});

test('AT-V47 the 101st anonymous call of an address in a second is 429 and empty', async () => {
  const headers = [['X-Forwarded-For', '192.0.2.1']] as const;
  const send = (): Promise<Answer> => get(live, '/gettimestamp', headers);
  await clock.advance(61);
  const answers = await Promise.all(Array.from({ length: 101 }, send));
  assert.equal(count(answers, 200), 100);
  for (const answer of answers) if (answer.status !== 200) assertEmpty(answer, 429);
  assertEmpty(await send(), 429);
  assert.equal((await get(live, '/gettimestamp', [['X-Forwarded-For', '192.0.3.1']])).status, 200);
  await clock.advance(2);
  assert.equal((await send()).status, 200);
});

test('AT-V47 the 1,001st anonymous call of an address in an hour is 429', async () => {
  const headers = [['X-Forwarded-For', '198.51.100.1']] as const;
  const paths = ['/gettimestamp', '/auth/products', '/v1/timestamp'];
  let turn = 0;
  const send = (): Promise<Answer> => get(live, paths[(turn += 1) % 3] ?? '', headers);
  const answers: Answer[] = [];
  for (let part = 0; part < 12; part += 1) {
    answers.push(...await repeat(90, send));
    await clock.advance(61);
  }
  assert.equal(count(answers, 200), 1_000);
  assert.equal(count(answers, 429), 80);
  assertEmpty(await send(), 429);
  await clock.advance(3_601);
  assert.equal((await send()).status, 200);
});

test('AT-V47 exempt subnets are not limited, nor anybody with limits off', async () => {
  await clock.advance(3_601);
  const burst = (address: string): Promise<Answer[]> => Promise.all(
    Array.from({ length: 150 }, () => get(live, '/gettimestamp', [['X-Forwarded-For', address]])),
  );
  await control.config({ 'tradovate.limit_exempt': ['203.0.113.0/24'] });
  assert.equal(count(await burst('203.0.113.200'), 200), 150);
  assert.ok(count(await burst('203.0.114.200'), 429) > 0);
  await control.config({ 'tradovate.limit_exempt': [] });
  assert.ok(count(await burst('203.0.113.201'), 429) > 0);
  await control.config({ 'tradovate.danger_limits_off': true });
  assert.equal(count(await burst('203.0.114.201'), 200), 150);
  await control.config({ 'tradovate.danger_limits_off': false });
  assert.ok(count(await burst('203.0.114.202'), 429) > 0);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
