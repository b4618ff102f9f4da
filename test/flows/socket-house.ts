/** The flows of streams over a memory store, with tokens whose text says what they are. */
import type { CommandContext, SocketState } from '../../src/core/commands.ts';
import type { Grant } from '../../src/core/kinds/grant.ts';
import type { Kind, Kinds } from '../../src/core/kinds/kinds.ts';
import type { Roster } from '../../src/core/kinds/roster.ts';
import type { Profile } from '../../src/core/rules/profile.ts';
import type { RefusalCode } from '../../src/core/rules/refusals.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { createApiCounters } from '../../src/flows/limits/api-counters.ts';
import { createSocketRegistry } from '../../src/flows/session/socket-registry.ts';
import {
  closeSocketFlow, openSocketFlow, watchSocketFlow,
} from '../../src/flows/session/sockets.ts';
import { openUnitOfWork } from '../../src/flows/unit-of-work.ts';
import type { VersionedChange } from '../../src/ports/store.ts';
import { NOW } from '../core/facts.ts';
import { watchedStore } from './watched-store.ts';

export const MINUTE = 60_000;
export const LIFE = 80 * MINUTE;
const ISSUER = 'https://issuer.example';

export const PROFILE = {
  dialect: 'plain',
  access_tokens: 'jwt',
  issuer: null,
  world_words: { live: 'live', paper: 'demo' },
  access_token_lifetime_s: 4800,
  access_tokens_live_max: 100,
  sessions: { live_max: 2, token_lifetime_s: 4800, device_needed: [], keyless: false },
  call_limits: null,
  limit_exempt: [],
} as unknown as Profile;

const CUSTOMERS = ['customer001', 'customer002'] as const;
const EPOCHS = { standing: 1, credentials: 1 } as const;

/** `customer session|grant number`, e.g. `1 sS1 1`: what a token's text is here. */
type TokenText = `${1 | 2} ${'s' | 'g'}${string} ${number}${'' | ' streams' | ' expired'}`;

export type SocketHouse = {
  readonly deps: Deps;
  readonly clock: { ms: number; now(): number };
  /** Events in the order they were written: `action object detail`. */
  events(): Promise<readonly string[]>;
  open(socket: string, token: TokenText | null, address?: string): Promise<RefusalCode | 'open'>;
  state(socket: string): Promise<SocketState>;
  close(socket: string): void;
  record<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined>;
  change<K extends Kind>(kind: K, id: string, value: Kinds[K]): Promise<void>;
};

export async function socketHouse(profile: Partial<Profile> = {}): Promise<SocketHouse> {
  const store = watchedStore();
  const clock = { ms: NOW, now: () => clock.ms };
  await store.behind(records());
  const parts = { store, clock, log: { write: () => undefined } };
  const deps = {
    ...parts,
    world: { name: 'live', issuer: ISSUER, pages_origin: '' },
    signer: { open: claimsOf },
    settings: { danger_limits_off: false },
    work: await openUnitOfWork(parts, 'live'),
    sockets: createSocketRegistry(),
    api_counters: createApiCounters(),
  } as unknown as Deps;
  const used = { ...PROFILE, ...profile };
  const context = (address: string): CommandContext => ({ address, request_id: 'r' });
  return {
    deps,
    clock,
    async events() {
      return store.batches.flatMap(({ atoms }) => atoms.flatMap(({ events }) =>
        events.map(({ action, object, detail }) => `${action} ${object} ${detail}`)));
    },
    async open(socket, bearer, address = '192.0.2.1') {
      const command = { profile: used, socket, bearer };
      const result = await openSocketFlow(deps, command, context(address));
      return result.ok ? 'open' : result.refusal.code;
    },
    async state(socket) {
      const result = await watchSocketFlow(deps, { socket }, context('192.0.2.1'));
      if (!result.ok) throw new Error(result.refusal.reason);
      return result.value.state;
    },
    close: (socket) => void closeSocketFlow(deps, { socket }),
    async record<K extends Kind>(kind: K, id: string) {
      const [stored] = await store.read([{ kind, id }]);
      return stored?.value as Kinds[K] | undefined;
    },
    async change(kind, id, value) {
      await deps.work.run({
        keys: [{ kind, id }],
        decide: () => ({
          result: { ok: true, value: null },
          changes: [{ kind, id, value } as VersionedChange],
          events: [],
        }),
      }, { actor: 'test', address: '', request_id: '' });
    },
  };
}

function claimsOf(text: string) {
  const [customer, name = '', number, of] = text.split(' ');
  if (number === undefined) return 'malformed';
  const id = `customer00${customer}`;
  return {
    iss: ISSUER,
    aud: of === 'streams' ? `${ISSUER}/streams` : ISSUER,
    iat: NOW / 1000,
    exp: (NOW + (of === 'expired' ? -1 : LIFE)) / 1000,
    env: 'live',
    sid: `${name[0]}${id}${name.slice(1)}`,
    jti: `${number}.demo`,
  };
}

/** Each customer has the sessions S1 and S2, and the grant G1. */
function records(): VersionedChange[] {
  const of = (customer: string): VersionedChange[] => [
    {
      kind: 'customer', id: customer, version: 0,
      value: {
        id: customer, login_name: customer, status: 'active', epochs: EPOCHS,
        accounts: [], delegated_accounts: [],
      } as unknown as Kinds['customer'],
    },
    { kind: 'roster', id: customer, version: 0, value: rosterOf(customer) },
    { kind: 'grant', id: `${customer}G1`, version: 0, value: grantOf(customer) },
  ];
  return [
    { kind: 'world', id: 'live', version: 0, value: WORLD },
    { kind: 'app', id: 'app', version: 0, value: APP as Kinds['app'] },
    { kind: 'api-key', id: '8', version: 0, value: KEY as Kinds['api-key'] },
    ...CUSTOMERS.flatMap(of),
  ];
}

const WORLD = { name: 'live', epoch: 1, created_at: 0, clock_floor: 0 };
const APP = { id: 'app', dialect: 'plain', status: 'approved', epoch: 1, scopes: 0 } as unknown;
const KEY = { id: '8', dialect: 'plain', status: 'active', epoch: 1, scopes: 0 } as unknown;

function rosterOf(customer: string): Roster {
  const session = {
    dialect: 'plain', api_key: '8', device: null, device_needed: false, app_version: null,
    address: '192.0.2.1',
    opened_at: NOW, last_used_at: NOW, tokens_end_at: NOW + LIFE, last_number: 1,
    ended_numbers: '', epochs: { ...EPOCHS, api_key: 1, world: 1 },
  } as const;
  return {
    customer,
    sessions: [{ ...session, id: 'S1' }, { ...session, id: 'S2' }],
    evicted: [],
    blocked_devices: [],
  };
}

function grantOf(customer: string): Grant {
  return {
    customer, app: 'app', dialect: 'plain', scopes: 0, begun_at: NOW, ends_at: null,
    epochs: { standing: 1, app: 1, refresh: 1, world: 1 }, state: { is: 'live' },
    last_number: 2, ended_numbers: '', refresh: null, resource: null, chain_began_at: NOW,
    last_used_at: NOW,
  };
}
