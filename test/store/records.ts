/** One record of every kind, and events, as the flows would write them. */
import { hash } from 'node:crypto';
import type { AuditEvent } from '../../src/core/events.ts';
import type { Code } from '../../src/core/kinds/code.ts';
import type { Grant, GrantRefresh } from '../../src/core/kinds/grant.ts';
import type { Kind, Kinds } from '../../src/core/kinds/kinds.ts';
import type { Atom, VersionedChange } from '../../src/ports/store.ts';

export const NOW = Date.UTC(2026, 10, 24, 20);
export const DAY_MS = 86_400_000;
const SHARD = 'Cust0000001';
const APP = 'AppAppAppAppAppAppAppAppAppAppAp';

export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** A 22-character id of the test customer's shard. */
export function idOf(number: number): string {
  return SHARD + String(number).padStart(11, '0');
}

export function aGrant(fields: Partial<Grant> = {}): Grant {
  return {
    customer: SHARD,
    app: APP,
    dialect: 'test',
    scopes: 5,
    begun_at: NOW,
    ends_at: null,
    epochs: { standing: 1, app: 2, refresh: 3, world: 4 },
    state: { is: 'live' },
    last_number: 1,
    ended_numbers: '',
    refresh: {
      generation: 1, digest: digestOf('rt'), window_began_at: NOW, window_count: 1,
      issued_at: NOW, network: null, predecessor: null,
    },
    resource: null,
    chain_began_at: NOW,
    last_used_at: NOW,
    ...fields,
  };
}

/** A token of a family, and the one before it, whose answer may have been lost. */
export function aRotatedRefresh(fields: Partial<GrantRefresh> = {}): GrantRefresh {
  return {
    generation: 5, digest: digestOf('rt 5'), window_began_at: NOW, window_count: 2,
    issued_at: NOW + 1, network: '198.51.100.0/24',
    predecessor: {
      generation: 3, digest: digestOf('rt 3'), used_at: NOW + 2, window_key: 29_851_200,
      sealed_successor: 'v1.c3VjY2Vzc29y',
    },
    ...fields,
  };
}

export function aCode(fields: Partial<Code> = {}): Code {
  return {
    ...RECORDS.code,
    ...fields,
  };
}

/** Every kind once: a new kind does not compile until it is here. */
export const RECORDS: { readonly [K in Kind]: Kinds[K] } = {
  'account': {
    number: '6YA00001', customer: SHARD, classification: 'individual', type: 'margin',
    status: 'active', day_trader: false, option_level: 6, created_at: NOW, updated_at: NOW,
  },
  'api-key': {
    id: '8', dialect: 'test', name: 'Ünïcode "Trader"', owner: { is: 'partner' },
    scopes: 0x7ff_ffe0, secret: { is: 'digest', digest: digestOf('key') }, first_party: false,
    challenge_required: false, password_hash: null, status: 'active', epoch: 1, created_at: NOW,
  },
  'app': {
    id: APP, dialect: 'test', name: 'Ünïcode "Charts"', home_page: null, logo: null,
    publisher_verified: true, redirect_uris: ['https://a.example/cb'],
    redirect_uri_mode: 'strict', scopes: 31, type: 'standard', response_iss: false,
    authentication: 'client_secret', resources: ['https://api.example'],
    status: 'approved', epoch: 1, refresh: { approved: true, epoch: 1 },
    secrets: [{ digest: digestOf('secret'), since: NOW, until: null }], created_at: NOW,
  },
  'challenge': {
    subnet: digestOf('subnet'), device: null, state: 'unused', expires_at: NOW + 120_000,
  },
  'code': {
    customer: SHARD, app: APP, dialect: 'test', digest: digestOf('code'),
    redirect_uri: 'https://a.example/cb', scopes: 5, code_challenge: null, issued_at: NOW,
    expires_at: NOW + 600_000, epochs: { standing: 1, credentials: 2, app: 3, world: 4 },
    state: { is: 'unspent' }, resource: null, nonce: null, signed_in_at: NOW - 60_000,
  } as Code,
  'customer': {
    id: SHARD, number: 9_007_199_254_740_991, name: 'Anna', email: 'anna@example.com',
    email_verified: true,
    features: { is_trial: false, sim_plus: true, funded: false, market_data: true },
    login_name: 'anna', password_hash: '$argon2id$…', status: 'active',
    epochs: { standing: 1, credentials: 1 }, accounts: ['6YA00001'], personal_token: null,
    delegated_accounts: [], personal_token_count: 0, created_at: NOW,
  },
  'customer-number': { customer: SHARD },
  'grant': aGrant(),
  'key': {
    purpose: 'handle', number: 1, created_at: NOW, active_from: NOW, retired_at: null,
    removed_at: null, sealed: 'k1.AAAA',
  },
  'link': { customer: SHARD, app: APP, grants: [idOf(1)], pending: [] },
  'login': {
    customer: SHARD, digest: digestOf('login'), state: { is: 'live' },
    epochs: { standing: 1, credentials: 1 }, signed_in_at: NOW, expires_at: NOW + 3_600_000,
    address: '127.0.0.1',
  },
  'login-name': { customer: SHARD },
  'request': { browser: digestOf('flow'), state: { is: 'claimed' }, expires_at: NOW + 600_000 },
  'roster': {
    customer: SHARD,
    sessions: [{
      id: '00000000001', dialect: 'test', api_key: '8', device: 'dévice', device_needed: true,
      app_version: null,
      address: '2001:db8::1', opened_at: NOW, last_used_at: NOW, tokens_end_at: NOW + 4_800_000,
      last_number: 2, ended_numbers: '2',
      epochs: { standing: 1, credentials: 2, api_key: 3, world: 4 },
    }],
    evicted: [{ id: '00000000000', tokens_end_at: NOW + 1 }],
    blocked_devices: ['another device'],
  },
  'ticket': {
    serial: 1, state: 'waiting', good_from: NOW + 15_000, expires_at: NOW + 3_615_000,
  },
  'window-key': { sealed: 'v1.AAAA', expires_at: NOW + 90_000 },
  'world': { name: 'live', epoch: 1, created_at: NOW, clock_floor: 0 },
};

export function change<K extends Kind>(
  kind: K,
  id: string,
  version: number,
  value: Kinds[K] | null,
): VersionedChange {
  return { kind, id, version, value } as unknown as VersionedChange;
}

export function atom(...changes: VersionedChange[]): Atom {
  return { changes, events: [] };
}

export function anEvent(fields: Partial<AuditEvent> = {}): AuditEvent {
  return {
    action: 'token.refreshed', outcome: 'ok', app: APP, customer: SHARD, object: '00000000001',
    actor: 'app', address: '127.0.0.1', request_id: 'req-1', class: 'token', at: NOW, ...fields,
  };
}
