/** What must not start (BOOT): each check says what to change. */
import { isIP } from 'node:net';
import { WORLD_NAMES, type WorldName } from '../core/world.ts';
import type { Mode, Settings } from './settings.ts';

export type BootFacts = {
  readonly mode: Mode;
  readonly settings: Settings;
  /** Command-line switches that only development may use. */
  readonly development_switches: readonly string[];
  /** True when the data directory holds demo records or development keys. */
  readonly holds_demo_data: boolean;
};

type BootCheck = {
  readonly id: string;
  readonly spec: string;
  /** One message per fault; empty when all is well. */
  readonly faults: (facts: BootFacts) => readonly string[];
};

/** In the order in which an operator would fix them. */
export const BOOT_CHECKS: readonly BootCheck[] = [
  {
    id: 'boot.no_development_switches',
    spec: 'SC-14, AD-09',
    faults: ({ mode, development_switches }) => mode === 'development' ? []
      : development_switches.map((name) => `${name} is for development: leave it out of serve`),
  },
  {
    id: 'boot.no_demo_data',
    spec: 'SC-14, AD-09',
    faults: ({ mode, holds_demo_data }) => mode === 'serve' && holds_demo_data
      ? ['the data directory was made by development mode: give serve a data_dir of its own']
      : [],
  },
  {
    id: 'boot.development_at_home',
    spec: 'AD-09',
    faults: ({ mode, settings }) => mode === 'development' && !isLoopback(settings.bind)
      ? ['bind: development mode has public secrets and no TLS: bind it to 127.0.0.1, or use serve']
      : [],
  },
  {
    id: 'boot.no_memory_store',
    spec: 'SC-14',
    faults: ({ mode, settings }) => mode === 'serve' && settings.store === 'memory'
      ? ['store: memory forgets everything at the end: set store to sqlite']
      : [],
  },
  {
    id: 'boot.no_danger',
    spec: 'SC-14',
    faults: ({ mode, settings }) => mode === 'development' ? [] : dangers(settings)
      .map((key) => `${key} is for load tests: leave it at its default under serve`),
  },
  {
    id: 'boot.https_issuer',
    spec: 'SC-14; RFC 9207 §2',
    faults: ({ mode, settings }) => mode === 'development' ? [] : worldsOf(settings)
      .flatMap((world) => originFaults(settings, world)),
  },
  {
    id: 'boot.header_text',
    spec: 'XS-09; RFC 9110 §5.5',
    faults: ({ settings }) => worldsOf(settings).flatMap((world) => headerFaults(settings, world)),
  },
  {
    id: 'boot.hosts',
    spec: 'contract §1',
    faults: ({ mode, settings }) => mode === 'development' ? [] : worldsOf(settings)
      .flatMap((world) => hostFaults(settings, world)),
  },
  {
    id: 'boot.api_hosts',
    spec: 'contract §1.3',
    faults: ({ settings }) => apiHostFaults(settings),
  },
  {
    id: 'boot.worlds_apart',
    spec: 'BR-05, EI-01, KM-07',
    faults: ({ settings }) => sharedFaults(settings),
  },
];

/** All faults, in order; the server starts only when there are none. */
export function bootFaults(facts: BootFacts): readonly string[] {
  return BOOT_CHECKS.flatMap((check) =>
    check.faults(facts).map((fault) => `${fault} (${check.id})`));
}

/** Settings whose name says that they weaken something and that are not at their default. */
export function dangers(settings: Settings): readonly string[] {
  const found: string[] = [];
  if (settings.danger_sqlite_synchronous !== 'FULL') found.push('danger_sqlite_synchronous');
  for (const key of DANGERS) if (settings[key]) found.push(key);
  return found;
}

const DANGERS = [
  'tradier.danger_limits_off', 'tradovate.danger_keyless_login', 'tradovate.danger_limits_off',
] as const;

/** Weakened rules of the dialects in use, listed at every start (RT-12, SC-14). */
export const WEAKENED: readonly string[] = [
  'tradier: PKCE is enforced when used, not demanded (clients authenticate with a secret)',
  'tradier: refresh tokens neither expire nor rotate (end them by act, customer or approval)',
  'tradier: redirect_uri is ignored at the token endpoint (codes are bound to the app)',
  'tradovate: PKCE is enforced when used, and demanded of public apps alone',
  'tradovate: programs may sign customers in by password, where an API key exists',
  'tradovate: renewed tokens live beside those before them, each to its own end',
];

export function worldsOf(settings: Settings): readonly WorldName[] {
  return WORLD_NAMES.filter((world) => settings.worlds.includes(world));
}

function originFaults(settings: Settings, world: WorldName): string[] {
  return (['issuer', 'pages_origin'] as const).flatMap((name) => {
    const key = `${world}.${name}` as const;
    const value = settings[key];
    if (value === '') return [`${key} is missing: set it to an https URL`];
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.protocol !== 'https:') {
      return [`${key} is not an https URL: tokens and pages need TLS`];
    }
    if (name === 'pages_origin' && url.origin !== value) {
      return [`${key} is more than an origin: write ${url.origin}`];
    }
    return /[?#]/.test(value) ? [`${key} has a query or a fragment: RFC 8414 allows none`] : [];
  });
}

/** Both end up in a `Location`: what is no address, or would split a header, must not start. */
function headerFaults(settings: Settings, world: WorldName): string[] {
  return (['issuer', 'pages_origin'] as const).flatMap((name) => {
    const key = `${world}.${name}` as const;
    const value = settings[key];
    if (value === '') return [];
    if (!/^[\x21-\x7e]*$/.test(value)) {
      return [`${key} holds a blank, a line break or a character beyond ASCII: leave it out`];
    }
    const web = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    return web ? [] : [`${key} is not an http or https URL`];
  });
}

/** `host` or `host:port`, as a Host header has it. */
const AUTHORITY = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/** A world needs the hosts of one dialect at least; one that lists some must list them all. */
function hostFaults(settings: Settings, world: WorldName): string[] {
  const keys = HOST_KEYS.filter((key) => settings[key][world] !== undefined);
  if (keys.length === 0) {
    const any = HOST_KEYS.map((key) => `${key}.${world}`).join(' or ');
    return [`${any} is missing: list its hosts`];
  }
  const faults = keys.flatMap((key) => roleFaults(settings, world, key));
  return [...faults, ...pagesHostFaults(settings, world)];
}

const HOST_KEYS = ['tradier.hosts', 'tradovate.hosts'] as const;

function roleFaults(
  settings: Settings,
  world: WorldName,
  dialect_key: (typeof HOST_KEYS)[number],
): string[] {
  const hosts: { readonly [role: string]: readonly string[] } = settings[dialect_key][world] ?? {};
  return Object.entries(hosts).flatMap(([role, names]) => {
    const key = `${dialect_key}.${world}.${role}`;
    if (names.length === 0) return [`${key} is empty: list a host`];
    return names.filter((name) => !AUTHORITY.test(name))
      .map((name) => `${key}: ${name} is not host or host:port: leave out scheme and path`);
  });
}

/** Browsers are sent to `pages_origin`; a host that is not listed would answer them 421. */
function pagesHostFaults(settings: Settings, world: WorldName): string[] {
  const origin = settings[`${world}.pages_origin`];
  if (!URL.canParse(origin)) return [];
  const { host } = new URL(origin);
  const listed = HOST_KEYS.flatMap((key) => settings[key][world]?.pages ?? []);
  const found = listed.some((name) => name.toLowerCase().replace(/:443$/, '') === host);
  const keys = HOST_KEYS.filter((key) => settings[key][world] !== undefined)
    .map((key) => `${key}.${world}.pages`);
  return found ? [] : [`${keys.join(' and ')} lacks ${host}, the host of ${world}.pages_origin`];
}

const API_HOSTS = [
  'live', 'demo', 'mdLive', 'mdDemo', 'replay', 'reportingLive', 'reportingDemo',
] as const;

function apiHostFaults(settings: Settings): string[] {
  const hosts = settings['tradovate.api_hosts'];
  const missing = API_HOSTS.filter((name) => hosts[name] === undefined);
  return missing.length === 0 || missing.length === API_HOSTS.length
    ? []
    : [`tradovate.api_hosts lacks ${missing.join(', ')}: name all seven hosts or none`];
}

function sharedFaults(settings: Settings): string[] {
  if (worldsOf(settings).length < 2) return [];
  const faults: string[] = [];
  const same = (key: 'issuer' | 'pages_origin' | 'master_key_file') =>
    settings[`live.${key}`] !== '' &&
    plainForm(settings[`live.${key}`]) === plainForm(settings[`paper.${key}`]);
  for (const key of ['issuer', 'pages_origin', 'master_key_file'] as const) {
    if (same(key)) faults.push(`live.${key} and paper.${key} are equal: worlds share nothing`);
  }
  const port = settings['live.port'];
  const lists_hosts = hostNames(settings, 'live').length + hostNames(settings, 'paper').length > 0;
  if (port !== 0 && port === settings['paper.port'] && !lists_hosts) {
    faults.push('live.port and paper.port are equal: give each world a port, or list hosts');
  }
  return [...faults, ...authorityFaults(settings)];
}

/** One spelling of an address, so that a slash or a capital does not part what is one. */
function plainForm(text: string): string {
  const spelled = URL.canParse(text) ? new URL(text).href : text;
  return spelled.replace(/\/+$/, '');
}

function authorityFaults(settings: Settings): string[] {
  const live = hostNames(settings, 'live');
  const paper = hostNames(settings, 'paper');
  const shared = live.filter((name) => paper.includes(name))
    .map((name) => `authority ${name} is listed for both worlds: give each its own`);
  const bare = (name: string) => name.replace(/:\d+$/, '');
  const by_port = live.filter((name) => !paper.includes(name) &&
    !isLoopback(bare(name)) && paper.some((other) => bare(other) === bare(name)))
    .map((name) => `host ${bare(name)} serves both worlds by port: only loopback may do that`);
  return [...shared, ...by_port];
}

function hostNames(settings: Settings, world: WorldName): string[] {
  const names = HOST_KEYS.flatMap((key): readonly string[] =>
    Object.values(settings[key][world] ?? {}).flat());
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  if (host === '[::1]' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
