/** `countersign dev` and `countersign serve`: start, say that it is ready, end in good order. */
import { readFileSync } from 'node:fs';
import { jsonLog } from '../adapters/json-log.ts';
import { memoryMail } from '../adapters/memory-mail.ts';
import { WEAKENED, dangers } from '../config/boot-checks.ts';
import type { Mode, Settings } from '../config/settings.ts';
import { BootError } from '../core/boot-error.ts';
import type { Seed } from '../core/seed/seed-form.ts';
import type { Log, LogLevel } from '../ports/log.ts';
import { openAdminSocket } from './operate/admin-socket.ts';
import { type Control, openControl } from './operate/control.ts';
import { type DemoCallback, openDemoCallback } from './demo/demo-callback.ts';
import { DEMO_SEED } from './demo/demo-data.ts';
import { START_HELP, type StartFlags, readStartFlags } from './options.ts';
import { startScreen } from './screen.ts';
import { judgeSeed, seedServer } from './operate/seed-server.ts';
import { type RunningServer, startServer } from './server.ts';
import { adminSocket, whileSeeding } from './world-files.ts';

/** Starts and stays until a signal; resolves with the exit code. */
export async function start(mode: Mode, args: readonly string[]): Promise<number> {
  const flags = readStartFlags(args);
  if (flags.help) {
    const name = mode === 'serve' ? 'serve' : 'dev';
    process.stdout.write(`countersign ${name} [options]\n${START_HELP}`);
    return 0;
  }
  const { settings } = flags;
  const log = jsonLog(process.stderr, settings.log_level as LogLevel);
  const development_switches = [
    ...(flags.control ? ['--control'] : []),
    ...(flags.seed_file === null ? [] : ['--seed']),
  ];
  // Judged before anything is created: a wrong file leaves no half-made data behind.
  const seed = mode === 'serve' ? null : readSeedFile(flags.seed_file);
  const server = await startServer({ mode, settings, log, development_switches });
  listWeakened(mode, flags, log);
  if (seed !== null) await storeSeed(server, seed, settings);
  const control = flags.control ? await openControl(server, memoryMail()) : null;
  const admin = await openAdminSocket(adminSocket(settings.data_dir), server.worlds, log);
  const shows_demo = mode === 'development' && !flags.json && flags.seed_file === null;
  const callback = shows_demo ? await openDemoCallback() : null;
  // Before it says so: who reads "ready" may end it at once.
  const ended = untilSignal();
  sayReady(mode, flags, { server, control, callback });
  await ended;
  await callback?.close();
  await control?.close();
  await admin.close();
  await server.stop();
  log.flush();
  return 0;
}

/** Stores the records in the worlds that this start has made; lifetimes hold at each start. */
async function storeSeed(server: RunningServer, seed: Seed, settings: Settings): Promise<void> {
  const fresh = server.worlds.filter(({ is_new }) => is_new);
  try {
    if (fresh.length > 0) await whileSeeding(settings.data_dir, () => seedServer(fresh, seed));
  } catch (error) {
    await server.stop();
    throw error;
  }
  server.lifetimes.set(seed.lifetimes ?? {});
}

/** The records of the first start: the seed file's, or the demo's when there is none. */
function readSeedFile(file: string | null): Seed {
  if (file === null) return judgeSeed(DEMO_SEED);
  try {
    return judgeSeed(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof BootError) throw error;
    const why = error instanceof Error ? error.message : 'unknown';
    throw new BootError(`the seed file ${file} cannot be read as JSON: ${why}`);
  }
}

type Ready = {
  readonly server: RunningServer;
  readonly control: Control | null;
  readonly callback: DemoCallback | null;
};

function sayReady(
  mode: Mode,
  { settings, json, seed_file }: StartFlags,
  { server, control, callback }: Ready,
): void {
  const origins = Object.fromEntries(server.worlds.map(({ name, origin }) => [name, origin]));
  if (json) {
    const about = control === null ? {} : { control: { url: control.url, token: control.token } };
    process.stdout.write(`${JSON.stringify({ ready: true, ...origins, ...about })}\n`);
  } else if (mode === 'development') {
    const facts = { data_dir: settings.data_dir, control, callback, seed_file };
    process.stdout.write(startScreen(server, facts));
  } else {
    const listening = server.worlds.map(({ name, origin }) => `${name} on ${origin}`).join(', ');
    process.stdout.write(`Countersign serves ${listening}.\n`);
  }
}

/** Every weakened rule and danger is said at every start (RT-12, SC-14). */
function listWeakened(mode: Mode, { settings }: StartFlags, log: Log): void {
  for (const weakened of WEAKENED) log.write('info', 'weakened by design', { weakened });
  for (const key of dangers(settings)) log.write('warn', 'danger setting', { key, mode });
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
