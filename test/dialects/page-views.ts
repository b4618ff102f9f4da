/** Views as flows would give them, for tests of the pages. */
import { AREAS } from '../../src/core/rules/scopes/areas.ts';
import { SCOPES, scopeMask, scopesOf } from '../../src/core/rules/scopes/scopes.ts';
import type {
  AccountView, AppView, ConnectionsView, ConsentView, ScopeView, SessionView, SignInView,
} from '../../src/core/views.ts';
import type { WorldName } from '../../src/core/world.ts';

export const NOW = Date.UTC(2026, 10, 24, 19, 40, 5);

export const ORCHARD: AppView = {
  id: 'Ax7Qm2Lp9Rt4Vb8Nc1Ws5Ye3Uk6Hj0Ga',
  name: 'Orchard Portfolio',
  home_page: 'https://www.orchard.example/about',
  logo: 'https://cdn.orchard.example/logo.png',
  publisher_verified: true,
};

export const NIGHTJAR: AppView = {
  id: 'Bz3Kd8Fs6Gh1Jl4Mn7Pq2Rv5Tx9Wy0Cb',
  name: 'Nightjar Signals',
  home_page: null,
  logo: null,
  publisher_verified: false,
};

export const ACCOUNTS: { readonly [W in WorldName]: readonly AccountView[] } = {
  live: [
    { number: '6YA00001', type: 'margin', classification: 'individual', status: 'active' },
    { number: '6YA00002', type: 'cash', classification: 'roth_ira', status: 'active' },
  ],
  paper: [
    { number: 'VA000001', type: 'margin', classification: 'individual', status: 'active' },
  ],
};

export function scopeViews(...words: readonly string[]): ScopeView[] {
  return SCOPES.filter(({ word }) => words.length === 0 || words.includes(word));
}

/** Areas as `Orders:Read`; without words every area at the highest level there is. */
export function areaViews(...words: readonly string[]): ScopeView[] {
  const every = AREAS.map(({ name }) => `${name}:FullAccess`);
  return scopesOf(scopeMask(words.length === 0 ? every : words));
}

/** What an app of a chart program would ask for. */
export const CHART_AREAS = [
  'Accounting:Read', 'Alerts:FullAccess', 'ContractLibrary:Read', 'Orders:FullAccess',
  'Positions:Read', 'Prices:Read', 'Risks:FullAccess', 'Users:Read',
] as const;

export const DEVICE = '8f14e45f-ceea-467f-a9c1-2c8d1b7f0e52';

export function sessionView(change: Partial<SessionView> = {}): SessionView {
  return {
    id: 'Sb2Xk9Qm4Tz',
    app_name: 'Ladder Desk',
    app_version: '2.4.1',
    device: DEVICE,
    address: '203.0.113.77',
    opened_at: NOW - 95 * 60_000,
    last_used_at: NOW - 40_000,
    scopes: areaViews(),
    ...change,
  };
}

/** Two programs that signed in; the older one sent neither device nor version. */
export function sessionViews(): SessionView[] {
  return [
    sessionView(),
    sessionView({
      id: 'Sc7Lp1Wd8Rn', app_name: 'nightly-report.py', app_version: null, device: null,
      address: '2001:db8:85a3::8a2e:370:7334', opened_at: NOW - 26 * 3_600_000,
      last_used_at: NOW - 9 * 3_600_000,
      scopes: areaViews('Accounting:Read', 'Orders:Read', 'Positions:Read', 'Users:Read'),
    }),
  ];
}

export function signInView(world: WorldName, change: Partial<SignInView> = {}): SignInView {
  return { world, app: ORCHARD, csrf: 'csrf-1', request: `cs_${world}_req_1`, name: '', ...change };
}

export function consentView(world: WorldName, change: Partial<ConsentView> = {}): ConsentView {
  return {
    world,
    app: ORCHARD,
    customer_name: 'Alice Moreau',
    redirect_host: 'app.orchard.example',
    form_target: null,
    scopes: scopeViews(),
    accounts: ACCOUNTS[world],
    access_token_lifetime_s: 86_399,
    stays_connected: true,
    grant_lifetime_s: null,
    csrf: 'csrf-2',
    request: `cs_${world}_req_1`,
    ...change,
  };
}

export function connectionsView(
  world: WorldName,
  change: Partial<ConnectionsView> = {},
): ConnectionsView {
  return {
    world,
    customer_name: 'Alice Moreau',
    connections: [
      {
        app: ORCHARD, scopes: scopeViews(), grants: 2, since: NOW - 40 * 86_400_000,
        last_used_at: NOW - 3 * 3_600_000, stays_connected: true, ends_at: NOW + 50 * 86_400_000,
      },
      {
        app: NIGHTJAR, scopes: scopeViews('read', 'market'), grants: 1, since: NOW - 7_200_000,
        last_used_at: NOW - 20_000, stays_connected: false, ends_at: null,
      },
    ],
    sessions: [],
    personal_token: { issued_at: NOW - 9 * 86_400_000 },
    accounts: ACCOUNTS[world],
    csrf: 'csrf-3',
    now: NOW,
    ...change,
  };
}
