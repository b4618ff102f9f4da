/** The page of an authorization request: whose browser it is, who is signed in, what is next. */
import type { CommandContext, Commands, PageStep } from '../../core/commands.ts';
import type { Change } from '../../core/decision.ts';
import { refuseCustomer, refuseRequest } from '../../core/decide/authorize/open-request.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { App } from '../../core/kinds/app.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { RequestedAuthorization } from '../../core/kinds/request.ts';
import { coveredAccounts } from '../../core/rules/coverage.ts';
import { LIMITS } from '../../core/rules/profile.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { subnetOf } from '../../core/rules/subnet.ts';
import type { ConsentView, SignInView } from '../../core/views.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import {
  type LoginCookie, consentPurpose, knownBrowser, loginKeys, newFlowCookie, readLoginCookie,
  signedIn,
} from '../sign-in/browser.ts';
import type { Facts, Work } from '../work.ts';
import { accountView, appView, formTarget, redirectHost, scopeViews } from './views.ts';

/** A request in the browser that may go on with it. */
export type OpenedRequest = {
  readonly handle: string;
  readonly requested: RequestedAuthorization;
  readonly browser: string;
  readonly flow_cookie: string;
};

export async function openRequestFlow(
  deps: Deps,
  command: Commands['open_request'],
  context: CommandContext,
): Promise<Result<PageStep>> {
  const requested = readRequest(deps, command.request);
  if (!requested.ok) return requested;
  const { flow_cookie } = command;
  const browser = knownBrowser(deps, flow_cookie);
  if (browser === null || flow_cookie === null) return firstVisit(deps, command.returned);
  const opened = { handle: command.request, requested: requested.value, browser, flow_cookie };
  const claim = await mayClaim(deps, opened, context);
  if (claim !== null) return refused(claim);
  const login = readLoginCookie(deps, command.login_cookie);
  const work = openWork(deps, opened, { login, dialect: command.dialect });
  return deps.work.run(work, sourceOf(context, 'anyone'));
}

/** Opens a request handle; 0 queries. */
export function readRequest(deps: Deps, handle: string): Result<RequestedAuthorization> {
  const opened = deps.seals.openRequest(handle);
  if (typeof opened !== 'string') return accepted(opened);
  const reason = opened === 'other_world' ? 'env_mismatch' : 'not a request handle of ours';
  return refused({ code: 'request_unknown', rule: 'request.known', reason });
}

/** The page sends the browser to itself once, so that a link preview claims nothing. */
export function firstVisit(deps: Deps, returned: boolean): Result<PageStep> {
  if (returned) {
    const reason = 'the flow cookie did not come back';
    return refused({ code: 'browser_unknown', rule: 'request.browser', reason });
  }
  return accepted({ is: 'set_browser', flow_cookie: newFlowCookie(deps).text });
}

/** Claims are rows; a subnet gets only so many of them (DS-03). */
async function mayClaim(
  deps: Deps,
  opened: OpenedRequest,
  context: CommandContext,
): Promise<Refusal | null> {
  const [record] = await deps.store.read([{ kind: 'request', id: opened.requested.id }]);
  if (record !== undefined || deps.settings.danger_limits_off) return null;
  const { count, window_s } = LIMITS.request_claims_per_subnet;
  const name = `claim/${subnetOf(context.address)}`;
  const wait_s = await deps.failures.reserve([{ name, count_max: count, window_s }]);
  if (wait_s === null) return null;
  return {
    code: 'overloaded',
    rule: 'request.claims_per_subnet',
    reason: 'too many started flows from this subnet',
    retry_after_s: wait_s,
  };
}

function openWork(
  deps: Deps,
  opened: OpenedRequest,
  { login, dialect }: { readonly login: LoginCookie | null; readonly dialect: string },
): Work<PageStep> {
  const { requested, browser } = opened;
  return {
    keys: [{ kind: 'request', id: requested.id }, ...loginKeys(login)],
    more: (facts) => accountKeys(signedIn(facts, login)?.customer, facts.app(requested.app)),
    decide(facts) {
      const record = facts.get('request', requested.id);
      const app = facts.app(requested.app);
      const refusal = refuseRequest({
        requested, record, app, browser, dialect, now: facts.now,
      }) ??
        (record?.state.is === 'answered' ? FINISHED : null);
      if (refusal !== null || app === undefined) {
        return { result: refused(refusal ?? FINISHED), changes: [], events: [] };
      }
      const changes: Change[] = [];
      if (record === undefined) {
        const { id, expires_at } = requested;
        const value = { browser, state: { is: 'claimed' }, expires_at } as const;
        changes.push({ kind: 'request', id, value });
      }
      const step = nextStep(deps, { opened, app, facts, login });
      return { result: step, changes, events: [] };
    },
  };
}

const FINISHED: Refusal = {
  code: 'request_finished', rule: 'request.unanswered', reason: 'answered before',
};

function nextStep(
  deps: Deps,
  at: {
    readonly opened: OpenedRequest;
    readonly app: App;
    readonly facts: Facts;
    readonly login: LoginCookie | null;
  },
): Result<PageStep> {
  const { opened, app, facts } = at;
  const session = signedIn(facts, at.login);
  if (session === null) {
    return accepted({ is: 'sign_in', view: requestSignIn(deps, opened, app), refusal: null });
  }
  const refusal = refuseCustomer(session.customer, app);
  if (refusal !== null) return refused(refusal);
  const accounts = coveredAccounts(session.customer, app)
    .map((number) => facts.get('account', number))
    .filter((account) => account !== undefined);
  const view = consentView(deps, { opened, app, customer: session.customer, accounts });
  return accepted({ is: 'consent', view });
}

/** The sign-in page within a flow. */
export function requestSignIn(deps: Deps, opened: OpenedRequest, app: App): SignInView {
  return {
    world: deps.world.name,
    app: appView(app),
    csrf: deps.seals.csrf(opened.flow_cookie, 'sign-in'),
    request: opened.handle,
    name: '',
  };
}

function consentView(
  deps: Deps,
  of: {
    readonly opened: OpenedRequest;
    readonly app: App;
    readonly customer: Customer;
    readonly accounts: readonly Account[];
  },
): ConsentView {
  const { opened, app, customer, accounts } = of;
  const { requested, flow_cookie, handle } = opened;
  return {
    world: deps.world.name,
    app: appView(app),
    customer_name: customer.name,
    redirect_host: redirectHost(requested.redirect_uri),
    form_target: formTarget(requested.redirect_uri),
    scopes: scopeViews(requested.scopes & app.scopes),
    accounts: accounts.map(accountView),
    access_token_lifetime_s: requested.access_token_lifetime_s,
    stays_connected: requested.refreshes || app.refresh.approved,
    grant_lifetime_s: requested.grant_lifetime_s,
    csrf: deps.seals.csrf(flow_cookie, consentPurpose(requested.id, customer.id)),
    request: handle,
  };
}

function accountKeys(customer: Customer | undefined, app: App | undefined): RecordKey[] {
  if (customer === undefined) return [];
  return coveredAccounts(customer, app).map((id) => ({ kind: 'account', id }));
}
