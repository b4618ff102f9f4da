/** The form of a rule table's tests: each rule passes something and refuses something. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Refusal, RefusalCode } from '../../src/core/rules/refusals.ts';

export type RuleCases<F> = {
  /** Facts, by what they are, that the whole table lets pass; each lies close to the rule. */
  readonly passes: { readonly [says: string]: F };
  /** Facts that this rule refuses and no earlier one does. */
  readonly refuses: { readonly [says: string]: F };
};

type AnyRule = { readonly id: string; readonly spec: string; readonly code: RefusalCode };

export type TableUnderTest<F> = {
  readonly name: string;
  readonly table: readonly AnyRule[];
  /** Judges facts by the whole table. */
  readonly judge: (facts: F) => Refusal | null;
  readonly cases: { readonly [rule: string]: RuleCases<F> };
};

/** Cases of one table from two places. */
export function mergedCases<F>(
  some: TableUnderTest<F>['cases'],
  more: TableUnderTest<F>['cases'],
): TableUnderTest<F>['cases'] {
  const rules = [...new Set([...Object.keys(some), ...Object.keys(more)])];
  return Object.fromEntries(rules.map((rule) => [rule, {
    passes: { ...some[rule]?.passes, ...more[rule]?.passes },
    refuses: { ...some[rule]?.refuses, ...more[rule]?.refuses },
  }]));
}

/** Registers the tests of one table; a rule without both kinds of case fails. */
export function testRules<F>({ name, table, judge, cases }: TableUnderTest<F>): void {
  describe(name, () => {
    it('has a passing and a refusing case for every rule and for no other', () => {
      assert.deepEqual(withBoth(cases), table.map((rule) => rule.id).sort());
    });
    for (const rule of table) testRule(rule, judge, cases[rule.id]);
  });
}

function withBoth<F>(cases: TableUnderTest<F>['cases']): string[] {
  return Object.entries(cases)
    .filter(([, { passes, refuses }]) =>
      Object.keys(passes).length > 0 && Object.keys(refuses).length > 0)
    .map(([id]) => id)
    .sort();
}

function testRule<F>(
  rule: AnyRule,
  judge: TableUnderTest<F>['judge'],
  cases: RuleCases<F> = { passes: {}, refuses: {} },
): void {
  for (const [says, facts] of Object.entries(cases.passes)) {
    it(`${rule.id} lets pass: ${says}`, () => {
      assert.equal(judge(facts), null);
    });
  }
  for (const [says, facts] of Object.entries(cases.refuses)) {
    it(`${rule.id} refuses: ${says}`, () => {
      const refusal = judge(facts);
      assert.equal(refusal?.rule, rule.id);
      assert.equal(refusal.code, rule.code);
      assert.notEqual(refusal.reason.trim(), '');
    });
  }
}
