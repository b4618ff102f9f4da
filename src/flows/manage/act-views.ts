/** Records as operators see them: no digest, no hash, no key material (CA-15, KM-06). */
import { type KeyState, keyState } from '../../core/decide/manage/rotate-key.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { App } from '../../core/kinds/app.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Grant } from '../../core/kinds/grant.ts';
import type { Key } from '../../core/kinds/key.ts';
import type { Login } from '../../core/kinds/login.ts';
import { scopeWords } from '../../core/rules/scopes.ts';
import { type Pillars, grantFault, loginFault } from '../../core/rules/standing.ts';

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
  const { id, name, login_name, status, accounts, personal_token, created_at } = customer;
  const token = personal_token === null ? null : { issued_at: personal_token.issued_at };
  return {
    customer: id, login_name, name, status, accounts, personal_token: token, created_at,
  };
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
  const { sealed: _sealed, ...rest } = key;
  return { ...rest, state: keyState(key, now) };
}
