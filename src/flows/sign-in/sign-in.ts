/** Signing in: limits first, one slow hash for every name, then a new sign-in or one refusal. */
import type {
  CommandContext, Commands, Outcomes, PageRequest, PageStep,
} from '../../core/commands.ts';
import { signIn } from '../../core/decide/sign-in/sign-in.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import type { SignInView } from '../../core/views.ts';
import {
  type OpenedRequest, firstVisit, readRequest, requestSignIn,
} from '../authorize/open-request.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import {
  knownBrowser, loginKeys, readLoginCookie, refuseForm, signedIn,
} from './browser.ts';
import { findByName, tryPassword } from './password.ts';

/** The plain sign-in page, outside any flow. */
export async function showSignInFlow(
  deps: Deps,
  command: Commands['show_sign_in'],
  context: CommandContext,
): Promise<Result<PageStep>> {
  const { flow_cookie } = command;
  if (flow_cookie === null || knownBrowser(deps, flow_cookie) === null) {
    return firstVisit(deps, command.returned);
  }
  const login = readLoginCookie(deps, command.login_cookie);
  const session = await deps.work.run({
    keys: loginKeys(login),
    decide: (facts) => ({
      result: accepted(signedIn(facts, login) !== null), changes: [], events: [],
    }),
  }, sourceOf(context, 'customer'));
  if (session.ok && session.value) return accepted({ is: 'signed_in' });
  return accepted({ is: 'sign_in', view: plainView(deps, flow_cookie, ''), refusal: null });
}

export async function signInFlow(
  deps: Deps,
  command: Commands['sign_in'],
  context: CommandContext,
): Promise<Result<Outcomes['sign_in']>> {
  const browser = knownBrowser(deps, command.flow_cookie);
  const cookie = browser === null ? null : command.flow_cookie;
  const fault = refuseForm(deps, command, { cookie, purpose: 'sign-in' });
  if (fault !== null) return refused(fault);
  if (browser === null || cookie === null) throw new Error('a form without a cookie went by');
  const page = pageOf(deps, { handle: command.request, browser, flow_cookie: cookie });
  if (!page.ok) return page;
  const name = canonicalLoginName(command.name) ?? '';
  const tried = { name: command.name, address: context.address, per_subnet: true };
  const attempt = await tryPassword(deps, tried, context, () =>
    comparePassword(deps, { name, command, context }));
  if (!attempt.ok) {
    const view = { ...page.value.view, name: command.name.slice(0, 64) };
    return accepted({ is: 'sign_in', view, refusal: attempt.refusal });
  }
  return accepted({
    is: 'done', login_cookie: attempt.value.login_cookie, request: page.value.request,
  });
}

/** The page to show again, or to go on to: a flow's, or the plain one. */
function pageOf(
  deps: Deps,
  from: {
    readonly handle: string | null;
    readonly browser: string;
    readonly flow_cookie: string;
  },
): Result<{ readonly view: SignInView; readonly request: PageRequest | null }> {
  const { handle, browser, flow_cookie } = from;
  if (handle === null) return accepted({ view: plainView(deps, flow_cookie, ''), request: null });
  const requested = readRequest(deps, handle);
  if (!requested.ok) return requested;
  const app = deps.work.resident.app(requested.value.app);
  if (app === undefined) {
    return refused({ code: 'client_unknown', rule: 'request.client_enabled', reason: 'gone' });
  }
  const opened: OpenedRequest = { handle, requested: requested.value, browser, flow_cookie };
  const view = requestSignIn(deps, opened, app);
  const path = requested.value.page_path;
  return accepted({ view, request: { client_id: app.id, request: handle, path } });
}

async function comparePassword(
  deps: Deps,
  call: {
    readonly name: string;
    readonly command: Commands['sign_in'];
    readonly context: CommandContext;
  },
): Promise<Result<{ readonly login_cookie: string }>> {
  const { command, context } = call;
  const found = await findByName(deps, call.name);
  const hash = found.customer?.password_hash ?? null;
  const matches = await deps.passwords.verify(hash, command.password);
  const rehash = matches && hash !== null && deps.passwords.outdated(hash)
    ? await deps.passwords.hash(command.password)
    : null;
  const previous = readLoginCookie(deps, command.login_cookie);
  let login_cookie = '';
  const result = await deps.work.run({
    always_reads: true,
    keys: [{ kind: 'customer', id: found.id }, ...loginKeys(previous).slice(0, 1)],
    decide(facts) {
      const record = deps.entropy.base62(11);
      const minted = deps.handles.mint('login', { shard: found.id, record, generation: 0 });
      login_cookie = minted.text;
      const old = previous === null ? undefined : facts.get('login', previous.login_id);
      const owned = old !== undefined && previous !== null &&
        equalInConstantTime(old.digest, previous.digest);
      return signIn({
        customer: facts.get('customer', found.id),
        verified: { hash, matches },
        rehash,
        previous: previous !== null && owned ? { id: previous.login_id, login: old } : null,
        fresh: { login_id: found.id + record, digest: minted.digest },
        address: context.address,
        now: facts.now,
      });
    },
  }, sourceOf(context, 'customer'));
  return result.ok ? accepted({ login_cookie }) : result;
}

function plainView(deps: Deps, flow_cookie: string, name: string): SignInView {
  const csrf = deps.seals.csrf(flow_cookie, 'sign-in');
  return { world: deps.world.name, app: null, csrf, request: null, name };
}
