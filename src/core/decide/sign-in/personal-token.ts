/** The customer's own API token: one a world, shown once, replaced at once (contract §7.4). */
import type { Decision } from '../../decision.ts';
import type { Customer } from '../../kinds/customer.ts';
import { accepted } from '../../rules/refusals.ts';

/** Replaces her personal token by a fresh one; the old one is dead from this commit on. */
export function replacePersonalToken(
  customer: Customer,
  fresh: { readonly digest: string; readonly number: number },
  now: number,
): Decision<Customer> {
  const value: Customer = {
    ...customer,
    personal_token: { digest: fresh.digest, issued_at: now },
    personal_token_count: fresh.number,
  };
  return {
    result: accepted(value),
    changes: [{ kind: 'customer', id: customer.id, value }],
    events: [{ action: 'personal_token.issued', outcome: 'ok', customer: customer.id }],
  };
}

/** Ends her personal token; nothing to end is no error. */
export function deletePersonalToken(customer: Customer): Decision<Customer> {
  if (customer.personal_token === null) {
    return { result: accepted(customer), changes: [], events: [] };
  }
  const value: Customer = { ...customer, personal_token: null };
  return {
    result: accepted(value),
    changes: [{ kind: 'customer', id: customer.id, value }],
    events: [{ action: 'personal_token.ended', outcome: 'ok', customer: customer.id }],
  };
}
