/** Redeeming an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1). */
import type { Change, Decision } from '../../decision.ts';
import { type EventDraft, tokenReference } from '../../events.ts';
import type { App } from '../../kinds/app.ts';
import type { Code } from '../../kinds/code.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Grant, GrantRefresh } from '../../kinds/grant.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import { linkId } from '../../kinds/kinds.ts';
import type { Link } from '../../kinds/link.ts';
import type { Profile } from '../../rules/profile.ts';
import { accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';
import { codeFault } from '../../rules/standing.ts';
import { endGrant } from '../session/end-grants.ts';

export type RedeemFacts = {
  readonly profile: Profile;
  readonly app: App;
  /** Id inside the presented handle and the digest of the whole; null = not a code of ours. */
  readonly presented: { readonly id: string; readonly digest: string } | null;
  readonly code: Code | undefined;
  readonly customer: Customer | undefined;
  readonly link: Link | undefined;
  readonly world: WorldRecord;
  /** As the token request has them; null = not sent. */
  readonly redirect_uri: string | null;
  readonly resource: string | null;
  /** S256 of the verifier that was sent; '' = sent in a form that fits nothing; null = not sent. */
  readonly challenge_of_verifier: string | null;
  /** The grant a spent code led to, and the oldest of a full link. */
  readonly grant: (id: string) => Grant | undefined;
  /** Network the request came from. */
  readonly network: string;
  /** Ids and digests drawn for this decision alone. */
  readonly fresh: { readonly grant_id: string; readonly refresh_digest: string };
  readonly now: number;
};

export type Redeemed = {
  readonly grant_id: string;
  readonly grant: Grant;
  readonly code: Code;
  readonly customer: Customer;
};

/**
 * Order is precedence: whether a code is known, whose it is and whether it is fresh come before
 * PKCE, and use comes last, so that only an otherwise valid second use ends the first one's tokens
 * (a leaked code is no remote kill switch: AC-03).
 */
export const CODE_RULES: readonly Rule<RedeemFacts>[] = [
  {
    id: 'code.known',
    spec: 'RFC 6749 §5.2; AC-06, AC-07, BR-17',
    code: 'code_unknown',
    refuse: ({ presented, code, profile }) => {
      if (presented === null) return 'not a code handle of this world';
      if (code === undefined) return 'no code of this id';
      if (!equalInConstantTime(code.digest, presented.digest)) return 'wrong digest';
      return code.dialect === profile.dialect ? null : 'a code of another dialect';
    },
  },
  {
    id: 'code.own',
    spec: 'RFC 6749 §4.1.3; AC-04',
    code: 'code_foreign',
    refuse: ({ code, app }) => (code?.app === app.id ? null : 'issued to another app'),
  },
  {
    id: 'code.fresh',
    spec: 'RFC 6749 §4.1.2; AC-05, AT-T31',
    code: 'code_expired',
    refuse: ({ code, now }) =>
      code !== undefined && now < code.expires_at ? null : 'older than its lifetime',
  },
  {
    id: 'code.redirect_uri',
    spec: 'RFC 6749 §4.1.3; AC-08, AT-V5',
    code: 'code_redirect_mismatch',
    when: (profile) => profile.token_redirect_uri === 'compared',
    refuse: ({ code, redirect_uri }) =>
      redirect_uri !== null && redirect_uri === code?.redirect_uri
        ? null
        : 'not the redirect_uri of the request',
  },
  {
    id: 'code.pkce',
    spec: 'RFC 7636 §4.6; PK-02, PK-03, PK-05, AT-T37',
    code: 'code_pkce_mismatch',
    refuse: ({ code, challenge_of_verifier }) => pkceFault(code, challenge_of_verifier),
  },
  {
    id: 'code.resource',
    spec: 'RFC 8707 §2.2; contract §5.1 (resource)',
    code: 'resource_unknown',
    refuse: ({ code, resource }) => {
      const asked = code?.resource ?? null;
      return resource === null || asked === null || asked === resource
        ? null
        : 'another resource than the request named';
    },
  },
  {
    id: 'code.unused',
    spec: 'RFC 6749 §4.1.2; AC-01, AC-02, AT-T32',
    code: 'code_replayed',
    refuse: ({ code }) =>
      code?.state.is === 'spent' || code?.state.is === 'replayed' ? 'used before' : null,
  },
  {
    id: 'code.standing',
    spec: 'AC-12, CO-07, F-03',
    code: 'code_ended',
    refuse: ({ code, app, customer, world }) => {
      if (code === undefined) return 'no code';
      if ((code.scopes & app.scopes) === 0) return 'no scope of it is registered any more';
      return codeFault(code, { app, customer, world });
    },
  },
];

/** One winner a code; a valid second use ends what the first one got. */
export function redeemCode(facts: RedeemFacts): Decision<Redeemed> {
  const refusal = firstRefusal(CODE_RULES, facts.profile, facts);
  if (refusal === null) return redeem(facts);
  const replay = refusal.code === 'code_replayed' ? endReplayed(facts) : null;
  const event: EventDraft = {
    action: replay === null ? 'code.refused' : 'code.replayed',
    outcome: replay === null ? 'refused' : 'alert',
    app: facts.app.id,
    customer: facts.code?.customer,
    object: facts.presented === null ? undefined : tokenReference(facts.presented.digest),
    detail: refusal.rule,
  };
  const events = facts.presented === null ? [] : [event];
  return { result: refused(refusal), changes: replay ?? [], events };
}

function redeem(facts: RedeemFacts): Decision<Redeemed> {
  const { profile, app, now, fresh, presented } = facts;
  const code = facts.code;
  if (code === undefined || presented === null) throw new Error('code rules let a missing one by');
  const grant = beginGrant(facts, code);
  const link = facts.link ?? { customer: code.customer, app: app.id, grants: [], pending: [] };
  const grants = [...link.grants, fresh.grant_id];
  const excess = grants.slice(0, Math.max(0, grants.length - profile.grants_live_max));
  const ended = excess.map((id) => endGrant(id, facts.grant(id), { by: 'grant_limit', at: now }));
  const changes: Change[] = [
    {
      kind: 'code',
      id: presented.id,
      value: { ...code, state: { is: 'spent', at: now, grant: fresh.grant_id } },
    },
    { kind: 'grant', id: fresh.grant_id, value: grant },
    {
      kind: 'link',
      id: linkId(code.customer, app.id),
      value: {
        ...link,
        grants: grants.slice(excess.length),
        pending: link.pending.filter((p) => p.code !== presented.id && p.expires_at > now),
      },
    },
    ...ended.flatMap((end) => end.changes),
  ];
  const event: EventDraft = {
    action: 'code.redeemed',
    outcome: 'ok',
    app: app.id,
    customer: code.customer,
    object: fresh.grant_id.slice(code.customer.length),
  };
  const events = [event, ...ended.flatMap((end) => end.events)];
  const { customer } = facts;
  if (customer === undefined) throw new Error('code rules let a missing customer by');
  const begun: Redeemed = { grant_id: fresh.grant_id, grant, code, customer };
  return { result: accepted(begun), changes, events };
}

function beginGrant(facts: RedeemFacts, code: Code): Grant {
  const { profile, app, now } = facts;
  const holds_refresh = profile.grant_types.includes('refresh_token') &&
    (profile.refresh_approval === 'not_needed' || app.refresh.approved);
  const lifetime_s = profile.grant_lifetime_s;
  const { standing, app: app_epoch, world } = code.epochs;
  return {
    customer: code.customer,
    app: code.app,
    dialect: code.dialect,
    scopes: code.scopes & app.scopes,
    begun_at: now,
    ends_at: lifetime_s === null ? null : code.issued_at + lifetime_s * 1000,
    epochs: { standing, app: app_epoch, world, refresh: app.refresh.epoch },
    state: { is: 'live' },
    last_number: 1,
    ended_numbers: '',
    refresh: holds_refresh ? firstRefresh(facts) : null,
    resource: facts.resource ?? code.resource,
    chain_began_at: now,
    last_used_at: now,
  };
}

function firstRefresh({ profile, fresh, network, now }: RedeemFacts): GrantRefresh {
  return {
    generation: 1,
    digest: fresh.refresh_digest,
    window_began_at: 0,
    window_count: 0,
    issued_at: now,
    network: profile.refresh_policy === 'rotating' ? network : null,
    predecessor: null,
  };
}

/** The changes of a replay seen for the first time; null when there is nothing left to end. */
function endReplayed({ code, presented, link, grant, now }: RedeemFacts): Change[] | null {
  if (code?.state.is !== 'spent' || presented === null) return null;
  const id = code.state.grant;
  const replayed: Code = { ...code, state: { is: 'replayed', at: now, grant: id } };
  const changes: Change[] = [
    { kind: 'code', id: presented.id, value: replayed },
    ...endGrant(id, grant(id), { by: 'code_replay', at: now }).changes,
  ];
  if (link?.grants.includes(id)) {
    changes.push({
      kind: 'link',
      id: linkId(link.customer, link.app),
      value: { ...link, grants: link.grants.filter((other) => other !== id) },
    });
  }
  return changes;
}

function pkceFault(code: Code | undefined, sent: string | null): string | null {
  const asked = code?.code_challenge ?? null;
  if (asked === null) return sent === null ? null : 'a verifier without a challenge';
  if (sent === null) return 'the verifier is missing';
  return equalInConstantTime(asked, sent) ? null : 'the verifier does not match';
}
