/** Events: what the audit trail remembers. Each command that wins writes its own, in its commit. */

/** Retention class of an event: how long it stays and who may read it. */
export type EventClass = 'token' | 'access' | 'admin';

/** Every action the trail knows, with its class. */
export const ACTIONS = {
  'code.issued': 'token',
  'code.redeemed': 'token',
  'code.refused': 'token',
  'code.replayed': 'token',
  'token.refreshed': 'token',
  'refresh.refused': 'token',
  'token.refused': 'token',
  'client.refused': 'token',
  'personal_token.issued': 'access',
  'personal_token.ended': 'access',
  'secret.leaked': 'access',
  'consent.given': 'access',
  'consent.denied': 'access',
  'consent.withdrawn': 'access',
  'grant.ended': 'access',
  'delegation.granted': 'access',
  'delegation.ended': 'access',
  'session.opened': 'access',
  'session.evicted': 'access',
  'session.ended': 'access',
  'session.refused': 'access',
  'token.renewed': 'token',
  'token.ended': 'token',
  'refresh.replayed': 'token',
  'login.succeeded': 'access',
  'login.failed': 'access',
  'login.limited': 'access',
  'login.ended': 'access',
  'request.refused': 'access',
  'app.created': 'admin',
  'app.approved': 'admin',
  'app.disabled': 'admin',
  'app.secret_rotated': 'admin',
  'app.changed': 'admin',
  'refresh_approval.granted': 'admin',
  'refresh_approval.withdrawn': 'admin',
  'customer.created': 'admin',
  'customer.status_set': 'admin',
  'customer.password_set': 'admin',
  'account.created': 'admin',
  'account.status_set': 'admin',
  'api_key.created': 'admin',
  'api_key.changed': 'admin',
  'api_key.disabled': 'admin',
  'api_key.enabled': 'admin',
  'api_key.secret_rotated': 'admin',
  'device.blocked': 'admin',
  'device.unblocked': 'admin',
  'key.rotated': 'admin',
  'config.changed': 'admin',
  'server.started': 'admin',
  'server.stopped': 'admin',
  'act.refused': 'admin',
} as const satisfies { readonly [action: string]: EventClass };

export type Action = keyof typeof ACTIONS;

/** An event as the core states it; the unit of work adds time, address and request id. */
export type EventDraft = {
  readonly action: Action;
  readonly customer?: string | undefined;
  readonly app?: string | undefined;
  /** Id of the record it is about; for a token the first 8 bytes of its digest (AU-07). */
  readonly object?: string | undefined;
  readonly outcome: 'ok' | 'refused' | 'alert';
  /** Refusal's rule id or a short word, never a secret and never text of a request. */
  readonly detail?: string | undefined;
  /** Digests before and after, in the administrative class only. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
};

/** Who did it and from where, added to each event of a command. */
export type EventSource = {
  /** `customer`, `app`, `operator`, `server` and its id where there is one. */
  readonly actor: string;
  readonly address: string;
  readonly request_id: string;
};

/** A complete event, as `audit list` prints it. */
export type AuditEvent = EventDraft & EventSource & {
  readonly class: EventClass;
  /** Epoch ms of the node's clock when it was decided. */
  readonly at: number;
};

/** Reference to a token in the trail: enough to find it, useless to use it. */
export function tokenReference(digest: string): string {
  return digest.slice(0, 11);
}
