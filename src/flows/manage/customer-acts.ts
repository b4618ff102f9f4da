/** Acts on customers and accounts; a password is hashed before the decision, outside any batch. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import {
  type CustomerDraft, refuseCustomerDraft, refusePassword,
} from '../../core/decide/manage/customer-rules.ts';
import {
  NO_ACCOUNT, closeAccount, createAccount, createCustomer, emailName, setPassword,
  setStatus,
} from '../../core/decide/manage/manage-customer.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import { deletePersonalToken } from '../../core/decide/sign-in/personal-token.ts';
import type { Decision } from '../../core/decision.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, accountView, customerView } from './act-views.ts';
import { findCustomer, readOne } from './find.ts';

const ID_CHARS = 11;
/** Below 2^53, so that every client can hold it as a number. */
const NUMBER_DIGITS = 15;
/** 20 characters of base62 carry 119 bits. */
const PASSWORD_CHARS = 20;
const LIMIT = 100;

export async function createCustomerAct(
  scene: ActScene,
  args: FlowActArgs<'customer.create'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const draft = customerDraft(args);
  const number = Number(deps.entropy.digits(NUMBER_DIGITS));
  const canonical = canonicalLoginName(args.login_name);
  const refusal = refuseCustomerDraft(draft);
  if (refusal !== null) return refused(refusal);
  const mail = emailName(draft) ?? canonical ?? '';
  if (canonical === null) throw new Error('the login name rule let one by');
  const password = await choosePassword(scene, args.login_name, args.password);
  if (!password.ok) return password;
  const result = await runActWork<Changed<Customer>>(scene, {
    keys: [
      { kind: 'login-name', id: canonical },
      { kind: 'login-name', id: mail },
      { kind: 'customer-number', id: String(number) },
    ],
    decide: (facts) => createCustomer({
      draft,
      id: deps.entropy.base62(ID_CHARS),
      number,
      numbered: facts.get('customer-number', String(number)),
      password_hash: password.value.hash,
      named: facts.get('login-name', canonical),
      mailed: facts.get('login-name', mail),
      now: facts.now,
    }),
  });
  if (!result.ok) return result;
  return accepted({ ...customerView(result.value.record), ...password.value.shown });
}

function customerDraft(args: FlowActArgs<'customer.create'>): CustomerDraft {
  const { login_name, name, email = null, email_verified = false } = args;
  const { is_trial = false, sim_plus = false, funded = false, market_data = false } = args;
  return {
    login_name, name, email, email_verified,
    features: { is_trial, sim_plus, funded, market_data },
  };
}

async function choosePassword(
  { deps }: ActScene,
  login_name: string,
  given: string | undefined,
): Promise<Result<{ readonly hash: string; readonly shown: { readonly password?: string } }>> {
  if (given === undefined) {
    const password = deps.entropy.base62(PASSWORD_CHARS);
    return accepted({ hash: await deps.passwords.hash(password), shown: { password } });
  }
  const refusal = refusePassword({ password: given, login_name });
  if (refusal !== null) return refused(refusal);
  return accepted({ hash: await deps.passwords.hash(given), shown: {} });
}

export async function listCustomersAct(
  { deps }: ActScene,
  args: FlowActArgs<'customer.list'>,
): Promise<Result<View>> {
  const { after = null, limit = LIMIT } = args;
  const page = await deps.store.list('customer', { prefix: '', after, limit });
  return accepted({
    customers: page.records.map(({ value }) => customerView(value)), next: page.next,
  });
}

export async function showCustomerAct(
  { deps }: ActScene,
  args: FlowActArgs<'customer.show'>,
): Promise<Result<View>> {
  const found = await findCustomer(deps, args.customer);
  return found.ok ? accepted(customerView(found.value)) : found;
}

export function setStatusAct(
  scene: ActScene,
  args: FlowActArgs<'customer.set-status'>,
): Promise<Result<View>> {
  return customerAct(scene, args.customer, (customer) => setStatus(customer, args.status));
}

export async function setPasswordAct(
  scene: ActScene,
  args: FlowActArgs<'customer.set-password'>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, args.customer);
  if (!found.ok) return found;
  const password = await choosePassword(scene, found.value.login_name, args.password);
  if (!password.ok) return password;
  const { hash, shown } = password.value;
  const result = await customerAct(scene, args.customer, (customer) => setPassword(customer, hash));
  return result.ok ? accepted({ ...result.value, ...shown }) : result;
}

export async function endPersonalTokenAct(
  scene: ActScene,
  args: FlowActArgs<'personal-token.end'>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, args.customer);
  if (!found.ok) return found;
  const { id } = found.value;
  let ended = 0;
  const result = await runActWork<Customer>(scene, {
    keys: [{ kind: 'customer', id }],
    decide(facts) {
      const decision = deletePersonalToken(facts.get('customer', id) ?? found.value);
      ended = decision.events.length;
      return decision;
    },
  });
  return result.ok ? accepted({ customer: id, ended }) : result;
}

async function customerAct(
  scene: ActScene,
  text: string,
  decide: (customer: Customer | undefined) => Decision<Changed<Customer>>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, text);
  if (!found.ok) return found;
  const { id } = found.value;
  const result = await runActWork<Changed<Customer>>(scene, {
    keys: [{ kind: 'customer', id }],
    decide: (facts) => decide(facts.get('customer', id)),
  });
  if (!result.ok) return result;
  const { record, changed } = result.value;
  return accepted({ ...customerView(record), changed });
}

export async function createAccountAct(
  scene: ActScene,
  args: FlowActArgs<'account.create'>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, args.customer);
  if (!found.ok) return found;
  const { id } = found.value;
  const number = args.account;
  const result = await runActWork<Changed<Account>>(scene, {
    keys: [{ kind: 'account', id: number }, { kind: 'customer', id }],
    decide: (facts) => createAccount({
      account: {
        number,
        type: args.type ?? 'cash',
        classification: args.classification ?? 'individual',
        day_trader: args.day_trader ?? false,
        option_level: args.option_level ?? 0,
      },
      existing: facts.get('account', number),
      customer: facts.get('customer', id),
      now: facts.now,
    }),
  });
  return result.ok ? accepted(accountView(result.value.record)) : result;
}

export async function listAccountsAct(
  { deps }: ActScene,
  args: FlowActArgs<'account.list'>,
): Promise<Result<View>> {
  const found = await findCustomer(deps, args.customer);
  if (!found.ok) return found;
  const keys = found.value.accounts.map((id) => ({ kind: 'account', id } as const));
  const records = keys.length === 0 ? [] : await deps.store.read(keys);
  const accounts = records.flatMap((record) =>
    record === undefined ? [] : [accountView(record.value as Account)]);
  return accepted({ accounts });
}

export async function showAccountAct(
  { deps }: ActScene,
  args: FlowActArgs<'account.show'>,
): Promise<Result<View>> {
  const account = await readOne(deps, 'account', args.account);
  return account === undefined ? refused(NO_ACCOUNT) : accepted(accountView(account));
}

export async function closeAccountAct(
  scene: ActScene,
  args: FlowActArgs<'account.close'>,
): Promise<Result<View>> {
  const id = args.account;
  const result = await runActWork<Changed<Account>>(scene, {
    keys: [{ kind: 'account', id }],
    decide: (facts) => closeAccount(facts.get('account', id), facts.now),
  });
  if (!result.ok) return result;
  const { record, changed } = result.value;
  return accepted({ ...accountView(record), changed });
}
