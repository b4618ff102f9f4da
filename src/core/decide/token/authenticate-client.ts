/** Client authentication at the token endpoint (RFC 6749 §2.3.1, RFC 9700 §2.5). */
import type { App } from '../../kinds/app.ts';
import type { Profile } from '../../rules/profile.ts';
import { type Rule, firstRefusal } from '../../rules/rule.ts';
import type { Refusal } from '../../rules/refusals.ts';
import { equalInConstantTime } from '../../rules/secrets.ts';

export type ClientFacts = {
  readonly profile: Profile;
  /** Id and secret digest as presented, null when no credentials came; no digest = no secret. */
  readonly presented: { readonly id: string; readonly digest: string | null } | null;
  /** `client_id` in the body beside Basic. */
  readonly hint: string | null;
  readonly app: App | undefined;
  readonly now: number;
};

/** Compared when the app is unknown, so that both cases cost the same (EN-03). */
const NO_DIGEST = 'A'.repeat(43);

/** Order: an unknown app and a wrong secret are told apart by nobody but the operator. */
export const CLIENT_RULES: readonly Rule<ClientFacts>[] = [
  {
    id: 'client.presented',
    spec: 'RFC 6749 §2.3.1; CA-01',
    code: 'client_authentication_failed',
    refuse: ({ presented }) => (presented === null ? 'no client credentials' : null),
  },
  {
    id: 'client.hint',
    spec: 'RFC 6749 §2.3; CA-03',
    code: 'client_authentication_failed',
    refuse: ({ hint, presented }) =>
      hint !== null && hint !== presented?.id ? 'client_id in the body names another app' : null,
  },
  {
    id: 'client.secret',
    spec: 'RFC 6749 §2.3.1; CA-11; EN-03',
    code: 'client_authentication_failed',
    refuse: (facts) => (secretMatches(facts) ? null : secretFault(facts)),
  },
  {
    id: 'client.enabled',
    spec: 'CA-14; AT-T29',
    code: 'client_authentication_failed',
    refuse: ({ app }) => (app?.status === 'disabled' ? 'the app is disabled' : null),
  },
];

/** Null when the client proved who it is. */
export function refuseClient(facts: ClientFacts): Refusal | null {
  return firstRefusal(CLIENT_RULES, facts.profile, facts);
}

function secretMatches({ app, presented, profile, now }: ClientFacts): boolean {
  if (app?.authentication === 'none') {
    return presented?.digest === null && app.dialect === profile.dialect;
  }
  const secrets = app?.secrets ?? [{ digest: NO_DIGEST, since: 0, until: 0 }];
  let matches = false;
  for (const { digest, until } of secrets) {
    const equal = equalInConstantTime(digest, presented?.digest ?? '');
    if (equal && (until === null || now < until)) matches = true;
  }
  return matches && app?.dialect === profile.dialect;
}

function secretFault({ app, profile, presented }: ClientFacts): string {
  if (app === undefined) return 'no app of this id in this world';
  if (app.dialect !== profile.dialect) return 'an app of another dialect';
  if (app.authentication === 'none') return 'a secret of an app that has none';
  return presented?.digest === null ? 'no secret' : 'wrong secret';
}
