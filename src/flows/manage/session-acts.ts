/** Acts on trading sessions and devices. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import { endSessions, setDeviceBlocked } from '../../core/decide/manage/manage-session.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import type { Roster } from '../../core/kinds/roster.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, sessionView } from './act-views.ts';
import { findCustomer, readOne } from './find.ts';

export async function listSessionsAct(
  { deps }: ActScene,
  args: FlowActArgs<'session.list'>,
): Promise<Result<View>> {
  const found = await findCustomer(deps, args.customer);
  if (!found.ok) return found;
  const customer = found.value;
  const roster = await readOne(deps, 'roster', customer.id);
  const { resident } = deps.work;
  const sessions = (roster?.sessions ?? []).map((session) => sessionView(session, {
    customer, roster, api_key: resident.apiKey(session.api_key), world: resident.world(),
  }, deps.clock.now()));
  return accepted({ sessions });
}

export async function endSessionAct(
  scene: ActScene,
  args: FlowActArgs<'session.end'>,
): Promise<Result<View>> {
  const found = await findCustomer(scene.deps, args.customer);
  if (!found.ok) return found;
  const { id } = found.value;
  return runActWork<{ readonly ended: number }>(scene, {
    keys: [{ kind: 'roster', id }],
    decide: (facts) => endSessions(facts.get('roster', id), args.session ?? null),
  });
}

export const blockDeviceAct = deviceAct(true);
export const unblockDeviceAct = deviceAct(false);

function deviceAct(blocked: boolean) {
  return async (
    scene: ActScene,
    args: FlowActArgs<'device.block'>,
  ): Promise<Result<View>> => {
    const found = await findCustomer(scene.deps, args.customer);
    if (!found.ok) return found;
    const { id } = found.value;
    const result = await runActWork<Changed<Roster>>(scene, {
      keys: [{ kind: 'roster', id }],
      decide: (facts) => setDeviceBlocked(
        { customer: id, roster: facts.get('roster', id) }, args.device, blocked,
      ),
    });
    if (!result.ok) return result;
    const { record, changed } = result.value;
    return accepted({ customer: id, blocked_devices: record.blocked_devices, changed });
  };
}
