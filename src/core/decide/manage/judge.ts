/** Rule tables of acts: they hold in every dialect, so no profile takes part. */
import type { Rule } from '../../rules/rule.ts';
import { type Refusal } from '../../rules/refusals.ts';

/** A rule without a profile, with the argument its refusal names. */
export type ActRule<F> = Omit<Rule<F>, 'when'> & {
  readonly code: 'act_malformed';
  readonly parameter: string;
};

/** The first refusal of an ordered table, or null when every rule passes. */
export function judge<F>(table: readonly ActRule<F>[], facts: F): Refusal | null {
  for (const { id, code, parameter, refuse } of table) {
    const answer = refuse(facts);
    if (answer === null) continue;
    const more = typeof answer === 'string' ? { reason: answer } : answer;
    return { code, rule: id, parameter, ...more };
  }
  return null;
}

/** Control, format (zero-width, bidi), surrogate, private-use and unassigned characters. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const NAME_MAX = 80;

/** Why a text is no name to show to people, or null (XS-02). */
export function nameFault(name: string): string | null {
  if (name.trim() === '') return 'a name has at least one visible character';
  if (name !== name.trim()) return 'a name neither begins nor ends with a blank';
  if (Array.from(name).length > NAME_MAX) return `a name has at most ${NAME_MAX} characters`;
  if (INVISIBLE.test(name)) return 'a name holds no control, zero-width or direction characters';
  return null;
}
