/** Registering apps and changing them: two approvals, secrets, and epochs that end what rested. */
import type { Change, Decision } from '../../decision.ts';
import type { Action, EventDraft } from '../../events.ts';
import type { App, AppSecret } from '../../kinds/app.ts';
import { scopeMask, scopeWords } from '../../rules/scopes/scopes.ts';
import { type AppDraft, type Registration, refuseApp } from './app-rules.ts';
import { type Changed, actRefusal, changed, refuse, unchanged } from './outcome.ts';

/** Fields of a registration that no rule table judges: their choices are closed. */
export type AppOptions = Pick<
  App, 'publisher_verified' | 'redirect_uri_mode' | 'type' | 'response_iss'
>;

export type NewApp = {
  readonly draft: AppDraft;
  readonly options: AppOptions;
  readonly registration: Registration;
  /** Null for an app that has no secret. */
  readonly secret_digest: string | null;
  /** An app, or an API key, of this id. */
  readonly existing: object | undefined;
  readonly now: number;
};

/** A new app is pending: it may do nothing until it is approved. */
export function createApp({ draft, options, ...facts }: NewApp): Decision<Changed<App>> {
  const { redirect_uri_mode } = options;
  const refusal = refuseApp({ ...draft, redirect_uri_mode }, facts.registration);
  if (refusal !== null) return refuse(refusal);
  if (facts.existing !== undefined) {
    return refuse(actRefusal('object_exists', 'an app of this client_id exists', 'client_id'));
  }
  const { secret_digest: digest, now } = facts;
  const { client_id, scopes, ...rest } = draft;
  const app: App = {
    ...rest,
    ...options,
    id: client_id,
    scopes: scopeMask(scopes),
    status: 'pending',
    epoch: 1,
    refresh: { approved: false, epoch: 1 },
    secrets: digest === null ? [] : [{ digest, since: now, until: null }],
    created_at: now,
  };
  return appChanged(app, 'app.created');
}

export type AppChange = Partial<
  Omit<AppDraft, 'client_id' | 'dialect' | 'authentication'> & AppOptions
>;

/** Changes what is named; the whole must still satisfy every rule of a registration. */
export function changeApp(
  app: App | undefined,
  change: AppChange,
  registration: Registration,
): Decision<Changed<App>> {
  if (app === undefined) return refuse(NO_APP);
  if (Object.keys(change).length === 0) return unchanged(app);
  const { scopes = scopeWords(app.scopes), ...rest } = change;
  const draft: AppDraft = { ...app, ...rest, client_id: app.id, scopes };
  const refusal = refuseApp(draft, registration);
  if (refusal !== null) return refuse(refusal);
  const value: App = { ...app, ...rest, scopes: scopeMask(scopes) };
  return appChanged(value, 'app.changed', Object.keys(change).sort().join(' '));
}

export function approveApp(app: App | undefined): Decision<Changed<App>> {
  if (app === undefined) return refuse(NO_APP);
  if (app.status === 'approved') return unchanged(app);
  return appChanged({ ...app, status: 'approved' }, 'app.approved');
}

/** Everything born under the app's epoch is dead from this commit on, also after approval. */
export function disableApp(app: App | undefined): Decision<Changed<App>> {
  if (app === undefined) return refuse(NO_APP);
  if (app.status === 'disabled') return unchanged(app);
  return appChanged({ ...app, status: 'disabled', epoch: app.epoch + 1 }, 'app.disabled');
}

export function grantRefresh(app: App | undefined): Decision<Changed<App>> {
  if (app === undefined) return refuse(NO_APP);
  if (app.refresh.approved) return unchanged(app);
  const refresh = { ...app.refresh, approved: true };
  return appChanged({ ...app, refresh }, 'refresh_approval.granted');
}

/** Refresh tokens of the old epoch stay dead when the approval comes back. */
export function withdrawRefresh(app: App | undefined): Decision<Changed<App>> {
  if (app === undefined) return refuse(NO_APP);
  if (!app.refresh.approved) return unchanged(app);
  const refresh = { approved: false, epoch: app.refresh.epoch + 1 };
  return appChanged({ ...app, refresh }, 'refresh_approval.withdrawn');
}

export type SecretRotation = {
  readonly app: App | undefined;
  readonly digest: string;
  readonly overlap_s: number;
  readonly now: number;
};

/** The new secret and, for the overlap, the one before it: never more than two (CA-11). */
export function rotateSecret(facts: SecretRotation): Decision<Changed<App>> {
  const { app, digest, overlap_s, now } = facts;
  if (app === undefined) return refuse(NO_APP);
  if (app.authentication === 'none') {
    return refuse(actRefusal('state_conflict', 'the app is public: it has no secret', 'app'));
  }
  if (app.secrets.some((secret) => secret.digest === digest)) {
    return refuse(actRefusal('object_exists', 'the app has this secret already', 'secret'));
  }
  const current = app.secrets.find((secret) => secret.until === null);
  const kept: AppSecret[] = current === undefined || overlap_s === 0
    ? []
    : [{ ...current, until: now + overlap_s * 1000 }];
  const secrets: readonly AppSecret[] = [{ digest, since: now, until: null }, ...kept];
  return appChanged({ ...app, secrets }, 'app.secret_rotated');
}

export const NO_APP = actRefusal('object_unknown', 'no app of this client_id', 'app');

function appChanged(value: App, action: Action, detail?: string): Decision<Changed<App>> {
  const changes: Change[] = [{ kind: 'app', id: value.id, value }];
  const event: EventDraft = { action, outcome: 'ok', app: value.id, object: value.id, detail };
  return changed(value, changes, [event]);
}
