/** All flows of one world behind one function: command name → flow. */
import type {
  CommandContext, CommandName, Commands, Dispatch, Outcomes,
} from '../core/commands.ts';
import { LIMITS } from '../core/rules/profile.ts';
import type { Result } from '../core/rules/refusals.ts';
import { authorizeFlow } from './authorize/authorize.ts';
import { decideConsentFlow } from './authorize/decide-consent.ts';
import { openRequestFlow } from './authorize/open-request.ts';
import type { Deps, FlowSettings, Ports } from './deps.ts';
import { createApiCounters } from './limits/api-counters.ts';
import { createFailureCounters } from './limits/failure-counters.ts';
import { createRollingCounters } from './limits/rolling-counters.ts';
import { createTurns } from './limits/turns.ts';
import { runAct } from './manage/run-act.ts';
import {
  checkTokenFlow, readPermissionsFlow, readProfileFlow,
} from './session/check-token.ts';
import {
  changePersonalTokenFlow, endConnectionsFlow, endSessionFlow, showConnectionsFlow, signOutFlow,
} from './session/connections.ts';
import { readIdentityFlow, renewTokenFlow } from './session/identity.ts';
import { openSessionFlow } from './session/open-session.ts';
import { countCallFlow, issueChallengeFlow, readKeysFlow } from './session/small-calls.ts';
import { createSocketRegistry } from './session/socket-registry.ts';
import { closeSocketFlow, openSocketFlow, watchSocketFlow } from './session/sockets.ts';
import { showSignInFlow, signInFlow } from './sign-in/sign-in.ts';
import { tokenFlow } from './token/token.ts';
import { createWindowKeys } from './token/window-keys.ts';
import { openUnitOfWork } from './unit-of-work.ts';

type Flow<N extends CommandName> = (
  deps: Deps,
  command: Commands[N],
  context: CommandContext,
) => Result<Outcomes[N]> | Promise<Result<Outcomes[N]>>;

const FLOWS: { readonly [N in CommandName]: Flow<N> } = {
  authorize: authorizeFlow,
  open_request: openRequestFlow,
  show_sign_in: showSignInFlow,
  sign_in: signInFlow,
  decide_consent: decideConsentFlow,
  show_connections: showConnectionsFlow,
  end_connections: endConnectionsFlow,
  change_personal_token: changePersonalTokenFlow,
  end_session: endSessionFlow,
  sign_out: signOutFlow,
  open_session: openSessionFlow,
  renew_token: renewTokenFlow,
  read_identity: readIdentityFlow,
  read_permissions: readPermissionsFlow,
  issue_challenge: issueChallengeFlow,
  count_call: countCallFlow,
  read_keys: readKeysFlow,
  open_socket: openSocketFlow,
  watch_socket: watchSocketFlow,
  close_socket: closeSocketFlow,
  token: tokenFlow,
  check_token: checkTokenFlow,
  read_profile: readProfileFlow,
  act: runAct,
};

export type Flows = {
  readonly dispatch: Dispatch;
  readonly deps: Deps;
  /** Resolves when every command has its answer; the store may be closed then. */
  drained(): Promise<void>;
};

/**
 * Opens the flows of one world over its ports. `settings` is read at each use, so that a
 * development control may change it while running.
 */
export async function createFlows(ports: Ports, settings: FlowSettings): Promise<Flows> {
  const work = await openUnitOfWork(ports, ports.world.name);
  const failures = createFailureCounters({ ...ports, off: () => settings.danger_limits_off });
  const deps: Deps = {
    ...ports,
    settings,
    work,
    failures,
    api_counters: createApiCounters(),
    rolling: createRollingCounters({ ...ports, window_s: LIMITS.penalty_window_s }),
    window_keys: createWindowKeys({ ...ports, work, retry_s: () => settings.refresh_retry_s }),
    turns: createTurns(),
    sockets: createSocketRegistry(),
  };

  async function dispatch<N extends CommandName>(
    name: N,
    command: Commands[N],
    context: CommandContext,
  ): Promise<Result<Outcomes[N]>> {
    const flow: Flow<N> = FLOWS[name];
    return flow(deps, command, context);
  }

  return { dispatch, deps, drained: () => work.drained() };
}
