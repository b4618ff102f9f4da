/** Acts on customers, their accounts, grants, sign-ins and personal tokens. */
import { ACCOUNT_CLASSIFICATIONS } from '../../../kinds/account.ts';
import { CUSTOMER_STATUS } from '../../../kinds/customer.ts';
import type { Act } from './act-form.ts';

const CUSTOMER = {
  is: 'text', required: true, says: 'customer id or login name',
} as const;

const ACCOUNT = { is: 'text', required: true, says: 'account number' } as const;

const PAGE = {
  after: { is: 'text', says: 'continue after this one (`next` of the page before)' },
  limit: { is: 'number', min: 1, max: 500, says: 'rows of a page (100)' },
} as const satisfies Act['args'];


export const CUSTOMER_ACTS = {
  'customer.create': {
    says: 'Create a customer; a drawn password is shown once',
    args: {
      login_name: { is: 'text', required: true, says: 'what she types to sign in' },
      name: { is: 'text', required: true, says: 'how pages address her' },
      password: {
        is: 'text', secret: true, says: '8 or more characters; drawn when absent',
      },
      email: { is: 'text', says: 'her e-mail address' },
      email_verified: { is: 'flag', says: 'it is known to be hers' },
      is_trial: { is: 'flag', says: 'she only tries it out' },
      sim_plus: { is: 'flag', says: 'she has the better simulation' },
      funded: { is: 'flag', says: 'she trades the firm\'s money' },
      market_data: { is: 'flag', says: 'she subscribes to market data' },
    },
    columns: ['customer', 'login_name', 'name', 'status', 'password'],
  },
  'customer.list': {
    says: 'List customers',
    args: PAGE,
    reads_only: true,
    columns: ['customer', 'login_name', 'name', 'status', 'accounts'],
  },
  'customer.show': {
    says: 'Show one customer', args: { customer: CUSTOMER }, by_place: ['customer'],
    reads_only: true,
  },
  'customer.set-status': {
    says: 'Lock, close or reactivate; locking and closing end everything she has open',
    args: {
      customer: CUSTOMER,
      status: { is: 'text', required: true, choices: CUSTOMER_STATUS, says: 'the new status' },
    },
    by_place: ['customer', 'status'],
    columns: ['customer', 'login_name', 'status'],
  },
  'customer.set-password': {
    says: 'Set her password; ends her sign-ins and unused codes, not her grants',
    args: {
      customer: CUSTOMER,
      password: { is: 'text', secret: true, says: 'drawn and shown once when absent' },
    },
    by_place: ['customer'],
    columns: ['customer', 'login_name', 'password'],
  },
  'account.create': {
    says: 'Open an account',
    args: {
      account: ACCOUNT,
      customer: CUSTOMER,
      type: { is: 'text', choices: ['cash', 'margin'], says: 'cash (default) or margin' },
      classification: {
        is: 'text', choices: ACCOUNT_CLASSIFICATIONS, says: 'individual when absent',
      },
      day_trader: { is: 'flag', says: 'pattern day trader' },
      option_level: { is: 'number', min: 0, max: 6, says: 'approved option level (0)' },
    },
    by_place: ['account'],
    columns: ['account', 'customer', 'type', 'classification', 'status'],
  },
  'account.list': {
    says: 'List a customer\'s accounts',
    args: { customer: CUSTOMER },
    by_place: ['customer'],
    reads_only: true,
    columns: ['account', 'type', 'classification', 'status', 'option_level'],
  },
  'account.show': {
    says: 'Show one account', args: { account: ACCOUNT }, by_place: ['account'],
    reads_only: true,
  },
  'account.close': {
    says: 'Close an account; it stays listed',
    args: { account: ACCOUNT },
    by_place: ['account'],
    columns: ['account', 'customer', 'status'],
  },
  'delegation.grant': {
    says: 'Let an advisor act on an account of another customer, through advisor apps',
    args: {
      account: ACCOUNT,
      advisor: { is: 'text', required: true, says: 'customer id or login name of the advisor' },
    },
    by_place: ['account'],
    columns: ['advisor', 'delegated_accounts'],
  },
  'delegation.end': {
    says: 'End a delegation: no token of the advisor covers the account any more',
    args: {
      account: ACCOUNT,
      advisor: { is: 'text', required: true, says: 'customer id or login name of the advisor' },
    },
    by_place: ['account'],
    columns: ['advisor', 'delegated_accounts'],
  },
  'grant.list': {
    says: 'List what a customer allowed',
    args: { customer: CUSTOMER, app: { is: 'text', says: 'only this app' }, ...PAGE },
    by_place: ['customer'],
    reads_only: true,
    columns: ['grant', 'app', 'scopes', 'begun_at', 'last_used_at', 'live'],
  },
  'grant.show': {
    says: 'Show one grant',
    args: { grant: { is: 'text', required: true, says: 'grant id' } },
    by_place: ['grant'],
    reads_only: true,
  },
  'grant.end': {
    says: 'End one grant, or all of a customer and app with their unused codes',
    args: {
      grant: { is: 'text', says: 'grant id' },
      customer: { is: 'text', says: 'customer id or login name, with app' },
      app: { is: 'text', says: 'client_id, with customer' },
    },
    by_place: ['grant'],
    columns: ['ended'],
  },
  'login.list': {
    says: 'List a customer\'s browser sign-ins',
    args: { customer: CUSTOMER },
    by_place: ['customer'],
    reads_only: true,
    columns: ['login', 'signed_in_at', 'expires_at', 'address', 'live'],
  },
  'login.end': {
    says: 'End one sign-in, or all of a customer\'s together with her unused codes',
    args: {
      login: { is: 'text', says: 'sign-in id' },
      customer: { is: 'text', says: 'customer id or login name' },
    },
    by_place: ['login'],
    columns: ['ended'],
  },
  'personal-token.end': {
    says: 'End a customer\'s personal token',
    args: { customer: CUSTOMER },
    by_place: ['customer'],
    columns: ['ended'],
  },
} as const satisfies { readonly [name: string]: Act };
