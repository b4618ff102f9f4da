/** What a bearer token may do at a resource, now (RFC 6750 §3.1). */
import type { ApiKey } from '../../kinds/api-key.ts';
import type { App } from '../../kinds/app.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Grant } from '../../kinds/grant.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import type { Roster, Session } from '../../kinds/roster.ts';
import { sessionScopes } from '../../rules/scopes/session-scopes.ts';
import { coveredAccounts } from '../../rules/coverage.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { ALL_SCOPES, scopeMask, scopeWords } from '../../rules/scopes/scopes.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';
import { grantFault, sessionFault } from '../../rules/standing.ts';
import { numberIsLive } from '../../rules/token-numbers.ts';
import type { WorldName } from '../../world.ts';

/** A bearer token as its form alone shows it. */
export type Bearer =
  | { readonly is: 'none' }
  | { readonly is: 'not_ours'; readonly reason: string }
  | {
    readonly is: 'access_token';
    readonly grant_id: string;
    readonly customer: string;
    /** Null for an open stream, which is bound to the grant and not to one token. */
    readonly number: number | null;
    readonly scopes: number;
    /** Epoch ms; null for an open stream. */
    readonly expires_at: number | null;
    /** What a signed token is for (claim `aud`); null for a sealed one. */
    readonly audience: string | null;
  }
  | {
    readonly is: 'session_token';
    /** Full id: the customer's, then the session's. */
    readonly session_id: string;
    readonly customer: string;
    readonly number: number | null;
    readonly expires_at: number | null;
    readonly audience: string | null;
  }
  | {
    readonly is: 'personal_token';
    readonly customer: string;
    readonly digest: string;
    /** Number of this token among the customer's personal tokens. */
    readonly number: number;
  };

export type CheckFacts = {
  readonly profile: Profile;
  readonly bearer: Bearer;
  readonly grant: Grant | undefined;
  readonly roster: Roster | undefined;
  /** The API key of the session. */
  readonly api_key: ApiKey | undefined;
  readonly customer: Customer | undefined;
  readonly app: App | undefined;
  readonly world: WorldRecord;
  /** Which world it is, and who issues its tokens. */
  readonly site: { readonly world: WorldName; readonly issuer: string };
  /** True where tokens for streams alone are taken too. */
  readonly takes_stream_tokens: boolean;
  readonly scopes: readonly string[];
  readonly account: string | null;
  readonly now: number;
};

/** What a good token stands for. */
export type Verdict = {
  readonly customer: Customer;
  readonly app: string | null;
  readonly scopes: number;
  /** Numbers of the accounts it covers now. */
  readonly accounts: readonly string[];
  readonly expires_at: number | null;
  /** The session of the token, when it is one's. */
  readonly session: Session | null;
};

/** Order: form, age, life, then what it may do; a token's faults outrank its scopes. */
export const CHECK_RULES: readonly Rule<CheckFacts>[] = [
  {
    id: 'bearer.present',
    spec: 'RFC 6750 §3; contract F1',
    code: 'token_missing',
    refuse: ({ bearer }) => (bearer.is === 'none' ? 'no bearer token' : null),
  },
  {
    id: 'bearer.known',
    spec: 'RFC 6750 §3.1; BR-01, RT-14, contract F1',
    code: 'token_unknown',
    refuse: (facts) => unknownFault(facts),
  },
  {
    id: 'bearer.fresh',
    spec: 'RFC 6750 §3.1; AT-T44, contract F2',
    code: 'token_expired',
    refuse: (facts) => (facts.now < (expiryOf(facts) ?? Infinity) ? null : 'past its lifetime'),
  },
  {
    id: 'bearer.session_kept',
    spec: 'contract §9.2; BR-09, AT-V33',
    code: 'session_evicted',
    refuse: ({ bearer, roster }) =>
      bearer.is === 'session_token' &&
      roster?.evicted.some(({ id }) => bearer.session_id === bearer.customer + id) === true
        ? 'a newer sign-in closed its session'
        : null,
  },
  {
    id: 'bearer.live',
    spec: 'I4; AT-T32, AT-T45, AT-T49, contract F3',
    code: 'token_ended',
    refuse: (facts) => endedFault(facts),
  },
  {
    id: 'bearer.scope',
    spec: 'RFC 6750 §3.1; CO-08, contract F4',
    code: 'scope_missing',
    refuse: (facts) => {
      const missing = scopeMask(facts.scopes) & ~heldScopes(facts);
      if (missing === 0) return null;
      return { reason: 'the token lacks a scope', scopes: scopeWords(missing) };
    },
  },
  {
    id: 'bearer.account',
    spec: 'BR-02, BR-19, CO-10, contract F5',
    code: 'account_not_covered',
    refuse: ({ account, customer, app }) =>
      account === null ||
      (customer !== undefined && coveredAccounts(customer, app).includes(account))
        ? null
        : 'not an account that this token covers in this world',
  },
];

/** A verdict, never from state older than the facts it is given. */
export function checkToken(facts: CheckFacts): Result<Verdict> {
  const refusal: Refusal | null = firstRefusal(CHECK_RULES, facts.profile, facts);
  if (refusal !== null) return refused(refusal);
  return accepted(verdictOf(facts));
}

/** What the token of these facts stands for, once no rule refused it. */
export function verdictOf(facts: CheckFacts): Verdict {
  const { customer } = facts;
  if (customer === undefined) throw new Error('check rules let a missing customer by');
  return {
    customer,
    app: facts.grant?.app ?? null,
    scopes: heldScopes(facts),
    accounts: coveredAccounts(customer, facts.app),
    expires_at: expiryOf(facts),
    session: sessionOf(facts) ?? null,
  };
}

/** A token's own end; of an open stream the end of the newest token it could be renewed with. */
function expiryOf(facts: CheckFacts): number | null {
  const { bearer, grant, profile } = facts;
  if (bearer.is === 'session_token') {
    return bearer.expires_at ?? sessionOf(facts)?.tokens_end_at ?? null;
  }
  if (bearer.is !== 'access_token') return null;
  if (bearer.expires_at !== null) return bearer.expires_at;
  return (grant?.last_used_at ?? 0) + profile.access_token_lifetime_s * 1000;
}

/** The live session that a token names. */
export function sessionOf(
  { bearer, roster }: Pick<CheckFacts, 'bearer' | 'roster'>,
): Session | undefined {
  if (bearer.is !== 'session_token') return undefined;
  return roster?.sessions.find(({ id }) => bearer.session_id === bearer.customer + id);
}

function unknownFault(facts: CheckFacts): string | null {
  const { bearer, grant, customer, profile } = facts;
  if (bearer.is === 'not_ours') return bearer.reason;
  if (bearer.is === 'access_token') {
    if (grant === undefined) return 'no grant of this id';
    if (grant.dialect !== profile.dialect) return 'a token of another dialect';
    return audienceFault(facts, grant.resource);
  }
  if (bearer.is === 'session_token') {
    if (profile.sessions === null) return 'no sessions in this dialect';
    if (facts.roster === undefined) return 'no session of this customer';
    return audienceFault(facts, null);
  }
  if (customer === undefined) return 'no customer of this id';
  return null;
}

/** The audience of tokens that open streams and nothing else. */
export function streamAudience(issuer: string): string {
  return `${issuer}/streams`;
}

function audienceFault(facts: CheckFacts, resource: string | null): string | null {
  const { bearer, site, takes_stream_tokens } = facts;
  const audience = 'audience' in bearer ? bearer.audience : null;
  if (audience === null || audience === (resource ?? site.issuer)) return null;
  if (audience !== streamAudience(site.issuer)) return 'a token for another audience';
  return takes_stream_tokens ? null : 'a token for streams alone';
}

function endedFault(facts: CheckFacts): string | null {
  const { bearer, grant, customer, app, world, profile, now } = facts;
  if (bearer.is === 'personal_token') return personalFault(bearer, customer);
  if (bearer.is === 'session_token') return sessionEnded(facts, bearer.number);
  if (bearer.is !== 'access_token' || grant === undefined) return 'no grant';
  const fault = grantFault(grant, { app, customer, world }, now);
  if (fault !== null) return fault;
  return numberFault(grant, bearer.number, profile);
}

const OLD_NUMBER = 'ended singly or by newer tokens';

function numberFault(
  counted: { readonly last_number: number; readonly ended_numbers: string },
  number: number | null,
  profile: Profile,
): string | null {
  const live = number === null || numberIsLive(counted, number, profile.access_tokens_live_max);
  return live ? null : OLD_NUMBER;
}

function sessionEnded(facts: CheckFacts, number: number | null): string | null {
  const { customer, api_key, world, profile } = facts;
  const session = sessionOf(facts);
  if (session === undefined) return 'the session has ended';
  if (session.dialect !== profile.dialect) return 'a session of another dialect';
  return sessionFault(session, { customer, api_key, world }) ??
    numberFault(session, number, profile);
}

function personalFault(
  bearer: Extract<Bearer, { is: 'personal_token' }>,
  customer: Customer | undefined,
): string | null {
  if (customer === undefined || customer.status !== 'active') return 'customer is not active';
  const current = customer.personal_token;
  if (current === null) return 'she has no personal token now';
  return equalInConstantTime(current.digest, bearer.digest) ? null : 'replaced by a newer one';
}

/** Never more than the token, the grant and the app's registration allow now (P-04). */
function heldScopes(facts: CheckFacts): number {
  const { bearer, grant, app } = facts;
  if (bearer.is === 'personal_token') return ALL_SCOPES;
  if (bearer.is === 'session_token') {
    const session = sessionOf(facts);
    return session === undefined ? 0 : sessionScopes(session, facts);
  }
  if (bearer.is !== 'access_token') return 0;
  return bearer.scopes & (grant?.scopes ?? 0) & (app?.scopes ?? 0);
}
