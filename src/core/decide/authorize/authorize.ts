/** Judging an authorization request before anybody signs in (RFC 6749 §4.1.1, RFC 9700 §2.1). */
import type { AuthorizeParameters } from '../../commands.ts';
import type { App } from '../../kinds/app.ts';
import type { RequestedAuthorization } from '../../kinds/request.ts';
import { challengeFault } from '../../rules/pkce.ts';
import type { Profile } from '../../rules/profile.ts';
import { usableRedirectUri } from '../../rules/redirect-uri.ts';
import { type Callback, type Result, accepted, refused } from '../../rules/refusals.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import { scopeMask } from '../../rules/scopes/scopes.ts';
import { utf8Length } from '../../rules/text.ts';

export type AuthorizeFacts = {
  readonly profile: Profile;
  readonly parameters: AuthorizeParameters;
  readonly app: App | undefined;
  readonly issuer: string;
};

/**
 * These come first and never redirect: until they pass, no callback is to be trusted, whatever
 * else is wrong with the request (RU-20, I13).
 */
export const PAGE_RULES: readonly Rule<AuthorizeFacts>[] = [
  {
    id: 'authorize.named_once',
    spec: 'RFC 6749 §3.1; RU-18, AT-T14',
    code: 'request_malformed',
    refuse: ({ parameters: { malformed } }) => {
      const name = ['client_id', 'redirect_uri'].find((one) => malformed.includes(one));
      return name === undefined ? null : { reason: 'sent twice or undecodable', parameter: name };
    },
  },
  {
    id: 'authorize.client_known',
    spec: 'RFC 6749 §4.1.2.1; AT-T7, CA-14',
    code: 'client_unknown',
    refuse: ({ app, profile, parameters }) => {
      if (parameters.client_id === null) return { reason: 'none sent', parameter: 'client_id' };
      if (app === undefined) return 'no app of this id in this world';
      if (app.dialect !== profile.dialect) return 'an app of another dialect';
      return app.status === 'disabled' ? 'the app is disabled' : null;
    },
  },
  {
    id: 'authorize.client_approved',
    spec: 'contract §3; AT-T7',
    code: 'client_not_approved',
    refuse: ({ app }) => (app?.status === 'approved' ? null : 'the app is not approved yet'),
  },
  {
    id: 'authorize.redirect_uri',
    spec: 'RFC 9700 §2.1; RU-01…RU-19, AT-T8…AT-T10',
    code: 'redirect_uri_unusable',
    refuse: ({ app, parameters: { redirect_uri } }) =>
      app !== undefined && usableRedirectUri(app, redirect_uri) !== null
        ? null
        : { reason: 'not a registered callback', parameter: 'redirect_uri' },
  },
];

/** These travel to the callback that the rules above have validated. */
export const CALLBACK_RULES: readonly Rule<AuthorizeFacts>[] = [
  {
    id: 'authorize.well_formed',
    spec: 'RFC 6749 §3.1; HP-05, AT-T14; contract §3 (state)',
    code: 'authorization_request_malformed',
    refuse: ({ parameters, profile }) => {
      const [parameter] = parameters.malformed;
      if (parameter !== undefined) return { reason: 'sent twice or undecodable', parameter };
      return utf8Length(parameters.state ?? '') > profile.state_bytes_max
        ? { reason: 'longer than accepted', parameter: 'state' }
        : null;
    },
  },
  {
    id: 'authorize.response_type',
    spec: 'RFC 6749 §3.1.1; RFC 9700 §2.1.2; AC-13, AT-T11',
    code: 'response_type_unsupported',
    refuse: ({ parameters, profile }) =>
      (parameters.response_type ?? profile.response_type_default) === 'code'
        ? null
        : 'only code is offered',
  },
  {
    id: 'authorize.pkce_form',
    spec: 'RFC 7636 §4.3; PK-04, PK-06, AT-T15',
    code: 'pkce_malformed',
    refuse: ({ parameters: { code_challenge, code_challenge_method } }) =>
      challengeFault(code_challenge, code_challenge_method),
  },
  {
    id: 'authorize.pkce_present',
    spec: 'RFC 9700 §2.1.1; PK-01, AT-V12',
    code: 'pkce_missing',
    refuse: ({ parameters, profile, app }) => {
      const needed = profile.pkce === 'required' || app?.authentication === 'none';
      return needed && parameters.code_challenge === null ? 'no challenge' : null;
    },
  },
  {
    id: 'authorize.resource',
    spec: 'RFC 8707 §2; contract §4 (resource)',
    code: 'resource_unknown',
    refuse: ({ app, parameters: { resource } }) => resourceFault(app, resource),
  },
  {
    id: 'authorize.scope',
    spec: 'RFC 6749 §3.3; CO-04, BR-03, AT-T2…AT-T6',
    code: 'scope_empty',
    refuse: (facts) => (askedScopes(facts) === 0 ? 'nothing known and registered is left' : null),
  },
];

export type Asked = Pick<
  RequestedAuthorization,
  'app' | 'dialect' | 'redirect_uri' | 'scopes' | 'state' | 'code_challenge' | 'resource' | 'nonce'
>;

/** The request that may be shown to the customer, or why not, with a callback only if validated. */
export function authorize(facts: AuthorizeFacts): Result<Asked> {
  const { app, parameters, profile } = facts;
  const page = firstRefusal(PAGE_RULES, profile, facts);
  if (page !== null) return refused(page);
  const redirect_uri = app === undefined ? null : usableRedirectUri(app, parameters.redirect_uri);
  if (app === undefined || redirect_uri === null) throw new Error('page rules let a bad one by');
  const refusal = firstRefusal(CALLBACK_RULES, profile, facts);
  if (refusal !== null) {
    const drop_state = refusal.parameter === 'state';
    const state = drop_state ? null : parameters.state;
    return refused({ ...refusal, callback: callbackOf(app, facts.issuer, redirect_uri, state) });
  }
  return accepted({
    app: app.id,
    dialect: profile.dialect,
    redirect_uri,
    scopes: askedScopes(facts),
    state: parameters.state,
    code_challenge: parameters.code_challenge,
    resource: parameters.resource,
    nonce: parameters.nonce,
  });
}

/** Where an answer goes, with `iss` unless the app opted out (RFC 9207 §2). */
export function callbackOf(
  app: App,
  issuer: string,
  redirect_uri: string,
  state: string | null,
): Callback {
  return { redirect_uri, state, iss: app.response_iss ? issuer : null };
}

/** Why tokens for this resource may not be asked for, or null. */
export function resourceFault(app: App | undefined, resource: string | null): string | null {
  return resource === null || app?.resources.includes(resource) === true
    ? null
    : 'not a resource of the app';
}

function askedScopes({ app, parameters, profile }: AuthorizeFacts): number {
  if (app === undefined) return 0;
  if (parameters.scope === null || profile.scope_policy === 'registered') return app.scopes;
  return scopeMask(parameters.scope) & app.scopes;
}
