/** After a restart: what was acknowledged holds, what was closed or ended stays so. */
import assert from 'node:assert/strict';
import {
  exchange, login, me, refresh, renew, sessionOf, tokensOf,
} from '../../outside/tradovate.ts';
import { API_KEYS } from '../../outside/tradovate-fixtures.ts';
import type { Server } from '../../world.ts';
import { APP, SESSIONS_MAX, nothingKnown } from './loop.ts';
import type { Grant, Known, Loop, Session } from './loop.ts';

export type Tally = {
  live: number;
  closed: number;
  ended: number;
  unsure: number;
  grants: number;
  ended_grants: number;
  codes: number;
};

export const emptyTally = (): Tally => ({
  live: 0, closed: 0, ended: 0, unsure: 0, grants: 0, ended_grants: 0, codes: 0,
});

/** Checks what one customer knows and forgets it; what it saw is added to the tally. */
export async function checkKnown(server: Server, loop: Loop, tally: Tally): Promise<void> {
  const { known } = loop;
  await checkSessions(server, known, tally);
  for (const grant of known.grants) {
    await grantLives(server, grant);
    tally.grants += 1;
  }
  for (const grant of known.ended_grants) {
    await grantIsDead(server, grant);
    tally.ended_grants += 1;
  }
  for (const code of known.codes) {
    await spendAtMostOnce(server, code);
    tally.codes += 1;
  }
  const open = await openAgain(server, loop);
  Object.assign(known, { ...nothingKnown(), live: open });
}

async function checkSessions(server: Server, known: Known, tally: Tally): Promise<void> {
  const { live, closed, ended, unanswered } = known;
  for (const [at, session] of live.entries()) {
    const allowed = allowedStatuses(unanswered, at, live.length);
    const statuses = new Set(await statusesOf(server, session));
    assert.equal(statuses.size, 1, 'all tokens of a session share its fate');
    const [status = 0] = statuses;
    const among = `${at + 1} of ${live.length}, ${unanswered} unanswered`;
    assert.ok(allowed.includes(status), `session ${among}: ${status}, not ${String(allowed)}`);
    tally[allowed.length > 1 ? 'unsure' : 'live'] += 1;
    if (status !== 200) continue;
    const { accessToken } = sessionOf(await renew(server.live, session.tokens.at(-1) ?? ''));
    assert.equal((await me(server.live, accessToken)).status, 200);
  }
  await allAre(server, closed, 408);
  await allAre(server, ended, 401);
  tally.closed += closed.length;
  tally.ended += ended.length;
}

/** A login or an end that got no answer may have touched the oldest session, and only that. */
function allowedStatuses(
  unanswered: Known['unanswered'],
  at: number,
  count: number,
): readonly number[] {
  if (at > 0) return [200];
  if (unanswered === 'login' && count === SESSIONS_MAX) return [200, 408];
  return unanswered === 'end' ? [200, 401] : [200];
}

function statusesOf(server: Server, { tokens }: Session): Promise<readonly number[]> {
  return Promise.all(tokens.map(async (token) => (await me(server.live, token)).status));
}

async function allAre(
  server: Server,
  sessions: readonly Session[],
  status: number,
): Promise<void> {
  for (const session of sessions) {
    const seen = await statusesOf(server, session);
    assert.deepEqual([...new Set(seen)], [status], 'a closed or ended session');
  }
}

/** Two new sessions; whatever lived before them is closed now. */
async function openAgain(server: Server, { user, known }: Loop): Promise<Session[]> {
  const open: Session[] = [];
  for (let count = 0; count < SESSIONS_MAX; count += 1) {
    const { accessToken } = sessionOf(await login(server.live, API_KEYS.K1, user));
    open.push({ tokens: [accessToken] });
  }
  for (const session of known.live) {
    const seen = await statusesOf(server, session);
    assert.equal(seen.includes(200), false, 'a third session lives');
  }
  return open;
}

async function grantLives(server: Server, grant: Grant): Promise<void> {
  for (const token of grant.access_tokens) {
    const { status, text } = await me(server.live, token);
    assert.equal(status, 200, `an acknowledged access token is lost: ${text}`);
  }
  // The last rotation may have happened without its answer: asked again it is answered.
  const next = tokensOf(await refresh(server.live, APP, grant.refresh_token));
  const last = tokensOf(await refresh(server.live, APP, next.refresh_token));
  assert.equal((await me(server.live, last.access_token)).status, 200);
}

async function grantIsDead(server: Server, grant: Grant): Promise<void> {
  for (const token of grant.access_tokens) {
    assert.equal((await me(server.live, token)).status, 401, 'an ended token came back');
  }
  const { text } = await refresh(server.live, APP, grant.refresh_token);
  assert.match(text, /"error":"invalid_token"/, 'an ended refresh token came back');
}

/** Its first exchange got no answer: it happened or it did not, but not twice. */
async function spendAtMostOnce(server: Server, code: string): Promise<void> {
  const first = await exchange(server.live, APP, code);
  if (!first.text.includes('access_token')) {
    assert.match(first.text, /"error":"invalid_grant"/);
    return;
  }
  assert.equal((await me(server.live, tokensOf(first).access_token)).status, 200);
  const second = await exchange(server.live, APP, code);
  assert.match(second.text, /"error":"invalid_grant"/, 'a code twice');
}
