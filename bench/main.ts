/** `npm run bench`: the token path with durable commits, beside a bare server, in one run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { examineDisk } from '../test/outside/disk.ts';
import { seedRecords } from '../test/outside/seed.ts';
import { startServer } from '../test/world.ts';
import type { Server } from '../test/world.ts';
import { startFloor, startGenerator } from './processes.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { summarise, table } from './report.ts';
import type { Run, Summary } from './report.ts';
import { runRound } from './rounds.ts';
import type { Bed, Round } from './rounds.ts';
import { openMaker, planStock } from './stock.ts';
import { openTradovateMaker, planTradovate, tradovateRecords } from './tradovate-stock.ts';
import { loginWorkload, renewWorkload, rotateWorkload } from './tradovate-workloads.ts';
import type { TradovateBed } from './tradovate-workloads.ts';
import { createWorkload, WORKLOADS } from './workloads.ts';
import type { Workload, WorkloadName } from './workloads.ts';

const HELP = `bench: durable requests a second, side by side with a bare node:http server

  npm run bench [-- WHAT …] [-- OPTIONS]

${Object.entries(WORKLOADS).map(([name, says]) => `  ${name.padEnd(15)} ${says}`).join('\n')}

  --seconds N     length of a round for each server (default 3)
  --rounds N      rounds; medians are printed (default 5)
  --connections N keep-alive connections (default 64)
  --codes N       codes exchanged in a round (default 1800)
  --data DIR      where the data directory is made; a disk, not memory (default: dist/)
  --json          print the result as JSON
  --help          this text

Both servers run in processes of their own and answer the same requests with the same bytes, in
turn. Events, limits and the access log of ours are on, commits are synchronous. The result also
goes to bench/results/.
`;

const ROOT = resolve(import.meta.dirname, '..');

type Options = {
  readonly what: readonly WorkloadName[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly codes: number;
  readonly data: string;
  readonly json: boolean;
};

function readOptions(): Options | string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64' },
      codes: { type: 'string', default: '1800' },
      data: { type: 'string', default: join(ROOT, 'dist') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return HELP;
  const names = Object.keys(WORKLOADS) as WorkloadName[];
  const unknown = positionals.find((name) => !names.includes(name as WorkloadName));
  if (unknown !== undefined) throw new Error(`no "${unknown}" here; there is ${names.join(', ')}`);
  const number = (name: 'seconds' | 'rounds' | 'connections' | 'codes'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} needs a number above 0`);
    return value;
  };
  return {
    what: positionals.length === 0 ? names : (positionals as WorkloadName[]),
    seconds: number('seconds'),
    rounds: number('rounds'),
    connections: number('connections'),
    codes: number('codes'),
    data: values.data,
    json: values.json,
  };
}

async function runAll(options: Options, progress: Progress): Promise<Run> {
  const disk = examineDisk(options.data);
  const data = mkdtempSync(join(options.data, 'bench-'));
  const { server, sealed, workloads } = await openBeds(options, data, progress);
  const [floor, generator] = [await startFloor(), startGenerator()];
  const { seconds, connections } = options;
  try {
    const bed = { server, sealed, floor, generator, connections, seconds };
    return {
      at: new Date().toISOString(),
      node: process.versions.node,
      cpus: cpus().length,
      cpu: cpus()[0]?.model ?? 'unknown',
      connections,
      disk,
      workloads: await runRounds(bed, workloads, options.rounds, progress),
    };
  } finally {
    generator.stop();
    floor.stop();
    await server.stop();
    await sealed?.stop();
    rmSync(data, { recursive: true });
  }
}

type Beds = {
  readonly server: Server;
  readonly sealed: Server | null;
  readonly workloads: readonly Workload[];
};

/** The servers that the chosen workloads need, with their stock. */
async function openBeds(options: Options, data: string, progress: Progress): Promise<Beds> {
  const { what, seconds, codes, connections } = options;
  const stock = planStock();
  const tradovate = planTradovate();
  const records = tradovateRecords(tradovate);
  const plain = seedRecords([...stock.refreshing, ...stock.exchanging], stock.customers) as {
    readonly apps: readonly object[];
  };
  const seed = { ...plain, ...records, apps: [...plain.apps, ...records.apps] };
  const set = {
    'tradovate.max_sessions': 100, 'tradovate.limit_exempt': '["127.0.0.0/8"]',
  };
  const server = await startServer({ data, seed, set, log_file: join(data, 'log') });
  const sealed = what.includes('rotate')
    ? await startServer({
      data: join(data, 'sealed'),
      seed,
      set,
      log_file: join(data, 'sealed-log'),
      node_args: ['--import', join(ROOT, 'test/mutants/install.ts')],
      env: { MUTANT: 'src/dialects/tradovate/profile.ts=bench/sealed-profile.ts' },
    })
    : null;
  const { customers } = stock;
  const bedOf = (of: Server): TradovateBed => ({
    stock: tradovate,
    maker: openTradovateMaker(of, tradovate, customers),
    customers,
    connections,
    seconds,
  });
  const own = bedOf(server);
  const maker = what.some((name) => isTradier(name))
    ? await openMaker(server, stock, progress.share)
    : null;
  const workloads = what.map((name): Workload => {
    if (name === 'rotate') return rotateWorkload(bedOf(sealed ?? server));
    if (name === 'renew') return renewWorkload(own);
    if (name === 'login') return loginWorkload(own);
    if (maker === null) throw new Error(`${name} has no stock`);
    return createWorkload(name, maker, { seconds, codes });
  });
  return { server, sealed, workloads };
}

function isTradier(name: WorkloadName): boolean {
  return name === 'refresh' || name === 'exchange' || name === 'profile';
}

/** Round-robin over the workloads; the round before the first only warms up and is dropped. */
async function runRounds(
  bed: Bed,
  workloads: readonly Workload[],
  count: number,
  progress: Progress,
): Promise<Summary[]> {
  const rounds = new Map<WorkloadName, Round[]>();
  for (let turn = 0; turn <= count; turn += 1) {
    for (const workload of workloads) {
      const where = turn === 0 ? 'warming up' : `round ${turn} of ${count}`;
      progress.note(`${where}: ${workload.name}`);
      const round = await runRound(bed, workload, turn % 2 === 0);
      if (turn > 0) rounds.set(workload.name, [...(rounds.get(workload.name) ?? []), round]);
    }
  }
  return workloads.map(({ name }) => summarise(name, rounds.get(name) ?? []));
}

async function main(): Promise<void> {
  const options = readOptions();
  if (typeof options === 'string') {
    process.stdout.write(options);
    return;
  }
  const progress = createProgress(process.stderr);
  const run = await runAll(options, progress);
  progress.clear();
  const results = join(ROOT, 'bench/results');
  mkdirSync(results, { recursive: true });
  const json = `${JSON.stringify(run, null, 2)}\n`;
  writeFileSync(join(results, `${run.at.replaceAll(':', '-').slice(0, 19)}.json`), json);
  process.stdout.write(options.json ? json : table(run));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
