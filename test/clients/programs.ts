/** Runs programs of other languages, and says which of them this machine has. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string;
};

const LIMIT_MS = 60_000;

/** Runs a program to its end; a non-zero exit is a result, not an error. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, stdin = '' }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: LIMIT_MS };
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error(`${program} did not run: ${error?.message ?? ''}\n${stderr}`));
    });
    child.stdin?.end(stdin);
  });
}

/** Why a program cannot run here, or undefined when it answers to these arguments. */
export function whyMissing(program: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(program, [...args], { stdio: 'ignore', timeout: LIMIT_MS });
    return undefined;
  } catch {
    return `${[program, ...args].join(' ').slice(0, 80)} does not run here`;
  }
}

/** A program that is talked to in lines, because what it needs next follows from what it said. */
export type Talk = {
  /** Its next line on stdout; rejects, with what it wrote to stderr, when it ends first. */
  readonly hear: () => Promise<string>;
  readonly say: (line: string) => void;
  readonly end: () => Promise<void>;
};

export function talkTo(program: string, args: readonly string[], env: RunOptions['env']): Talk {
  const child = spawn(program, [...args], { env: { ...process.env, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let wrote = '';
  child.stderr.on('data', (part: Buffer) => (wrote += part.toString()));
  const gone = new Promise<void>((done) => child.once('close', () => done()));
  return {
    hear: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${program} ended early\n${wrote}`);
      return next.value;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    end: async () => {
      child.stdin.end();
      await gone;
    },
  };
}
