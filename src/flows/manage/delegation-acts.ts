/** Acts on delegations. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import {
  type DelegationFacts, endDelegation, grantDelegation,
} from '../../core/decide/manage/manage-delegation.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import type { Decision } from '../../core/decision.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import type { View } from './act-views.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { findCustomer } from './find.ts';

export function grantDelegationAct(
  scene: ActScene,
  args: FlowActArgs<'delegation.grant'>,
): Promise<Result<View>> {
  return delegationAct(scene, args, grantDelegation);
}

export function endDelegationAct(
  scene: ActScene,
  args: FlowActArgs<'delegation.end'>,
): Promise<Result<View>> {
  return delegationAct(scene, args, endDelegation);
}

async function delegationAct(
  scene: ActScene,
  args: FlowActArgs<'delegation.grant'>,
  decide: (facts: DelegationFacts) => Decision<Changed<Customer>>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, args.advisor);
  if (!found.ok) return found;
  const { id } = found.value;
  const result = await runActWork<Changed<Customer>>(scene, {
    keys: [{ kind: 'customer', id }],
    shares: [{ kind: 'account', id: args.account }],
    decide: (facts) => decide({
      account: facts.get('account', args.account),
      advisor: facts.get('customer', id),
    }),
  });
  if (!result.ok) return result;
  const { record, changed } = result.value;
  return accepted({ advisor: record.id, delegated_accounts: record.delegated_accounts, changed });
}
