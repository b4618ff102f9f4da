/** Refreshing (RFC 6749 §6) with a stable refresh token: it never changes and never expires. */
import type { Decision } from '../../decision.ts';
import { tokenReference } from '../../events.ts';
import type { App } from '../../kinds/app.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Grant } from '../../kinds/grant.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import { coveredAccounts } from '../../rules/coverage.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Refusal, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { scopeMask, scopesWithin } from '../../rules/scopes.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';
import { grantFault } from '../../rules/standing.ts';
import { shiftMask } from '../../rules/token-numbers.ts';
import { endGrant } from '../session/end-grants.ts';

export type RefreshFacts = {
  readonly profile: Profile;
  readonly app: App;
  /** What the handle says, null = not a refresh token of ours. */
  readonly presented: {
    readonly id: string;
    readonly digest: string;
    readonly generation: number;
  } | null;
  readonly grant: Grant | undefined;
  readonly customer: Customer | undefined;
  readonly world: WorldRecord;
  /** Requested scope words, null when none were asked for. */
  readonly scope: readonly string[] | null;
  readonly limits_off: boolean;
  readonly now: number;
};

export type Refreshed = {
  readonly grant_id: string;
  readonly grant: Grant;
  /** Scopes of this access token; never more than the grant's. */
  readonly scopes: number;
};

const WINDOW_MS = 60_000;

/**
 * Order is precedence: whose token it is comes before what its app may do, so that another app
 * learns nothing; approval (E5) comes before the end it causes (E4): AT-T47, AT-T48.
 */
export const REFRESH_RULES: readonly Rule<RefreshFacts>[] = [
  {
    id: 'refresh.known',
    spec: 'RFC 6749 §5.2; RP-18, RP-19, AC-06, BR-17',
    code: 'refresh_unknown',
    refuse: (facts) => unknownFault(facts),
  },
  {
    id: 'refresh.own',
    spec: 'RFC 6749 §10.4; RT-02, AT-T47',
    code: 'refresh_foreign',
    refuse: ({ grant, app }) => (grant?.app === app.id ? null : 'issued to another app'),
  },
  {
    id: 'refresh.approved',
    spec: 'BR-06, AT-T48; contract E5',
    code: 'refresh_not_approved',
    refuse: ({ app }) => (app.refresh.approved ? null : 'the refresh approval is withdrawn'),
  },
  {
    id: 'refresh.standing',
    spec: 'RT-06, RT-11, AT-T49',
    code: 'refresh_ended',
    refuse: ({ grant, app, customer, world, now }) => {
      if (grant === undefined) return 'no grant';
      if (grant.epochs.refresh !== app.refresh.epoch) return 'the approval was withdrawn since';
      return grantFault(grant, { app, customer, world }, now);
    },
  },
  {
    id: 'refresh.app_scopes',
    spec: 'RT-11; GHSA-895x-rfqp-jh5c',
    code: 'client_not_approved',
    refuse: ({ app, grant }) =>
      scopesWithin(grant?.scopes ?? 0, app.scopes)
        ? null
        : 'a scope of the grant was taken from the app: the grant ends',
  },
  {
    id: 'refresh.accounts',
    spec: 'RT-11; contract §11',
    code: 'refresh_ended',
    refuse: ({ app, customer }) =>
      customer !== undefined && coveredAccounts(customer, app).length > 0
        ? null
        : 'no account is left that it covers (the last delegation ended): the grant ends',
  },
  {
    id: 'refresh.scope',
    spec: 'RFC 6749 §6; RT-09, BR-07, AT-T46',
    code: 'scope_exceeds_grant',
    refuse: ({ scope, grant }) => scopeFault(scope, grant),
  },
  {
    id: 'refresh.limit',
    spec: 'RT-19, AT-T45; contract §5.4',
    code: 'refresh_limited',
    refuse: (facts) => limitFault(facts),
  },
];

/** The next access token of a grant; the refresh token stays as it is. */
export function refresh(facts: RefreshFacts): Decision<Refreshed> {
  const { presented, grant, now } = facts;
  const refusal = firstRefusal(REFRESH_RULES, facts.profile, facts);
  if (refusal !== null) return refuseRefresh(facts, refusal);
  if (presented === null || grant === undefined || grant.refresh === null) {
    throw new Error('refresh rules let a missing grant by');
  }
  const fresh_window = now >= grant.refresh.window_began_at + WINDOW_MS;
  const next: Grant = {
    ...grant,
    last_number: grant.last_number + 1,
    ended_numbers: shiftMask(grant.ended_numbers),
    last_used_at: now,
    refresh: {
      ...grant.refresh,
      window_began_at: fresh_window ? now : grant.refresh.window_began_at,
      window_count: fresh_window ? 1 : grant.refresh.window_count + 1,
    },
  };
  const scopes = facts.scope === null ? grant.scopes : scopeMask(facts.scope);
  return {
    result: accepted({ grant_id: presented.id, grant: next, scopes }),
    changes: [{ kind: 'grant', id: presented.id, value: next }],
    events: [
      {
        action: 'token.refreshed',
        outcome: 'ok',
        app: grant.app,
        customer: grant.customer,
        object: presented.id.slice(grant.customer.length),
      },
    ],
  };
}

/** What these found gone does not come back to this grant (RT-11). */
const ENDING_RULES: readonly string[] = ['refresh.app_scopes', 'refresh.accounts'];

/** A refusal before the store knew the grant is counted, not written (design: events). */
function refuseRefresh(facts: RefreshFacts, refusal: Refusal): Decision<Refreshed> {
  const { presented, grant, app } = facts;
  if (presented === null || refusal.code === 'refresh_limited') {
    return { result: refused(refusal), changes: [], events: [] };
  }
  const ended = ENDING_RULES.includes(refusal.rule)
    ? endGrant(presented.id, grant, { by: 'operator', at: facts.now })
    : { changes: [], events: [] };
  return {
    result: refused(refusal),
    changes: ended.changes,
    events: [
      ...ended.events,
      {
        action: 'refresh.refused',
        outcome: 'refused',
        app: app.id,
        customer: grant?.customer,
        object: tokenReference(presented.digest),
        detail: grant?.state.is === 'ended' ? 'use_after_end' : refusal.rule,
      },
    ],
  };
}

function unknownFault({ presented, grant, profile }: RefreshFacts): string | null {
  if (presented === null) return 'not a refresh handle of this world';
  if (grant === undefined || grant.refresh === null) return 'no grant with a refresh token';
  if (grant.dialect !== profile.dialect) return 'a token of another dialect';
  if (presented.generation !== grant.refresh.generation) return 'another generation';
  return equalInConstantTime(grant.refresh.digest, presented.digest) ? null : 'wrong digest';
}

function scopeFault(scope: readonly string[] | null, grant: Grant | undefined): string | null {
  if (scope === null || grant === undefined) return null;
  const mask = scopeMask(scope);
  const known = scope.every((word) => scopeMask([word]) !== 0);
  if (!known) return 'an unknown scope word';
  if (new Set(scope).size !== scope.length) return 'a scope word twice';
  return scopesWithin(mask, grant.scopes) ? null : 'wider than the grant';
}

function limitFault({ profile, grant, now, limits_off }: RefreshFacts) {
  if (limits_off || grant?.refresh === null || grant === undefined) return null;
  const { window_began_at, window_count } = grant.refresh;
  const ends_at = window_began_at + WINDOW_MS;
  if (now >= ends_at || window_count < profile.refreshes_per_minute_max) return null;
  return {
    reason: 'more refreshes in a minute than allowed',
    retry_after_s: Math.max(1, Math.ceil((ends_at - now) / 1000)),
  };
}
