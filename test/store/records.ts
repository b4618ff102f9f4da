/** One record of every kind, and events, as the flows would write them. */
import { hash } from 'node:crypto';
import type { AuditEvent } from '../../src/core/events.ts';
import type { Code } from '../../src/core/kinds/code.ts';
import type { Grant } from '../../src/core/kinds/grant.ts';
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
    },
    last_used_at: NOW,
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
  'app': {
    id: APP, dialect: 'test', name: 'Ünïcode "Charts"', home_page: null, logo: null,
    publisher_verified: true, redirect_uris: ['https://a.example/cb'],
    redirect_uri_mode: 'strict', scopes: 31, type: 'standard', response_iss: false,
    status: 'approved', epoch: 1, refresh: { approved: true, epoch: 1 },
    secrets: [{ digest: digestOf('secret'), since: NOW, until: null }], created_at: NOW,
  },
  'code': {
    customer: SHARD, app: APP, dialect: 'test', digest: digestOf('code'),
    redirect_uri: 'https://a.example/cb', scopes: 5, code_challenge: null, issued_at: NOW,
    expires_at: NOW + 600_000, epochs: { standing: 1, credentials: 2, app: 3, world: 4 },
    state: { is: 'unspent' },
  } as Code,
  'customer': {
    id: SHARD, name: 'Anna', login_name: 'anna', password_hash: '$argon2id$…', status: 'active',
    epochs: { standing: 1, credentials: 1 }, accounts: ['6YA00001'], personal_token: null,
    delegated_accounts: [], personal_token_count: 0, created_at: NOW,
  },
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
