/** The published keys before, during and after a rotation (JW-11, F-30). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { headerOf, keysOf, verify } from '../../../outside/jwt.ts';
import { bearing, jwks, link, refresh, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { noted } from '../../tradovate/trader.ts';
import { rotateUnderLoad } from './jwt-keys.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper, control } = server;
const { O1 } = REGISTRATIONS;

const EC = ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'];
const RSA = ['alg', 'e', 'kid', 'kty', 'n', 'use'];

async function assertPublic(): Promise<readonly string[]> {
  const { keys } = await keysOf(live);
  for (const key of keys) {
    assert.deepEqual(Object.keys(key).sort(), key.kty === 'EC' ? EC : RSA);
    assert.equal(key.use, 'sig');
    assert.equal(key.alg, key.kty === 'EC' ? 'ES256' : 'RS256');
  }
  const kids = keys.map(({ kid }) => String(kid));
  assert.equal(new Set(kids).size, kids.length, 'kids are unique');
  return kids;
}

test('JW-11 public members alone, next and retired keys besides the active one', async () => {
  let held = await link(live, O1, USERS.alice);
  const issue = async (): Promise<string> => {
    held = noted(tokensOf(await refresh(live, O1, held.refresh_token)));
    return headerOf(held.access_token).kid ?? '';
  };
  const before = await assertPublic();
  assert.equal(before.length, 2, 'one for access tokens, one for ID tokens');
  const first = await issue();
  const first_token = held.access_token;
  await control.act('live', 'key.rotate', { purpose: 'access-token' });
  const during = await assertPublic();
  assert.equal(during.length, 3);
  assert.ok(before.every((kid) => during.includes(kid)));
  // Announced for ten minutes, in which it signs nothing.
  assert.equal(await issue(), first);
  await control.advance(590);
  assert.equal(await issue(), first);
  await control.advance(11);
  const second = await issue();
  assert.notEqual(second, first);
  assert.ok(during.includes(second));
  assert.deepEqual(await assertPublic(), during, 'the retired one stays');
  await verify(first_token, await keysOf(live));
  await control.advance(4_000);
  await verify(first_token, await keysOf(live));
  await control.advance(86_400);
  await issue();
  await control.advance(3_600);
  assert.deepEqual([...await assertPublic()].sort(), during.filter((kid) => kid !== first).sort());
});

test('JW-11 a shorter announcement than verifiers need is refused', async () => {
  for (const purpose of ['access-token', 'id-token']) {
    for (const announce_s of [0, 599]) {
      const { status } = await control.tryAct('live', 'key.rotate', { purpose, announce_s });
      assert.equal(status, 400, `${purpose} ${announce_s}`);
    }
  }
});

test('JW-11 the set has an age and an ETag, which a rotation changes', async () => {
  const { headers, text } = await jwks(live);
  assert.equal(headers['cache-control'], 'public, max-age=300');
  assert.match(String(headers.etag), /^(?:W\/)?"[^"]{16,64}"$/, 'however many keys there are');
  const unchanged = await bearing(live, null, {
    path: '/auth/jwks', headers: [['If-None-Match', String(headers.etag)]],
  });
  assert.equal(`${unchanged.status} ${unchanged.text}`, '304 ');
  assert.equal((await jwks(live)).headers.etag, headers.etag);
  const in_paper = (await jwks(paper)).text;
  await control.act('live', 'key.rotate', { purpose: 'id-token' });
  const changed = await jwks(live);
  assert.notEqual(changed.headers.etag, headers.etag);
  assert.notEqual(changed.text, text);
  assert.equal((await jwks(paper)).text, in_paper);
});

const ROTATIONS = 20;
let running: ReturnType<typeof rotateUnderLoad> | undefined;
const run = () => (running ??= rotateUnderLoad(ROTATIONS));

test('F-30 keys are announced before they sign and go when nothing needs them', async () => {
  const { kids, announced_s, left, paper: [before, afterwards] } = await run();
  assert.ok(kids.size >= ROTATIONS, `${kids.size} keys signed`);
  assert.ok(announced_s >= 300, `a key signed ${announced_s} s after it was first published`);
  assert.equal(left, 2, 'two days later only those at work are left');
  assert.deepEqual(afterwards, before, 'the other world keeps its keys');
});

test('T-10 no verification fails, with a kept key set or one fetched when needed', async () => {
  const { verified, failures } = await run();
  assert.ok(verified > ROTATIONS * 2 * 16, `${verified} verifications`);
  assert.deepEqual(failures, []);
});

test('I11 every token\'s key is published from its issue to its expiry', async () => {
  const { tokens, orphans } = await run();
  assert.ok(tokens > ROTATIONS * 16);
  assert.deepEqual(orphans, []);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
