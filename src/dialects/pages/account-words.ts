/** Accounts in words. */
import type { AccountView } from '../../core/views.ts';

const CLASSIFICATIONS: { readonly [word: string]: string } = {
  individual: 'Individual',
  entity: 'Entity',
  joint_survivor: 'Joint',
  traditional_ira: 'Traditional IRA',
  roth_ira: 'Roth IRA',
  rollover_ira: 'Rollover IRA',
  sep_ira: 'SEP IRA',
};

/** `Roth IRA, cash` or `Individual, margin, closed`. */
export function accountWords(account: AccountView): string {
  const kind = CLASSIFICATIONS[account.classification] ?? account.classification;
  const words = [kind, account.type];
  if (account.status !== 'active') words.push(account.status);
  return words.join(', ');
}
