/** Registering customers and their accounts, and the epochs that end what rests on them. */
import type { Change, Decision } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { Account } from '../../kinds/account.ts';
import type { Customer, CustomerNumber, CustomerStatus } from '../../kinds/customer.ts';
import type { LoginName } from '../../kinds/login.ts';
import { canonicalLoginName } from '../../rules/login-name.ts';
import {
  type CustomerDraft, refuseAccountDraft, refuseCustomerDraft,
} from './customer-rules.ts';
import { type Changed, actRefusal, changed, refuse, unchanged } from './outcome.ts';

export type NewCustomer = {
  readonly draft: CustomerDraft;
  /** 11 characters of base62, drawn by the flow: an id is never chosen and never reused (AD-07). */
  readonly id: string;
  /** Drawn too; `numbered` says who has it already. */
  readonly number: number;
  readonly numbered: CustomerNumber | undefined;
  readonly password_hash: string;
  /** Who holds the canonical login name, or the canonical e-mail address, already. */
  readonly named: LoginName | undefined;
  readonly mailed: LoginName | undefined;
  readonly now: number;
};

export function createCustomer(facts: NewCustomer): Decision<Changed<Customer>> {
  const { draft, id, number, password_hash, named, now } = facts;
  const refusal = refuseCustomerDraft(draft);
  if (refusal !== null) return refuse(refusal);
  const canonical = canonicalLoginName(draft.login_name);
  if (canonical === null) throw new Error('the login name rule let one by');
  if (named !== undefined) {
    const reason = 'this login name, or one that looks the same, is taken';
    return refuse(actRefusal('object_exists', reason, 'login_name'));
  }
  const mail = emailName(draft);
  if (facts.mailed !== undefined && mail !== canonical) {
    return refuse(actRefusal('object_exists', 'this e-mail address is taken', 'email'));
  }
  if (facts.numbered !== undefined) {
    return refuse(actRefusal('state_conflict', 'the drawn number is taken: try again'));
  }
  const customer: Customer = {
    ...draft,
    id,
    number,
    password_hash,
    status: 'active',
    epochs: { standing: 1, credentials: 1 },
    accounts: [],
    personal_token: null,
    delegated_accounts: [],
    personal_token_count: 0,
    created_at: now,
  };
  const changes: Change[] = [
    { kind: 'customer', id, value: customer },
    { kind: 'login-name', id: canonical, value: { customer: id } },
    ...(mail === null || mail === canonical
      ? []
      : [{ kind: 'login-name', id: mail, value: { customer: id } } as const]),
    { kind: 'customer-number', id: String(number), value: { customer: id } },
  ];
  return changed(customer, changes, [event('customer.created', id)]);
}

/** Her e-mail address as a name to sign in with; null when she has none that is short enough. */
export function emailName({ email }: Pick<CustomerDraft, 'email'>): string | null {
  return email === null ? null : canonicalLoginName(email);
}

/**
 * Locking and closing end every grant, code, sign-in and the personal token, for good: setting the
 * status back revives nothing.
 */
export function setStatus(
  customer: Customer | undefined,
  status: CustomerStatus,
): Decision<Changed<Customer>> {
  if (customer === undefined) return refuse(NO_CUSTOMER);
  if (customer.status === status) return unchanged(customer);
  const ends = status !== 'active';
  const { epochs, personal_token } = customer;
  const value: Customer = {
    ...customer,
    status,
    epochs: ends ? { ...epochs, standing: epochs.standing + 1 } : epochs,
    personal_token: ends ? null : personal_token,
  };
  const events = [event('customer.status_set', customer.id, status)];
  if (ends && personal_token !== null) events.push(event('personal_token.ended', customer.id));
  return customerChanged(value, events);
}

/** A new password ends sign-ins and codes not yet redeemed; what apps hold goes on. */
export function setPassword(
  customer: Customer | undefined,
  password_hash: string,
): Decision<Changed<Customer>> {
  if (customer === undefined) return refuse(NO_CUSTOMER);
  const value = { ...endSignIns(customer), password_hash };
  return customerChanged(value, [event('customer.password_set', customer.id)]);
}

/** All sign-ins and unused codes of a customer, however many, in one change. */
export function endLogins(customer: Customer | undefined): Decision<Changed<Customer>> {
  if (customer === undefined) return refuse(NO_CUSTOMER);
  return customerChanged(endSignIns(customer), [event('login.ended', customer.id, 'operator')]);
}

export type NewAccount = {
  readonly account: Pick<
    Account, 'number' | 'classification' | 'type' | 'day_trader' | 'option_level'
  >;
  readonly existing: Account | undefined;
  readonly customer: Customer | undefined;
  readonly now: number;
};

/** The account's record makes its number unique; the customer's lists it (decision 8). */
export function createAccount(facts: NewAccount): Decision<Changed<Account>> {
  const { account, existing, customer, now } = facts;
  const refusal = refuseAccountDraft({ account: account.number });
  if (refusal !== null) return refuse(refusal);
  if (customer === undefined) return refuse(NO_CUSTOMER);
  if (existing !== undefined) {
    return refuse(actRefusal('object_exists', 'this account number is taken', 'account'));
  }
  if (customer.status === 'closed') {
    return refuse(actRefusal('state_conflict', 'the customer is closed', 'customer'));
  }
  const value: Account = {
    ...account, customer: customer.id, status: 'active', created_at: now, updated_at: now,
  };
  const owner = { ...customer, accounts: [...customer.accounts, account.number] };
  const changes: Change[] = [
    { kind: 'account', id: account.number, value },
    { kind: 'customer', id: customer.id, value: owner },
  ];
  const { number: object } = account;
  const opened = { ...event('account.created', customer.id), object };
  return changed(value, changes, [opened]);
}

export function closeAccount(
  account: Account | undefined,
  now: number,
): Decision<Changed<Account>> {
  if (account === undefined) return refuse(NO_ACCOUNT);
  if (account.status === 'closed') return unchanged(account);
  const value: Account = { ...account, status: 'closed', updated_at: now };
  const closed = event('account.status_set', account.customer, 'closed');
  return changed(
    value,
    [{ kind: 'account', id: account.number, value }],
    [{ ...closed, object: account.number }],
  );
}

export const NO_CUSTOMER = actRefusal(
  'object_unknown', 'no customer of this id or login name', 'customer',
);

export const NO_ACCOUNT = actRefusal('object_unknown', 'no account of this number', 'account');

function endSignIns(customer: Customer): Customer {
  const { standing, credentials } = customer.epochs;
  return { ...customer, epochs: { standing, credentials: credentials + 1 } };
}

function customerChanged(
  value: Customer,
  events: readonly EventDraft[],
): Decision<Changed<Customer>> {
  return changed(value, [{ kind: 'customer', id: value.id, value }], events);
}

function event(action: EventDraft['action'], customer: string, detail?: string): EventDraft {
  return { action, outcome: 'ok', customer, detail };
}
