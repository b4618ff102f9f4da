/** The closed table of record kinds: every invariant lives on ONE record of one of these. */
import type { Account } from './account.ts';
import type { ApiKey } from './api-key.ts';
import type { App } from './app.ts';
import type { Code } from './code.ts';
import type { Customer, CustomerNumber } from './customer.ts';
import type { Grant } from './grant.ts';
import type { Key, WorldRecord } from './key.ts';
import type { Link } from './link.ts';
import type { Login, LoginName } from './login.ts';
import type { AuthorizationRequest } from './request.ts';
import type { Roster } from './roster.ts';
import type { Challenge, Ticket, WindowKey } from './short-lived.ts';

export type Kinds = {
  'account': Account;
  'api-key': ApiKey;
  'app': App;
  'challenge': Challenge;
  'code': Code;
  'customer': Customer;
  'customer-number': CustomerNumber;
  'grant': Grant;
  'key': Key;
  'link': Link;
  'login': Login;
  'login-name': LoginName;
  'request': AuthorizationRequest;
  'roster': Roster;
  'ticket': Ticket;
  'window-key': WindowKey;
  'world': WorldRecord;
};

export type Kind = keyof Kinds;

/** Names one record. Ids begin with the shard (the customer's id) where there is one. */
export type RecordKey = { readonly kind: Kind; readonly id: string };

/**
 * How long a record of a kind stays.
 * `expires` gives the epoch ms after which it may be swept, or null to keep this record.
 * `kept` says why the kind is never swept by age.
 */
export type Retention<K extends Kind> =
  | { readonly expires: (record: Kinds[K]) => number | null }
  | { readonly kept: string };

const DAY_MS = 86_400_000;

export const RETENTION: { readonly [K in Kind]: Retention<K> } = {
  'account': { kept: 'account numbers are never reused; closed ones stay listed' },
  'api-key': { kept: 'ids of API keys are never reused' },
  'app': { kept: 'client ids are never reused' },
  'challenge': { expires: (challenge) => challenge.expires_at },
  'code': { expires: (code) => code.expires_at + DAY_MS },
  'customer': { kept: 'customer ids are never reused' },
  'customer-number': { kept: 'a number, once given, is never given to another customer' },
  'grant': {
    expires: (grant) => (grant.state.is === 'ended' ? grant.state.at + 30 * DAY_MS : null),
  },
  'key': { expires: (key) => key.removed_at },
  'link': { kept: 'one a customer and app, bounded by its grant limit' },
  'login': { expires: (login) => login.expires_at + DAY_MS },
  'login-name': { kept: 'a name, once taken, is never given to another customer' },
  'request': { expires: (request) => request.expires_at },
  'roster': { kept: 'one a customer, bounded by its session limit' },
  'ticket': { expires: (ticket) => ticket.expires_at },
  'window-key': { expires: (key) => key.expires_at },
  'world': { kept: 'one record' },
};

/** Kinds held in memory whole: few, read by every request, changed by operators only. */
export const RESIDENT_KINDS: readonly Kind[] = ['api-key', 'app', 'world'];

/** Id of the link between a customer and an app. */
export function linkId(customer: string, app: string): string {
  return `${customer}.${app}`;
}
