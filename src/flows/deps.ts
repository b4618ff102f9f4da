/** What the flows of one world stand on. Built in main; the first argument of every flow. */
import type { Registrations } from '../core/decide/manage/app-rules.ts';
import type { World, WorldName } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';
import type { Digests } from '../ports/digests.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Handles } from '../ports/handles.ts';
import type { Keyring } from '../ports/keyring.ts';
import type { BreachedPasswords } from '../ports/breached-passwords.ts';
import type { Log } from '../ports/log.ts';
import type { Passwords } from '../ports/passwords.ts';
import type { Seals } from '../ports/seals.ts';
import type { Signer } from '../ports/signer.ts';
import type { Store } from '../ports/store.ts';
import type { Vault } from '../ports/vault.ts';
import type { ApiCounters } from './limits/api-counters.ts';
import type { FailureCounters } from './limits/failure-counters.ts';
import type { RollingCounters } from './limits/rolling-counters.ts';
import type { Turns } from './limits/turns.ts';
import type { SocketRegistry } from './session/socket-registry.ts';
import type { WindowKeys } from './token/window-keys.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The ports of one world. */
export type Ports<W extends WorldName = WorldName> = {
  readonly world: World<W>;
  /** The world is part of the store's type: the other one's does not fit (EI-04). */
  readonly store: Store & { readonly world: W };
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly digests: Digests;
  readonly passwords: Passwords;
  readonly handles: Handles;
  readonly seals: Seals;
  readonly signer: Signer;
  readonly keyring: Keyring;
  readonly vault: Vault;
  readonly breached: BreachedPasswords;
  readonly log: Log;
};

/** Settings that flows obey; names as in docs/config.md. */
export type FlowSettings = {
  /** Switches every limit of LIMITS and the profiles off, for load tests. */
  readonly danger_limits_off: boolean;
  /** How long a rotating refresh token's lost reply is repeated (RP-11). */
  readonly refresh_retry_s: number;
  /** What apps and API keys of each dialect are registered as. */
  readonly registrations: Registrations;
};

/** Ports plus what the flows of one world share: built once by `openWorld`. */
export type Deps<W extends WorldName = WorldName> = Ports<W> & {
  readonly settings: FlowSettings;
  readonly work: UnitOfWork;
  readonly api_counters: ApiCounters;
  readonly failures: FailureCounters;
  readonly rolling: RollingCounters;
  readonly turns: Turns;
  readonly window_keys: WindowKeys;
  readonly sockets: SocketRegistry;
};
