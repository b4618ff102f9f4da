/** Who may be registered as a customer, and with which accounts. */
import type { Customer } from '../../kinds/customer.ts';
import { canonicalLoginName } from '../../rules/login-name.ts';
import { type Refusal } from '../../rules/refusals.ts';
import { type ActRule, INVISIBLE, judge, nameFault } from './judge.ts';

export type CustomerDraft = Pick<
  Customer, 'login_name' | 'name' | 'email' | 'email_verified' | 'features'
>;

export const CUSTOMER_RULES: readonly ActRule<CustomerDraft>[] = [
  {
    id: 'customer.login_name',
    spec: 'HP-13, CS-11',
    code: 'act_malformed',
    parameter: 'login_name',
    refuse: ({ login_name }) =>
      !INVISIBLE.test(login_name) && canonicalLoginName(login_name) !== null
        ? null
        : 'must be 1 to 64 visible characters, no zero-width, control or direction characters',
  },
  {
    id: 'customer.name',
    spec: 'XS-02',
    code: 'act_malformed',
    parameter: 'name',
    refuse: ({ name }) => nameFault(name),
  },
  {
    id: 'customer.email',
    spec: 'contract §3, §8; XS-02',
    code: 'act_malformed',
    parameter: 'email',
    refuse: ({ email }) =>
      email === null || (email.length <= 254 && /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]+$/u.test(email))
        ? null
        : 'must be an e-mail address',
  },
];

export function refuseCustomerDraft(draft: CustomerDraft): Refusal | null {
  return judge(CUSTOMER_RULES, draft);
}

export type PasswordFacts = { readonly password: string; readonly login_name: string };

const PASSWORD_MIN = 8;
const PASSWORD_MAX = 256;

/** Length is what counts (NIST SP 800-63B §3.1.1.2); nothing is cut (DR-04). */
export const PASSWORD_RULES: readonly ActRule<PasswordFacts>[] = [
  {
    id: 'password.length',
    spec: 'DR-04; ASVS 6.2.1, 6.2.9',
    code: 'act_malformed',
    parameter: 'password',
    refuse: ({ password }) => {
      const length = Array.from(password.normalize('NFC')).length;
      return length >= PASSWORD_MIN && length <= PASSWORD_MAX
        ? null
        : `must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`;
    },
  },
  {
    id: 'password.well_formed',
    spec: 'DR-04',
    code: 'act_malformed',
    parameter: 'password',
    refuse: ({ password }) =>
      password.isWellFormed() && !password.includes('\0') ? null : 'is not text',
  },
  {
    id: 'password.not_her_name',
    spec: 'DR-04; ASVS 6.2.11',
    code: 'act_malformed',
    parameter: 'password',
    refuse: ({ password, login_name }) => {
      const name = canonicalLoginName(login_name);
      return name !== null && canonicalLoginName(password) === name
        ? 'must not be her login name'
        : null;
    },
  },
];

export function refusePassword(facts: PasswordFacts): Refusal | null {
  return judge(PASSWORD_RULES, facts);
}

export type AccountDraft = { readonly account: string };

export const ACCOUNT_RULES: readonly ActRule<AccountDraft>[] = [
  {
    id: 'account.number',
    spec: 'contract §8.2; HP-13',
    code: 'act_malformed',
    parameter: 'account',
    refuse: ({ account }) =>
      /^[A-Z0-9]{4,16}$/.test(account) ? null : 'must be 4 to 16 characters of [A-Z0-9]',
  },
];

export function refuseAccountDraft(draft: AccountDraft): Refusal | null {
  return judge(ACCOUNT_RULES, draft);
}
