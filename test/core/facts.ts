/** Builders of records and facts: a valid one with few words, and only what differs is said. */
import type { AuthorizeParameters, Commands } from '../../src/core/commands.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Code } from '../../src/core/kinds/code.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import type { Grant, GrantRefresh } from '../../src/core/kinds/grant.ts';
import type { WorldRecord } from '../../src/core/kinds/key.ts';
import type { Link } from '../../src/core/kinds/link.ts';
import type { Login } from '../../src/core/kinds/login.ts';
import type { AuthorizationRequest, RequestedAuthorization } from '../../src/core/kinds/request.ts';
import type { Profile } from '../../src/core/rules/profile.ts';
import { ALL_SCOPES } from '../../src/core/rules/scopes.ts';

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
    pkce: 'optional',
    response_type_default: 'code',
    scope_policy: 'intersect',
    token_redirect_uri: 'ignored',
    refresh_policy: 'stable',
    request_lifetime_s: 1800,
    code_lifetime_s: 600,
    access_token_lifetime_s: 86_400,
    grant_lifetime_s: null,
    grants_live_max: 20,
    access_tokens_live_max: 20,
    refreshes_per_minute_max: 60,
    state_bytes_max: 4096,
    api_limits: {
      standard: { live: 120, paper: 60 },
      market: { live: 120, paper: 60 },
      trading: { live: 60, paper: 60 },
    },
    ...over,
  };
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
    name: 'A customer',
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
    issued_at: NOW - 1000,
    expires_at: NOW + 599_000,
    epochs: { standing: 7, credentials: 11, app: 3, world: 13 },
    state: { is: 'unspent' },
    ...over,
  };
}

export function refreshFor(over: Partial<GrantRefresh> = {}): GrantRefresh {
  return {
    generation: 1, digest: digestOf('refresh'), window_began_at: 0, window_count: 0, ...over,
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
    expires_at: NOW + 1000,
    code_lifetime_s: 600,
    access_token_lifetime_s: 86_400,
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
    ...over,
  };
}
