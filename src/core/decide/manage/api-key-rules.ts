/** What an API key may be registered as; the same rules for acts and seed files. */
import { type Refusal } from '../../rules/refusals.ts';
import { type ActRule, judge, nameFault } from './judge.ts';

/** Stands for the owner of a key that signs in everybody. */
export const PARTNER = 'partner';

export type ApiKeyDraft = {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  /** True for a key of a partner, which signs in everybody. */
  readonly partner: boolean;
  readonly first_party: boolean;
  readonly challenge_required: boolean;
  readonly has_password: boolean;
};

const SECRET_MIN = 32;
const SECRET_MAX = 256;

export const API_KEY_DRAFT_RULES: readonly ActRule<ApiKeyDraft>[] = [
  rule('api_key.id', 'contract §3', 'cid', ({ id }) =>
    /^[1-9][0-9]{0,8}$/.test(id) ? null : 'must be 1 to 9 digits, the first not 0'),
  rule('api_key.name_form', 'contract §3; XS-02', 'name', ({ name }) => nameFault(name)),
  rule('api_key.secret_form', 'contract §3; DR-03', 'secret', ({ secret }) =>
    /^[A-Za-z0-9_-]*$/.test(secret) && secret.length >= SECRET_MIN && secret.length <= SECRET_MAX &&
      new Set(secret).size > 7
      ? null
      : `must be ${SECRET_MIN} to ${SECRET_MAX} random characters of [A-Za-z0-9_-]`),
  rule('api_key.challenge', 'contract §12.3', 'challenge_required', (facts) =>
    facts.challenge_required && !facts.first_party ? 'only a first-party key answers them' : null),
  // With a partner's key it would be one password for every customer.
  rule('api_key.password', 'contract §3, §6', 'password', ({ partner, has_password }) =>
    partner && has_password ? 'only a customer\'s own key has a password' : null),
];

export function refuseApiKeyDraft(draft: ApiKeyDraft): Refusal | null {
  return judge(API_KEY_DRAFT_RULES, draft);
}

function rule(
  id: string,
  spec: string,
  parameter: string,
  refuse: (facts: ApiKeyDraft) => string | null,
): ActRule<ApiKeyDraft> {
  return { id, spec, code: 'act_malformed', parameter, refuse };
}
