/** Renewal in place: a new token of the same session or grant, never a new one of either (§7). */
import type { Change, Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { Grant } from '../../kinds/grant.ts';
import type { Roster, Session } from '../../kinds/roster.ts';
import { accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { shiftMask } from '../../rules/token-numbers.ts';
import {
  CHECK_RULES, type CheckFacts, type Verdict, sessionOf, verdictOf,
} from './check-token.ts';

/** What was renewed, with the number and end of its new token. */
export type Renewed = {
  readonly verdict: Verdict;
  readonly number: number;
  readonly expires_at: number;
  /** Full id of the session or grant. */
  readonly id: string;
  readonly is: 'session' | 'grant';
  readonly grant: Grant | null;
};

const AFTER = CHECK_RULES.findIndex(({ id }) => id === 'bearer.live');

/**
 * A token is judged as everywhere, but who may not sign in any more is told why, since the bearer
 * has proved to be hers; and no chain goes on for ever.
 */
export const RENEW_RULES: readonly Rule<CheckFacts>[] = [
  ...CHECK_RULES.slice(0, AFTER),
  {
    id: 'renew.customer',
    spec: 'contract §7; BR-14',
    code: 'customer_inactive',
    refuse: ({ customer }) => {
      const status = customer?.status ?? 'closed';
      if (status === 'active') return null;
      return { reason: `the customer is ${status}`, customer_status: status };
    },
  },
  ...CHECK_RULES.slice(AFTER),
  {
    id: 'renew.signed',
    spec: 'contract §7',
    code: 'token_unknown',
    refuse: ({ bearer }) => bearer.is === 'access_token' || bearer.is === 'session_token'
      ? null
      : 'not a token that can be renewed',
  },
  {
    id: 'renew.chain',
    spec: 'contract §7; BR-11, AT-V39, ASVS 7.3.2',
    code: 'token_ended',
    refuse: (facts) => {
      const { renewal_lifetime_s } = facts.profile;
      const began_at = sessionOf(facts)?.opened_at ?? facts.grant?.chain_began_at ?? 0;
      return renewal_lifetime_s === null || facts.now < began_at + renewal_lifetime_s * 1000
        ? null
        : 'renewed for as long as one sign-in or refresh allows';
    },
  },
];

export function renew(facts: CheckFacts): Decision<Renewed> {
  const refusal = firstRefusal(RENEW_RULES, facts.profile, facts);
  if (refusal !== null) return { result: refused(refusal), changes: [], events: [] };
  const session = sessionOf(facts);
  return session === undefined ? renewGrant(facts) : renewSession(facts, session);
}

function renewGrant(facts: CheckFacts): Decision<Renewed> {
  const { bearer, grant, profile, now } = facts;
  if (bearer.is !== 'access_token' || grant === undefined) throw new Error('renewed no grant');
  const value: Grant = { ...grant, ...oneMore(grant), last_used_at: now };
  return renewed(facts, {
    change: { kind: 'grant', id: bearer.grant_id, value },
    renewed: {
      verdict: verdictOf(facts),
      number: value.last_number,
      expires_at: now + profile.access_token_lifetime_s * 1000,
      id: bearer.grant_id,
      is: 'grant',
      grant: value,
    },
  });
}

function renewSession(facts: CheckFacts, session: Session): Decision<Renewed> {
  const { bearer, roster, profile, now } = facts;
  if (bearer.is !== 'session_token' || roster === undefined) throw new Error('renewed no session');
  const expires_at = now + (profile.sessions?.token_lifetime_s ?? 0) * 1000;
  const next: Session = {
    ...session, ...oneMore(session), tokens_end_at: expires_at, last_used_at: now,
  };
  const sessions = roster.sessions.map((one) => (one === session ? next : one));
  const value: Roster = { ...roster, sessions };
  return renewed(facts, {
    change: { kind: 'roster', id: roster.customer, value },
    renewed: {
      verdict: verdictOf(facts),
      number: next.last_number,
      expires_at,
      id: bearer.session_id,
      is: 'session',
      grant: null,
    },
  });
}

function renewed(
  { customer, grant }: CheckFacts,
  by: { readonly change: Change; readonly renewed: Renewed },
): Decision<Renewed> {
  const event: EventDraft = {
    action: 'token.renewed',
    outcome: 'ok',
    customer: customer?.id,
    app: grant?.app,
    object: by.renewed.id.slice(customer?.id.length ?? 0),
  };
  return { result: accepted(by.renewed), changes: [by.change], events: [event] };
}

function oneMore(counted: Pick<Session, 'last_number' | 'ended_numbers'>) {
  return {
    last_number: counted.last_number + 1,
    ended_numbers: shiftMask(counted.ended_numbers),
  };
}
