/** Composes a server: both worlds, their dialects, one HTTP adapter, the operators' socket. */
import { type SettableClock, settableClock, systemClock } from '../adapters/system-clock.ts';
import { poolEntropy } from '../adapters/pool-entropy.ts';
import { bootFaults, worldsOf } from '../config/boot-checks.ts';
import type { Mode, Settings } from '../config/settings.ts';
import { BootError } from '../core/boot-error.ts';
import type { WorldName } from '../core/world.ts';
import type { FlowSettings } from '../flows/deps.ts';
import { recordStop } from '../flows/bootstrap.ts';
import { type BoundPort, bindPort } from '../http/bound-port.ts';
import { type HttpServer, createHttpServer } from '../http/server.ts';
import type { Log } from '../ports/log.ts';
import { authoritiesOf, streamWorldOf, worldOf } from './authorities.ts';
import { countingDispatch } from './counting-dispatch.ts';
import { type StoreCounts, countingStore } from './counting-store.ts';
import {
  type DialectSettings, REGISTRATIONS, composeDialects, dialectSettings, limitsOff,
} from './dialects.ts';
import { refuseDemoData } from './demo/refuse-demo-data.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Lifetimes, createLifetimes } from './lifetimes.ts';
import { type OpenWorld, type ProcessParts, openStore, openWorld } from './open-world.ts';
import {
  isDevelopment, makeDataDirectory, markDevelopment, masterKeysAreShared, seedingWasInterrupted,
} from './world-files.ts';

export type StartOptions = {
  readonly mode: Mode;
  readonly settings: Settings;
  readonly log: Log;
  /** Names of development-only switches that were given. */
  readonly development_switches: readonly string[];
};

export type StartedWorld = OpenWorld & {
  readonly port: number;
  readonly origin: string;
  readonly counts: StoreCounts;
  readonly counted: ReturnType<typeof countingDispatch>;
};

export type RunningServer = {
  readonly worlds: readonly StartedWorld[];
  /** The clock that the control listener may set; null under `serve`, whose time is its own. */
  readonly settable_clock: SettableClock | null;
  /** Live settings: the control listener may change those that are read at each use. */
  readonly dialects: DialectSettings;
  readonly flow_settings: { -readonly [K in keyof FlowSettings]: FlowSettings[K] };
  readonly lifetimes: Lifetimes;
  readonly log: Log;
  /** Orderly end: no new requests, answers of those in flight, the last event, closed stores. */
  stop(): Promise<void>;
};

/** @throws BootError with what must be changed before it may start */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { mode, settings, log } = options;
  refuseToStart(options);
  makeDataDirectory(settings.data_dir);
  if (mode === 'development') markDevelopment(settings.data_dir);
  const prepared = await prepareWorlds(settings);
  const floor = Math.max(0, ...prepared.map((one) => one.floor));
  const settable_clock = mode === 'serve' ? null : settableClock(floor);
  const clock = settable_clock ?? systemClock(floor);
  const dialects = dialectSettings(settings);
  const flow_settings = {
    danger_limits_off: limitsOff(dialects),
    refresh_retry_s: settings.refresh_retry_s,
    registrations: REGISTRATIONS,
  };
  const parts = { mode, settings, flow_settings, clock, entropy: poolEntropy(), log };
  const lifetimes = createLifetimes();
  const worlds: StartedWorld[] = [];
  try {
    for (const one of prepared) worlds.push(await one.open(parts));
    if (mode === 'serve') await refuseDemoData(worlds);
  } catch (error) {
    for (const one of prepared) await one.abandon();
    throw error;
  }
  const http = composeHttp(options, { worlds, dialects, lifetimes, entropy: parts.entropy });
  for (const { bound } of prepared) http.serve(bound);
  const housekeeping = startHousekeeping({ worlds, clock, log });
  return {
    worlds,
    settable_clock,
    dialects,
    flow_settings,
    lifetimes,
    log,
    async stop() {
      housekeeping.stop();
      await http.close();
      for (const { flows, store, module } of worlds) {
        await recordStop(flows.deps);
        await flows.drained();
        await store.close();
        module?.close();
      }
    },
  };
}

function refuseToStart({ mode, settings, development_switches }: StartOptions): void {
  const holds_demo_data = isDevelopment(settings.data_dir);
  const faults = [...bootFaults({ mode, settings, development_switches, holds_demo_data })];
  if (masterKeysAreShared(settings, worldsOf(settings))) {
    faults.push('both worlds have the same master key: give each one of its own');
  }
  if (settings.store === 'sqlite' && seedingWasInterrupted(settings.data_dir)) {
    faults.push(
      `the first start on ${settings.data_dir} was interrupted while it stored its records: ` +
        'remove that directory and start again',
    );
  }
  if (faults.length > 0) throw new BootError(faults.join('\n'));
}

/** A world whose port is bound and whose store is open; the store stays inside, with its type. */
type PreparedWorld = {
  readonly bound: BoundPort;
  /** The latest time its store has seen, epoch ms. */
  readonly floor: number;
  open(parts: ProcessParts): Promise<StartedWorld>;
  abandon(): Promise<void>;
};

/** All worlds or none: one that cannot be prepared lets the others go. */
async function prepareWorlds(settings: Settings): Promise<readonly PreparedWorld[]> {
  const prepared: PreparedWorld[] = [];
  try {
    for (const world of worldsOf(settings)) prepared.push(await prepareWorld(settings, world));
  } catch (error) {
    for (const one of prepared) await one.abandon();
    throw error;
  }
  return prepared;
}

async function prepareWorld<W extends WorldName>(
  settings: Settings,
  name: W,
): Promise<PreparedWorld> {
  const bound = await bindWorld(settings, name);
  const { port } = bound;
  try {
    const { store, counts } = countingStore(await openStore(settings, name));
    return {
      bound,
      floor: await store.latestTime(),
      async open(parts) {
        const opened = await openWorld(parts, worldOf(settings, name, port), store);
        const counted = countingDispatch(opened.flows.dispatch);
        return { ...opened, port, origin: `http://127.0.0.1:${port}`, counts, counted };
      },
      async abandon() {
        bound.server.close();
        await store.close();
      },
    };
  } catch (error) {
    bound.server.close();
    throw error;
  }
}

async function bindWorld(settings: Settings, world: WorldName): Promise<BoundPort> {
  const port = settings[`${world}.port`];
  try {
    return await bindPort(settings.bind, port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const option = world === 'live' ? '--port' : '--paper-port';
    throw new BootError(
      `the ${world} world cannot listen on ${settings.bind}:${port} (${code}): ` +
        `end what uses it, or choose another with ${option} (key ${world}.port)`,
    );
  }
}

function composeHttp(
  { mode, settings, log, development_switches }: StartOptions,
  made: Pick<RunningServer, 'worlds' | 'dialects' | 'lifetimes'> & {
    readonly entropy: ReturnType<typeof poolEntropy>;
  },
): HttpServer {
  const { worlds, dialects, lifetimes, entropy } = made;
  const secure = mode === 'serve';
  const watched = development_switches.includes('--control');
  const sites = Object.fromEntries(worlds.map(({ name, flows }) => [name, flows.deps.world]));
  const pages = {
    secure_cookies: secure,
    development: !secure,
    worlds: sites,
    brand: settings.brand,
    get sessions_max() {
      return dialects.tradovate.max_sessions;
    },
  };
  return createHttpServer({
    dialects: composeDialects(dialects, {
      pages,
      worlds: sites,
      stream_worlds: Object.fromEntries(worlds.map(({ flows, port }) =>
        [flows.deps.world.name, streamWorldOf(settings, flows.deps.world, port)])),
    }),
    authorities: worlds.flatMap(({ name, port }) =>
      authoritiesOf(mode, settings, { world: name, port })),
    dispatch: Object.fromEntries(worlds.map(({ name, flows, counted }) => {
      if (secure) return [name, flows.dispatch];
      return [name, lifetimes.over(watched ? counted.dispatch : flows.dispatch)];
    })),
    log,
    entropy,
    trusted_proxies: settings.trusted_proxies,
    secure,
  });
}
