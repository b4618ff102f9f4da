/** Runs an operator's act by name: its arguments are checked by its row, then its flow runs. */
import type { CommandContext, Commands, Outcomes } from '../../core/commands.ts';
import type { EventDraft } from '../../core/events.ts';
import { checkArgs } from '../../core/decide/manage/acts/act-form.ts';
import {
  ACTS, FLOW_ACTS, type FlowActArgs, type FlowActName,
} from '../../core/decide/manage/acts/acts.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { sourceOf } from '../record-event.ts';
import type { ActScene } from './act-work.ts';
import type { View } from './act-views.ts';
import {
  changeApiKeyAct, createApiKeyAct, disableApiKeyAct, enableApiKeyAct, listApiKeysAct,
  rotateApiKeySecretAct, showApiKeyAct,
} from './api-key-acts.ts';
import {
  approveAppAct, changeAppAct, createAppAct, disableAppAct, grantApprovalAct, listAppsAct,
  listApprovalsAct, rotateSecretAct, showAppAct, withdrawApprovalAct,
} from './app-acts.ts';
import {
  closeAccountAct, createAccountAct, createCustomerAct, endPersonalTokenAct, listAccountsAct,
  listCustomersAct, setPasswordAct, setStatusAct, showAccountAct, showCustomerAct,
} from './customer-acts.ts';
import { endDelegationAct, grantDelegationAct } from './delegation-acts.ts';
import {
  endGrantAct, endLoginAct, listGrantsAct, listLoginsAct, showGrantAct,
} from './grant-acts.ts';
import { listKeysAct, rotateKeyAct } from './key-acts.ts';
import {
  blockDeviceAct, endSessionAct, listSessionsAct, unblockDeviceAct,
} from './session-acts.ts';

type RunAct<N extends FlowActName> = (
  scene: ActScene,
  args: FlowActArgs<N>,
) => Promise<Result<View>>;

const ACT_FLOWS: { readonly [N in FlowActName]: RunAct<N> } = {
  'app.create': createAppAct,
  'app.list': listAppsAct,
  'app.show': showAppAct,
  'app.approve': approveAppAct,
  'app.disable': disableAppAct,
  'app.change': changeAppAct,
  'app.rotate-secret': rotateSecretAct,
  'approval.grant': grantApprovalAct,
  'approval.withdraw': withdrawApprovalAct,
  'approval.list': listApprovalsAct,
  'customer.create': createCustomerAct,
  'customer.list': listCustomersAct,
  'customer.show': showCustomerAct,
  'customer.set-status': setStatusAct,
  'customer.set-password': setPasswordAct,
  'account.create': createAccountAct,
  'account.list': listAccountsAct,
  'account.show': showAccountAct,
  'account.close': closeAccountAct,
  'delegation.grant': grantDelegationAct,
  'delegation.end': endDelegationAct,
  'grant.list': listGrantsAct,
  'grant.show': showGrantAct,
  'grant.end': endGrantAct,
  'login.list': listLoginsAct,
  'login.end': endLoginAct,
  'personal-token.end': endPersonalTokenAct,
  'api-key.create': createApiKeyAct,
  'api-key.list': listApiKeysAct,
  'api-key.show': showApiKeyAct,
  'api-key.disable': disableApiKeyAct,
  'api-key.enable': enableApiKeyAct,
  'api-key.change': changeApiKeyAct,
  'api-key.rotate-secret': rotateApiKeySecretAct,
  'session.list': listSessionsAct,
  'session.end': endSessionAct,
  'device.block': blockDeviceAct,
  'device.unblock': unblockDeviceAct,
  'key.list': listKeysAct,
  'key.rotate': rotateKeyAct,
};

/** Runs an act; one that would have changed something and was refused leaves an event (AU-06). */
export async function runAct(
  deps: Deps,
  { act: name, args }: Commands['act'],
  context: CommandContext,
): Promise<Result<Outcomes['act']>> {
  const result = await tryAct({ deps, context }, name, args);
  if (!result.ok && ACTS[name]?.reads_only !== true) {
    await recordRefusal(deps, context, result.refusal);
  }
  return result;
}

/** Unknown acts and wrong arguments are refused before anything is read. */
async function tryAct(
  scene: ActScene,
  name: string,
  args: Commands['act']['args'],
): Promise<Result<View>> {
  if (!isFlowAct(name)) {
    const known = Object.keys(ACTS).join(', ');
    const reason = `no act of this name; there are: ${known}`;
    return refused({ code: 'act_unknown', rule: 'act.known', reason });
  }
  const checked = checkArgs(FLOW_ACTS[name], args);
  if (!checked.ok) return checked;
  const run = ACT_FLOWS[name] as RunAct<FlowActName>;
  // The row that checked these arguments is the one they are typed from.
  return run(scene, checked.value as never);
}

async function recordRefusal(
  deps: Deps,
  context: CommandContext,
  { rule }: Refusal,
): Promise<void> {
  const event: EventDraft = { action: 'act.refused', outcome: 'refused', detail: rule };
  await deps.work.run({
    keys: [],
    decide: () => ({ result: accepted(null), changes: [], events: [event] }),
  }, sourceOf(context, 'operator'));
}

function isFlowAct(name: string): name is FlowActName {
  return Object.hasOwn(FLOW_ACTS, name);
}
