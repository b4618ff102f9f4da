/** Allow or deny: the answer that sends the browser back to the app. */
import type { CommandContext, Commands, Outcomes } from '../../core/commands.ts';
import { callbackOf } from '../../core/decide/authorize/authorize.ts';
import {
  type Answered, allow, answerIsKept, deny, pendingOver,
} from '../../core/decide/authorize/decide-consent.ts';
import { refuseCustomer, refuseRequest } from '../../core/decide/authorize/open-request.ts';
import type { Decision } from '../../core/decision.ts';
import type { App } from '../../core/kinds/app.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { linkId } from '../../core/kinds/kinds.ts';
import type { AuthorizationRequest, RequestedAuthorization } from '../../core/kinds/request.ts';
import { callbackUrl } from '../../core/rules/callback.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import {
  type LoginCookie, consentPurpose, knownBrowser, loginKeys, readLoginCookie, refuseForm, signedIn,
} from '../sign-in/browser.ts';
import type { Facts, Work } from '../work.ts';
import { type OpenedRequest, readRequest } from './open-request.ts';

type Answer = Outcomes['decide_consent'];

export async function decideConsentFlow(
  deps: Deps,
  command: Commands['decide_consent'],
  context: CommandContext,
): Promise<Result<Answer>> {
  const requested = readRequest(deps, command.request);
  if (!requested.ok) return requested;
  if (command.client_id !== null && command.client_id !== requested.value.app) {
    return refused(OTHER_APP);
  }
  const browser = knownBrowser(deps, command.flow_cookie);
  const cookie = browser === null ? null : command.flow_cookie;
  const login = readLoginCookie(deps, command.login_cookie);
  const purpose = consentPurpose(requested.value.id, login?.customer ?? '');
  const refusal = refuseForm(deps, command, { cookie, purpose });
  if (refusal !== null) return refused(refusal);
  if (browser === null || cookie === null) throw new Error('a form without a cookie went by');
  const opened: OpenedRequest = {
    handle: command.request, requested: requested.value, browser, flow_cookie: cookie,
  };
  const denied = command.decision === 'deny';
  const challenge_repeated = !denied && (await challengeSeen(deps, requested.value));
  const result = await deps.work.run(
    consentWork(deps, { opened, login, denied, challenge_repeated }),
    sourceOf(context, 'customer'),
  );
  if (!result.ok) return result;
  const location = result.value;
  if (location !== null) return accepted({ is: 'answered', location, denied });
  const { app, page_path: path } = requested.value;
  const request = { client_id: app, request: command.request, path };
  return accepted({ is: 'sign_in_again', request });
}

const OTHER_APP: Refusal = {
  code: 'request_unknown', rule: 'request.app', reason: 'the form names another app',
};

type ConsentCall = {
  readonly opened: OpenedRequest;
  readonly login: LoginCookie | null;
  readonly denied: boolean;
  readonly challenge_repeated: boolean;
};

/** How long a challenge is remembered: a flow and its code are long over by then. */
const CHALLENGE_KEPT_S = 7200;

/** Was this challenge consented to before (RFC 9700 §2.1.1: a challenge is for one flow)? */
async function challengeSeen(deps: Deps, requested: RequestedAuthorization): Promise<boolean> {
  const { code_challenge, id } = requested;
  if (code_challenge === null) return false;
  const bump = (name: string) => ({
    name: deps.digests.shortValue(name), add: 1, window_s: CHALLENGE_KEPT_S,
  });
  const bumps = [bump(`challenge/${code_challenge}`), bump(`challenge/${code_challenge}/${id}`)];
  const [all, own] = await deps.store.bump(bumps, deps.clock.now());
  return (all?.count ?? 0) > (own?.count ?? 0);
}

/** The location to go to, or null when she must sign in again first. */
function consentWork(deps: Deps, call: ConsentCall): Work<string | null> {
  const { opened, login } = call;
  const { requested } = opened;
  const link = login === null ? null : linkId(login.customer, requested.app);
  return {
    keys: [
      { kind: 'request', id: requested.id },
      ...loginKeys(login),
      ...(link === null ? [] : [{ kind: 'link', id: link } as const]),
    ],
    more: (facts) => (link === null || call.denied ? [] : pendingOver(facts.get('link', link)))
      .map((id) => ({ kind: 'code', id })),
    decide: (facts) => decide(deps, call, facts),
  };
}

function decide(deps: Deps, call: ConsentCall, facts: Facts): Decision<string | null> {
  const { requested, browser, flow_cookie } = call.opened;
  const record = facts.get('request', requested.id);
  const app = facts.app(requested.app);
  const repeated = keptAnswer(deps, { record, browser, flow_cookie, now: facts.now });
  if (repeated !== null) return plain(accepted(repeated));
  const refusal = refuseRequest({
    requested, record, app, browser, dialect: null, now: facts.now,
  }) ?? refuseUnclaimed(record);
  if (refusal !== null) return plain(refused(refusal));
  const session = signedIn(facts, call.login);
  if (session === null) return plain(accepted(null));
  if (record === undefined || app === undefined) throw new Error('request rules let one by');
  const without = call.denied ? null : refuseCustomer(session.customer, app);
  if (without !== null) return plain(refused(without));
  const { customer, login: { signed_in_at } } = session;
  return answer(deps, call, { facts, record, app, customer, signed_in_at });
}

function answer(
  deps: Deps,
  { opened, denied, challenge_repeated }: ConsentCall,
  known: {
    readonly facts: Facts;
    readonly record: AuthorizationRequest;
    readonly app: App;
    readonly customer: Customer;
    readonly signed_in_at: number;
  },
): Decision<string> {
  const { requested, flow_cookie } = opened;
  const { facts, app, customer, signed_in_at } = known;
  const record = deps.entropy.base62(11);
  const code = deps.handles.mint('code', { shard: customer.id, record, generation: 0 });
  const { redirect_uri, state } = requested;
  const callback = callbackOf(app, requested.issuer, redirect_uri, state);
  const location = callbackUrl(callback, denied
    ? { name: 'error', value: 'access_denied' }
    : { name: 'code', value: code.text });
  const consent: Answered = {
    requested,
    record: known.record,
    app,
    customer,
    signed_in_at,
    fresh: {
      code_id: customer.id + record,
      code_digest: code.digest,
      location,
      sealed_location: deps.seals.sealForBrowser(flow_cookie, location),
    },
    now: facts.now,
  };
  if (denied) return deny(consent);
  const link = facts.get('link', linkId(customer.id, app.id));
  const code_of = (id: string) => facts.get('code', id);
  return allow({ ...consent, link, world: facts.world(), code: code_of, challenge_repeated });
}

/** The answer already given to this browser, while it is kept (RP-32). */
function keptAnswer(
  deps: Deps,
  of: {
    readonly record: AuthorizationRequest | undefined;
    readonly browser: string;
    readonly flow_cookie: string;
    readonly now: number;
  },
): string | null {
  const { record, browser, flow_cookie, now } = of;
  if (record?.state.is !== 'answered' || record.browser !== browser) return null;
  if (!answerIsKept(record, now)) return null;
  return deps.seals.openForBrowser(flow_cookie, record.state.sealed_location);
}

/** A consent may only answer a request that this browser has opened, and once. */
function refuseUnclaimed(record: AuthorizationRequest | undefined): Refusal | null {
  if (record?.state.is === 'claimed') return null;
  return record === undefined
    ? { code: 'request_foreign', rule: 'request.claimed', reason: 'no browser has opened it' }
    : { code: 'request_finished', rule: 'request.unanswered', reason: 'answered before' };
}

function plain<T>(result: Result<T>): Decision<T> {
  return { result, changes: [], events: [] };
}
