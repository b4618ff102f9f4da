/** Penalties of renewal and `me`, whose wait is over by itself (contract §10). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { link } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { noteSecrets } from '../../tradier/secrets.ts';
import { BEHIND_PROXY, assertLogTellsNothing, callerAt, clockOf } from './caller.ts';
import type { Caller } from './caller.ts';
import { assertEmpty, assertPenalty, assertSession, bodyOf } from './answers.ts';

const server = await startServer({ seed: tradovateSeed(), set: BEHIND_PROXY });
after(server.stop);
const { live, paper, control } = server;
const clock = clockOf(control);
const { alice, erin } = USERS;

const logIn = async (user = alice, world = live): Promise<string> =>
  assertSession(await callerAt(world).login(user)).accessToken;

async function renewTimes(caller: Caller, token: string, times: number): Promise<void> {
  for (let count = 1; count <= times; count += 1) assertSession(await caller.renew(token));
}

test('AT-V40 the 16th renewal of a subnet in an hour is a penalty of 15 s', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  await renewTimes(caller, token, 15);
  const { ticket } = assertPenalty(await caller.renew(token), 15);
  // Others of the subnet wait as well, other subnets and the other environment do not.
  const neighbour = callerAt(live, caller.address.replace(/\d+$/, '250'));
  assert.equal(assertPenalty(await neighbour.renew(token), 15).ticket, ticket);
  assertSession(await callerAt(live).renew(token));
  const demo = await logIn(alice, paper);
  assertSession(await callerAt(paper, caller.address).renew(demo));
  await clock.advance(15);
  assertSession(await caller.renew(token));
});

test('AT-V40 the wait is always 15 s, for each further call anew', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  await renewTimes(caller, token, 15);
  for (let round = 1; round <= 4; round += 1) {
    const { ticket } = assertPenalty(await caller.renew(token, { method: 'POST' }), 15);
    await clock.advance(13);
    assert.equal(assertPenalty(await caller.renew(token), 15).ticket, ticket, 'too early');
    await clock.advance(13);
    assert.equal(assertPenalty(await caller.renew(token), 15).ticket, ticket, 'begun again');
    await clock.advance(15);
    assertSession(await caller.renew(token));
  }
});

test('AT-V40 the ticket may come in the query, and waiting without it is enough', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  await renewTimes(caller, token, 15);
  const { ticket } = assertPenalty(await caller.renew(token), 15);
  await clock.advance(15);
  assertSession(await caller.renew(token, { path: `/auth/renewaccesstoken?p-ticket=${ticket}` }));
  assertPenalty(await caller.renew(token), 15);
  await clock.advance(15);
  assertSession(await caller.renew(token));
});

test('AT-V40 every call counts, and no name of the path is free', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  const paths = ['/auth/renewaccesstoken', '/v1/auth/renewAccessToken', '/AUTH/RENEWACCESSTOKEN'];
  for (let count = 0; count < 15; count += 1) {
    const path = paths[count % paths.length] ?? '';
    if (count < 5) assertEmpty(await caller.renew('junk', { path }), 401);
    else assertSession(await caller.renew(token, { path }));
  }
  for (const path of paths) assertPenalty(await caller.renew(token, { path }), 15);
  assertPenalty(await caller.renew(null), 15);
});

test('AT-V40 of 64 at once 15 are renewed, exactly', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  const answers = await Promise.all(Array.from({ length: 64 }, () => caller.renew(token)));
  const renewed = answers.filter(({ text }) => text.includes('accessToken'));
  assert.equal(renewed.length, 15);
  for (const answer of answers) {
    if (renewed.includes(answer)) assertSession(answer);
    else assertPenalty(answer, 15);
  }
});

test('AT-V40 the hour rolls: what is older than it is free again', async () => {
  const caller = callerAt(live);
  const first = await logIn();
  await renewTimes(caller, first, 15);
  assertPenalty(await caller.renew(first), 15);
  await clock.advance(3_661);
  await renewTimes(caller, first, 15);
  assertPenalty(await caller.renew(first), 15);
});

test('AT-V40 OAuth tokens are counted with the rest', async () => {
  const grant = await link(live, REGISTRATIONS.O2, erin);
  noteSecrets(grant.access_token, grant.refresh_token);
  const caller = callerAt(live);
  await renewTimes(caller, grant.access_token, 15);
  assertPenalty(await caller.renew(grant.access_token), 15);
});

test('AT-V40 on a socket a renewal counts as well, and a penalty is the object in d', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  await renewTimes(caller, token, 14);
  const peer = await caller.socket(token);
  const renew = async (id: number): Promise<string> => {
    peer.send(`auth/renewAccessToken\n${id}\n\n`);
    return peer.frame((text) => text.includes(`"i":${id}`));
  };
  assert.match(await renew(2), /^a\[\{"s":200,"i":2,"d":\{"accessToken":"/);
  const penalty = await renew(3);
  assert.match(
    penalty,
    /^a\[\{"s":200,"i":3,"d":\{"p-ticket":"[^"]+","p-time":15,"p-captcha":false\}\}\]$/,
  );
  assertPenalty(await caller.renew(token), 15);
  await clock.advance(15);
  assert.match(await renew(4), /"s":200,"i":4,"d":\{"accessToken":"/);
  peer.close();
});

test('AT-V46 ten bad tokens at me are free; then 30 s, and a good one', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  for (let count = 1; count <= 10; count += 1) {
    assertEmpty(await caller.me(count % 2 === 0 ? 'junk' : null), 401);
  }
  const { ticket } = assertPenalty(await caller.me('junk'), 30);
  assert.equal(assertPenalty(await caller.me(token), 30).ticket, ticket, 'a good one waits too');
  assert.equal((await callerAt(live).me(token)).status, 200);
  await clock.advance(30);
  assert.equal(bodyOf(await caller.me(token))['name'], 'alice');
});

test('AT-V46 waits double with each failure; successes count nothing', async () => {
  const token = await logIn();
  const caller = callerAt(live);
  for (let count = 1; count <= 20; count += 1) {
    assert.equal(bodyOf(await caller.me(token))['name'], 'alice');
  }
  for (let count = 1; count <= 10; count += 1) assertEmpty(await caller.me('junk'), 401);
  for (const wait_s of [30, 60, 120]) {
    assertPenalty(await caller.me('junk'), wait_s);
    await clock.advance(wait_s);
    assertEmpty(await caller.me('junk'), 401);
  }
  const { ticket } = assertPenalty(await caller.me(token), 240);
  await clock.advance(240);
  assert.equal((await caller.me(token, { path: `/v1/auth/me?p-ticket=${ticket}` })).status, 200);
});

test('AT-V46 tokens of closed sessions count too', async () => {
  const closed = await logIn();
  const rest = [await logIn(), await logIn()];
  const caller = callerAt(live);
  for (let count = 1; count <= 10; count += 1) assertEmpty(await caller.me(closed), 408);
  assertPenalty(await caller.me(closed), 30);
  for (const token of rest) assert.equal((await callerAt(live).me(token)).status, 200);
});

test('AT-V46 at no time are more than ten of 64 bad tokens at once looked at', async () => {
  const caller = callerAt(live);
  const answers = await Promise.all(Array.from({ length: 64 }, () => caller.me('junk')));
  assert.equal(answers.filter(({ status }) => status === 401).length, 10);
  for (const answer of answers) if (answer.status !== 401) assertPenalty(answer, null);
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
