/**
 * Races on one session and on one rotating refresh token: 64 requests at once, as a client with
 * too many processes sends them.
 */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Answer } from '../../outside/call.ts';
import { link, login, me, refresh, renew, sessionOf, tokensOf } from '../../outside/tradovate.ts';
import type { OAuthTokens } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS, USERS, tradovateSeed } from '../../outside/tradovate-fixtures.ts';
import { startServer } from '../../world.ts';
import type { Server } from '../../world.ts';

const { O1, O2 } = REGISTRATIONS;
const { alice, erin } = USERS;
const AT_ONCE = 64;

const times = <T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));

/** The server of the enclosing suite. */
export function racingServer(): () => Server {
  let server: Server | undefined;
  before(async () => {
    const set = { 'tradovate.danger_limits_off': true };
    server = await startServer({ seed: tradovateSeed(), set });
  });
  after(() => server?.stop());
  return () => server ?? assert.fail('no server was started');
}

type Race = {
  readonly id: string;
  readonly says: string;
  readonly run: (server: Server, rounds: number) => Promise<void>;
};

export const SESSION_RACES: readonly Race[] = [
  {
    id: 'F-05',
    says: '64 renewals of one session at once: one session, every token works',
    run: inRounds(raceRenewals),
  },
  {
    id: 'I7',
    says: 'logins and renewals at once: never a third session, nobody locked out',
    run: inRounds(raceBoth),
  },
  {
    id: 'RP-17',
    says: '64 refreshes of one rotating token: one rotation, one successor',
    run: async (server, rounds) => {
      let held = await link(server.live, O1, erin);
      for (let round = 0; round < rounds; round += 1) {
        held = await raceRefreshes(server, held);
        await server.control.advance(31);
      }
    },
  },
  {
    id: 'RP-15',
    says: 'a stolen ancestor ends its family and no other',
    run: inRounds(raceStolen),
  },
];

function inRounds(race: (server: Server) => Promise<void>): Race['run'] {
  return async (server, rounds) => {
    for (let round = 0; round < rounds; round += 1) await race(server);
  };
}

async function logIn(server: Server): Promise<string> {
  return sessionOf(await login(server.live, API_KEYS.K1, alice)).accessToken;
}

/** How many of the tokens work; the others are of closed sessions. */
async function workingOf(server: Server, tokens: readonly string[]): Promise<number> {
  const statuses = (await times(tokens.length, (at) => me(server.live, tokens[at] ?? '')))
    .map(({ status }) => status);
  for (const status of statuses) assert.ok(status === 200 || status === 408, String(statuses));
  return statuses.filter((status) => status === 200).length;
}

async function raceRenewals(server: Server): Promise<void> {
  const other = await logIn(server);
  const token = await logIn(server);
  const renewed = (await times(AT_ONCE, (at) =>
    renew(server.live, token, { method: at % 2 === 0 ? 'GET' : 'POST' })))
    .map((answer) => sessionOf(answer).accessToken);
  assert.equal(new Set(renewed).size, AT_ONCE);
  assert.equal(await workingOf(server, [other, token, ...renewed]), AT_ONCE + 2);
}

/** Eight logins meet 56 renewals of the session before them. */
async function raceBoth(server: Server): Promise<void> {
  const before = await logIn(server);
  const logins: Promise<string>[] = [];
  const renewals = await times(AT_ONCE - 8, (at) => {
    if (at % 7 === 0) logins.push(logIn(server));
    return renew(server.live, before);
  });
  const opened = await Promise.all(logins);
  const renewed: string[] = [];
  for (const { status, text } of renewals) {
    assert.ok(status === 200 || status === 408, `${status} ${text}`);
    if (status === 200) renewed.push((JSON.parse(text) as { accessToken: string }).accessToken);
  }
  assert.equal(await workingOf(server, opened), 2);
  assert.equal(await workingOf(server, [before, ...renewed]), 0);
}

async function raceRefreshes(server: Server, held: OAuthTokens): Promise<OAuthTokens> {
  const answers = await times(AT_ONCE, () => refresh(server.live, O1, held.refresh_token));
  const pairs = answers.map((answer) => tokensOf(answer));
  const successors = new Set(pairs.map((pair) => pair.refresh_token));
  assert.equal(successors.size, 1, 'all callers hold the same successor');
  assert.equal(successors.has(held.refresh_token), false);
  await allUsable(server, [held, ...pairs]);
  const [next] = pairs;
  assert.ok(next);
  return next;
}

async function allUsable(server: Server, pairs: readonly OAuthTokens[]): Promise<void> {
  const checks = await times(pairs.length, (at) => me(server.live, pairs[at]?.access_token ?? ''));
  for (const { status, text } of checks) assert.equal(status, 200, text);
}

/** R1 → R2 → R3; then R1 again, by 64 thieves, while grants beside it are in use. */
async function raceStolen(server: Server): Promise<void> {
  const stolen = await link(server.live, O1, erin);
  const beside = [await link(server.live, O1, erin), await link(server.live, O2, erin)] as const;
  const second = tokensOf(await refresh(server.live, O1, stolen.refresh_token));
  const third = tokensOf(await refresh(server.live, O1, second.refresh_token));
  const thefts = await times(AT_ONCE, () => refresh(server.live, O1, stolen.refresh_token));
  for (const answer of thefts) assertRefused(answer);
  for (const { access_token, refresh_token } of [stolen, second, third]) {
    assertRefused(await refresh(server.live, O1, refresh_token));
    assert.equal((await me(server.live, access_token)).status, 401);
  }
  await allUsable(server, beside);
  tokensOf(await refresh(server.live, O1, beside[0].refresh_token));
  tokensOf(await refresh(server.live, O2, beside[1].refresh_token));
}

function assertRefused({ status, text }: Answer): void {
  const body = {
    error: 'invalid_token', error_description: 'The refresh token is invalid or expired',
  };
  assert.equal(`${status} ${text}`, `200 ${JSON.stringify(body)}`);
}
