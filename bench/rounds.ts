/** Rounds: ours and the floor take turns on the same requests, so that both meet one machine. */
import { callRaw } from '../test/outside/call.ts';
import type { Server } from '../test/world.ts';
import type { LoadResult } from './generator.ts';
import { cpuTime } from './processes.ts';
import type { Floor, Generator } from './processes.ts';
import type { Workload, WorkloadName } from './workloads.ts';

export type Figures = {
  readonly answers_a_second: number;
  readonly p50_us: number;
  readonly p99_us: number;
  readonly cpu_us_a_request: number;
  readonly generator_cpu_us_a_request: number;
};

export type Round = { readonly ours: Figures; readonly floor: Figures };

export type Bed = {
  /** The product, and the product with sealed tokens in the dialect that signs them. */
  readonly server: Server;
  readonly sealed: Server | null;
  readonly floor: Floor;
  readonly generator: Generator;
  readonly connections: number;
  readonly seconds: number;
};

/** One workload's turn of one round. `ours_first` alternates. */
export async function runRound(bed: Bed, workload: Workload, ours_first: boolean): Promise<Round> {
  // Every limit window of the product begins anew; no limit is switched off.
  const server = workload.sealed ? bed.sealed : bed.server;
  if (server === null) throw new Error(`${workload.name} needs the server with sealed tokens`);
  await server.control.advance(61);
  const { origin } = server.live;
  const { host, port } = new URL(origin);
  const requests = await workload.requests(host);
  const [first = '', ...rest] = requests;
  const { signatures } = workload;
  const answer = readAnswer(await callRaw(origin, first, 300));
  await bed.floor.answerWith({ ...answer, signatures });
  // What can be sent only once has been, to show what is answered.
  const sent = workload.once || workload.chained ? rest : requests;
  const { pid } = server;
  await server.control.config({ 'tradovate.danger_limits_off': workload.limits_off });
  const ours = (): Promise<Figures> => measure(bed, workload, { port: Number(port), pid, sent });
  const floor = (): Promise<Figures> =>
    measure(bed, workload, { port: bed.floor.port, pid: bed.floor.pid, sent });
  if (ours_first) {
    const our_figures = await ours();
    return { ours: our_figures, floor: await floor() };
  }
  const floor_figures = await floor();
  return { ours: await ours(), floor: floor_figures };
}

type Aim = { readonly port: number; readonly pid: number; readonly sent: readonly string[] };

async function measure(bed: Bed, workload: Workload, { port, pid, sent }: Aim): Promise<Figures> {
  const before = cpuTime(pid);
  const result = await bed.generator.run({
    port,
    requests: sent,
    connections: bed.connections,
    seconds: workload.once ? null : bed.seconds,
    chained: workload.chained,
  });
  if (port !== bed.floor.port && result.requests !== null) workload.keep?.(result.requests);
  const cpu_us = cpuTime(pid) - before;
  refuseRefusals(workload.name, result);
  return {
    answers_a_second: Math.round(result.answered / result.elapsed_s),
    p50_us: result.p50_us,
    p99_us: result.p99_us,
    cpu_us_a_request: round1(cpu_us / result.answered),
    generator_cpu_us_a_request: round1(result.cpu_us / result.answered),
  };
}

// A refusal is cheaper than what it refuses: a figure with refusals in it is worth nothing.
function refuseRefusals(name: WorkloadName, { answered, refused }: LoadResult): void {
  const count = Object.values(refused).reduce((sum, some) => sum + some, 0);
  if (count === 0) return;
  const by_status = JSON.stringify(refused);
  throw new Error(`${name}: ${count} of ${answered} answers were refused: ${by_status}`);
}

/** Head and body of our own answer, without the headers that belong to the connection. */
function readAnswer(text: string): { headers: string[]; body: string } {
  const cut = text.indexOf('\r\n\r\n');
  const [status = '', ...lines] = text.slice(0, cut).split('\r\n');
  if (!status.startsWith('HTTP/1.1 200')) throw new Error(`the first request got ${text}`);
  const headers = lines
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    })
    .filter(([name]) => !/^(?:date|connection|keep-alive)$/i.test(name))
    .flat();
  return { headers, body: text.slice(cut + 4) };
}

const round1 = (value: number): number => Math.round(value * 10) / 10;
