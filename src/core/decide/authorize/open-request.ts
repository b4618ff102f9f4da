/** What an authorization request needs next from the browser that shows it (AC-11, CS-02). */
import type { App } from '../../kinds/app.ts';
import type { Customer } from '../../kinds/customer.ts';
import type { AuthorizationRequest, RequestedAuthorization } from '../../kinds/request.ts';
import { coveredAccounts } from '../../rules/coverage.ts';
import { type Refusal, type RefusalCode } from '../../rules/refusals.ts';

export type OpenFacts = {
  readonly requested: RequestedAuthorization;
  readonly record: AuthorizationRequest | undefined;
  readonly app: App | undefined;
  /** SHA-256 of this browser's flow cookie. */
  readonly browser: string;
  /** The dialect whose page or form it is; null where forms serve every dialect. */
  readonly dialect: string | null;
  readonly now: number;
};

/**
 * Why this browser may not go on with this request, or null. The app is judged again at each
 * step: a callback removed or an app disabled meanwhile ends the flow on our page (RU-23).
 */
export function refuseRequest(facts: OpenFacts): Refusal | null {
  for (const rule of REQUEST_RULES) {
    const reason = rule.refuse(facts);
    if (reason !== null) return { code: rule.code, rule: rule.id, reason };
  }
  return null;
}

type RequestRule = {
  readonly id: string;
  readonly spec: string;
  readonly code: RefusalCode;
  readonly refuse: (facts: OpenFacts) => string | null;
};

/** Order: age, whose browser, then whether the app still stands. */
export const REQUEST_RULES: readonly RequestRule[] = [
  {
    id: 'request.own_dialect',
    spec: 'BR-17',
    code: 'request_unknown',
    refuse: ({ requested, dialect }) =>
      dialect === null || dialect === requested.dialect ? null : 'a request of another dialect',
  },
  {
    id: 'request.fresh',
    spec: 'contract §3 (30 minutes)',
    code: 'request_expired',
    refuse: ({ requested, now }) => (now < requested.expires_at ? null : 'past its lifetime'),
  },
  {
    id: 'request.own_browser',
    spec: 'AC-11; RFC 6819 §4.4.1.8',
    code: 'request_foreign',
    refuse: ({ requested, record, browser }) => {
      const owner = requested.browser ?? record?.browser ?? browser;
      return owner === browser ? null : 'another browser brought its cookie first';
    },
  },
  {
    id: 'request.client_enabled',
    spec: 'RU-23',
    code: 'client_unknown',
    refuse: ({ app }) => (app?.status === 'approved' ? null : 'the app is no longer approved'),
  },
  {
    id: 'request.redirect_uri',
    spec: 'RU-23',
    code: 'redirect_uri_unusable',
    refuse: ({ app, requested }) =>
      app?.redirect_uris.includes(requested.redirect_uri) === true
        ? null
        : 'the callback is no longer registered',
  },
  {
    id: 'request.scopes_left',
    spec: 'RU-23; contract §3 (an empty result is invalid_scope)',
    code: 'scope_empty',
    refuse: ({ app, requested }) =>
      (requested.scopes & (app?.scopes ?? 0)) !== 0
        ? null
        : 'no asked scope is registered for the app any more',
  },
];

/** Why a customer cannot complete any consent here, or null. */
export function refuseCustomer(customer: Customer, app: App): Refusal | null {
  if (coveredAccounts(customer, app).length > 0) return null;
  return {
    code: 'customer_without_account',
    rule: 'consent.has_account',
    reason: 'no account in this world',
  };
}
