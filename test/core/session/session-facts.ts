/** Facts of opening a session, and of verdicts on tokens: of grants, sessions and her own. */
import {
  type Bearer, type CheckFacts, streamAudience,
} from '../../../src/core/decide/session/check-token.ts';
import type { OpenSessionFacts } from '../../../src/core/decide/session/open-session.ts';
import type { Customer } from '../../../src/core/kinds/customer.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import type { Session } from '../../../src/core/kinds/roster.ts';
import {
  CUSTOMER, DEVICE, GRANT_ID, NOW, NO_SESSION, SESSION, SITE, apiKeyFor, appFor, customerFor,
  digestOf, grantFor, profileFor, rosterFor, sessionFor, sessionProfileFor, worldFor,
} from '../facts.ts';

type AccessToken = Extract<Bearer, { is: 'access_token' }>;
type SessionToken = Extract<Bearer, { is: 'session_token' }>;

export function token(over: Partial<AccessToken> = {}): AccessToken {
  return {
    is: 'access_token', grant_id: GRANT_ID, customer: CUSTOMER, number: 1, scopes: 31,
    expires_at: NOW + 1000, audience: null, ...over,
  };
}

export function check(over: Partial<CheckFacts> = {}, grant: Partial<Grant> = {}): CheckFacts {
  return {
    profile: profileFor(),
    bearer: token(),
    ...NO_SESSION,
    grant: grantFor(grant),
    customer: customerFor(),
    app: appFor(),
    world: worldFor(),
    scopes: ['read'],
    account: null,
    now: NOW,
    ...over,
  };
}

const PERSONAL: Bearer = {
  is: 'personal_token', customer: CUSTOMER, digest: digestOf('personal'), number: 1,
};
const HER_TOKEN = { digest: digestOf('personal'), issued_at: 0 };

export function personal(
  customer: Partial<Customer> = {},
  over: Partial<CheckFacts> = {},
): CheckFacts {
  return check({
    bearer: PERSONAL,
    grant: undefined,
    app: undefined,
    customer: customerFor({ personal_token: HER_TOKEN, ...customer }),
    ...over,
  });
}

export function sessionToken(over: Partial<SessionToken> = {}): SessionToken {
  return {
    is: 'session_token', session_id: CUSTOMER + SESSION, customer: CUSTOMER, number: 1,
    expires_at: NOW + 1000, audience: SITE.issuer, ...over,
  };
}

/** A token of a session that may do everything. */
export function session(
  over: Partial<CheckFacts> = {},
  fields: Partial<Session> = {},
): CheckFacts {
  return check({
    profile: sessionProfileFor(),
    bearer: sessionToken(),
    grant: undefined,
    app: undefined,
    roster: rosterFor({ sessions: [sessionFor(fields)] }),
    api_key: apiKeyFor(),
    scopes: ['Orders:FullAccess'],
    ...over,
  });
}

/** A signed token of a grant, for this audience. */
export function signed(
  audience: string,
  grant: Partial<Grant> = {},
  over: Partial<CheckFacts> = {},
): CheckFacts {
  return check({ bearer: token({ audience }), profile: sessionProfileFor(), ...over }, grant);
}

/** The roster after a newer sign-in closed the session. */
export const EVICTED = rosterFor({
  sessions: [sessionFor({ id: 'newersessio' })],
  evicted: [{ id: SESSION, tokens_end_at: NOW + 1000 }],
});

export const STREAMS = streamAudience(SITE.issuer);
export const ON_STREAM = { takes_stream_tokens: true };

/** An open stream speaks for a session, not for one of its tokens. */
export const STREAM_OF_SESSION = sessionToken({
  number: null, expires_at: null, audience: null,
});

/** Sign-in without an API key, where it is not needed. */
export const KEYLESS = {
  api_key: undefined,
  key_named: false,
  profile: sessionProfileFor({
    sessions: { live_max: 2, token_lifetime_s: 4800, device_needed: ['live'], keyless: true },
  }),
};
export const WITHOUT_KEY = {
  api_key: '', epochs: { standing: 7, credentials: 11, api_key: 0, world: 13 },
};

export const NEW_SESSION = 'freshfreshf';

/** A customer without a session signs in with a partner's key. */
export function opening(over: Partial<OpenSessionFacts> = {}): OpenSessionFacts {
  return {
    profile: sessionProfileFor(),
    key: apiKeyFor(),
    key_named: true,
    secret_matches: true,
    app_name: apiKeyFor().name,
    customer: customerFor(),
    verified: { hash: 'hash-1', matches: true },
    rehash: null,
    roster: undefined,
    world: worldFor(),
    device: DEVICE,
    app_version: '1.0',
    address: '192.0.2.1',
    fresh: { session_id: NEW_SESSION },
    now: NOW,
    ...over,
  };
}
