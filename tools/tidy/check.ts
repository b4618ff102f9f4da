import { arrowRules } from './rules/arrows.ts';
import { banRules } from './rules/bans.ts';
import { deadRules } from './rules/dead.ts';
import { interfaceRules } from './rules/interfaces.ts';
import { leakRules } from './rules/leaks.ts';
import { nameRules } from './rules/names.ts';
import { sizeRules } from './rules/size.ts';
import type { Hit, Rule, Source } from './source.ts';

/** A hit with the rule it breaks and the advice to print. */
export type Finding = Required<Hit> & { readonly rule: string };

/** Every rule of form, in the order in which they are listed by --help. */
export const RULES: readonly Rule[] = [
  ...sizeRules,
  ...nameRules,
  ...arrowRules,
  ...banRules,
  ...interfaceRules,
  ...leakRules,
  ...deadRules,
];

/** Judges all files by all rules; the answer is in the order of files and lines. */
export function findUntidy(sources: readonly Source[]): Finding[] {
  return RULES.flatMap((rule) =>
    rule.check(sources).map((hit) => ({ instead: rule.instead, ...hit, rule: rule.id })),
  ).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}
