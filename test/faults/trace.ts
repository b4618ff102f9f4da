/**
 * Reads what strace wrote (`-f -y -s …`): system calls with the place in the trace where each was
 * entered and left. A call that no other thread's event split stands in one line.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export type SystemCall = {
  readonly name: string;
  /** Path or socket behind the first argument, as `-y` prints it. */
  readonly target: string;
  /** All arguments as printed, strings still escaped. */
  readonly text: string;
  /** Line where it was entered; the call's effect cannot be earlier. */
  readonly entered: number;
  /** Line where it was left; its effect is complete. */
  readonly left: number;
  /** What it returned; below 0 it failed. */
  readonly result: number;
};

type Open = Omit<SystemCall, 'left' | 'result'>;

const LINE = /^(\d+) +(.*)$/;
const ENTRY = /^(\w+)\((.*)$/;
const RESUMED = /^<\.\.\. (\w+) resumed>/;
const UNFINISHED = ' <unfinished ...>';
const RESULT = / = (-?\d+)[^=]*$/;

/** Every call that was left, in the order of leaving. */
export async function readTrace(file: string): Promise<SystemCall[]> {
  const calls: SystemCall[] = [];
  const open = new Map<string, Open>();
  let line_number = 0;
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    line_number += 1;
    const [, pid = '', rest = ''] = LINE.exec(line) ?? [];
    if (RESUMED.test(rest)) {
      const entered = open.get(pid);
      open.delete(pid);
      if (entered !== undefined) calls.push({ ...entered, left: line_number, ...resultOf(rest) });
      continue;
    }
    const [, name, text = ''] = ENTRY.exec(rest) ?? [];
    if (name === undefined) continue;
    const target = /^\d+<(.*?)>(?:[,) ]|$)/.exec(text)?.[1] ?? '';
    const entered = { name, target, text, entered: line_number };
    if (text.endsWith(UNFINISHED)) open.set(pid, entered);
    else calls.push({ ...entered, left: line_number, ...resultOf(rest) });
  }
  return calls;
}

function resultOf(rest: string): { result: number } {
  return { result: Number(RESULT.exec(rest)?.[1] ?? -1) };
}

/** First string among printed arguments, its escapes undone. */
export function firstString(text: string): Buffer {
  const quoted = /"((?:[^"\\]|\\.)*)"/s.exec(text)?.[1] ?? '';
  const plain = quoted.replaceAll(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)/gs, (_, escape: string) => {
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
    if (escape.startsWith('x')) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return ESCAPES[escape] ?? escape;
  });
  return Buffer.from(plain, 'latin1');
}

const ESCAPES: { readonly [letter: string]: string } = {
  n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', a: '\u0007', b: '\b',
};
