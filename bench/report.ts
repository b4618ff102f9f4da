/** What a run shows: a table for people, a file for comparisons. */
import type { Disk } from '../test/outside/disk.ts';
import type { Figures, Round } from './rounds.ts';
import type { WorkloadName } from './workloads.ts';

export type Summary = {
  readonly what: WorkloadName;
  readonly ours: Figures;
  readonly floor: Figures;
  /** Ours against the floor in answers a second: median of the rounds' own ratios. */
  readonly ratio: number;
  readonly rounds: readonly Round[];
};

export type Run = {
  readonly at: string;
  readonly node: string;
  readonly cpus: number;
  readonly cpu: string;
  readonly connections: number;
  readonly disk: Disk;
  readonly workloads: readonly Summary[];
};

export function summarise(what: WorkloadName, rounds: readonly Round[]): Summary {
  const ratios = rounds.map(({ ours, floor }) => ours.answers_a_second / floor.answers_a_second);
  return {
    what,
    ours: medianFigures(rounds.map((round) => round.ours)),
    floor: medianFigures(rounds.map((round) => round.floor)),
    ratio: Math.round(median(ratios) * 1_000) / 1_000,
    rounds,
  };
}

/** The table, with what the figures stand on. */
export function table({ disk, connections, cpus, node, workloads }: Run): string {
  const head = ['what', 'server', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs/req', 'of floor'];
  const rows = workloads.flatMap(({ what, ours, floor, ratio }) => [
    [what, 'Countersign', ...cells(ours), `${(ratio * 100).toFixed(0)} %`],
    ['', 'node:http floor', ...cells(floor), ''],
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rounds = workloads[0]?.rounds.length ?? 0;
  return [
    `${disk.file_system}, one bare fsync ${disk.fsync_us} µs; ${connections} connections, ` +
      `medians of ${rounds} rounds; Node ${node}, ${cpus} CPUs`,
    '',
    ...[head, ...rows].map(line),
    '',
  ].join('\n');
}

function cells({ answers_a_second, p50_us, p99_us, cpu_us_a_request }: Figures): string[] {
  const ms = (us: number): string => (us / 1_000).toFixed(2);
  return [String(answers_a_second), ms(p50_us), ms(p99_us), cpu_us_a_request.toFixed(1)];
}

function medianFigures(all: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(all.map((figures) => figures[name]));
  return {
    answers_a_second: of('answers_a_second'),
    p50_us: of('p50_us'),
    p99_us: of('p99_us'),
    cpu_us_a_request: of('cpu_us_a_request'),
    generator_cpu_us_a_request: of('generator_cpu_us_a_request'),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}
