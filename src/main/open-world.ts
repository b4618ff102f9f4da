/** Opens one world: its store, keys and flows. Two worlds share nothing that is opened here. */
import { breachedPasswords } from '../adapters/breached-passwords.ts';
import { argon2Passwords, type Argon2Passwords } from '../adapters/argon2-passwords.ts';
import { openKeyring } from '../adapters/keys/keyring.ts';
import { createVault } from '../adapters/keys/vault.ts';
import { nodeDigests } from '../adapters/node-digests.ts';
import { createSigner } from '../adapters/signing/signer.ts';
import type { KeyModule } from '../adapters/signing/key-module.ts';
import { openPkcs11Module } from '../adapters/signing/pkcs11-module.ts';
import { createHandles } from '../adapters/tokens/handles.ts';
import { createSeals } from '../adapters/tokens/seals.ts';
import type { Mode, Settings } from '../config/settings.ts';
import { BootError } from '../core/boot-error.ts';
import type { World, WorldName } from '../core/world.ts';
import { bootstrapWorld } from '../flows/bootstrap.ts';
import type { FlowSettings } from '../flows/deps.ts';
import { type Flows, createFlows } from '../flows/dispatch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import { openMemoryStore } from '../store/memory.ts';
import { openSqliteStore } from '../store/sql/sqlite-store.ts';
import { openMasterKey, worldFiles } from './world-files.ts';

export type WorldStore<W extends WorldName> = Store & { readonly world: W };

export type OpenWorld = {
  readonly name: WorldName;
  readonly flows: Flows;
  readonly passwords: Argon2Passwords;
  readonly store: Store;
  /** True when this start made the world's first records. */
  readonly is_new: boolean;
  /** Where its signing keys are kept; null = in its own data. */
  readonly module: KeyModule | null;
};

/** What the worlds of one process share: the process's clock, randomness and log. */
export type ProcessParts = {
  readonly mode: Mode;
  readonly settings: Settings;
  readonly flow_settings: FlowSettings;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
};

export function openStore<W extends WorldName>(
  settings: Settings,
  world: W,
): Promise<WorldStore<W>> {
  if (settings.store === 'memory') return Promise.resolve(openMemoryStore(world));
  const synchronous = settings.danger_sqlite_synchronous as 'FULL' | 'NORMAL' | 'OFF';
  return openSqliteStore({ file: worldFiles(settings, world).database, world, synchronous });
}

/** The store of the other world does not fit here: it does not compile (EI-04). */
export async function openWorld<W extends WorldName>(
  parts: ProcessParts,
  world: World<W>,
  store: WorldStore<NoInfer<W>>,
): Promise<OpenWorld> {
  const { settings, mode, clock, entropy, log, flow_settings } = parts;
  const master_key = openMasterKey(settings, world.name, mode);
  const keyring = openKeyring({ master_key, world: world.name, clock, log });
  const module = await openKeyModule(settings, world.name);
  const passwords = argon2Passwords({
    memory_kib: settings['password.memory_kib'],
    iterations: settings['password.passes'],
    parallelism: settings['password.lanes'],
    concurrency: settings['password.concurrency'],
    queue_max: settings['password.queue'],
  });
  const flows = await createFlows({
    world,
    store,
    clock,
    entropy,
    digests: nodeDigests(master_key),
    passwords,
    handles: createHandles(keyring, world.name, entropy),
    seals: createSeals(keyring, world.name),
    signer: createSigner({ keys: keyring, world: world.name, module, beside: true }),
    keyring,
    vault: createVault(master_key, world.name),
    breached: breachedPasswords(settings['password.breached_file']),
    log,
  }, flow_settings);
  const is_new = await bootstrapWorld(flows.deps);
  return { name: world.name, flows, passwords, store, is_new, module };
}

/** The module that keeps a world's signing keys, when one is configured. */
async function openKeyModule(settings: Settings, world: WorldName): Promise<KeyModule | null> {
  const library = settings[`${world}.signing_module`];
  if (library === '') return null;
  const variable = settings[`${world}.signing_pin_env`];
  const pin = process.env[variable];
  if (variable === '' || pin === undefined) {
    throw new BootError(
      `the ${world} world's signing module needs its PIN: set ${world}.signing_pin_env to the ` +
        'name of a variable that holds it',
    );
  }
  return openPkcs11Module({ library, token: settings[`${world}.signing_token`], pin });
}
