/**
 * What a page says of each refusal: what happened and what to do, nothing of the request. The
 * table is exhaustive: a new refusal does not compile until it is worded here.
 */
import type { RefusalCode } from '../../core/rules/refusals.ts';

export type PageWords = {
  readonly status: number;
  readonly title: string;
  readonly says: string;
  readonly then: string;
};

const START_AGAIN = 'Go back to the app and start connecting again from there.';
const TELL_THE_APP = 'Nothing was shared. Please tell the people who make the app.';
const NO_PAGE = 'Go to your connected apps, or close this page.';

const BAD_REQUEST: PageWords = {
  status: 400,
  title: 'We could not read this request',
  says: 'Part of it was missing, repeated or damaged on the way.',
  then: START_AGAIN,
};

const APP_MISTAKE: PageWords = {
  status: 400,
  title: 'The app asked in a way we cannot answer',
  says: 'Its request is not complete or not one that we accept. This is not your mistake.',
  then: TELL_THE_APP,
};

const APP_UNKNOWN: PageWords = {
  status: 400,
  title: 'We do not know this app',
  says: 'The link that brought you here names an app that cannot connect here, or no app at all.',
  then: `${TELL_THE_APP} If someone sent you the link, do not follow it again.`,
};

const NOT_FOR_BROWSERS: PageWords = {
  status: 400,
  title: 'This address is for apps',
  says: 'Apps use it in the background. There is nothing to see or do here.',
  then: NO_PAGE,
};

const APP_LOST_ACCESS: PageWords = {
  ...NOT_FOR_BROWSERS,
  title: 'This access has ended',
  says: 'What the app holds is unknown here, has ended, or does not cover what it tried.',
  then: START_AGAIN,
};

const SIGN_IN_AGAIN: PageWords = {
  status: 403,
  title: 'Please sign in again',
  says: 'You are signed out, or were signed in for longer than we allow.',
  then: 'Sign in and repeat what you were doing. Nothing was changed.',
};

const WAIT: PageWords = {
  status: 429,
  title: 'Too many tries',
  says: 'There were more tries from here than we allow.',
  then: 'Wait a few minutes, then try again.',
};

const OPERATOR_ACT: PageWords = {
  status: 400,
  title: 'This cannot be done here',
  says: 'What was asked does not fit the present state.',
  then: NO_PAGE,
};

/** Status and words by refusal code. */
export const REFUSAL_WORDS = {
  request_malformed: BAD_REQUEST,
  credentials_in_query: {
    status: 400,
    title: 'This address holds a secret',
    says: 'A password or key was part of the address, where others may have seen it.',
    then: 'Close this page. If it was yours, replace that secret now.',
  },
  credentials_conflict: BAD_REQUEST,
  method_not_allowed: {
    status: 405,
    title: 'This page cannot be used that way',
    says: 'The address exists, but not for this kind of request.',
    then: NO_PAGE,
  },
  path_unknown: {
    status: 404,
    title: 'There is no page here',
    says: 'The address may be mistyped, or the page may be gone.',
    then: NO_PAGE,
  },
  body_too_large: {
    status: 413,
    title: 'That was too much at once',
    says: 'The form held more than we accept.',
    then: 'Go back, shorten what you entered, and send it again.',
  },
  body_malformed: BAD_REQUEST,
  client_authentication_failed: NOT_FOR_BROWSERS,
  client_unknown: APP_UNKNOWN,
  client_not_approved: {
    status: 400,
    title: 'This app may not connect here yet',
    says: 'We know the app, but it is not approved for these accounts.',
    then: TELL_THE_APP,
  },
  grant_type_unsupported: NOT_FOR_BROWSERS,
  resource_unknown: APP_MISTAKE,
  redirect_uri_unusable: {
    status: 400,
    title: 'We would not know where to send you back',
    says: 'The return address in this link is not one that the app registered with us.',
    then: `${TELL_THE_APP} If someone sent you the link, do not follow it again.`,
  },
  response_type_unsupported: APP_MISTAKE,
  scope_empty: APP_MISTAKE,
  pkce_malformed: APP_MISTAKE,
  pkce_missing: APP_MISTAKE,
  authorization_request_malformed: APP_MISTAKE,
  request_unknown: {
    status: 400,
    title: 'We do not recognise this link',
    says: 'It was not made here, or it was cut short on the way.',
    then: START_AGAIN,
  },
  request_expired: {
    status: 400,
    title: 'This link has expired',
    says: 'For your safety a request to connect waits for half an hour only.',
    then: START_AGAIN,
  },
  request_foreign: {
    status: 400,
    title: 'This link was opened in another browser',
    says: 'A request to connect can be answered only in the browser that opened it first.',
    then: `${START_AGAIN} If someone sent you this link, do not use it.`,
  },
  request_finished: {
    status: 400,
    title: 'This request was already answered',
    says: 'You, or someone at this browser, allowed or denied it before.',
    then: `${START_AGAIN} Your connected apps show what is allowed today.`,
  },
  browser_unknown: {
    status: 400,
    title: 'Cookies are needed here',
    says: 'Your browser did not send back the cookie that keeps this sign-in yours alone.',
    then: 'Allow cookies for this site, then go back to the app and start again.',
  },
  csrf_mismatch: {
    status: 403,
    title: 'This form is out of date',
    says: 'It belongs to an earlier visit or another sign-in, so we did not act on it.',
    then: 'Open the page again and repeat what you were doing. Nothing was changed.',
  },
  cross_site: {
    status: 403,
    title: 'Another site sent this form',
    says: 'Your browser told us that it did not come from our own page, so we did not act on it.',
    then: 'Nothing was changed. Be careful with the page you came from.',
  },
  sign_in_needed: SIGN_IN_AGAIN,
  sign_in_failed: {
    status: 422,
    title: 'Name or password is not right',
    says: 'We could not sign you in with this name and password.',
    then: 'Check both and try again.',
  },
  sign_in_limited: {
    status: 429,
    title: 'Too many tries',
    says: 'There were too many tries to sign in with this name from your network.',
    then: 'Wait before you try again. Apps you have connected keep working.',
  },
  customer_inactive: {
    status: 400,
    title: 'Your access is not active',
    says: 'You cannot connect apps at present.',
    then: 'Please contact your broker. Nothing was shared with the app.',
  },
  customer_without_account: {
    status: 400,
    title: 'You have no account here',
    says: 'There is nothing an app could use: you have no account in this environment.',
    then: 'Open an account first, or start again from the app in the other environment.',
  },
  consent_denied: {
    status: 400,
    title: 'You did not allow it',
    says: 'The app got no access.',
    then: 'You can close this page.',
  },
  code_unknown: APP_LOST_ACCESS,
  code_foreign: APP_LOST_ACCESS,
  code_expired: APP_LOST_ACCESS,
  code_redirect_mismatch: APP_LOST_ACCESS,
  code_pkce_mismatch: APP_LOST_ACCESS,
  code_replayed: APP_LOST_ACCESS,
  code_ended: APP_LOST_ACCESS,
  refresh_unknown: APP_LOST_ACCESS,
  refresh_foreign: APP_LOST_ACCESS,
  refresh_ended: APP_LOST_ACCESS,
  refresh_replayed: APP_LOST_ACCESS,
  refresh_not_approved: APP_LOST_ACCESS,
  scope_exceeds_grant: APP_LOST_ACCESS,
  refresh_limited: WAIT,
  client_limited: WAIT,
  token_missing: NOT_FOR_BROWSERS,
  token_unknown: APP_LOST_ACCESS,
  token_expired: APP_LOST_ACCESS,
  token_ended: APP_LOST_ACCESS,
  session_evicted: {
    status: 400,
    title: 'A newer sign-in closed this session',
    says: 'Only so many programs can be signed in at once, and the oldest has to go.',
    then: 'Your connected apps show which ones are. To go on with this one, sign in there again.',
  },
  scope_missing: APP_LOST_ACCESS,
  account_not_covered: APP_LOST_ACCESS,
  quota_exceeded: WAIT,
  penalty: WAIT,
  api_key_refused: NOT_FOR_BROWSERS,
  challenge_refused: NOT_FOR_BROWSERS,
  password_form: NOT_FOR_BROWSERS,
  act_unknown: OPERATOR_ACT,
  act_malformed: OPERATOR_ACT,
  object_unknown: OPERATOR_ACT,
  object_exists: OPERATOR_ACT,
  state_conflict: OPERATOR_ACT,
  overloaded: {
    status: 503,
    title: 'We are very busy just now',
    says: 'More people are signing in than we can serve at once.',
    then: 'Wait a moment, then try again. Nothing was changed.',
  },
} as const satisfies Record<RefusalCode, PageWords>;

const FAULT: Omit<PageWords, 'status'> = {
  title: 'Something went wrong on our side',
  says: 'This is our mistake, not yours. It has been recorded.',
  then: 'Try again in a moment. If it stays, tell support the reference below.',
};

/** Words for answers that no rule gave: unknown paths, limits of the connection, faults. */
export function problemWords(status: number): PageWords {
  switch (status) {
    case 404: return REFUSAL_WORDS.path_unknown;
    case 405: return REFUSAL_WORDS.method_not_allowed;
    case 413: return REFUSAL_WORDS.body_too_large;
    case 414:
    case 431: return { ...BAD_REQUEST, says: 'The address or the cookies are too long.', status };
    case 421: return {
      status,
      title: 'This address is not served here',
      says: 'Your browser asked for a name that is not one of ours.',
      then: 'Check the address. Type no password at an address you do not know.',
    };
    default: return status >= 500 ? { ...FAULT, status } : { ...BAD_REQUEST, status };
  }
}
