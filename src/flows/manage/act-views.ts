/** Records as operators see them: no digest, no hash, no key material (CA-15, KM-06). */
import { PARTNER } from '../../core/decide/manage/api-key-rules.ts';
import { type KeyState, keyState } from '../../core/decide/manage/rotate-key.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { ApiKey } from '../../core/kinds/api-key.ts';
import type { App } from '../../core/kinds/app.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Grant } from '../../core/kinds/grant.ts';
import { type Key, isSigningKey } from '../../core/kinds/key.ts';
import type { Login } from '../../core/kinds/login.ts';
import type { Roster, Session } from '../../core/kinds/roster.ts';
import { sessionScopes } from '../../core/rules/scopes/session-scopes.ts';
import { scopeWords } from '../../core/rules/scopes/scopes.ts';
import { type Pillars, grantFault, loginFault, sessionFault } from '../../core/rules/standing.ts';

export type View = { readonly [name: string]: unknown };

export function appView(app: App): View {
  const { id, secrets, scopes, refresh, epoch: _epoch, ...rest } = app;
  return {
    client_id: id,
    ...rest,
    scopes: scopeWords(scopes),
    refresh_approved: refresh.approved,
    secrets: secrets.map(({ since, until }) => ({ since, until })),
  };
}

export function customerView(customer: Customer): View {
  const { id, personal_token, password_hash: _hash, ...rest } = customer;
  const { epochs: _epochs, delegated_accounts: _delegated, ...shown } = rest;
  const { personal_token_count: _count, ...fields } = shown;
  const token = personal_token === null ? null : { issued_at: personal_token.issued_at };
  return { customer: id, ...fields, personal_token: token };
}

export function accountView({ number, ...rest }: Account): View {
  return { account: number, ...rest };
}

/** `ended_because` says why it is not live. */
export function grantView(id: string, grant: Grant, pillars: Pillars, now: number): View {
  const { customer, app, dialect, scopes, begun_at, last_used_at, refresh } = grant;
  const fault = grantFault(grant, pillars, now);
  return {
    grant: id,
    customer,
    app,
    dialect,
    scopes: scopeWords(scopes),
    begun_at,
    last_used_at,
    holds_refresh_token: refresh !== null,
    access_tokens_issued: grant.last_number,
    live: fault === null,
    ended_because: fault,
  };
}

export function apiKeyView(key: ApiKey): View {
  const { id, secret: _secret, password_hash, epoch: _epoch, scopes, owner, ...rest } = key;
  return {
    cid: id,
    ...rest,
    owner: owner.is === 'partner' ? PARTNER : owner.customer,
    permissions: scopeWords(scopes),
    has_password: password_hash !== null,
  };
}

export function sessionView(
  session: Session,
  facts: Parameters<typeof sessionFault>[1] & { readonly roster: Roster | undefined },
  now: number,
): View {
  const { id, epochs: _epochs, ended_numbers: _numbers, last_number, api_key, ...rest } = session;
  const { device_needed: _needed, ...shown } = rest;
  const fault = sessionFault(session, facts) ??
    (now < session.tokens_end_at ? null : 'not renewed in time');
  return {
    session: id,
    cid: api_key,
    ...shown,
    permissions: scopeWords(sessionScopes(session, facts)),
    access_tokens_issued: last_number,
    live: fault === null,
    ended_because: fault,
  };
}

export function loginView(
  id: string,
  login: Login,
  owner: { readonly customer: Customer | undefined; readonly now: number },
): View {
  const { customer, signed_in_at, expires_at, address } = login;
  const fault = loginFault(login, owner.customer, owner.now);
  return {
    login: id, customer, signed_in_at, expires_at, address, live: fault === null,
    ended_because: fault,
  };
}

export function keyView(key: Key, now: number): View & { readonly state: KeyState } {
  const { purpose, number, created_at, active_from, retired_at, removed_at } = key;
  const signing = isSigningKey(key) ? key : null;
  return {
    purpose,
    number,
    algorithm: signing?.algorithm ?? null,
    kid: signing?.public_jwk['kid'] ?? null,
    kept_in: signing?.kept_in ?? 'record',
    created_at,
    active_from,
    retired_at,
    removed_at,
    state: keyState(key, now),
  };
}
