/** What a browser brings: our flow cookie, our sign-in cookie, and forms with their tokens. */
import type { BrowserForm } from '../../core/commands.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { Login } from '../../core/kinds/login.ts';
import type { Refusal } from '../../core/rules/refusals.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import { loginFault } from '../../core/rules/standing.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../work.ts';

/** Digest of a flow cookie of ours, or null: another world's or a forged one is no cookie. */
export function knownBrowser(deps: Deps, cookie: string | null): string | null {
  if (cookie === null) return null;
  const opened = deps.handles.open('flow', cookie);
  return typeof opened === 'string' ? null : opened.digest;
}

/** A new flow cookie: it names no record, it only binds requests and forms to one browser. */
export function newFlowCookie(deps: Deps): { readonly text: string; readonly digest: string } {
  const { entropy } = deps;
  return deps.handles.mint('flow', {
    shard: entropy.base62(11), record: entropy.base62(11), generation: 0,
  });
}

/** A sign-in cookie as its form shows it. */
export type LoginCookie = {
  readonly login_id: string;
  readonly customer: string;
  readonly digest: string;
};

export function readLoginCookie(deps: Deps, cookie: string | null): LoginCookie | null {
  if (cookie === null) return null;
  const opened = deps.handles.open('login', cookie);
  if (typeof opened === 'string') return null;
  const { shard, record, digest } = opened;
  return { login_id: shard + record, customer: shard, digest };
}

export function loginKeys(cookie: LoginCookie | null): RecordKey[] {
  if (cookie === null) return [];
  return [
    { kind: 'login', id: cookie.login_id },
    { kind: 'customer', id: cookie.customer },
  ];
}

/** The customer who is signed in with this cookie now, or null. Needs `loginKeys` read. */
export function signedIn(
  facts: Facts,
  cookie: LoginCookie | null,
): { readonly customer: Customer; readonly login: Login } | null {
  if (cookie === null) return null;
  const login = facts.get('login', cookie.login_id);
  const customer = facts.get('customer', cookie.customer);
  if (login === undefined || customer === undefined) return null;
  if (!equalInConstantTime(login.digest, cookie.digest)) return null;
  return loginFault(login, customer, facts.now) === null ? { customer, login } : null;
}

/** Purposes of form tokens; each form's token is worthless at another. */
export type FormPurpose = 'sign-in' | `consent/${string}` | 'connections';

/** A consent is the answer of the customer whom its page named, to the request it showed. */
export function consentPurpose(request_id: string, customer: string): FormPurpose {
  return `consent/${request_id}/${customer}`;
}

/**
 * A form must come from our own page in this browser: Fetch Metadata where the browser sends it,
 * and the token of this cookie and purpose always (CS-01, CS-02).
 */
export function refuseForm(
  deps: Deps,
  form: BrowserForm,
  bound: { readonly cookie: string | null; readonly purpose: FormPurpose },
): Refusal | null {
  if (form.fetch_site !== null && !SAME_SITE.has(form.fetch_site)) {
    return { code: 'cross_site', rule: 'form.fetch_site', reason: `sent from ${form.fetch_site}` };
  }
  if (bound.cookie === null) {
    return { code: 'browser_unknown', rule: 'form.cookie', reason: 'no cookie of ours came along' };
  }
  const ours = form.csrf !== null && deps.seals.isCsrf(form.csrf, bound.cookie, bound.purpose);
  if (ours) return null;
  const reason = 'the form token is missing or of another page';
  return { code: 'csrf_mismatch', rule: 'form.token', reason };
}

/** `same-origin` is our page; `none` is the customer herself (reload, address bar). */
const SAME_SITE: ReadonlySet<string> = new Set(['same-origin', 'none']);
