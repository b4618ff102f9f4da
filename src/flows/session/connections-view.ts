/** What `/connections` shows: look-ups for a person, never a decision. */
import type { Account } from '../../core/kinds/account.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Grant } from '../../core/kinds/grant.ts';
import type { Kind, Kinds } from '../../core/kinds/kinds.ts';
import type { Link } from '../../core/kinds/link.ts';
import { sessionScopes } from '../../core/rules/scopes/session-scopes.ts';
import { grantFault, sessionFault } from '../../core/rules/standing.ts';
import type { ConnectionView, ConnectionsView, SessionView } from '../../core/views.ts';
import { accountView, appView, scopeViews } from '../authorize/views.ts';
import type { Deps } from '../deps.ts';

const LINKS_SHOWN_MAX = 500;

export async function connectionsView(
  deps: Deps,
  customer: Customer,
  login_cookie: string,
): Promise<ConnectionsView> {
  const links = await linksOf(deps, customer.id);
  const connections: ConnectionView[] = [];
  for (const link of links) {
    const view = await connectionOf(deps, customer, link);
    if (view !== null) connections.push(view);
  }
  const accounts = await readAll(deps, 'account', customer.accounts);
  return {
    world: deps.world.name,
    customer_name: customer.name,
    connections,
    sessions: await sessionViews(deps, customer),
    personal_token: customer.personal_token === null
      ? null
      : { issued_at: customer.personal_token.issued_at },
    accounts: accounts.map((account: Account) => accountView(account)),
    csrf: deps.seals.csrf(login_cookie, 'connections'),
    now: deps.clock.now(),
  };
}

/** Ids of the apps a customer has ever linked. */
export async function connectedApps(deps: Deps, customer: string): Promise<string[]> {
  return (await linksOf(deps, customer)).map((link) => link.app);
}

async function linksOf(deps: Deps, customer: string): Promise<Link[]> {
  const query = { prefix: `${customer}.`, after: null, limit: LINKS_SHOWN_MAX };
  const page = await deps.store.list('link', query);
  return page.records.map((record) => record.value);
}

/** One row per app; null when none of its grants is live. */
async function connectionOf(
  deps: Deps,
  customer: Customer,
  link: Link,
): Promise<ConnectionView | null> {
  const app = deps.work.resident.app(link.app);
  if (app === undefined) return null;
  const pillars = { app, customer, world: deps.work.resident.world() };
  const now = deps.clock.now();
  const live = (await readAll(deps, 'grant', link.grants))
    .filter((grant: Grant) => grantFault(grant, pillars, now) === null);
  const [first] = live;
  if (first === undefined) return null;
  return {
    app: appView(app),
    scopes: scopeViews(live.reduce((mask, grant) => mask | grant.scopes, 0) & app.scopes),
    grants: live.length,
    since: Math.min(...live.map((grant) => grant.begun_at)),
    last_used_at: Math.max(...live.map((grant) => grant.last_used_at)),
    // Only a refresh token that the operator must have approved has no network of its own.
    stays_connected: live.some(({ refresh }) =>
      refresh !== null && (refresh.network !== null || app.refresh.approved)),
    ends_at: live.some(({ ends_at }) => ends_at === null)
      ? null
      : Math.max(...live.map(({ ends_at }) => ends_at ?? 0)),
  };
}

/** Live trading sessions, newest first. */
async function sessionViews(deps: Deps, customer: Customer): Promise<SessionView[]> {
  const [roster] = await readAll(deps, 'roster', [customer.id]);
  const world = deps.work.resident.world();
  const now = deps.clock.now();
  return (roster?.sessions ?? []).flatMap((session) => {
    const api_key = deps.work.resident.apiKey(session.api_key);
    const fault = sessionFault(session, { customer, api_key, world });
    if (fault !== null || now >= session.tokens_end_at) return [];
    const { id, app_version, device, address, opened_at, last_used_at } = session;
    return [{
      id, app_version, device, address, opened_at, last_used_at,
      app_name: api_key?.name ?? '',
      scopes: scopeViews(sessionScopes(session, { roster, api_key })),
    }];
  }).reverse();
}

async function readAll<K extends Kind>(
  deps: Deps,
  kind: K,
  ids: readonly string[],
): Promise<Kinds[K][]> {
  if (ids.length === 0) return [];
  const records = await deps.store.read(ids.map((id) => ({ kind, id })));
  return records.flatMap((record) => (record === undefined ? [] : [record.value as Kinds[K]]));
}
