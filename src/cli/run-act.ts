/** `countersign <what> <do>`: one act on the running server. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ACTS } from '../core/decide/manage/acts/acts.ts';
import { UsageError, readActCall, type ActCall } from './act-arguments.ts';
import { NotReachable, callServer } from './call-server.ts';
import { actHelp, generalHelp, groupHelp } from './help.ts';
import { printable } from './print.ts';

/** What a command writes and where it finds its server. */
export type CliParts = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly input: NodeJS.ReadableStream;
  /** Data directory when `--data` does not say: from the configuration. */
  readonly data_dir: string;
};

export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** Runs an act by name; answers the exit code. */
export async function runActCommand(typed: readonly string[], parts: CliParts): Promise<number> {
  const [group = 'help', verb, ...rest] = typed;
  if (group === 'help' || group === '--help' || group === '-h') {
    parts.out(generalHelp());
    return EXIT.done;
  }
  const name = `${group}.${verb ?? ''}`;
  const act = ACTS[name];
  if (act === undefined) return unknownAct(group, verb, parts);
  try {
    const call = readActCall(act, rest);
    if (call.help) {
      parts.out(actHelp(name, act));
      return EXIT.done;
    }
    return await runInWorlds(name, call, parts);
  } catch (error) {
    if (error instanceof UsageError) {
      parts.err(`${error.message}\nSee: countersign ${group} ${verb ?? ''} --help\n`);
      return EXIT.usage;
    }
    if (error instanceof NotReachable) {
      parts.err(`${error.message}\n`);
      return EXIT.unreachable;
    }
    throw error;
  }
}

function unknownAct(group: string, verb: string | undefined, parts: CliParts): number {
  const known = Object.keys(ACTS).some((name) => name.startsWith(`${group}.`));
  const asked = verb === undefined || verb === '--help' || verb === '-h';
  if (known && asked) {
    parts.out(groupHelp(group));
    return verb === undefined ? EXIT.usage : EXIT.done;
  }
  parts.err(known
    ? `countersign ${group}: nothing called ${verb ?? ''}\n\n${groupHelp(group)}`
    : `countersign: nothing called ${group}\n\n${generalHelp()}`);
  return EXIT.usage;
}

async function runInWorlds(name: string, call: ActCall, parts: CliParts): Promise<number> {
  const socket = join(call.data ?? parts.data_dir, 'countersign.sock');
  const args: { [name: string]: unknown } = { ...call.args };
  for (const secret of call.ask_for) args[secret] = await readLine(parts, secret);
  const answers: { [world: string]: unknown } = {};
  let code: number = EXIT.done;
  for (const world of call.worlds) {
    const answer = await callServer(socket, { world, act: name, args });
    const refused = answer.status >= 300;
    if (refused) code = EXIT.refused;
    answers[world] = answer.body;
    // An app of both worlds has one id: the second world takes over what the first one drew.
    const { client_id } = answer.body;
    if (name === 'app.create' && typeof client_id === 'string') args['client_id'] = client_id;
    const many = call.worlds.length > 1;
    if (!call.json) show(name, { world, refused, answer: answer.body, many }, parts);
  }
  if (call.json) {
    const single = call.worlds.length === 1 ? Object.values(answers)[0] : answers;
    parts.out(`${JSON.stringify(single)}\n`);
  }
  return code;
}

function show(
  name: string,
  of: {
    readonly world: string;
    readonly refused: boolean;
    readonly answer: { readonly [name: string]: unknown };
    readonly many: boolean;
  },
  parts: CliParts,
): void {
  if (of.many) parts.out(`${of.world}:\n`);
  if (of.refused) parts.err(`refused: ${String(of.answer['reason'] ?? of.answer['error'])}\n`);
  else parts.out(printable(of.answer, ACTS[name]?.columns));
  if (SHOWN_ONCE.some((member) => of.answer[member] !== undefined)) {
    parts.err('Shown once: keep it now.\n');
  }
}

const SHOWN_ONCE: readonly string[] = ['secret', 'password'];

/** One line of stdin; a secret is never an argument. */
async function readLine({ input, err }: CliParts, name: string): Promise<string> {
  const terminal = (input as Partial<{ isTTY: boolean }>).isTTY === true;
  if (terminal) err(`${name}: `);
  for await (const line of createInterface({ input, terminal: false })) return line;
  throw new UsageError(`${name} is missing: write it to stdin`);
}
