/** `countersign dev` and `countersign serve`: start, say that it is ready, end in good order. */
import { readFileSync } from 'node:fs';
import { jsonLog } from '../adapters/json-log.ts';
import { memoryMail } from '../adapters/memory-mail.ts';
import { WEAKENED, dangers } from '../config/boot-checks.ts';
import type { Mode } from '../config/settings.ts';
import type { Log, LogLevel } from '../ports/log.ts';
import { openAdminSocket } from './admin-socket.ts';
import { type Control, openControl } from './control.ts';
import { DEMO_SEED } from './demo-data.ts';
import { START_HELP, type StartFlags, readStartFlags } from './options.ts';
import { startScreen } from './screen.ts';
import { seedServer } from './seed-server.ts';
import { type RunningServer, startServer } from './server.ts';
import { adminSocket, markDevelopment } from './world-files.ts';

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
  const server = await startServer({ mode, settings, log, development_switches });
  listWeakened(mode, flags, log);
  const control = await prepareDevelopment(mode, flags, server);
  const admin = await openAdminSocket(adminSocket(settings.data_dir), server.worlds, log);
  sayReady(mode, flags, { server, control });
  await untilSignal();
  await control?.close();
  await admin.close();
  await server.stop();
  log.flush();
  return 0;
}

/** Demo or seed records on the first start; the control listener when asked for. */
async function prepareDevelopment(
  mode: Mode,
  flags: StartFlags,
  server: RunningServer,
): Promise<Control | null> {
  if (mode === 'serve') return null;
  markDevelopment(flags.settings.data_dir);
  const is_new = server.worlds.some((world) => world.is_new);
  if (flags.seed_file !== null && is_new) {
    await seedServer(server, JSON.parse(readFileSync(flags.seed_file, 'utf8')));
  } else if (is_new) {
    await seedServer(server, DEMO_SEED);
  }
  return flags.control ? await openControl(server, memoryMail()) : null;
}

function sayReady(
  mode: Mode,
  { settings, json }: StartFlags,
  { server, control }: { readonly server: RunningServer; readonly control: Control | null },
): void {
  const origins = Object.fromEntries(server.worlds.map(({ name, origin }) => [name, origin]));
  if (json) {
    const about = control === null ? {} : { control: { url: control.url, token: control.token } };
    process.stdout.write(`${JSON.stringify({ ready: true, ...origins, ...about })}\n`);
  } else if (mode === 'development') {
    process.stdout.write(startScreen(server, { data_dir: settings.data_dir, control }));
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
