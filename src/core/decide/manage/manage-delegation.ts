/** Delegations: an owner's account that an advisor may act on (contract §11, BR-19). */
import type { Decision } from '../../decision.ts';
import type { Account } from '../../kinds/account.ts';
import type { Customer } from '../../kinds/customer.ts';
import { type Changed, actRefusal, changed, refuse, unchanged } from './outcome.ts';
import { NO_ACCOUNT, NO_CUSTOMER } from './manage-customer.ts';

export type DelegationFacts = {
  readonly account: Account | undefined;
  /** Whom the account is delegated to. */
  readonly advisor: Customer | undefined;
};

export function grantDelegation(facts: DelegationFacts): Decision<Changed<Customer>> {
  const { account, advisor } = facts;
  if (account === undefined) return refuse(NO_ACCOUNT);
  if (advisor === undefined) return refuse(NO_CUSTOMER);
  if (account.customer === advisor.id) {
    return refuse(actRefusal('state_conflict', 'the account is the advisor\'s own', 'advisor'));
  }
  if (advisor.delegated_accounts.includes(account.number)) return unchanged(advisor);
  return withDelegated(facts, [...advisor.delegated_accounts, account.number]);
}

/** From this commit on no token of the advisor covers the account. */
export function endDelegation(facts: DelegationFacts): Decision<Changed<Customer>> {
  const { account, advisor } = facts;
  if (account === undefined) return refuse(NO_ACCOUNT);
  if (advisor === undefined) return refuse(NO_CUSTOMER);
  if (!advisor.delegated_accounts.includes(account.number)) return unchanged(advisor);
  const others = advisor.delegated_accounts.filter((number) => number !== account.number);
  return withDelegated(facts, others);
}

/** The event names the owner, the account and the advisor. */
function withDelegated(
  { account, advisor }: DelegationFacts,
  delegated_accounts: readonly string[],
): Decision<Changed<Customer>> {
  if (account === undefined || advisor === undefined) throw new Error('checked by the caller');
  const value: Customer = { ...advisor, delegated_accounts };
  const granted = delegated_accounts.length > advisor.delegated_accounts.length;
  return changed(value, [{ kind: 'customer', id: value.id, value }], [
    {
      action: granted ? 'delegation.granted' : 'delegation.ended',
      outcome: 'ok',
      customer: account.customer,
      object: account.number,
      detail: `advisor=${advisor.id}`,
    },
  ]);
}
