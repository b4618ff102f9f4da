/** The real flows of one world over a memory store, with a settable clock and seeded randomness. */
import { createSecretKey } from 'node:crypto';
import { openKeyring } from '../../src/adapters/keys/keyring.ts';
import { createVault } from '../../src/adapters/keys/vault.ts';
import { nodeDigests } from '../../src/adapters/node-digests.ts';
import { createHandles } from '../../src/adapters/tokens/handles.ts';
import { createSigner } from '../../src/adapters/signing/signer.ts';
import { createSeals } from '../../src/adapters/tokens/seals.ts';
import type { CommandContext, CommandName, Commands, Outcomes } from '../../src/core/commands.ts';
import type { Registrations } from '../../src/core/decide/manage/app-rules.ts';
import type { ApiKey } from '../../src/core/kinds/api-key.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import { SECRET_PURPOSES, SIGNING_PURPOSES, type SigningKey } from '../../src/core/kinds/key.ts';
import type { Kind, Kinds } from '../../src/core/kinds/kinds.ts';
import type { Profile } from '../../src/core/rules/profile.ts';
import type { Result } from '../../src/core/rules/refusals.ts';
import { type FlowSettings } from '../../src/flows/deps.ts';
import { type Flows, createFlows } from '../../src/flows/dispatch.ts';
import type { Entropy } from '../../src/ports/entropy.ts';
import type { Passwords } from '../../src/ports/passwords.ts';
import type { VersionedChange } from '../../src/ports/store.ts';
import {
  DIALECT, NOW, apiKeyFor, appFor, customerFor, profileFor, worldFor,
} from '../core/facts.ts';
import { type WatchedStore, watchedStore } from './watched-store.ts';

export const PASSWORD = 'demo password';
export const SECRET = 'demo-secret';

/** A password that the list of breached ones holds, by whomever it is used. */
export const BREACHED = 'demo breached';

export type House = {
  readonly store: WatchedStore;
  readonly flows: Flows;
  readonly clock: { ms: number; now(): number };
  readonly settings: { danger_limits_off: boolean; refresh_retry_s: number };
  readonly profile: Profile;
  readonly logged: string[];
  /** Runs a command from an address; a fault rejects. */
  send<N extends CommandName>(
    name: N, command: Commands[N], address?: string,
  ): Promise<Result<Outcomes[N]>>;
  /** A record as the store has it. */
  record<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined>;
};

export type HouseOptions = {
  readonly apps?: readonly App[];
  readonly customers?: readonly Customer[];
  readonly api_keys?: readonly ApiKey[];
  readonly profile?: Partial<Profile>;
  readonly seed?: number;
};

/** Passwords whose hash is the password, so that flows cost nothing. */
const plainPasswords: Passwords = {
  hash: (password) => Promise.resolve(`plain:${password}`),
  verify: (hash, password) => Promise.resolve(hash === `plain:${password}`),
  outdated: () => false,
};

export function appWithSecret(over: Partial<App> = {}): App {
  const secrets = [{ digest: SECRET_DIGEST, since: 0, until: null }];
  return appFor({ secrets, ...over });
}

export function customerWithPassword(over: Partial<Customer> = {}): Customer {
  return customerFor({ password_hash: `plain:${PASSWORD}`, ...over });
}

/** A partner's key whose secret is SECRET. */
export function apiKeyWithSecret(over: Partial<ApiKey> = {}): ApiKey {
  return apiKeyFor({ secret: { is: 'digest', digest: SECRET_DIGEST }, ...over });
}

/** The dialect of every test registers what `appFor` is. */
const REGISTRATIONS: Registrations = {
  first: DIALECT,
  of: {
    [DIALECT]: {
      client_id: 'text', vocabulary: 'words', authentications: ['client_secret', 'none'],
      redirect_uri_modes: ['strict', 'ignore'],
      default_scopes: null,
    },
  },
};

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { apps = [appWithSecret()], customers = [customerWithPassword()], api_keys = [] } = options;
  const store = watchedStore();
  const clock = { ms: NOW, now: () => clock.ms };
  const logged: string[] = [];
  const log = { write: (_level: string, message: string) => void logged.push(message) };
  const entropy = seededEntropy(options.seed ?? 1);
  const keyring = openKeyring({ master_key: MASTER_KEY, world: 'live', clock, log });
  const times = { created_at: NOW, active_from: 0 };
  const signer = createSigner({ keys: keyring, world: 'live', module: null });
  signing_keys ??= Promise.all(
    SIGNING_PURPOSES.map((purpose) => signer.createKey(purpose, 1, times)),
  );
  keyring.load([
    ...SECRET_PURPOSES.map((purpose) => keyring.create(purpose, 1, times)),
    ...(await signing_keys),
  ]);
  await store.behind(seedRecords(apps, customers, api_keys));
  const settings = {
    danger_limits_off: false, refresh_retry_s: 30, registrations: REGISTRATIONS,
  } satisfies FlowSettings;
  const flows = await createFlows({
    world: { name: 'live', issuer: 'https://issuer.example', pages_origin: 'https://p.example' },
    store, clock, entropy, digests: DIGESTS, passwords: plainPasswords, keyring, log,
    handles: createHandles(keyring, 'live', entropy),
    seals: createSeals(keyring, 'live'), signer,
    vault: createVault(MASTER_KEY, 'live'),
    breached: { find: (_name, password) => (password === BREACHED ? 'password' : null) },
  }, settings);
  let requests = 0;
  return {
    store, flows, clock, settings, logged,
    profile: profileFor(options.profile),
    send(name, command, address = '192.0.2.1') {
      const context: CommandContext = { address, request_id: `r${++requests}` };
      return flows.dispatch(name, command, context);
    },
    async record<K extends Kind>(kind: K, id: string) {
      const [stored] = await store.read([{ kind, id }]);
      return stored?.value as Kinds[K] | undefined;
    },
  };
}

const MASTER_KEY = createSecretKey(Buffer.alloc(32, 7));
const DIGESTS = nodeDigests(MASTER_KEY);
/** Slow to draw: one set for all houses of a process, which share the master key. */
let signing_keys: Promise<readonly SigningKey[]> | undefined;
const SECRET_DIGEST = DIGESTS.sha256(SECRET);

function seedRecords(
  apps: readonly App[],
  customers: readonly Customer[],
  api_keys: readonly ApiKey[],
): VersionedChange[] {
  return [
    { kind: 'world', id: 'live', value: worldFor(), version: 0 },
    ...apps.map((app) => ({ kind: 'app', id: app.id, value: app, version: 0 }) as const),
    ...api_keys.map((key) => ({ kind: 'api-key', id: key.id, value: key, version: 0 }) as const),
    ...customers.flatMap((customer) => [
      { kind: 'customer', id: customer.id, value: customer, version: 0 } as const,
      {
        kind: 'login-name', id: customer.login_name, value: { customer: customer.id }, version: 0,
      } as const,
      {
        kind: 'customer-number', id: String(customer.number), value: { customer: customer.id },
        version: 0,
      } as const,
      ...customer.accounts.map((number) => ({
        kind: 'account', id: number, value: accountOf(customer.id, number), version: 0,
      }) as const),
    ]),
  ];
}

function accountOf(customer: string, number: string) {
  return {
    number, customer, classification: 'individual', type: 'margin', status: 'active',
    day_trader: false, option_level: 2, created_at: NOW, updated_at: NOW,
  } as const;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Repeatable, evenly spread text (mulberry32); only for tests. */
export function seededEntropy(seed: number): Entropy {
  const next = seededNumbers(seed);
  const drawn = (length: number, alphabet: string) => Array.from(
    { length }, () => alphabet.charAt(Math.floor(next() * alphabet.length)),
  ).join('');
  return {
    base62: (length) => drawn(length, BASE62),
    digits: (length) => drawn(1, '123456789') + drawn(length - 1, '0123456789'),
  };
}

/** Numbers from 0 up to 1, the same for the same seed. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
