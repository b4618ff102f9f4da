/** Opening a trading session by name, password and API key; a newer one closes the oldest (§9). */
import type { Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { ApiKey } from '../../kinds/api-key.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import type { EvictedSession, Roster, Session } from '../../kinds/roster.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Refusal, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';

export type KeyFacts = {
  readonly profile: Profile;
  readonly key: ApiKey | undefined;
  /** False when the sign-in named no API key at all. */
  readonly key_named: boolean;
  /** Whether the presented secret, or its answer to a challenge, is the key's. */
  readonly secret_matches: boolean;
  readonly app_name: string | null;
};

export type OpenSessionFacts = KeyFacts & {
  readonly customer: Customer | undefined;
  /** The hash that the password was compared with, and whether it or the key's own matched. */
  readonly verified: { readonly hash: string | null; readonly matches: boolean };
  readonly rehash: string | null;
  readonly roster: Roster | undefined;
  readonly world: WorldRecord;
  readonly device: string | null;
  readonly app_version: string | null;
  readonly address: string;
  readonly fresh: { readonly session_id: string };
  readonly now: number;
};

export type OpenedSession = {
  readonly customer: Customer;
  readonly session: Session;
};

/** Judged before any password: what they refuse says nothing about a customer. */
export const API_KEY_RULES: readonly Rule<KeyFacts>[] = [
  {
    id: 'api_key.known',
    spec: 'contract §6; AT-V27',
    code: 'api_key_refused',
    refuse: ({ key, key_named, profile }) => {
      if (!key_named && profile.sessions?.keyless === true) return null;
      if (key === undefined) return 'no such API key';
      return key.dialect === profile.dialect ? null : 'an API key of another dialect';
    },
  },
  {
    id: 'api_key.secret',
    spec: 'contract §6; AT-V27',
    code: 'api_key_refused',
    refuse: ({ key, secret_matches }) =>
      key === undefined || secret_matches ? null : 'wrong secret',
  },
  {
    id: 'api_key.name',
    spec: 'contract §6; AT-V27',
    code: 'api_key_refused',
    refuse: ({ key, app_name }) =>
      key === undefined || key.name === app_name ? null : 'another name than the key has',
  },
  {
    id: 'api_key.active',
    spec: 'contract §3',
    code: 'api_key_refused',
    refuse: ({ key }) => (key?.status === 'disabled' ? 'the API key is disabled' : null),
  },
];

/** Order: an owner or a status is told only to who knows the password (AT-V28, AT-V29). */
export const OPEN_SESSION_RULES: readonly Rule<OpenSessionFacts>[] = [
  ...API_KEY_RULES,
  {
    id: 'session.password',
    spec: 'contract §6; AT-V28, EN-01',
    code: 'sign_in_failed',
    refuse: ({ customer, verified, key }) => {
      if (customer === undefined) return 'unknown name';
      if (!verified.matches) return 'wrong password';
      if (verified.hash === customer.password_hash) return null;
      // The key's own password is its owner's: under another name it is wrong like any other.
      const owns = key?.owner.is === 'customer' && key.owner.customer === customer.id;
      const current = owns && verified.hash !== null && verified.hash === key.password_hash;
      return current ? null : 'the password changed meanwhile, or is of a key of another customer';
    },
  },
  {
    id: 'session.key_owner',
    spec: 'contract §3, §6; AT-V27',
    code: 'api_key_refused',
    refuse: ({ key, customer }) =>
      key?.owner.is !== 'customer' || key.owner.customer === customer?.id
        ? null
        : 'the key of another customer',
  },
  {
    id: 'session.customer',
    spec: 'contract §6; AT-V29, BR-14',
    code: 'customer_inactive',
    refuse: ({ customer }) => {
      const status = customer?.status ?? 'closed';
      if (status === 'active') return null;
      return { reason: `the customer is ${status}`, customer_status: status };
    },
  },
];

export function refuseApiKey(facts: KeyFacts): Refusal | null {
  return firstRefusal(API_KEY_RULES, facts.profile, facts);
}

/** Failed sign-ins touch no session: only a success can close another (BR-13). */
export function openSession(facts: OpenSessionFacts): Decision<OpenedSession> {
  const { customer, key, fresh } = facts;
  const refusal = firstRefusal(OPEN_SESSION_RULES, facts.profile, facts);
  if (refusal !== null) {
    const event: EventDraft = {
      action: 'session.refused',
      outcome: 'refused',
      customer: customer?.id,
      app: key?.id,
      detail: refusal.rule,
    };
    return { result: refused(refusal), changes: [], events: [event] };
  }
  if (customer === undefined) throw new Error('session rules let a missing customer by');
  const session = newSession(facts, customer);
  const { roster, evicted } = withSession(facts, customer, session);
  const about = { outcome: 'ok', customer: customer.id, app: key?.id } as const;
  const rehashed = facts.rehash === null || facts.verified.hash !== customer.password_hash
    ? []
    : [{
      kind: 'customer', id: customer.id, value: { ...customer, password_hash: facts.rehash },
    } as const];
  return {
    result: accepted({ customer, session }),
    changes: [{ kind: 'roster', id: customer.id, value: roster }, ...rehashed],
    events: [
      { action: 'session.opened', ...about, object: fresh.session_id },
      ...evicted.map(({ id }): EventDraft => ({
        action: 'session.evicted', ...about, object: id, detail: fresh.session_id,
      })),
    ],
  };
}

/** Characters kept of what a program says of itself; more is of no use to anybody. */
const APP_VERSION_MAX = 64;

function newSession(facts: OpenSessionFacts, customer: Customer): Session {
  const { profile, key, world, now } = facts;
  return {
    id: facts.fresh.session_id,
    dialect: profile.dialect,
    api_key: key?.id ?? '',
    device: facts.device,
    device_needed: profile.sessions?.device_needed.some((name) => name === world.name) === true,
    app_version: facts.app_version?.slice(0, APP_VERSION_MAX) ?? null,
    address: facts.address,
    opened_at: now,
    last_used_at: now,
    tokens_end_at: now + (profile.sessions?.token_lifetime_s ?? 0) * 1000,
    last_number: 1,
    ended_numbers: '',
    epochs: { ...customer.epochs, api_key: key?.epoch ?? 0, world: world.epoch },
  };
}

/** Closed sessions remembered; beyond them a closed one is answered like an unknown one. */
const EVICTED_MAX = 256;

/** Sessions whose tokens are all over make room before a live one has to (I7). */
function withSession(
  { roster, profile, now }: OpenSessionFacts,
  customer: Customer,
  session: Session,
): { readonly roster: Roster; readonly evicted: readonly EvictedSession[] } {
  const running = [...(roster?.sessions ?? []).filter((one) => now < one.tokens_end_at), session];
  const excess = Math.max(0, running.length - (profile.sessions?.live_max ?? 0));
  const evicted = running.slice(0, excess)
    .map(({ id, tokens_end_at }) => ({ id, tokens_end_at }));
  const remembered = [...(roster?.evicted ?? []), ...evicted]
    .filter(({ tokens_end_at }) => now < tokens_end_at);
  return {
    roster: {
      customer: customer.id,
      sessions: running.slice(excess),
      evicted: remembered.slice(-EVICTED_MAX),
      blocked_devices: roster?.blocked_devices ?? [],
    },
    evicted,
  };
}

/** Ends one session for good; its tokens are refused like unknown ones, not like evicted ones. */
export function endSession(
  roster: Roster | undefined,
  id: string,
  by: 'customer' | 'operator' | 'limit',
): Decision<{ readonly ended: boolean }> {
  const session = roster?.sessions.find((one) => one.id === id);
  if (roster === undefined || session === undefined) {
    return { result: accepted({ ended: false }), changes: [], events: [] };
  }
  const value: Roster = { ...roster, sessions: roster.sessions.filter((one) => one !== session) };
  return {
    result: accepted({ ended: true }),
    changes: [{ kind: 'roster', id: roster.customer, value }],
    events: [{
      action: 'session.ended',
      outcome: 'ok',
      customer: roster.customer,
      app: session.api_key,
      object: id,
      detail: by,
    }],
  };
}
