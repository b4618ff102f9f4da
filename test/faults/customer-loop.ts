/**
 * One customer under load: allows apps, exchanges, refreshes, looks at her profile, now and then
 * ends an app, until the server is killed under her. Everything that was acknowledged is kept.
 */
import assert from 'node:assert/strict';
import { createBrowser } from '../outside/browser.ts';
import type { Browser } from '../outside/browser.ts';
import type { App, Customer } from '../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../outside/tradier.ts';
import type { Server } from '../world.ts';

/** A grant whose beginning was acknowledged. */
export type Held = {
  readonly app: App;
  readonly code: string;
  readonly refresh_token: string;
  readonly access_tokens: string[];
};

/** What one customer and one app have come to, as far as anyone outside can know. */
export type Link = {
  readonly app: App;
  /** Acknowledged grants since the last end, oldest first. */
  held: Held[];
  /** Codes whose exchange got no answer. */
  unknown: string[];
  /** Grants whose end was acknowledged. */
  ended: Held[];
};

export type Loop = {
  readonly customer: Customer;
  readonly links: readonly Link[];
  /** Signs in; once is enough for all the restarts to come. */
  readonly signIn: (server: Server) => Promise<void>;
  /** Runs until the server is gone; throws only for answers that no crash explains. */
  readonly run: (server: Server) => Promise<void>;
};

const ENDS_EVERY = 5;

/** @param first_turn staggers the loops, so that all kinds of work are under way at any time */
export function createLoop(customer: Customer, apps: readonly App[], first_turn: number): Loop {
  const links: Link[] = apps.map((app) => ({ app, held: [], unknown: [], ended: [] }));
  let cookies = new Map<string, string>();
  let turn = first_turn;
  const browse = (server: Server): Browser => {
    const browser = createBrowser(server.live);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    return browser;
  };
  const step = async (server: Server, browser: Browser): Promise<void> => {
    turn += 1;
    // The link that grew last is the one that surely has something to end.
    const ends = turn % ENDS_EVERY === 0;
    const link = links[(ends ? turn - 1 : turn) % links.length];
    assert.ok(link);
    if (ends && link.held.length > 0) await endLink(browser, link);
    else await growLink(server, browser, link);
  };
  return {
    customer,
    links,
    signIn: async (server) => {
      const browser = browse(server);
      await browser.open('/login');
      const { login_name: name, password } = customer;
      await browser.submit('sign-in', { name, password });
      cookies = browser.cookies;
    },
    run: async (server) => {
      const browser = browse(server);
      try {
        for (;;) await step(server, browser);
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

async function growLink(server: Server, browser: Browser, link: Link): Promise<void> {
  const { app } = link;
  await browser.authorize(app);
  const { code } = await browser.consent('allow');
  assert.ok(code, 'consent gives a code');
  link.unknown.push(code);
  const begun = tokens(await exchange(server.live, app, code));
  link.unknown = link.unknown.filter((other) => other !== code);
  const { refresh_token = '', access_token } = begun;
  const held: Held = { app, code, refresh_token, access_tokens: [access_token] };
  link.held.push(held);
  for (let count = 0; count < 2; count += 1) {
    const next = tokens(await refresh(server.live, app, refresh_token));
    held.access_tokens.push(next.access_token);
  }
  const seen = await profile(server.live, held.access_tokens[0] ?? '');
  assert.equal(seen.status, 200, seen.text);
}

async function endLink(browser: Browser, link: Link): Promise<void> {
  await browser.open('/connections');
  const held = link.held;
  // From here until the answer nobody knows whether they live.
  link.held = [];
  link.unknown = [];
  const { answer } = await browser.submit(`end-${link.app.id}`);
  assert.equal(answer.status, 200, 'ending an app leads back to the page');
  link.ended.push(...held);
}
