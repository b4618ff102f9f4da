/** A family of rotating refresh tokens over the decisions alone, its texts kept in clear. */
import type { Decision } from '../../../src/core/decision.ts';
import {
  type Refreshed, type RefreshFacts, refresh,
} from '../../../src/core/decide/token/refresh.ts';
import type { Rotation } from '../../../src/core/decide/token/rotate.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import {
  GRANT_ID, NOW, appFor, customerFor, digestOf, grantFor, refreshFor, sessionProfileFor, worldFor,
} from '../facts.ts';
import { changed } from './changed.ts';

export const RETRY_S = 30;
export const NETWORK = '198.51.100.0/24';

/** `7.b`: the generation, and what tells it from another of the same generation. */
export type TokenText = `${number}.${string}`;

export const FIRST: TokenText = '1.first';

export type Use = {
  readonly decision: Decision<Refreshed>;
  /** The token that the answer gives, or null when it was refused. */
  readonly given: TokenText | null;
};

export type Family = {
  /** The grant's row, as the last commit left it. */
  readonly grant: () => Grant;
  /** Every text that was ever given, oldest first. */
  readonly issued: readonly TokenText[];
  /** Presents a text; without `commit` the server dies before it is durable. */
  present(text: TokenText, use: {
    readonly now: number;
    readonly commit?: false;
    /** False when the window key is gone. */
    readonly reopens?: boolean;
    readonly over?: Partial<RefreshFacts>;
  }): Use;
};

export function familyOf(fields: Partial<Grant> = {}): Family {
  let grant = grantFor({
    refresh: refreshFor({ digest: digestOf(FIRST), issued_at: NOW, network: '192.0.2.0/24' }),
    ...fields,
  });
  const issued: TokenText[] = [FIRST];
  return {
    grant: () => grant,
    issued,
    present(text, { now, commit, reopens = true, over = {} }) {
      let given: TokenText | null = null;
      const rotation: Rotation = {
        retry_s: RETRY_S,
        network: NETWORK,
        successor(generation) {
          given = `${generation}.after-${text}-${issued.length}`;
          return { digest: digestOf(given), window_key: 1, sealed_successor: given };
        },
        reopen({ sealed_successor }) {
          given = reopens ? (sealed_successor as TokenText) : null;
          return reopens;
        },
      };
      const presented = {
        id: GRANT_ID, digest: digestOf(text), generation: Number.parseInt(text, 10),
      };
      const decision = refresh({
        profile: sessionProfileFor({ refreshes_per_minute_max: 6000 }),
        app: appFor(), presented, grant, customer: customerFor(), world: worldFor(), scope: null,
        resource: null, limits_off: false, now, rotation, ...over,
      });
      const after = changed(decision, 'grant', GRANT_ID);
      if (commit === false) return { decision, given: null };
      if (after) grant = after;
      if (!decision.result.ok) return { decision, given: null };
      if (given !== null && !issued.includes(given)) issued.push(given);
      return { decision, given };
    },
  };
}

/** `ok`, or the code of the refusal. */
export function outcomeOf({ decision }: Use): string {
  return decision.result.ok ? 'ok' : decision.result.refusal.code;
}
