/** Acts on grants and browser sign-ins. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import { endLogins } from '../../core/decide/manage/manage-customer.ts';
import {
  type EndedCount, NO_GRANT, endOneGrant, endOneLogin, endWholeLink,
} from '../../core/decide/manage/manage-grant.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Grant } from '../../core/kinds/grant.ts';
import { linkId } from '../../core/kinds/kinds.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Pillars } from '../../core/rules/standing.ts';
import type { Deps } from '../deps.ts';
import { linkKeys } from '../session/connections.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, grantView, loginView } from './act-views.ts';
import { findCustomer, listAll, readOne } from './find.ts';

const LIMIT = 100;

export async function listGrantsAct(
  { deps }: ActScene,
  args: FlowActArgs<'grant.list'>,
): Promise<Result<View>> {
  const found = await findCustomer(deps, args.customer);
  if (!found.ok) return found;
  const { after = null, limit = LIMIT } = args;
  const page = await deps.store.list('grant', { prefix: found.value.id, after, limit });
  const now = deps.clock.now();
  const grants = page.records
    .filter(({ value }) => args.app === undefined || value.app === args.app)
    .map(({ id, value }) => grantView(id, value, pillarsOf(deps, value, found.value), now));
  return accepted({ grants, next: page.next });
}

export async function showGrantAct(
  { deps }: ActScene,
  args: FlowActArgs<'grant.show'>,
): Promise<Result<View>> {
  const grant = await readOne(deps, 'grant', args.grant);
  if (grant === undefined) return refused(NO_GRANT);
  const customer = await readOne(deps, 'customer', grant.customer);
  const pillars = pillarsOf(deps, grant, customer);
  return accepted(grantView(args.grant, grant, pillars, deps.clock.now()));
}

function pillarsOf(deps: Deps, grant: Grant, customer: Customer | undefined): Pillars {
  const { resident } = deps.work;
  return { app: resident.app(grant.app), customer, world: resident.world() };
}

export async function endGrantAct(
  scene: ActScene,
  args: FlowActArgs<'grant.end'>,
): Promise<Result<View>> {
  const { grant, customer, app } = args;
  const by_grant = grant !== undefined && customer === undefined && app === undefined;
  if (by_grant) return endOne(scene, grant);
  if (grant !== undefined || customer === undefined || app === undefined) {
    return refused(incomplete('name a grant, or a customer and an app'));
  }
  const found = await findCustomer(scene.deps, customer);
  if (!found.ok) return found;
  const id = linkId(found.value.id, app);
  return runActWork<EndedCount>(scene, {
    keys: [{ kind: 'link', id }],
    more: (facts) => linkKeys(facts, id),
    decide: (facts) => endWholeLink({
      link: facts.get('link', id),
      grant: (grant_id) => facts.get('grant', grant_id),
      code: (code_id) => facts.get('code', code_id),
    }, facts.now),
  });
}

async function endOne(scene: ActScene, id: string): Promise<Result<View>> {
  const grant = await readOne(scene.deps, 'grant', id);
  if (grant === undefined) return refused(NO_GRANT);
  const link = linkId(grant.customer, grant.app);
  return runActWork<EndedCount>(scene, {
    keys: [{ kind: 'grant', id }, { kind: 'link', id: link }],
    decide: (facts) => endOneGrant(
      id, { grant: facts.get('grant', id), link: facts.get('link', link) }, facts.now,
    ),
  });
}

export async function listLoginsAct(
  { deps }: ActScene,
  args: FlowActArgs<'login.list'>,
): Promise<Result<View>> {
  const found = await findCustomer(deps, args.customer);
  if (!found.ok) return found;
  const owner = { customer: found.value, now: deps.clock.now() };
  const logins = await listAll(deps, 'login', found.value.id);
  return accepted({ logins: logins.map(({ id, value }) => loginView(id, value, owner)) });
}

export async function endLoginAct(
  scene: ActScene,
  args: FlowActArgs<'login.end'>,
): Promise<Result<View>> {
  const { login, customer } = args;
  if ((login === undefined) === (customer === undefined)) {
    return refused(incomplete('name a sign-in or a customer'));
  }
  if (login !== undefined) {
    return runActWork<EndedCount>(scene, {
      keys: [{ kind: 'login', id: login }],
      decide: (facts) => endOneLogin(login, facts.get('login', login), facts.now),
    });
  }
  const found = await findCustomer(scene.deps, customer ?? '');
  if (!found.ok) return found;
  const { id } = found.value;
  const result = await runActWork<Changed<Customer>>(scene, {
    keys: [{ kind: 'customer', id }],
    decide: (facts) => endLogins(facts.get('customer', id)),
  });
  return result.ok ? accepted({ customer: id, ended: 'all' }) : result;
}

function incomplete(reason: string): Refusal {
  return { code: 'act_malformed', rule: 'act.arguments', reason };
}
