/** The customer's own page: her apps, her personal token, and ending them (PV-06, CO-07). */
import type { CommandContext, Commands, Outcomes } from '../../core/commands.ts';
import type { Change, Decision } from '../../core/decision.ts';
import { endLink } from '../../core/decide/session/end-grants.ts';
import { endSession } from '../../core/decide/session/open-session.ts';
import { endLogin } from '../../core/decide/sign-in/sign-in.ts';
import {
  deletePersonalToken, replacePersonalToken,
} from '../../core/decide/sign-in/personal-token.ts';
import type { EventDraft } from '../../core/events.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { linkId, type RecordKey } from '../../core/kinds/kinds.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import {
  type LoginCookie, loginKeys, readLoginCookie, refuseForm, signedIn,
} from '../sign-in/browser.ts';
import type { Facts } from '../work.ts';
import { connectedApps, connectionsView } from './connections-view.ts';

const SIGN_IN_NEEDED: Refusal = {
  code: 'sign_in_needed', rule: 'connections.signed_in', reason: 'no live sign-in',
};

export async function showConnectionsFlow(
  deps: Deps,
  command: Commands['show_connections'],
  context: CommandContext,
): Promise<Result<Outcomes['show_connections']>> {
  const login = readLoginCookie(deps, command.login_cookie);
  const session = await deps.work.run<Customer | null>({
    keys: loginKeys(login),
    decide: (facts) => ({
      result: accepted(signedIn(facts, login)?.customer ?? null), changes: [], events: [],
    }),
  }, sourceOf(context, 'customer'));
  if (!session.ok) return session;
  const { login_cookie } = command;
  if (session.value === null || login_cookie === null) return accepted(null);
  return accepted(await connectionsView(deps, session.value, login_cookie));
}

/** Ends one app's grants and pending codes, or all apps' (contract §4: removing ends all). */
export async function endConnectionsFlow(
  deps: Deps,
  command: Commands['end_connections'],
  context: CommandContext,
): Promise<Result<Outcomes['end_connections']>> {
  const form = readForm(deps, command);
  if (!form.ok) return form;
  const login = form.value;
  const apps = command.app === null ? await connectedApps(deps, login.customer) : [command.app];
  const links = apps.map((app) => linkId(login.customer, app));
  return deps.work.run({
    keys: [
      ...loginKeys(login),
      ...links.map((id): RecordKey => ({ kind: 'link', id })),
    ],
    more: (facts) => links.flatMap((id) => linkKeys(facts, id)),
    decide: (facts) => endLinks(facts, login, links),
  }, sourceOf(context, 'customer'));
}

function endLinks(
  facts: Facts,
  login: LoginCookie,
  links: readonly string[],
): Decision<{ readonly ended: number }> {
  if (signedIn(facts, login) === null) {
    return { result: refused(SIGN_IN_NEEDED), changes: [], events: [] };
  }
  const changes: Change[] = [];
  const events: EventDraft[] = [];
  let ended = 0;
  for (const id of links) {
    const link = facts.get('link', id);
    const grant = (grant_id: string) => facts.get('grant', grant_id);
    const code = (code_id: string) => facts.get('code', code_id);
    const ending = { by: 'customer', at: facts.now } as const;
    const end = endLink({ link, grant, code }, ending);
    if (end.changes.length === 0 || link === undefined) continue;
    ended += 1;
    changes.push(...end.changes);
    const { customer, app } = link;
    events.push({ action: 'consent.withdrawn', outcome: 'ok', customer, app }, ...end.events);
  }
  return { result: accepted({ ended }), changes, events };
}

/** Keys of all grants and pending codes of a link that was read. */
export function linkKeys(facts: Facts, link_id: string): RecordKey[] {
  const link = facts.get('link', link_id);
  if (link === undefined) return [];
  return [
    ...link.grants.map((id): RecordKey => ({ kind: 'grant', id })),
    ...link.pending.map(({ code }): RecordKey => ({ kind: 'code', id: code })),
  ];
}

/** Ends one trading session of hers; its streams end with it. */
export async function endSessionFlow(
  deps: Deps,
  command: Commands['end_session'],
  context: CommandContext,
): Promise<Result<Outcomes['end_session']>> {
  const form = readForm(deps, command);
  if (!form.ok) return form;
  const login = form.value;
  return deps.work.run<Outcomes['end_session']>({
    keys: [...loginKeys(login), { kind: 'roster', id: login.customer }],
    decide: (facts) => signedIn(facts, login) === null
      ? { result: refused(SIGN_IN_NEEDED), changes: [], events: [] }
      : endSession(facts.get('roster', login.customer), command.session, 'customer'),
  }, sourceOf(context, 'customer'));
}

export async function changePersonalTokenFlow(
  deps: Deps,
  command: Commands['change_personal_token'],
  context: CommandContext,
): Promise<Result<Outcomes['change_personal_token']>> {
  const form = readForm(deps, command);
  if (!form.ok) return form;
  const login = form.value;
  let token: string | null = null;
  const result = await deps.work.run<Customer>({
    keys: loginKeys(login),
    decide(facts) {
      const customer = signedIn(facts, login)?.customer;
      if (customer === undefined) {
        return { result: refused(SIGN_IN_NEEDED), changes: [], events: [] };
      }
      if (command.change === 'delete') return deletePersonalToken(customer);
      const number = customer.personal_token_count + 1;
      const minted = deps.handles.mint('pt', {
        shard: customer.id, record: deps.entropy.base62(11), generation: number,
      });
      token = minted.text;
      return replacePersonalToken(customer, { digest: minted.digest, number }, facts.now);
    },
  }, sourceOf(context, 'customer'));
  if (!result.ok) return result;
  const view = await connectionsView(deps, result.value, command.login_cookie ?? '');
  return accepted({ token, view });
}

/** Ends the sign-in in the record; the encoder clears the cookie (CS-14). */
export async function signOutFlow(
  deps: Deps,
  command: Commands['sign_out'],
  context: CommandContext,
): Promise<Result<Outcomes['sign_out']>> {
  const form = readForm(deps, command);
  if (!form.ok) return form;
  const login = form.value;
  return deps.work.run<Outcomes['sign_out']>({
    keys: loginKeys(login),
    decide(facts) {
      const session = signedIn(facts, login);
      if (session === null) {
        return { result: accepted({ was_signed_in: false }), changes: [], events: [] };
      }
      return {
        result: accepted({ was_signed_in: true }),
        changes: endLogin({ id: login.login_id, login: session.login }, facts.now),
        events: [{ action: 'login.ended', outcome: 'ok', customer: login.customer }],
      };
    },
  }, sourceOf(context, 'customer'));
}

/** Forms of this page are bound to the sign-in cookie. */
function readForm(
  deps: Deps,
  command: Commands['sign_out'],
): Result<LoginCookie> {
  const login = readLoginCookie(deps, command.login_cookie);
  const cookie = login === null ? null : command.login_cookie;
  // Another site's form first: its answer must not even clear her cookies (CS-14).
  const refusal = refuseForm(deps, command, { cookie, purpose: 'connections' });
  if (refusal === null && login !== null) return accepted(login);
  const signed_out = refusal === null || refusal.code === 'browser_unknown';
  return refused(signed_out ? SIGN_IN_NEEDED : refusal);
}
