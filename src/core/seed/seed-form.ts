/** The form of a seed document: customers and apps that a development server begins with. */
import type { AccountClassification } from '../kinds/account.ts';
import { ACCOUNT_CLASSIFICATIONS } from '../kinds/account.ts';
import { CUSTOMER_STATUS, type CustomerStatus } from '../kinds/customer.ts';
import type { Profile } from '../rules/profile.ts';
import { VOCABULARIES } from '../rules/scopes/scopes.ts';
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
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly is_trial?: boolean;
  readonly sim_plus?: boolean;
  readonly funded?: boolean;
  readonly market_data?: boolean;
  readonly accounts?: { readonly [W in WorldName]?: readonly SeedAccount[] };
};

export type SeedApp = {
  readonly id: string;
  /** None for an app whose authentication is `none`. */
  readonly secret?: string;
  readonly name: string;
  readonly redirect_uris: readonly string[];
  readonly dialect?: string;
  readonly scopes?: readonly string[];
  readonly authentication?: 'client_secret' | 'none';
  readonly resources?: readonly string[];
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

export type SeedApiKey = {
  readonly cid: number;
  readonly sec: string;
  readonly app_id: string;
  /** `partner`, or the login name of the customer whose key it is. */
  readonly owner: string;
  readonly dialect?: string;
  readonly permissions?: readonly string[];
  readonly first_party?: boolean;
  readonly challenge_required?: boolean;
  readonly password?: string;
  readonly worlds?: readonly WorldName[];
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
  readonly api_keys?: readonly SeedApiKey[];
};

const AREA_WORDS: readonly string[] = VOCABULARIES.areas.map(({ word }) => word);
const SCOPE_WORDS: readonly string[] = [
  ...VOCABULARIES.words.map(({ word }) => word), ...AREA_WORDS,
];

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
      is: 'text', choices: CUSTOMER_STATUS, says: 'active when absent',
    },
    email: { is: 'text', says: 'her e-mail address; none when absent' },
    email_verified: { is: 'flag', says: 'false when absent' },
    is_trial: { is: 'flag', says: 'she only tries it out; false when absent' },
    sim_plus: { is: 'flag', says: 'she has the better simulation; false when absent' },
    funded: { is: 'flag', says: 'she trades the firm\'s money; false when absent' },
    market_data: { is: 'flag', says: 'she subscribes to market data; false when absent' },
    accounts: {
      is: 'record', says: 'accounts by world', fields: { live: ACCOUNTS, paper: ACCOUNTS },
    },
  },
};

const APP: Shape = {
  is: 'record',
  says: 'an app, the same in each of its worlds',
  fields: {
    id: { is: 'text', required: true, says: 'client_id, in the form of its dialect' },
    secret: {
      is: 'text',
      says: '40 to 256 random characters of [A-Za-z0-9_-]; needed unless authentication is none',
    },
    name: { is: 'text', required: true, says: 'shown to customers at consent' },
    redirect_uris: {
      is: 'list', required: true, says: 'callbacks', of: { is: 'text', says: 'an exact URI' },
    },
    dialect: { is: 'text', says: 'the dialect it speaks; the server\'s first when absent' },
    scopes: {
      is: 'list',
      distinct: true,
      says: 'the most a grant can hold, in the words of its dialect; all when absent',
      of: { is: 'text', choices: SCOPE_WORDS, says: 'scope' },
    },
    authentication: {
      is: 'text', choices: ['client_secret', 'none'],
      says: 'none is a public client; client_secret when absent',
    },
    resources: {
      is: 'list',
      distinct: true,
      says: 'what its tokens may be for (RFC 8707); none when absent',
      of: { is: 'text', says: 'absolute URI' },
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

const API_KEY: Shape = {
  is: 'record',
  says: 'an API key, the same in each of its worlds',
  fields: {
    cid: { is: 'number', required: true, min: 1, max: 999_999_999, says: 'its id' },
    sec: { is: 'text', required: true, says: 'its secret: a UUID, or 32 or more characters' },
    app_id: { is: 'text', required: true, says: 'its name, which a sign-in must repeat' },
    owner: {
      is: 'text', required: true, says: 'partner, or the login name of the customer it belongs to',
    },
    dialect: { is: 'text', says: 'the dialect it speaks; the first that has keys when absent' },
    permissions: {
      is: 'list',
      distinct: true,
      says: 'the most a session can hold; everything when absent',
      of: { is: 'text', choices: AREA_WORDS, says: 'permission' },
    },
    first_party: { is: 'flag', says: 'may answer challenges; false when absent' },
    challenge_required: { is: 'flag', says: 'must answer them; false when absent' },
    password: { is: 'text', says: 'a password for this key alone; only a customer\'s key' },
    worlds: { ...WORLDS, says: 'where it exists; both when absent' },
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
    api_keys: { is: 'list', says: 'API keys', of: API_KEY },
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
