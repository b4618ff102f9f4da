/**
 * One customer with trading programs: logs in, renews, allows an app, exchanges, rotates refresh
 * tokens, now and then ends a session or an app, until the server is killed under her. What was
 * acknowledged is kept, and which step got no answer.
 */
import assert from 'node:assert/strict';
import { createBrowser } from '../../outside/browser.ts';
import type { Browser } from '../../outside/browser.ts';
import { claimsOf } from '../../outside/jwt.ts';
import {
  decide, exchange, login, oauthPath, refresh, renew, sessionOf, tokensOf,
} from '../../outside/tradovate.ts';
import type { OAuthTokens } from '../../outside/tradovate.ts';
import { API_KEYS, REGISTRATIONS } from '../../outside/tradovate-fixtures.ts';
import type { User } from '../../outside/tradovate-fixtures.ts';
import type { Server } from '../../world.ts';

export const APP = REGISTRATIONS.O1;
export const SESSIONS_MAX = 2;
/** Far below the limit of live grants, which the kills are not about. */
const GRANTS_MAX = 6;

/** A session whose opening was acknowledged, with its acknowledged tokens. */
export type Session = { readonly tokens: string[] };

export type Grant = { refresh_token: string; readonly access_tokens: string[] };

/** What anyone outside can know. */
export type Known = {
  /** Sessions that live unless the unanswered step says otherwise, oldest first. */
  live: Session[];
  /** Closed by newer ones. */
  closed: Session[];
  ended: Session[];
  /** The step whose answer the kill took; it happened or it did not. */
  unanswered: 'login' | 'end' | 'other';
  grants: Grant[];
  ended_grants: Grant[];
  /** Codes whose exchange got no answer. */
  codes: string[];
};

export type Loop = {
  readonly user: User;
  readonly known: Known;
  readonly signIn: (server: Server) => Promise<void>;
  /** Runs until the server is gone; throws only for answers that no crash explains. */
  readonly run: (server: Server) => Promise<void>;
};

export const nothingKnown = (): Known => ({
  live: [], closed: [], ended: [], unanswered: 'other', grants: [], ended_grants: [], codes: [],
});

/** @param first_turn staggers the loops, so that all kinds of work are under way at any time */
export function createLoop(user: User, first_turn: number): Loop {
  const known = nothingKnown();
  let cookies = new Map<string, string>();
  let turn = first_turn;
  const browse = (server: Server): Browser => {
    const browser = createBrowser(server.live);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    return browser;
  };
  return {
    user,
    known,
    signIn: async (server) => {
      const browser = browse(server);
      await browser.open('/login');
      await browser.submit('sign-in', { name: user.login_name, password: user.password });
      cookies = browser.cookies;
    },
    run: async (server) => {
      const doer = { server, user, known, browser: browse(server) };
      known.unanswered = 'other';
      try {
        for (;;) {
          turn += 1;
          const step = STEPS[turn % STEPS.length];
          await step?.(doer);
        }
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** True for what a client sees of a killed server: no answer, or none any more. */
function isGone(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'ECONNREFUSED' || code === 'EPIPE') return true;
  return /socket hang up|aborted|other side closed/.test(message);
}

type Doer = {
  readonly server: Server;
  readonly user: User;
  readonly known: Known;
  readonly browser: Browser;
};

type Step = (doer: Doer) => Promise<void>;

const STEPS: readonly Step[] = [
  growGrant, logIn, rotate, renewNewest, rotate, logIn, renewNewest, rotate, endOldest, growGrant,
  renewNewest, logIn, rotate, endApp,
];

async function logIn({ server, user, known }: Doer): Promise<void> {
  known.unanswered = 'login';
  const answer = await login(server.live, API_KEYS.K1, user);
  known.unanswered = 'other';
  known.live.push({ tokens: [sessionOf(answer).accessToken] });
  while (known.live.length > SESSIONS_MAX) {
    const [oldest] = known.live.splice(0, 1);
    if (oldest !== undefined) known.closed.push(oldest);
  }
}

async function renewNewest({ server, known }: Doer): Promise<void> {
  const newest = known.live.at(-1);
  if (newest === undefined) return;
  const answer = await renew(server.live, newest.tokens.at(-1) ?? '');
  newest.tokens.push(sessionOf(answer).accessToken);
}

async function endOldest({ server, user, known }: Doer): Promise<void> {
  const [oldest] = known.live;
  if (oldest === undefined) return;
  const session = String(claimsOf(oldest.tokens[0] ?? '')['sid']).slice(-11);
  known.unanswered = 'end';
  await server.control.act('live', 'session.end', { customer: user.login_name, session });
  known.unanswered = 'other';
  known.live.shift();
  known.ended.push(oldest);
}

async function growGrant({ server, user, known, browser }: Doer): Promise<void> {
  if (known.grants.length >= GRANTS_MAX) return;
  const { code, url } = await decide(browser, oauthPath(APP), user);
  assert.ok(code, url);
  known.codes.push(code);
  const begun = tokensOf(await exchange(server.live, APP, code));
  known.codes = known.codes.filter((other) => other !== code);
  known.grants.push(grantOf(begun));
}

function grantOf({ refresh_token, access_token }: OAuthTokens): Grant {
  return { refresh_token, access_tokens: [access_token] };
}

/** The oldest grant's turn; then it is the youngest. */
async function rotate({ server, known }: Doer): Promise<void> {
  const grant = known.grants.shift();
  if (grant === undefined) return;
  known.grants.push(grant);
  const next = tokensOf(await refresh(server.live, APP, grant.refresh_token));
  grant.refresh_token = next.refresh_token;
  grant.access_tokens.push(next.access_token);
}

async function endApp({ known, browser }: Doer): Promise<void> {
  if (known.grants.length === 0) return;
  await browser.open('/connections');
  const grants = known.grants;
  // From here until the answer nobody knows whether they live.
  known.grants = [];
  known.codes = [];
  const { answer } = await browser.submit(`end-${APP.id}`);
  assert.equal(answer.status, 200, 'ending an app leads back to the page');
  known.ended_grants.push(...grants);
}
