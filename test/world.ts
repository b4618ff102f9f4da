/**
 * Starts Countersign as anyone would (`countersign dev --json --control …`) and hands out the two
 * worlds, the control listener and what the process said. Tests share one server a file:
 *
 *   const server = await startServer();
 *   after(server.stop);
 *   const { access_token } = await link(server.live, APPS.A2, 'u1');
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createControl } from './outside/control.ts';
import type { Control, ControlAddress } from './outside/control.ts';
import type { WorldName, WorldSite } from './outside/fixtures.ts';
import { seedRecords } from './outside/seed.ts';

export type ServerOptions = {
  /** Records of the seed file; null starts without one (the demo data then appears). */
  readonly seed?: object | null;
  /** Data directory; a fresh one, removed by `stop`, when absent. */
  readonly data?: string;
  /** Configuration keys, as `--set KEY=VALUE`. */
  readonly set?: { readonly [key: string]: string | number | boolean };
  /** Further arguments of the command. */
  readonly args?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  /** Arguments of Node itself. */
  readonly node_args?: readonly string[];
  /** File for stderr, for runs whose log would fill the memory; `log()` is then empty. */
  readonly log_file?: string;
  /** A command to run the server under, such as a tracer. */
  readonly under?: readonly string[];
};

export type Server = {
  readonly live: WorldSite;
  readonly paper: WorldSite;
  readonly control: Control;
  /** Address of the control listener, for rows about calls without its token. */
  readonly control_url: string;
  readonly data: string;
  /** Process id of what was started: the server itself, or what it runs under. */
  readonly pid: number;
  /** Everything written to stderr so far: the log, one JSON line a request. */
  readonly log: () => string;
  /** SIGTERM; throws unless the exit code is 0. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, and the end of the process. The data directory stays. */
  readonly kill: () => Promise<void>;
};

type Ready = {
  readonly ready: true;
  readonly live: string;
  readonly paper: string;
  readonly control: ControlAddress;
};

const ROOT = resolve(import.meta.dirname, '..');
const READY_MS = 30_000;
const STOP_MS = 15_000;

/** Starts a development server on free ports and waits until it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const own = options.data === undefined;
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const child = spawnServer(options, data);
  const written: string[] = [];
  child.stderr?.on('data', (part: Buffer) => written.push(part.toString()));
  const log = (): string => written.join('');
  const ended = new Promise<string>((done) => {
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  void ended.then(() => process.removeListener('exit', killNow));
  const clean = (): void => {
    rmSync(`${data}-seed.json`, { force: true });
    if (own) rmSync(data, { recursive: true, force: true });
  };
  const ready = await readReady(child, ended).catch((error: Error) => {
    killNow();
    clean();
    throw new Error(`${error.message}\n${log()}`);
  });
  hold(child, false);
  const site = (name: WorldName): WorldSite => ({ name, origin: ready[name].replace(/\/$/, '') });
  return {
    live: site('live'),
    paper: site('paper'),
    control: createControl(ready.control),
    control_url: ready.control.url,
    data,
    pid: child.pid ?? 0,
    log,
    stop: async () => {
      hold(child, true);
      child.kill('SIGTERM');
      const late = setTimeout(killNow, STOP_MS);
      const how = await ended;
      clearTimeout(late);
      clean();
      if (how !== 'exit code 0') throw new Error(`the server ended by ${how}\n${log()}`);
    },
    kill: async () => {
      hold(child, true);
      killNow();
      await ended;
    },
  };
}

/** A server that a failed test left behind must not keep the tests' own process alive. */
function hold(child: ChildProcess, held: boolean): void {
  const pipes = [child.stdout, child.stderr] as readonly (Socket | null)[];
  for (const handle of [child, ...pipes]) {
    if (held) handle?.ref();
    else handle?.unref();
  }
}

function spawnServer(options: ServerOptions, data: string): ChildProcess {
  const { seed = seedRecords(), set = {}, args = [], env = {}, node_args = [] } = options;
  const seed_args: string[] = [];
  if (seed !== null) {
    const file = `${data}-seed.json`;
    writeFileSync(file, JSON.stringify(seed));
    seed_args.push('--seed', file);
  }
  const command = [
    ...(options.under ?? []),
    process.execPath,
    ...node_args,
    join(ROOT, 'src/main.ts'),
    'dev',
    '--data', data, '--port', '0', '--paper-port', '0', '--json', '--control',
    ...seed_args,
    ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ...args,
  ];
  const [program = '', ...rest] = command;
  const log = options.log_file === undefined ? 'pipe' : openSync(options.log_file, 'a');
  const child = spawn(program, rest, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', log],
  });
  if (typeof log === 'number') closeSync(log);
  return child;
}

function readReady(child: ChildProcess, ended: Promise<string>): Promise<Ready> {
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error('the server is not ready')), READY_MS);
    const finish = (act: () => void): void => {
      clearTimeout(late);
      act();
    };
    child.once('error', (error) => finish(() => fail(error)));
    void ended.then((how) => finish(() => fail(new Error(`the server ended by ${how}`))));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      finish(() => {
        try {
          done(JSON.parse(line) as Ready);
        } catch {
          fail(new Error(`the first line on stdout is no JSON: ${line}`));
        }
      });
    });
  });
}
