/** What a token request must carry once its client is known (RFC 6749 §4.1.3, §6). */
import type { Commands } from '../../commands.ts';
import type { App } from '../../kinds/app.ts';
import type { GrantType } from '../../rules/profile.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import type { Refusal } from '../../rules/refusals.ts';
import { resourceFault } from '../authorize/authorize.ts';
import { verifierIsWellFormed } from '../../rules/pkce.ts';

export type TokenRequestFacts = {
  readonly command: Commands['token'];
  readonly app: App;
};

/** What kind of request it is; some dialects say so before they ask who sends it. */
export const GRANT_TYPE_RULES: readonly Rule<Pick<TokenRequestFacts, 'command'>>[] = [
  {
    id: 'token.grant_type_present',
    spec: 'RFC 6749 §4.1.3; AT-T38',
    code: 'request_malformed',
    refuse: ({ command }) =>
      command.grant_type === null ? missing('grant_type') : null,
  },
  {
    id: 'token.grant_type_offered',
    spec: 'RFC 6749 §5.2; RFC 9700 §2.4; AC-16',
    code: 'grant_type_unsupported',
    refuse: ({ command }) =>
      command.profile.grant_types.includes(command.grant_type as GrantType)
        ? null
        : 'the dialect does not offer this grant type',
  },
];

/** Order: what kind of request, may this app make it, is it complete. */
export const TOKEN_REQUEST_RULES: readonly Rule<TokenRequestFacts>[] = [
  ...GRANT_TYPE_RULES,
  {
    id: 'token.app_approved',
    spec: 'AT-T29; contract E5',
    code: 'client_not_approved',
    refuse: ({ app }) => (app.status === 'approved' ? null : `the app is ${app.status}`),
  },
  {
    id: 'token.code_present',
    spec: 'RFC 6749 §4.1.3',
    code: 'request_malformed',
    refuse: ({ command }) =>
      command.grant_type === 'authorization_code' && command.code === null
        ? missing('code')
        : null,
  },
  {
    id: 'token.verifier_form',
    spec: 'RFC 7636 §4.1; PK-06',
    code: 'request_malformed',
    // Where the grant type is judged first, a bad verifier is a mismatch like any other.
    when: (profile) => !profile.grant_type_first,
    refuse: ({ command }) =>
      command.grant_type === 'authorization_code' && command.code_verifier !== null &&
      !verifierIsWellFormed(command.code_verifier)
        ? { reason: 'not 43 to 128 unreserved characters', parameter: 'code_verifier' }
        : null,
  },
  {
    id: 'token.refresh_token_present',
    spec: 'RFC 6749 §6',
    code: 'request_malformed',
    refuse: ({ command }) =>
      command.grant_type === 'refresh_token' && command.refresh_token === null
        ? missing('refresh_token')
        : null,
  },
  {
    id: 'token.resource',
    spec: 'RFC 8707 §2.2; contract §5.1 (resource)',
    code: 'resource_unknown',
    refuse: ({ command, app }) => resourceFault(app, command.resource),
  },
];

export function refuseGrantType(command: Commands['token']): Refusal | null {
  return firstRefusal(GRANT_TYPE_RULES, command.profile, { command });
}

export function refuseTokenRequest(facts: TokenRequestFacts): Refusal | null {
  return firstRefusal(TOKEN_REQUEST_RULES, facts.command.profile, facts);
}

function missing(parameter: string) {
  return { reason: `${parameter} is missing`, parameter };
}
