/** Ending one access token of a grant, which itself goes on. */
import type { Decision } from '../../decision.ts';
import type { Grant } from '../../kinds/grant.ts';
import { accepted } from '../../rules/refusals.ts';
import { markEnded } from '../../rules/token-numbers.ts';

/** @param number of the token among the grant's */
export function endToken(
  id: string,
  grant: Grant | undefined,
  number: number,
): Decision<{ readonly ended: boolean }> {
  const ended_numbers = grant === undefined
    ? ''
    : markEnded(grant.ended_numbers, grant.last_number, number);
  if (grant?.state.is !== 'live' || ended_numbers === grant.ended_numbers) {
    return { result: accepted({ ended: false }), changes: [], events: [] };
  }
  return {
    result: accepted({ ended: true }),
    changes: [{ kind: 'grant', id, value: { ...grant, ended_numbers } }],
    events: [{
      action: 'token.ended',
      outcome: 'ok',
      customer: grant.customer,
      app: grant.app,
      object: id.slice(grant.customer.length),
      detail: 'limit',
    }],
  };
}
