/** The form of a seed document: customers and apps that a development server begins with. */
import type { AccountClassification } from '../kinds/account.ts';
import { ACCOUNT_CLASSIFICATIONS } from '../kinds/account.ts';
import type { CustomerStatus } from '../kinds/customer.ts';
import type { Profile } from '../rules/profile.ts';
import { SCOPES, type ScopeWord } from '../rules/scopes.ts';
import { WORLD_NAMES, type WorldName } from '../world.ts';
import { type JsonSchema, type Shape, jsonSchemaOf } from './shape.ts';

export type SeedAccount = {
  readonly number: string;
  readonly type?: 'cash' | 'margin';
  readonly classification?: AccountClassification;
  readonly status?: 'active' | 'closed';
  readonly day_trader?: boolean;
  readonly option_level?: number;
};

export type SeedCustomer = {
  readonly login_name: string;
  readonly name: string;
  readonly password: string;
  readonly status?: CustomerStatus;
  readonly accounts?: { readonly [W in WorldName]?: readonly SeedAccount[] };
};

export type SeedApp = {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly redirect_uris: readonly string[];
  readonly dialect?: string;
  readonly scopes?: readonly ScopeWord[];
  readonly worlds?: readonly WorldName[];
  readonly status?: 'pending' | 'approved' | 'disabled';
  readonly refresh_approved?: readonly WorldName[];
  readonly redirect_uri_mode?: 'strict' | 'ignore';
  readonly response_iss?: boolean;
  readonly type?: 'standard' | 'advisor';
  readonly home_page?: string;
  readonly logo?: string;
  readonly publisher_verified?: boolean;
};

/** Development only: how long things live, instead of what the dialect's profile says. */
export type SeedLifetimes = Partial<Pick<
  Profile,
  'request_lifetime_s' | 'code_lifetime_s' | 'access_token_lifetime_s' | 'grant_lifetime_s'
>>;

export type Seed = {
  readonly lifetimes?: SeedLifetimes;
  readonly customers?: readonly SeedCustomer[];
  readonly apps?: readonly SeedApp[];
};

const WORLDS: Shape = {
  is: 'list',
  distinct: true,
  says: 'worlds',
  of: { is: 'text', choices: WORLD_NAMES, says: 'world' },
};

const ACCOUNT: Shape = {
  is: 'record',
  says: 'a brokerage account',
  fields: {
    number: { is: 'text', required: true, says: '4 to 16 characters of [A-Z0-9], unique' },
    type: { is: 'text', choices: ['cash', 'margin'], says: 'cash when absent' },
    classification: {
      is: 'text', choices: ACCOUNT_CLASSIFICATIONS, says: 'individual when absent',
    },
    status: { is: 'text', choices: ['active', 'closed'], says: 'active when absent' },
    day_trader: { is: 'flag', says: 'false when absent' },
    option_level: { is: 'number', min: 0, max: 6, says: '0 when absent' },
  },
};

const ACCOUNTS: Shape = { is: 'list', says: 'her accounts there', of: ACCOUNT };

const CUSTOMER: Shape = {
  is: 'record',
  says: 'a customer; she exists in each world that accounts names, in both when it is absent',
  fields: {
    login_name: { is: 'text', required: true, says: 'what she types to sign in' },
    name: { is: 'text', required: true, says: 'how pages address her' },
    password: { is: 'text', required: true, says: '8 to 256 characters' },
    status: {
      is: 'text', choices: ['active', 'locked', 'closed'], says: 'active when absent',
    },
    accounts: {
      is: 'record', says: 'accounts by world', fields: { live: ACCOUNTS, paper: ACCOUNTS },
    },
  },
};

const APP: Shape = {
  is: 'record',
  says: 'an app, the same in each of its worlds',
  fields: {
    id: { is: 'text', required: true, says: 'client_id: 32 characters of [A-Za-z0-9]' },
    secret: { is: 'text', required: true, says: '40 to 256 random characters of [A-Za-z0-9_-]' },
    name: { is: 'text', required: true, says: 'shown to customers at consent' },
    redirect_uris: {
      is: 'list', required: true, says: 'callbacks', of: { is: 'text', says: 'an exact URI' },
    },
    dialect: { is: 'text', says: 'the dialect it speaks; the server\'s first when absent' },
    scopes: {
      is: 'list',
      distinct: true,
      says: 'the most a grant can hold; all when absent',
      of: { is: 'text', choices: SCOPES.map(({ word }) => word), says: 'scope' },
    },
    worlds: { ...WORLDS, says: 'where it is registered; both when absent' },
    status: {
      is: 'text', choices: ['pending', 'approved', 'disabled'], says: 'approved when absent',
    },
    refresh_approved: { ...WORLDS, says: 'where it may hold refresh tokens; none when absent' },
    redirect_uri_mode: { is: 'text', choices: ['strict', 'ignore'], says: 'strict when absent' },
    response_iss: { is: 'flag', says: 'append iss to callbacks; true when absent' },
    type: { is: 'text', choices: ['standard', 'advisor'], says: 'standard when absent' },
    home_page: { is: 'text', says: 'https address' },
    logo: { is: 'text', says: 'https address' },
    publisher_verified: { is: 'flag', says: 'false when absent' },
  },
};

const YEARS_10_S = 10 * 365 * 86_400;

const lifetime = (says: string): Shape => ({ is: 'number', min: 1, max: YEARS_10_S, says });

const LIFETIMES: Shape = {
  is: 'record',
  says: 'seconds, in place of the dialect\'s own; what was issued before keeps what it had',
  fields: {
    request_lifetime_s: lifetime('an authorization request'),
    code_lifetime_s: lifetime('a code'),
    access_token_lifetime_s: lifetime('an access token'),
    grant_lifetime_s: lifetime('a grant, from its begin'),
  },
};

export const SEED_SHAPE: Shape = {
  is: 'record',
  says: 'Records that a development server begins with, or is given through its control listener',
  fields: {
    customers: { is: 'list', says: 'customers', of: CUSTOMER },
    apps: { is: 'list', says: 'apps', of: APP },
    lifetimes: LIFETIMES,
  },
};

/** Published as docs/seed.schema.json. */
export function seedJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Countersign seed',
    ...jsonSchemaOf(SEED_SHAPE),
  };
}
