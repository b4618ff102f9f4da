/** One server with both dialects, and the apps, keys and customers of the matrices. */
import { APPS, demoApp } from '../../outside/fixtures.ts';
import type { App, WorldName } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, demoApiKey, demoRegistration, demoUser, tradovateSeed,
} from '../../outside/tradovate-fixtures.ts';
import type { ApiKey, Registration } from '../../outside/tradovate-fixtures.ts';
import { AREAS } from '../../../src/core/rules/scopes/areas.ts';
import { VOCABULARIES } from '../../../src/core/rules/scopes/scopes.ts';
import { startServer } from '../../world.ts';
import type { Server } from '../../world.ts';

const GRANTED_TO_KEYS_ALONE = new Set(
  AREAS.filter(({ offers_full }) => !offers_full).map(({ name }) => `${name}:FullAccess`),
);

/** May do all that an app can be allowed, so that no permission hides what a place reads. */
export const BOTH = demoRegistration('both worlds', {
  id: '41000',
  redirect_uri: 'https://both.example/cb',
  permissions: VOCABULARIES.areas.map(({ word }) => word)
    .filter((word) => !GRANTED_TO_KEYS_ALONE.has(word)),
  resources: ['https://api.both.example/one', 'https://api.both.example/two'],
});

/** Clients and keys that one world alone knows. */
export const ONLY: {
  readonly [W in WorldName]: {
    readonly app: App;
    readonly registration: Registration;
    readonly key: ApiKey;
  };
} = {
  live: {
    app: demoApp('onlylive', { redirect_uris: ['https://only.example/cb'], worlds: ['live'] }),
    registration: demoRegistration('only live', { id: '41001', worlds: ['live'] }),
    key: demoApiKey(41, { worlds: ['live'] }),
  },
  paper: {
    app: demoApp('onlypaper', { redirect_uris: ['https://only.example/cb'], worlds: ['paper'] }),
    registration: demoRegistration('only paper', { id: '41002', worlds: ['paper'] }),
    key: demoApiKey(42, { worlds: ['paper'] }),
  },
};

/** Besides the fixtures' own. */
export const bob = demoUser('bob');

const tradier_apps = [...Object.values<App>(APPS), ONLY.live.app, ONLY.paper.app];
const { apps } = seedRecords(tradier_apps, []) as { readonly apps: readonly object[] };

/** Every call may come from an address of its own, so that no limit meets any of them. */
export function startBoth(): Promise<Server> {
  return startServer({
    seed: tradovateSeed({
      apps,
      registrations: [
        ...Object.values<Registration>(REGISTRATIONS), BOTH,
        ONLY.live.registration, ONLY.paper.registration,
      ],
      api_keys: [...Object.values<ApiKey>(API_KEYS), ONLY.live.key, ONLY.paper.key],
      users: [...Object.values(USERS), bob],
    }),
    set: {
      trusted_proxies: '["127.0.0.1"]',
      'tradier.aliases': true,
      'tradovate.example_resources': true,
    },
  });
}

let addresses = 0;

/** An address in a /24 of its own, to know a call's line in the log by. */
export function freshAddress(): string {
  addresses += 1;
  return `${11 + (addresses >> 16)}.${(addresses >> 8) & 255}.${addresses & 255}.7`;
}

export const from = (address: string) => ['X-Forwarded-For', address] as const;
