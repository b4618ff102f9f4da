/** The processes of a run: the generator, the floor, and what a process has cost so far. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FloorAnswer } from './floor.ts';
import type { Job, LoadResult } from './generator.ts';

export type Generator = {
  readonly run: (job: Job) => Promise<LoadResult>;
  readonly stop: () => void;
};

export type Floor = {
  readonly port: number;
  readonly pid: number;
  readonly answerWith: (answer: FloorAnswer) => Promise<void>;
  readonly stop: () => void;
};

/** Ticks a second in /proc/<pid>/stat: fixed at 100 on Linux whatever the kernel's own. */
const TICK_US = 10_000;

export function startGenerator(): Generator {
  const child = start('./generator.ts');
  return {
    run: async (job) => {
      child.send(job);
      const { result, error } = (await reply(child)) as { result?: LoadResult; error?: string };
      if (result !== undefined) return result;
      throw new Error(`the generator failed: ${error ?? 'no result'}`);
    },
    stop: () => child.disconnect(),
  };
}

export async function startFloor(): Promise<Floor> {
  const child = start('./floor.ts');
  const { port } = (await reply(child)) as { port: number };
  return {
    port,
    pid: child.pid ?? 0,
    answerWith: async (answer) => {
      child.send(answer);
      await reply(child);
    },
    stop: () => child.disconnect(),
  };
}

/** CPU time of a process with all its threads, in microseconds (steps of 10 ms). */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name may hold blanks; the fields after its bracket are numbers.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function start(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [], { stdio: 'inherit' });
}

function reply(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a process of the run ended early'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.removeListener('exit', ended);
      resolve(message);
    });
  });
}
