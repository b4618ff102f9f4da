/** After a restart: what was acknowledged holds, what was ended stays ended, no code twice. */
import assert from 'node:assert/strict';
import { exchange, profile, refresh, tokens } from '../outside/tradier.ts';
import type { Server } from '../world.ts';
import type { Held, Link } from './customer-loop.ts';

export type Tally = { alive: number; ended: number; replayed: number; retried: number };

/** The contract ends the 21st live grant of a link's oldest. */
const GRANTS_A_LINK = 20;

/** Checks one link and forgets what it checked; what it saw is added to the tally. */
export async function checkLink(server: Server, link: Link, tally: Tally): Promise<void> {
  for (const held of link.ended) {
    await isDead(server, held);
    tally.ended += 1;
  }
  const surely_live = link.held.slice(-Math.max(0, GRANTS_A_LINK - 1 - link.unknown.length));
  for (const held of surely_live) {
    await isAlive(server, held);
    tally.alive += 1;
  }
  for (const code of link.unknown) {
    await spendAtMostOnce(server, link, code);
    tally.retried += 1;
  }
  // One in five: its tokens end with it, so the others stay for what they are.
  for (const [at, held] of surely_live.entries()) {
    if (at % 5 !== 0) continue;
    assert.equal((await exchange(server.live, link.app, held.code)).status, 400, 'a code twice');
    await isDead(server, held);
    tally.replayed += 1;
  }
  link.held = [];
  link.unknown = [];
  link.ended = [];
}

async function isAlive(server: Server, held: Held): Promise<void> {
  for (const token of held.access_tokens) {
    const { status, text } = await profile(server.live, token);
    assert.equal(status, 200, `an acknowledged access token is lost: ${text}`);
  }
  const { status, text } = await refresh(server.live, held.app, held.refresh_token);
  assert.equal(status, 200, `an acknowledged refresh token is lost: ${text}`);
}

async function isDead(server: Server, held: Held): Promise<void> {
  for (const token of held.access_tokens) {
    assert.equal((await profile(server.live, token)).status, 401, 'an ended token came back');
  }
  const { status } = await refresh(server.live, held.app, held.refresh_token);
  assert.equal(status, 400, 'an ended refresh token came back');
}

/** Its first exchange got no answer: it happened or it did not, but not twice. */
async function spendAtMostOnce(server: Server, link: Link, code: string): Promise<void> {
  const first = await exchange(server.live, link.app, code);
  assert.ok(first.status === 200 || first.status === 400, `${first.status} ${first.text}`);
  if (first.status !== 200) return;
  const { access_token } = tokens(first);
  assert.equal((await profile(server.live, access_token)).status, 200);
  assert.equal((await exchange(server.live, link.app, code)).status, 400, 'a code twice');
}
