/** What a bearer token may do at a resource, now (RFC 6750 §3.1). */
import type { App } from '../../kinds/app.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Grant } from '../../kinds/grant.ts';
import type { WorldRecord } from '../../kinds/key.ts';
import { coveredAccounts } from '../../rules/coverage.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { ALL_SCOPES, scopeMask, scopeWords } from '../../rules/scopes.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';
import { grantFault } from '../../rules/standing.ts';
import { numberIsLive } from '../../rules/token-numbers.ts';

/** A bearer token as its form alone shows it. */
export type Bearer =
  | { readonly is: 'none' }
  | { readonly is: 'not_ours'; readonly reason: string }
  | {
    readonly is: 'access_token';
    readonly grant_id: string;
    readonly customer: string;
    readonly number: number;
    readonly scopes: number;
    /** Epoch ms. */
    readonly expires_at: number;
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
  readonly customer: Customer | undefined;
  readonly app: App | undefined;
  readonly world: WorldRecord;
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
    refuse: ({ bearer, now }) =>
      bearer.is === 'access_token' && now >= bearer.expires_at ? 'past its lifetime' : null,
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
  const { bearer, customer } = facts;
  if (customer === undefined) throw new Error('check rules let a missing customer by');
  return accepted({
    customer,
    app: facts.grant?.app ?? null,
    scopes: heldScopes(facts),
    accounts: coveredAccounts(customer, facts.app),
    expires_at: bearer.is === 'access_token' ? bearer.expires_at : null,
  });
}

function unknownFault(facts: CheckFacts): string | null {
  const { bearer, grant, customer, profile } = facts;
  if (bearer.is === 'not_ours') return bearer.reason;
  if (bearer.is === 'access_token') {
    if (grant === undefined) return 'no grant of this id';
    return grant.dialect === profile.dialect ? null : 'a token of another dialect';
  }
  if (customer === undefined) return 'no customer of this id';
  return null;
}

function endedFault(facts: CheckFacts): string | null {
  const { bearer, grant, customer, app, world, profile, now } = facts;
  if (bearer.is === 'personal_token') return personalFault(bearer, customer);
  if (bearer.is !== 'access_token' || grant === undefined) return 'no grant';
  const fault = grantFault(grant, { app, customer, world }, now);
  if (fault !== null) return fault;
  return numberIsLive(grant, bearer.number, profile.access_tokens_live_max)
    ? null
    : 'ended singly or by newer tokens';
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
function heldScopes({ bearer, grant, app }: CheckFacts): number {
  if (bearer.is === 'personal_token') return ALL_SCOPES;
  if (bearer.is !== 'access_token') return 0;
  return bearer.scopes & (grant?.scopes ?? 0) & (app?.scopes ?? 0);
}
