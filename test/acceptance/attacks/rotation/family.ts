/** A refresh family of O1 on one server: its tokens in order, and what the trail says of them. */
import assert from 'node:assert/strict';
import type { Answer } from '../../../outside/call.ts';
import type { AuditEvent } from '../../../outside/control.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { claimsOf } from '../../../outside/jwt.ts';
import { credentials, oauthToken, tokensOf } from '../../../outside/tradovate.ts';
import type { OAuthTokens } from '../../../outside/tradovate.ts';
import { REGISTRATIONS } from '../../../outside/tradovate-fixtures.ts';
import type { Server } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertOAuthError, assertTokenAnswer } from '../../tradovate/answers.ts';
import { noted } from '../../tradovate/trader.ts';

const { O1 } = REGISTRATIONS;

export type Held = Pick<OAuthTokens, 'access_token' | 'refresh_token'>;

/** Presents a refresh token of O1, from an address of the client's own when it is named. */
export function present(
  world: WorldSite,
  refresh_token: string,
  address?: string,
): Promise<Answer> {
  const body = { grant_type: 'refresh_token', refresh_token, ...credentials(O1) };
  return oauthToken(world, body, {
    headers: address === undefined ? [] : [['X-Forwarded-For', address]],
  });
}

/** Presents one that must be good. */
export async function use(world: WorldSite, refresh_token: string): Promise<OAuthTokens> {
  const answer = await present(world, refresh_token);
  assertTokenAnswer(answer, 'refresh');
  return noted(tokensOf(answer));
}

/** Presents ones that must be refused. */
export async function refuse(world: WorldSite, ...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) assertOAuthError(await present(world, token), 'refresh');
}

/** Which grant a token is of. */
export function grantOf({ access_token }: Pick<Held, 'access_token'>): unknown {
  return claimsOf(access_token)['sid'];
}

/** Events of live that a step wrote, `action outcome detail` each. */
export async function toldBy(
  server: Server,
  step: () => Promise<unknown>,
): Promise<readonly AuditEvent[]> {
  return eventsOf(server, 'live', step);
}

/** Alerts alone: somebody must be woken by each. */
export function alertsIn(events: readonly AuditEvent[]): readonly AuditEvent[] {
  return events.filter(({ outcome }) => outcome === 'alert');
}

/** Store work in the live world. */
export async function workOf({ control }: Server): Promise<{ readonly [name: string]: number }> {
  const { reads, commits, lists } = (await control.counts())['live'] as {
    readonly [name: string]: number;
  };
  assert.ok(reads !== undefined && commits !== undefined && lists !== undefined);
  return { reads, commits, lists };
}

/** What a step cost in store calls. */
export async function costOf(
  server: Server,
  step: () => Promise<unknown>,
): Promise<{ readonly [name: string]: number }> {
  const before = await workOf(server);
  await step();
  const after = await workOf(server);
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
