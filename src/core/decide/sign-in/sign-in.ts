/** Signing in and out in a browser (RFC 6819 §4.4.1.8, ASVS 7.2.4). */
import type { Change, Decision } from '../../decision.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { Login } from '../../kinds/login.ts';
import { LIMITS } from '../../rules/profile.ts';
import { type Refusal, accepted, refused } from '../../rules/refusals.ts';

export type SignInFacts = {
  /** The customer now; undefined when the name is unknown. */
  readonly customer: Customer | undefined;
  /** The hash that the password was compared with, and whether it matched. */
  readonly verified: { readonly hash: string | null; readonly matches: boolean };
  /** A stronger hash of the same password when today's parameters ask for it (DR-04). */
  readonly rehash: string | null;
  /** The sign-in this browser had before; it ends (CS-03). */
  readonly previous: { readonly id: string; readonly login: Login } | null;
  readonly fresh: { readonly login_id: string; readonly digest: string };
  readonly address: string;
  readonly now: number;
};

/** One answer for an unknown name, a wrong password and a customer who may not (EN-01). */
export function signIn(facts: SignInFacts): Decision<{ readonly login_id: string }> {
  const { customer, verified, fresh, now } = facts;
  const reason = signInFault(facts);
  if (reason !== null || customer === undefined) {
    const refusal: Refusal = {
      code: 'sign_in_failed',
      rule: 'sign_in.password',
      reason: reason ?? 'unknown name',
    };
    return {
      result: refused(refusal),
      changes: [],
      events: [{ action: 'login.failed', outcome: 'refused', customer: customer?.id }],
    };
  }
  const login: Login = {
    customer: customer.id,
    digest: fresh.digest,
    state: { is: 'live' },
    epochs: customer.epochs,
    signed_in_at: now,
    expires_at: now + LIMITS.login_lifetime_s * 1000,
    address: facts.address,
  };
  const changes: Change[] = [{ kind: 'login', id: fresh.login_id, value: login }];
  if (facts.rehash !== null && verified.hash === customer.password_hash) {
    const value = { ...customer, password_hash: facts.rehash };
    changes.push({ kind: 'customer', id: customer.id, value });
  }
  if (facts.previous !== null) changes.push(...endLogin(facts.previous, now));
  return {
    result: accepted({ login_id: fresh.login_id }),
    changes,
    events: [{ action: 'login.succeeded', outcome: 'ok', customer: customer.id }],
  };
}

/** Ends a sign-in in the record, not only in the browser (CS-14). */
export function endLogin(
  { id, login }: { readonly id: string; readonly login: Login },
  now: number,
): Change[] {
  if (login.state.is === 'ended') return [];
  return [{ kind: 'login', id, value: { ...login, state: { is: 'ended', at: now } } }];
}

function signInFault({ customer, verified }: SignInFacts): string | null {
  if (customer === undefined) return 'unknown name';
  if (!verified.matches) return 'wrong password';
  if (verified.hash !== customer.password_hash) return 'the password changed meanwhile';
  return customer.status === 'active' ? null : `the customer is ${customer.status}`;
}
