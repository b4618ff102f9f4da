/** Refreshing (RFC 6749 §6): a stable token stays as it is, a rotating one gives a successor. */
import type { Decision } from '../../decision.ts';
import { type EventDraft, tokenReference } from '../../events.ts';
import type { App } from '../../kinds/app.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Grant, GrantEnd } from '../../kinds/grant.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import { coveredAccounts } from '../../rules/coverage.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Refusal, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { scopeMask, scopesWithin } from '../../rules/scopes/scopes.ts';
import { grantFault } from '../../rules/standing.ts';
import { shiftMask } from '../../rules/token-numbers.ts';
import { endGrant } from '../session/end-grants.ts';
import { type Rotation, rotated, useOf } from './rotate.ts';

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
  readonly resource: string | null;
  readonly limits_off: boolean;
  readonly now: number;
  /** What a rotation needs; null where refresh tokens are stable. */
  readonly rotation: Rotation | null;
};

export type Refreshed = {
  readonly grant_id: string;
  readonly grant: Grant;
  /** Scopes of this access token; never more than the grant's. */
  readonly scopes: number;
  readonly customer: Customer;
};

const WINDOW_MS = 60_000;

/**
 * Order is precedence: whose token it is comes before what its app may do, so that another app
 * learns nothing; approval (E5) comes before the end it causes (E4): AT-T47, AT-T48. A replay is
 * judged last: only an otherwise good use of an old token ends its family.
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
    when: (profile) => profile.refresh_approval === 'needed',
    refuse: ({ app }) => (app.refresh.approved ? null : 'the refresh approval is withdrawn'),
  },
  {
    id: 'refresh.standing',
    spec: 'RT-06, RT-11, AT-T49',
    code: 'refresh_ended',
    refuse: ({ profile, grant, app, customer, world, now }) => {
      if (grant === undefined) return 'no grant';
      const withdrawn = profile.refresh_approval === 'needed' &&
        grant.epochs.refresh !== app.refresh.epoch;
      if (withdrawn) return 'the approval was withdrawn since';
      return grantFault(grant, { app, customer, world }, now);
    },
  },
  {
    id: 'refresh.app_scopes',
    spec: 'RT-11; GHSA-895x-rfqp-jh5c',
    code: 'client_not_approved',
    // Where requests do not ask, a grant holds what its app is registered for now.
    when: (profile) => profile.scope_policy !== 'registered',
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
  {
    id: 'refresh.window',
    spec: 'RP-04; AT-V15',
    code: 'refresh_ended',
    when: (profile) => profile.refresh_lifetime_s !== null,
    refuse: ({ profile, grant, now }) => {
      const issued_at = grant?.refresh?.issued_at ?? 0;
      const lifetime_ms = (profile.refresh_lifetime_s ?? 0) * 1000;
      return now < issued_at + lifetime_ms ? null : 'unused for longer than its window';
    },
  },
  {
    id: 'refresh.resource',
    spec: 'RFC 8707 §2.2; RT-10',
    code: 'resource_unknown',
    refuse: ({ resource, grant }) =>
      resource === null || resource === grant?.resource ? null : 'not the resource of the grant',
  },
  {
    id: 'refresh.replay',
    spec: 'RP-13, RP-14, RP-15; RT-04, RT-05, RT-07',
    code: 'refresh_replayed',
    when: (profile) => profile.refresh_policy === 'rotating',
    refuse: ({ presented, grant }) =>
      useOf(presented, grant?.refresh) === 'ancestor'
        ? 'its successor was used, or it was displaced'
        : null,
  },
];

/** The next access token of a grant, and of a rotating refresh token the one to go on with. */
export function refresh(facts: RefreshFacts): Decision<Refreshed> {
  const { presented, grant, customer, now } = facts;
  const refusal = firstRefusal(REFRESH_RULES, facts.profile, facts);
  if (refusal !== null) return refuseRefresh(facts, refusal);
  if (presented === null || grant === undefined || grant.refresh === null ||
    customer === undefined) {
    throw new Error('refresh rules let a missing grant by');
  }
  const fresh_window = now >= grant.refresh.window_began_at + WINDOW_MS;
  const next: Grant = {
    ...grant,
    last_number: grant.last_number + 1,
    ended_numbers: shiftMask(grant.ended_numbers),
    last_used_at: now,
    chain_began_at: now,
    refresh: {
      ...rotated(facts.rotation, { presented, refresh: grant.refresh, now }),
      window_began_at: fresh_window ? now : grant.refresh.window_began_at,
      window_count: fresh_window ? 1 : grant.refresh.window_count + 1,
    },
  };
  const scopes = facts.scope === null ? grant.scopes : scopeMask(facts.scope);
  return {
    result: accepted({ grant_id: presented.id, grant: next, scopes, customer }),
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
const ENDING_RULES: { readonly [rule: string]: GrantEnd } = {
  'refresh.app_scopes': 'operator',
  'refresh.accounts': 'operator',
  'refresh.replay': 'refresh_replay',
};

/** A refusal before the store knew the grant is counted, not written (design: events). */
function refuseRefresh(facts: RefreshFacts, refusal: Refusal): Decision<Refreshed> {
  const { presented, grant, app } = facts;
  if (presented === null || refusal.code === 'refresh_limited') {
    return { result: refused(refusal), changes: [], events: [] };
  }
  const by = ENDING_RULES[refusal.rule];
  const ended = by === undefined
    ? { changes: [], events: [] }
    : endGrant(presented.id, grant, { by, at: facts.now });
  if (refusal.code === 'refresh_replayed') {
    const alert = replayAlert(facts, presented);
    return { result: refused(refusal), changes: ended.changes, events: [...ended.events, alert] };
  }
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

/** One alert a replay, with all that who must act on it needs (RP-25). */
function replayAlert(
  { app, grant, rotation }: RefreshFacts,
  presented: { readonly id: string },
): EventDraft {
  return {
    action: 'refresh.replayed',
    outcome: 'alert',
    app: app.id,
    customer: grant?.customer,
    object: presented.id.slice(grant?.customer.length ?? 0),
    detail: `networks=${grant?.refresh?.network ?? '?'},${rotation?.network ?? '?'}`,
  };
}

function unknownFault({ presented, grant, profile }: RefreshFacts): string | null {
  if (presented === null) return 'not a refresh handle of this world';
  if (grant === undefined || grant.refresh === null) return 'no grant with a refresh token';
  if (grant.dialect !== profile.dialect) return 'a token of another dialect';
  const use = useOf(presented, grant.refresh);
  if (use === 'impossible') return 'a generation or digest that was never issued';
  if (profile.refresh_policy === 'stable' && use !== 'current') return 'another generation';
  return null;
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
