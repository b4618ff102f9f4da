/**
 * Signing keys change while tokens are issued and verified: one verifier keeps the key set for as
 * long as it may, one asks again only when it meets an unknown key.
 */
import assert from 'node:assert/strict';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { claimsOf, headerOf, keysOf, verify } from '../../../outside/jwt.ts';
import type { KeySet } from '../../../outside/jwt.ts';
import { exchange, link, refresh, tokensOf } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import type { Server } from '../../../world.ts';
import { assertAlive, traderIn } from '../../tradovate/trader.ts';

/** What a run saw. */
export type Rotated = {
  /** Verifications of the two verifiers, and what of them failed. */
  readonly verified: number;
  readonly failures: readonly string[];
  /** Tokens whose key was not published at some moment between issue and expiry. */
  readonly orphans: readonly string[];
  readonly tokens: number;
  /** Keys that signed something. */
  readonly kids: ReadonlySet<string>;
  /** Shortest time between a key's first publication and its first use, s; the first ones aside. */
  readonly announced_s: number;
  /** Keys published when the last token was long over. */
  readonly left: number;
  /** The other world's set, before and after. */
  readonly paper: readonly [KeySet, KeySet];
};

const { O1 } = REGISTRATIONS;
const PURPOSES = ['access-token', 'id-token'] as const;
const STEP_S = 60;
/** `max-age` of the key set. */
const CACHE_S = 300;
const TOKEN_S = 4_800;
const AT_ONCE = 8;
/** The last key announced must be seen at work too. */
const STEPS_AFTER = 15;
/** Steps in which a grant issues fewer tokens than may live at once. */
const STILL_TAKEN = 10;

type Verifier = (token: string, now_s: number) => Promise<unknown>;

/** Keeps the set for its whole age, and never asks in between. */
function patient(world: WorldSite): Verifier {
  let held: { readonly keys: KeySet; readonly at_s: number } | undefined;
  return async (token, now_s) => {
    if (held === undefined || now_s - held.at_s >= CACHE_S) {
      held = { keys: await keysOf(world), at_s: now_s };
    }
    await verify(token, held.keys);
  };
}

/** Asks again only for a key id that it does not know. */
function eager(world: WorldSite): Verifier {
  let held: KeySet = { keys: [] };
  return async (token) => {
    const { kid } = headerOf(token);
    if (!held.keys.some((key) => key.kid === kid)) held = await keysOf(world);
    await verify(token, held);
  };
}

/** @param rotations of each signing key, one every minute of the server's clock */
export async function rotateUnderLoad(rotations: number): Promise<Rotated> {
  const server = await startServer({
    seed: tradovateSeed(), set: { 'tradovate.danger_limits_off': true },
  });
  try {
    const before = await keysOf(server.paper);
    const issuer = await beginIssuing(server);
    const watch = watchKeys(server.live);
    for (let step = 1; step <= rotations + STEPS_AFTER; step += 1) {
      const rotated = step > rotations ? [] : PURPOSES.map((purpose) =>
        server.control.act('live', 'key.rotate', { purpose }));
      const [tokens] = await Promise.all([issuer.issue(), ...rotated]);
      await watch.see(tokens);
      await server.control.advance(STEP_S);
      await watch.pass(STEP_S);
      await assertAlive(server.live, watch.recent());
    }
    // To the last second of the newest token, and then far beyond it.
    await server.control.advance(TOKEN_S - STEP_S - 5);
    await watch.pass(TOKEN_S - STEP_S - 5);
    await server.control.advance(2 * 86_400);
    const left = (await keysOf(server.live)).keys.length;
    return { ...watch.seen(), left, paper: [before, await keysOf(server.paper)] };
  } finally {
    await server.stop();
  }
}

/** Two users refresh, eight requests at once each, and a third links anew every time. */
async function beginIssuing({ live }: Server): Promise<{
  readonly issue: () => Promise<readonly string[]>;
}> {
  // Not one of the two, whose older grants the newer ones would end.
  const trader = traderIn(live, USERS.bob_active);
  const linked = await Promise.all([USERS.alice, USERS.erin].map((user) => link(live, O1, user)));
  let held = linked.map(({ refresh_token }) => refresh_token);
  return {
    issue: async () => {
      const families = await Promise.all(held.map(async (token) => {
        const asked = Array.from({ length: AT_ONCE }, () => refresh(live, O1, token));
        return (await Promise.all(asked)).map(tokensOf);
      }));
      held = families.map(([first]) => first?.refresh_token ?? '');
      const { code } = await trader.allow(O1);
      const { access_token, id_token = '' } = tokensOf(await exchange(live, O1, code));
      return [...families.flat().map((own) => own.access_token), access_token, id_token];
    },
  };
}

type Issued = {
  readonly token: string;
  readonly kid: string;
  readonly issued_s: number;
  readonly expires_s: number;
};

/** Follows tokens and the set of keys along the server's clock. */
function watchKeys(live: WorldSite) {
  const verifiers = [patient(live), eager(live)];
  const failures: string[] = [];
  const orphans = new Set<string>();
  const published = new Map<string, number>();
  const used = new Map<string, number>();
  let issued: Issued[] = [];
  let tokens_seen = 0;
  let now_s = 0;
  let verified = 0;
  const look = async (): Promise<ReadonlySet<string>> => {
    const kids = (await keysOf(live)).keys.map(({ kid = '' }) => kid);
    for (const kid of kids) if (!published.has(kid)) published.set(kid, now_s);
    return new Set(kids);
  };
  const check = (verifier: Verifier, token: string): Promise<void> => {
    verified += 1;
    return verifier(token, now_s).then(
      () => undefined,
      (error: Error) => void failures.push(`${String(headerOf(token).kid)}: ${error.message}`),
    );
  };
  return {
    see: async (tokens: readonly string[]): Promise<void> => {
      now_s = Math.max(now_s, claimsOf(tokens.at(-1) ?? '').iat ?? 0);
      await look();
      for (const token of tokens) {
        const { kid = '' } = headerOf(token);
        if (!used.has(kid)) used.set(kid, now_s);
        const one = { token, kid, issued_s: now_s, expires_s: now_s + TOKEN_S };
        issued.push(one);
        tokens_seen += 1;
        for (const verifier of verifiers) await check(verifier, token);
      }
    },
    /** Time has passed: each token that is still live must have its key in the set. */
    pass: async (seconds: number): Promise<void> => {
      now_s += seconds;
      const kids = await look();
      issued = issued.filter(({ expires_s }) => expires_s > now_s);
      for (const { kid } of issued) if (!kids.has(kid)) orphans.add(kid);
      for (const verifier of verifiers) await check(verifier, issued[0]?.token ?? '');
    },
    /** The oldest access token that no newer ones of its grant have ended. */
    recent: (): string => {
      const found = issued.find(({ token, issued_s }) =>
        issued_s > now_s - STILL_TAKEN * STEP_S && headerOf(token).typ === 'at+jwt');
      assert.ok(found !== undefined);
      return found.token;
    },
    seen: () => {
      const [first_s = 0] = published.values();
      const waits = [...used].filter(([kid]) => published.get(kid) !== first_s)
        .map(([kid, at_s]) => at_s - (published.get(kid) ?? 0));
      return {
        verified,
        failures,
        orphans: [...orphans],
        tokens: tokens_seen,
        kids: new Set(used.keys()),
        announced_s: Math.min(...waits),
      };
    },
  };
}
