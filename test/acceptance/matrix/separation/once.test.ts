/**
 * Tickets, challenges and stream tokens: what is bound to a subnet, a body or a stream is put
 * where only its world or dialect is wrong, everything else being right.
 */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { call } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import {
  accessTokenRequest, get, loginMembers, sessionOf,
} from '../../../outside/tradovate.ts';
import type { Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import type { User } from '../../../outside/tradovate-fixtures.ts';
import { openSocket } from '../../tradovate/sockets.ts';
import { objectsIn } from './objects.ts';
import type { Thing } from './objects.ts';
import { seenIn, unknownLike } from './present.ts';
import { bob, freshAddress, from, startBoth } from '../site.ts';

const server = await startBoth();
after(server.stop);
const { live, paper, control } = server;
const DIRECTIONS = [[live, paper], [paper, live]] as const;
const { erin } = USERS;

const signIn = (world: WorldSite, members: Members, address: string): Promise<Answer> =>
  accessTokenRequest(world, members, { headers: [from(address)] });

/** Everything but the ticket that was drawn for the answer. */
const shape = (answer: Answer): string =>
  JSON.stringify(seenIn(answer)).replace(/(p-ticket\\":\\")[^\\]+/, '$1…');

/** Brings an address under a penalty, and gives the ticket of it. */
async function penalized(world: WorldSite, user: User, address: string): Promise<string> {
  const wrong = { ...loginMembers(API_KEYS.K1, user), password: 'wrong' };
  for (let failures = 0; failures < 5; failures += 1) await signIn(world, wrong, address);
  const { 'p-ticket': ticket } = (await signIn(world, wrong, address)).json();
  assert.equal(typeof ticket, 'string');
  return String(ticket);
}

test('BR-01 a ticket of one world is unknown in the other, same body, same subnet', async () => {
  for (const [home, abroad] of DIRECTIONS) {
    const address = freshAddress();
    const good = loginMembers(API_KEYS.K1, erin);
    const ticket = await penalized(home, erin, address);
    const there = await penalized(abroad, erin, address);
    assert.notEqual(ticket, there);
    await control.advance(16);
    const foreign = await signIn(abroad, { ...good, 'p-ticket': ticket }, address);
    await control.advance(16);
    const unknown = await signIn(abroad, { ...good, 'p-ticket': 'A'.repeat(43) }, address);
    assert.equal(shape(foreign), shape(unknown));
    assert.ok(foreign.text.startsWith('{"p-ticket"'), foreign.text);
    sessionOf(await signIn(home, { ...good, 'p-ticket': ticket }, address));
  }
});

/** A good sign-in by a challenge, whichever world gave it. */
function challenged(chl: string): Members {
  const key = API_KEYS.challenged;
  const members = loginMembers(key, bob);
  const secret = createHash('sha256').update(key.sec).digest();
  const { deviceId, name, password, appId } = members;
  const text = JSON.stringify([chl, deviceId, name, password, appId]);
  return { ...members, chl, sec: createHmac('sha256', secret).update(text).digest('hex') };
}

test('BR-01 a challenge of one world is unknown in the other, and stays good at home', async () => {
  for (const [home, abroad] of DIRECTIONS) {
    const address = freshAddress();
    const body = (await get(home, '/auth/challenge', [from(address)])).json();
    const chl = String(body['chl']);
    const foreign = await signIn(abroad, challenged(chl), address);
    const unknown = await signIn(abroad, challenged('1'.repeat(20)), address);
    assert.equal(shape(foreign), shape(unknown));
    assert.equal(foreign.text, '{"errorText":"Challenge is invalid or expired"}');
    sessionOf(await signIn(home, challenged(chl), address));
  }
});

const INVALID_TOKEN = 'a[{"s":401,"i":0,"d":"Invalid access token"}]';

/** Everything said on a stream that presents this text, up to its end. */
async function saidTo(world: WorldSite, text: string): Promise<string> {
  const peer = await openSocket(world, {
    first: [`authorize\n0\n\n${text}`], headers: { 'X-Forwarded-For': freshAddress() },
  });
  const { code } = await peer.ended;
  return JSON.stringify([peer.frames.filter((frame) => frame !== 'h'), code]);
}

test('BR-01 BR-17 no stream opens with an object of another world or dialect', async () => {
  const holders = { live: await objectsIn(live), paper: await objectsIn(paper) };
  const all = [live, paper].flatMap(({ name }): readonly Thing[] =>
    [...holders[name].tradier.things, ...holders[name].tradovate.things]);
  let tried = 0;
  for (const world of [live, paper]) {
    const foreign = all.filter((thing) =>
      thing.world !== world.name || thing.dialect !== 'tradovate');
    const answers = await Promise.all(foreign.map(async (thing) => [
      `${thing.dialect} ${thing.kind} of ${thing.world} in ${world.name}`,
      await saidTo(world, thing.text),
      await saidTo(world, unknownLike(thing, world).text),
    ] as const));
    for (const [name, said, unknown] of answers) {
      assert.equal(said, unknown, name);
      assert.ok(said.includes(JSON.stringify(INVALID_TOKEN)), `${name}: ${said}`);
    }
    tried += answers.length;
  }
  assert.ok(tried >= 2 * KINDS_ABROAD, String(tried));
});

/** Eight kinds of one dialect in two worlds, and the other dialect's of the other world. */
const KINDS_ABROAD = 20;

test('BR-17 a ticket or challenge in a Tradier request is a parameter like any other', async () => {
  const address = freshAddress();
  const ticket = await penalized(live, USERS.alice, address);
  const body = (await get(live, '/auth/challenge', [from(address)])).json();
  for (const query of [`p-ticket=${ticket}`, `chl=${String(body['chl'])}`, 'p-ticket=x']) {
    const answer = await call(live.origin, {
      path: `/v1/user/profile?${query}`, headers: [from(address)],
    });
    assert.equal(answer.status, 401);
    assert.ok(!answer.text.includes('p-'), answer.text);
  }
});
