/** Runs the command as a shell would, and reads what it says. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { runActCommand } from '../../src/cli/run-act.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/main.ts');
const LATE_MS = 30_000;

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

export type RunOptions = {
  readonly input?: string;
  readonly env?: { readonly [name: string]: string };
};

/** `countersign …` to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawnMain(args, options.env);
  child.stdin?.end(options.input ?? '');
  return ended(child);
}

/** An act as the command line runs it, without a process of its own. */
export async function runHere(args: readonly string[], input = ''): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await runActCommand(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    input: Readable.from([input]),
    data_dir: '.countersign',
  });
  return { code, out, err };
}

export type Started = {
  readonly child: ChildProcess;
  /** What stdout and stderr hold so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when stdout matches. */
  readonly says: (words: RegExp) => Promise<void>;
  readonly end: (signal: NodeJS.Signals) => Promise<Ran>;
};

/** Starts a server that stays; `end` it. */
export function start(args: readonly string[], env: RunOptions['env'] = {}): Started {
  const child = spawnMain(args, env);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (err += part.toString()));
  const result = ended(child);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    child,
    out: () => out,
    err: () => err,
    says: async (words) => {
      const late = Date.now() + LATE_MS;
      while (!words.test(out)) {
        const over = child.exitCode !== null || Date.now() > late;
        if (over) throw new Error(`not said:\n${out}${err}`);
        await new Promise((resume) => setTimeout(resume, 20));
      }
    },
    end: async (signal) => {
      child.kill(signal);
      const ran = await result;
      process.removeListener('exit', kill);
      return ran;
    },
  };
}

/** A fresh folder, removed when the file's tests are over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function spawnMain(args: readonly string[], env: RunOptions['env'] = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT, env: { ...process.env, ...env }, stdio: 'pipe',
  });
}

async function ended(child: ChildProcess): Promise<Ran> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (err += part.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), LATE_MS * 2);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  return { code, out, err };
}
