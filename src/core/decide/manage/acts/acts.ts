/**
 * Every act an operator can do, by name (`app.create` is `countersign app create`). What an act
 * decides stands beside this table; how it runs, in the flow of the same name.
 */
import { KEY_PURPOSES } from '../../../kinds/key.ts';
import type { Act, ArgsOf } from './act-form.ts';
import { APP_ACTS } from './app-acts.ts';
import { CUSTOMER_ACTS } from './customer-acts.ts';
import { SESSION_ACTS } from './session-acts.ts';

const KEY_ACTS = {
  'key.list': {
    says: 'List keys with the times they switch at; never their content',
    args: {},
    reads_only: true,
    columns: [
      'purpose', 'number', 'state', 'active_from', 'retired_at', 'removed_at', 'algorithm', 'kid',
    ],
  },
  'key.rotate': {
    says: 'Create the next key of a purpose; the present one goes on checking',
    args: {
      purpose: { is: 'text', required: true, choices: KEY_PURPOSES, says: 'what the key is for' },
      announce_s: {
        is: 'number',
        min: 0,
        max: 30 * 86_400,
        says: 'switch after so long (0 = at once; keys that sign: 600 at least, and by default)',
      },
    },
    by_place: ['purpose'],
    columns: ['purpose', 'number', 'state', 'active_from', 'algorithm', 'kid'],
  },
} as const satisfies { readonly [name: string]: Act };

/** Answered by the server itself: they read the packed trail, which flows do not know. */
const AUDIT_ACTS = {
  'audit.list': {
    says: 'List events, oldest first',
    args: {
      after: { is: 'number', min: 0, max: Number.MAX_SAFE_INTEGER, says: 'row to go on after' },
      limit: { is: 'number', min: 1, max: 10_000, says: 'events of a page (1000)' },
      action: { is: 'text', says: 'only this action, such as app.created' },
      customer: { is: 'text', says: 'only of this customer id' },
      app: { is: 'text', says: 'only of this client_id' },
    },
    reads_only: true,
    columns: ['at', 'action', 'outcome', 'actor', 'customer', 'app', 'object', 'detail'],
  },
  'audit.verify': {
    says: 'Check the chain of the whole trail; names the first bad row',
    args: {},
    reads_only: true,
    columns: ['ok', 'rows', 'events', 'bad_row', 'reason'],
  },
} as const satisfies { readonly [name: string]: Act };

export const FLOW_ACTS = { ...APP_ACTS, ...CUSTOMER_ACTS, ...SESSION_ACTS, ...KEY_ACTS } as const;

export type FlowActName = keyof typeof FLOW_ACTS;

export type FlowActArgs<N extends FlowActName> = ArgsOf<(typeof FLOW_ACTS)[N]>;

export type AuditListArgs = ArgsOf<(typeof AUDIT_ACTS)['audit.list']>;

export const ACTS: { readonly [name: string]: Act } = { ...FLOW_ACTS, ...AUDIT_ACTS };
