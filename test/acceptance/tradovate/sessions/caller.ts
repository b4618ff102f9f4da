/** A client that calls from one address, and the clock it lives under. */
import type { Answer } from '../../../outside/call.ts';
import type { Control } from '../../../outside/control.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import type { Peer } from '../../../outside/socket.ts';
import {
  accessTokenRequest, bearing, loginMembers, me, renew,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { API_KEYS, fixtureSecrets } from '../../../outside/tradovate-fixtures.ts';
import type { ApiKey, User } from '../../../outside/tradovate-fixtures.ts';
import type { Server } from '../../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { authorized } from '../sockets.ts';

/** The proxy that stands in front of the server in these tests, so that addresses can vary. */
export const BEHIND_PROXY = { trusted_proxies: '["127.0.0.1"]' } as const;

export type Caller = {
  readonly world: WorldSite;
  readonly address: string;
  /** Logs a user in; `members` replace, add or (undefined) omit members of the body. */
  readonly login: (user: User, members?: Members, key?: ApiKey) => Promise<Answer>;
  readonly renew: (token: string | null, how?: How) => Promise<Answer>;
  readonly me: (token: string | null, how?: How) => Promise<Answer>;
  /** Any call with a token, or without one. */
  readonly call: (token: string | null, how: How) => Promise<Answer>;
  /** A socket that is authorized by this token. */
  readonly socket: (token: string) => Promise<Peer>;
};

export function callerAt(world: WorldSite, address = freshAddress()): Caller {
  const from = (how: How = {}): How => ({
    ...how, headers: [['X-Forwarded-For', address], ...(how.headers ?? [])],
  });
  return {
    world,
    address,
    login: (user, members = {}, key = API_KEYS.K1) =>
      accessTokenRequest(world, { ...loginMembers(key, user), ...members }, from()),
    renew: (token, how) => renew(world, token, from(how)),
    me: (token, how) => me(world, token, from(how)),
    call: (token, how) => bearing(world, token, from(how)),
    socket: (token) => authorized(world, token, { headers: { 'X-Forwarded-For': address } }),
  };
}

let addresses = 0;

/** An address in a /24 that no test of this file has used. */
export function freshAddress(): string {
  addresses += 1;
  return `10.${addresses >> 8}.${addresses & 255}.7`;
}

/** Time as the server sees it, in epoch ms, as long as nobody else moves its clock. */
export type ServerClock = {
  readonly now: () => number;
  readonly advance: (seconds: number) => Promise<void>;
  /** Moves on to a time; never back. */
  readonly moveTo: (at: number) => Promise<void>;
};

export function clockOf(control: Control): ServerClock {
  let ahead_ms = 0;
  const now = (): number => Date.now() + ahead_ms;
  return {
    now,
    advance: async (seconds) => {
      await control.advance(seconds);
      ahead_ms += seconds * 1000;
    },
    moveTo: async (at) => {
      await control.setClock(at);
      ahead_ms = at - Date.now();
    },
  };
}

/** Fails when the log shows a token of the answers, or a secret of the fixtures. */
export function assertLogTellsNothing(server: Server): void {
  noteSecrets(...fixtureSecrets());
  assertLogHoldsNoSecret(server);
}

/** A UUID, or another text, that differs in its last character only. */
export function spoil(text: string): string {
  return `${text.slice(0, -1)}${text.at(-1) === '0' ? '1' : '0'}`;
}
