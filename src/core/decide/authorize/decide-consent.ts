/** The customer's answer to a consent page (RFC 6749 §4.1.2). */
import type { Change, Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { App } from '../../kinds/app.ts';
import type { Code } from '../../kinds/code.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import { linkId } from '../../kinds/kinds.ts';
import type { Link } from '../../kinds/link.ts';
import type { AuthorizationRequest, RequestedAuthorization } from '../../kinds/request.ts';
import { LIMITS } from '../../rules/profile.ts';
import { accepted } from '../../rules/refusals.ts';
import { endCode } from '../session/end-grants.ts';

export type ConsentFacts = {
  readonly requested: RequestedAuthorization;
  /** Claimed by this browser and unanswered. */
  readonly record: AuthorizationRequest;
  readonly app: App;
  readonly customer: Customer;
  /** When she proved who she is, epoch ms. */
  readonly signed_in_at: number;
  readonly link: Link | undefined;
  readonly world: WorldRecord;
  /** Codes that a link over its limit drops. */
  readonly code: (id: string) => Code | undefined;
  /** The same challenge was in another flow before: allowed, but flagged (PK-07). */
  readonly challenge_repeated: boolean;
  /** Drawn for this decision: the code and the sealed answer that names it. */
  readonly fresh: {
    readonly code_id: string;
    readonly code_digest: string;
    readonly location: string;
    readonly sealed_location: string;
  };
  readonly now: number;
};

/** What any answer rests on; a yes rests on more. */
export type Answered = Omit<ConsentFacts, 'link' | 'world' | 'code' | 'challenge_repeated'>;

/** Of more unredeemed codes of one app than this the oldest end. */
const PENDING_MAX = 50;

/** Ids of the codes that one more consent ends. */
export function pendingOver(link: Link | undefined): string[] {
  const pending = link?.pending ?? [];
  return pending.slice(0, Math.max(0, pending.length + 1 - PENDING_MAX)).map(({ code }) => code);
}

/** Yes: one code, pending in the link, and the answer kept for a double click. */
export function allow(facts: ConsentFacts): Decision<string> {
  const { app, customer, fresh, now } = facts;
  const link = facts.link ?? { customer: customer.id, app: app.id, grants: [], pending: [] };
  const expires_at = now + facts.requested.code_lifetime_s * 1000;
  const over = pendingOver(facts.link);
  const pending = [
    ...link.pending.filter((one) => one.expires_at > now && !over.includes(one.code)),
    { code: fresh.code_id, expires_at },
  ];
  const changes: Change[] = [
    answered(facts),
    { kind: 'code', id: fresh.code_id, value: newCode(facts, expires_at) },
    { kind: 'link', id: linkId(customer.id, app.id), value: { ...link, pending } },
    ...over.flatMap((id) => endCode(id, facts.code(id), now)),
  ];
  const about = { outcome: 'ok', customer: customer.id, app: app.id } as const;
  const events: EventDraft[] = [
    { action: 'consent.given', ...about, detail: `scopes=${facts.requested.scopes & app.scopes}` },
    {
      action: 'code.issued',
      ...about,
      object: fresh.code_id.slice(customer.id.length),
      detail: facts.challenge_repeated ? 'challenge_repeated' : undefined,
    },
  ];
  return { result: accepted(fresh.location), changes, events };
}

/** No: nothing is issued; the answer is kept all the same. */
export function deny(facts: Answered): Decision<string> {
  const { app, customer, fresh } = facts;
  return {
    result: accepted(fresh.location),
    changes: [answered(facts)],
    events: [{ action: 'consent.denied', outcome: 'ok', customer: customer.id, app: app.id }],
  };
}

/** May the kept answer still be repeated to the same browser (RP-32)? */
export function answerIsKept(record: AuthorizationRequest, now: number): boolean {
  return record.state.is === 'answered' && now < record.state.at + LIMITS.answer_kept_s * 1000;
}

function answered({ requested, record, fresh, now }: Answered): Change {
  const state = { is: 'answered', at: now, sealed_location: fresh.sealed_location } as const;
  return { kind: 'request', id: requested.id, value: { ...record, state } };
}

function newCode(facts: ConsentFacts, expires_at: number): Code {
  const { requested, app, customer, world, fresh, now } = facts;
  return {
    customer: customer.id,
    app: app.id,
    dialect: requested.dialect,
    digest: fresh.code_digest,
    redirect_uri: requested.redirect_uri,
    scopes: requested.scopes & app.scopes,
    code_challenge: requested.code_challenge,
    resource: requested.resource,
    nonce: requested.nonce,
    signed_in_at: facts.signed_in_at,
    issued_at: now,
    expires_at,
    epochs: { ...customer.epochs, app: app.epoch, world: world.epoch },
    state: { is: 'unspent' },
  };
}
