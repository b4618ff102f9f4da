/** The form of a rule: ordered rows, each with its section, applied to typed facts. */
import type { Profile } from './profile.ts';
import type { Refusal, RefusalCode } from './refusals.ts';

/** What a rule answers: null = passes, a text = refuses for this private reason. */
export type RuleAnswer = string | null | (Partial<Refusal> & { readonly reason: string });

export type Rule<F> = {
  /** Unique over all tables; stands in logs, audit and docs/rules.md. */
  readonly id: string;
  /** Section or contract row this rule rests on. */
  readonly spec: string;
  readonly code: RefusalCode;
  /** Applies only where the profile says so; absent = everywhere. */
  readonly when?: (profile: Profile) => boolean;
  readonly refuse: (facts: F) => RuleAnswer;
};

/** The first refusal of an ordered table, or null when every rule passes. */
export function firstRefusal<F>(
  table: readonly Rule<F>[],
  profile: Profile,
  facts: F,
): Refusal | null {
  for (const rule of table) {
    if (rule.when !== undefined && !rule.when(profile)) continue;
    const answer = rule.refuse(facts);
    if (answer === null) continue;
    const more = typeof answer === 'string' ? { reason: answer } : answer;
    return { code: rule.code, rule: rule.id, ...more };
  }
  return null;
}
