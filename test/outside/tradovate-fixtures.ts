/**
 * Registrations, API keys and users of the Tradovate rows, all marked as demo: the contract's O1,
 * O2, O3, K1, alice and a bob per other status, the attack list's VO, and a few more. O1's secret
 * is the same in both worlds.
 */
import { createHash } from 'node:crypto';
import type { WorldName } from './fixtures.ts';

export type Registration = {
  /** `client_id`, decimal digits. */
  readonly id: string;
  /** Null for a public client. */
  readonly secret: string | null;
  readonly name: string;
  readonly redirect_uri: string;
  readonly permissions: readonly string[];
  readonly response_iss: boolean;
  readonly resources: readonly string[];
  readonly worlds: readonly WorldName[];
};

export type ApiKey = {
  readonly cid: number;
  /** In the form of a UUID. */
  readonly sec: string;
  readonly app_id: string;
  /** `partner`, or the login name of the only user who may sign in with it. */
  readonly owner: string;
  readonly permissions?: readonly string[];
  readonly first_party?: boolean;
  readonly challenge_required?: boolean;
  readonly password?: string;
  readonly worlds?: readonly WorldName[];
};

export type User = {
  readonly login_name: string;
  readonly password: string;
  readonly name: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly status: 'active' | 'locked' | 'closed' | 'initiated' | 'unconfirmed';
  readonly is_trial: boolean;
  readonly market_data: boolean;
  readonly funded: boolean;
  readonly sim_plus: boolean;
  readonly accounts: { readonly [W in WorldName]: readonly string[] };
};

type RegistrationFacts = Partial<Omit<Registration, 'secret' | 'name'>> & {
  readonly public?: boolean;
};

/** A demo registration; its secret follows from its name. Both worlds unless told otherwise. */
export function demoRegistration(
  key: string,
  { public: is_public = false, ...facts }: RegistrationFacts,
): Registration {
  const digest = createHash('sha256').update(`demo registration ${key}`).digest('base64url');
  return {
    id: '40000',
    redirect_uri: 'https://app.example/cb',
    permissions: ['Users:Read'],
    response_iss: false,
    resources: [],
    worlds: ['live', 'paper'],
    ...facts,
    secret: is_public ? null : `demo-${digest}`,
    name: `Demo registration ${key}`,
  };
}

/** A demo API key; its `sec` follows from its `cid`. */
export function demoApiKey(
  cid: number,
  facts: Partial<Omit<ApiKey, 'cid' | 'sec'>> = {},
): ApiKey {
  const hex = createHash('sha256').update(`demo API key ${cid}`).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
  return { app_id: 'AutoTrade', owner: 'partner', ...facts, cid, sec: parts.join('-') };
}

/** A demo user with an account in each world; the password follows from the name. */
export function demoUser(login_name: string, facts: Partial<User> = {}): User {
  const digest = createHash('sha256').update(`demo user ${login_name}`).digest('hex');
  const number = digest.slice(0, 6).toUpperCase();
  return {
    login_name,
    password: `demo-password-of-${login_name}`,
    name: `Demo ${login_name}`,
    email: `${login_name}@example.com`,
    email_verified: true,
    status: 'active',
    is_trial: false,
    market_data: true,
    funded: false,
    sim_plus: false,
    accounts: { live: [`TVL${number}`], paper: [`TVP${number}`] },
    ...facts,
  };
}

export const REGISTRATIONS = {
  O1: demoRegistration('O1', {
    id: '40001',
    permissions: ['Users:Read', 'Positions:Read', 'Orders:FullAccess'],
  }),
  O2: demoRegistration('O2', {
    id: '40002',
    redirect_uri: 'https://o2.example/cb',
    permissions: ['Prices:Read'],
    response_iss: true,
    resources: ['https://api.o2.example/prices', 'https://api.o2.example/charts'],
  }),
  /** A public client: PKCE or nothing. */
  O3: demoRegistration('O3', {
    id: '40003', redirect_uri: 'https://o3.example/cb', public: true,
  }),
  /** Not registered in paper. */
  live_only: demoRegistration('live only', {
    id: '40004', redirect_uri: 'https://live-only.example/cb', worlds: ['live'],
  }),
  /** Its registered address has a query of its own. */
  with_query: demoRegistration('with query', {
    id: '40005', redirect_uri: 'https://query.example/cb?from=demo', response_iss: true,
  }),
  VO: demoRegistration('VO', {
    id: '12345',
    redirect_uri: 'https://v.example/cb',
    permissions: ['Users:Read', 'Orders:Read'],
    response_iss: true,
    resources: ['https://api.v.example/'],
  }),
} as const satisfies { readonly [key: string]: Registration };

export const API_KEYS = {
  K1: demoApiKey(8),
  /** alice's own, with a password for this key alone. */
  of_alice: demoApiKey(9, {
    app_id: 'AliceOnly', owner: 'alice', password: 'demo-key-password-of-alice',
  }),
  first_party: demoApiKey(10, { app_id: 'DeskTop', first_party: true }),
  challenged: demoApiKey(11, {
    app_id: 'DeskTop2', first_party: true, challenge_required: true,
  }),
  /** Its sessions may only read positions. */
  narrow: demoApiKey(12, { app_id: 'Narrow', permissions: ['Positions:Read'] }),
} as const satisfies { readonly [key: string]: ApiKey };

export const USERS = {
  alice: demoUser('alice', { name: 'Alice Example' }),
  /** A second active one, for rows about somebody else; still on trial. */
  erin: demoUser('erin', { is_trial: true, email_verified: false, market_data: false }),
  bob_active: demoUser('bob-active'),
  bob_locked: demoUser('bob-locked', { status: 'locked' }),
  bob_closed: demoUser('bob-closed', { status: 'closed' }),
  bob_initiated: demoUser('bob-initiated', { status: 'initiated' }),
  bob_unconfirmed: demoUser('bob-unconfirmed', {
    status: 'unconfirmed', email_verified: false,
  }),
} as const satisfies { readonly [key: string]: User };

export type TradovateRecords = {
  readonly registrations?: readonly Registration[];
  readonly api_keys?: readonly ApiKey[];
  readonly users?: readonly User[];
  /** Records in the form of the seed file, such as apps of another dialect. */
  readonly apps?: readonly object[];
};

/** Records for `--seed` or the control listener: these fixtures unless told otherwise. */
export function tradovateSeed({
  registrations = Object.values(REGISTRATIONS),
  api_keys = Object.values(API_KEYS),
  users = Object.values(USERS),
  apps = [],
}: TradovateRecords = {}): object {
  return {
    customers: users.map(userRecord),
    apps: [...apps, ...registrations.map(registrationRecord)],
    api_keys,
  };
}

/** Every secret of the fixtures, for what must not show them. */
export function fixtureSecrets(): readonly string[] {
  return [
    ...Object.values<Registration>(REGISTRATIONS).flatMap(({ secret }) => secret ?? []),
    ...Object.values<ApiKey>(API_KEYS).flatMap(({ sec, password }) => [sec, password ?? sec]),
    ...Object.values(USERS).map(({ password }) => password),
  ];
}

function userRecord({ accounts, ...user }: User): object {
  const records = (numbers: readonly string[]): object[] => numbers.map((number) => ({ number }));
  return { ...user, accounts: { live: records(accounts.live), paper: records(accounts.paper) } };
}

function registrationRecord(registration: Registration): object {
  const { id, secret, name, redirect_uri, permissions, response_iss, resources, worlds } =
    registration;
  return {
    dialect: 'tradovate',
    id,
    ...(secret === null ? { authentication: 'none' } : { authentication: 'client_secret', secret }),
    name,
    redirect_uris: [redirect_uri],
    scopes: permissions,
    response_iss,
    resources,
    worlds,
  };
}
