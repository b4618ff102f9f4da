/** Builders of records and facts: a valid one with few words, and only what differs is said. */
import type { AuthorizeParameters, Commands } from '../../src/core/commands.ts';
import type { CheckFacts } from '../../src/core/decide/session/check-token.ts';
import type { ApiKey } from '../../src/core/kinds/api-key.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Code } from '../../src/core/kinds/code.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import type { Grant, GrantRefresh } from '../../src/core/kinds/grant.ts';
import type { WorldRecord } from '../../src/core/kinds/key.ts';
import type { Link } from '../../src/core/kinds/link.ts';
import type { Login } from '../../src/core/kinds/login.ts';
import type { AuthorizationRequest, RequestedAuthorization } from '../../src/core/kinds/request.ts';
import type { Roster, Session } from '../../src/core/kinds/roster.ts';
import { ALL_AREAS } from '../../src/core/rules/scopes/areas.ts';
import type { Profile } from '../../src/core/rules/profile.ts';
import { ALL_SCOPES } from '../../src/core/rules/scopes/scopes.ts';

/** The instant of every test, epoch ms. */
export const NOW = Date.UTC(2026, 10, 24, 12);

export const DIALECT = 'plain';

/** Stands for a SHA-256 digest: 43 characters, told apart by their first. */
export function digestOf(text: string): string {
  return `${text}-`.padEnd(43, 'x').slice(0, 43);
}

/** A profile that is no dialect's own, so that a rule cannot lean on one dialect. */
export function profileFor(over: Partial<Profile> = {}): Profile {
  return {
    dialect: DIALECT,
    grant_types: ['authorization_code', 'refresh_token'],
    vocabulary: 'words',
    issuer: null,
    world_words: { live: 'live', paper: 'paper' },
    page_path: '/authorize',
    pkce: 'optional',
    response_type_default: 'code',
    scope_policy: 'intersect',
    grant_type_first: false,
    token_redirect_uri: 'ignored',
    refresh_policy: 'stable',
    refresh_approval: 'needed',
    access_tokens: 'sealed',
    id_tokens: 'none',
    request_lifetime_s: 1800,
    code_lifetime_s: 600,
    access_token_lifetime_s: 86_400,
    grant_lifetime_s: null,
    refresh_lifetime_s: null,
    renewal_lifetime_s: null,
    grants_live_max: 20,
    access_tokens_live_max: 20,
    refreshes_per_minute_max: 60,
    state_bytes_max: 4096,
    api_limits: {
      standard: { live: 120, paper: 60 },
      market: { live: 120, paper: 60 },
      trading: { live: 60, paper: 60 },
    },
    sessions: null,
    call_limits: null,
    penalties: null,
    limit_exempt: [],
    ...over,
  };
}

/** A profile with trading sessions and rotating refresh tokens, of no dialect's own either. */
export function sessionProfileFor(over: Partial<Profile> = {}): Profile {
  return profileFor({
    vocabulary: 'areas',
    scope_policy: 'registered',
    grant_type_first: true,
    token_redirect_uri: 'compared',
    refresh_policy: 'rotating',
    refresh_approval: 'not_needed',
    access_tokens: 'jwt',
    id_tokens: 'code',
    access_token_lifetime_s: 4800,
    refresh_lifetime_s: 93_600,
    renewal_lifetime_s: 86_400,
    sessions: { live_max: 2, token_lifetime_s: 4800, device_needed: ['live'], keyless: false },
    ...over,
  });
}

export const CALLBACK = 'https://app.example/cb';

export function appFor(over: Partial<App> = {}): App {
  return {
    id: 'A'.repeat(32),
    dialect: DIALECT,
    name: 'An app',
    home_page: null,
    logo: null,
    publisher_verified: false,
    redirect_uris: [CALLBACK],
    redirect_uri_mode: 'strict',
    scopes: ALL_SCOPES,
    type: 'standard',
    authentication: 'client_secret',
    resources: [],
    response_iss: true,
    status: 'approved',
    epoch: 3,
    refresh: { approved: true, epoch: 5 },
    secrets: [{ digest: digestOf('secret'), since: 0, until: null }],
    created_at: 0,
    ...over,
  };
}

export const CUSTOMER = 'customer001';

export function customerFor(over: Partial<Customer> = {}): Customer {
  return {
    id: CUSTOMER,
    number: 1_840_217,
    name: 'A customer',
    email: 'customer@example.com',
    email_verified: true,
    features: { is_trial: false, sim_plus: false, funded: false, market_data: true },
    login_name: 'customer',
    password_hash: 'hash-1',
    status: 'active',
    epochs: { standing: 7, credentials: 11 },
    accounts: ['6YA00001', '6YA00002'],
    personal_token: null,
    delegated_accounts: [],
    personal_token_count: 0,
    created_at: 0,
    ...over,
  };
}

export function worldFor(over: Partial<WorldRecord> = {}): WorldRecord {
  return { name: 'live', epoch: 13, created_at: 0, clock_floor: 0, ...over };
}

/** When the customer of a consent proved who she is. */
export const SIGNED_IN_AT = NOW - 5000;

/** The world of every test, and who issues its tokens. */
export const SITE = { world: 'live', issuer: 'https://issuer.example' } as const;

/** Facts of a verdict on a token that no session stands behind. */
export const NO_SESSION = {
  roster: undefined, api_key: undefined, site: SITE, takes_stream_tokens: false,
} satisfies Partial<CheckFacts>;

/** What a token request leaves out when nothing else is said, and where it came from. */
export const PLAIN_REDEMPTION = { redirect_uri: null, resource: null, network: '192.0.2.0/24' };

/** The facts of refreshing a token that never changes. */
export const STABLE_REFRESH = { resource: null, rotation: null };

export const CODE_ID = `${CUSTOMER}codecodecod`;
export const GRANT_ID = `${CUSTOMER}grantgrantg`;

export function codeFor(over: Partial<Code> = {}): Code {
  return {
    customer: CUSTOMER,
    app: appFor().id,
    dialect: DIALECT,
    digest: digestOf('code'),
    redirect_uri: CALLBACK,
    scopes: ALL_SCOPES,
    code_challenge: null,
    resource: null,
    nonce: null,
    signed_in_at: SIGNED_IN_AT,
    issued_at: NOW - 1000,
    expires_at: NOW + 599_000,
    epochs: { standing: 7, credentials: 11, app: 3, world: 13 },
    state: { is: 'unspent' },
    ...over,
  };
}

export function refreshFor(over: Partial<GrantRefresh> = {}): GrantRefresh {
  return {
    generation: 1,
    digest: digestOf('refresh'),
    window_began_at: 0,
    window_count: 0,
    issued_at: NOW - 60_000,
    network: null,
    predecessor: null,
    ...over,
  };
}

export function grantFor(over: Partial<Grant> = {}): Grant {
  return {
    customer: CUSTOMER,
    app: appFor().id,
    dialect: DIALECT,
    scopes: ALL_SCOPES,
    begun_at: NOW - 60_000,
    ends_at: null,
    epochs: { standing: 7, app: 3, refresh: 5, world: 13 },
    state: { is: 'live' },
    last_number: 1,
    ended_numbers: '',
    refresh: refreshFor(),
    resource: null,
    chain_began_at: NOW - 60_000,
    last_used_at: NOW - 60_000,
    ...over,
  };
}

export function linkFor(over: Partial<Link> = {}): Link {
  return { customer: CUSTOMER, app: appFor().id, grants: [], pending: [], ...over };
}

export function loginFor(over: Partial<Login> = {}): Login {
  return {
    customer: CUSTOMER,
    digest: digestOf('login'),
    state: { is: 'live' },
    epochs: { standing: 7, credentials: 11 },
    signed_in_at: NOW - 1000,
    expires_at: NOW + 1000,
    address: '192.0.2.1',
    ...over,
  };
}

export function requestedFor(over: Partial<RequestedAuthorization> = {}): RequestedAuthorization {
  return {
    id: 'requestrequestrequest1',
    app: appFor().id,
    dialect: DIALECT,
    redirect_uri: CALLBACK,
    scopes: ALL_SCOPES,
    state: 'state',
    code_challenge: null,
    resource: null,
    nonce: null,
    expires_at: NOW + 1000,
    code_lifetime_s: 600,
    access_token_lifetime_s: 86_400,
    refreshes: false,
    grant_lifetime_s: null,
    issuer: SITE.issuer,
    page_path: '/authorize',
    browser: null,
    ...over,
  };
}

export function claimedBy(browser: string): AuthorizationRequest {
  return { browser, state: { is: 'claimed' }, expires_at: NOW + 1000 };
}

export function parametersFor(over: Partial<AuthorizeParameters> = {}): AuthorizeParameters {
  return {
    client_id: appFor().id,
    redirect_uri: null,
    response_type: null,
    scope: null,
    state: null,
    code_challenge: null,
    code_challenge_method: null,
    resource: null,
    nonce: null,
    malformed: [],
    ...over,
  };
}

export function tokenCommandFor(over: Partial<Commands['token']> = {}): Commands['token'] {
  return {
    profile: profileFor(),
    client: { id: appFor().id, secret: 'demo' },
    client_id_hint: null,
    grant_type: 'authorization_code',
    code: 'a code',
    code_verifier: null,
    redirect_uri: null,
    refresh_token: null,
    scope: null,
    resource: null,
    ...over,
  };
}

export const API_KEY = '8';

/** A partner's key that may do everything. */
export function apiKeyFor(over: Partial<ApiKey> = {}): ApiKey {
  return {
    id: API_KEY,
    dialect: DIALECT,
    name: 'A program',
    owner: { is: 'partner' },
    scopes: ALL_AREAS,
    secret: { is: 'digest', digest: digestOf('key secret') },
    first_party: false,
    challenge_required: false,
    password_hash: null,
    status: 'active',
    epoch: 17,
    created_at: 0,
    ...over,
  };
}

export const SESSION = 'sessionsess';
export const DEVICE = 'a-device';

/** A live session of the customer, opened with the key of `apiKeyFor`. */
export function sessionFor(over: Partial<Session> = {}): Session {
  return {
    id: SESSION,
    dialect: DIALECT,
    api_key: API_KEY,
    device: DEVICE,
    device_needed: true,
    app_version: '1.0',
    address: '192.0.2.1',
    opened_at: NOW - 60_000,
    last_used_at: NOW - 60_000,
    tokens_end_at: NOW + 4_740_000,
    last_number: 1,
    ended_numbers: '',
    epochs: { standing: 7, credentials: 11, api_key: 17, world: 13 },
    ...over,
  };
}

export function rosterFor(over: Partial<Roster> = {}): Roster {
  return {
    customer: CUSTOMER, sessions: [sessionFor()], evicted: [], blocked_devices: [], ...over,
  };
}
