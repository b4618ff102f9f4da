/**
 * Closed-loop load over raw keep-alive sockets, in a process of its own: each connection sends its
 * next request when the last was answered. It parses no more of HTTP than it must, so that it
 * costs less than any server it measures. Jobs and results travel over the process channel.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createResponseReader } from './response-reader.ts';

export type Job = {
  readonly port: number;
  /** Whole requests as Latin-1 text, sent in turn by whichever connection is free. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** Stop after this time, or, when null, after each request was sent once. */
  readonly seconds: number | null;
  /**
   * Each answer's refresh token goes into the next sending of its request: every request is one
   * connection's own, and the new texts come back with the result.
   */
  readonly chained: boolean;
};

export type LoadResult = {
  readonly answered: number;
  readonly elapsed_s: number;
  readonly p50_us: number;
  readonly p99_us: number;
  /** Answers by status, for statuses other than 200. */
  readonly refused: { readonly [status: string]: number };
  readonly cpu_us: number;
  /** The requests as they would be sent next, when they were chained. */
  readonly requests: readonly string[] | null;
};

type Run = {
  /** The next request of a connection. */
  readonly next: (connection: number) => Buffer | null;
  readonly record: (status: number, started: number) => void;
  readonly chained: boolean;
};

async function runJob(job: Job): Promise<LoadResult> {
  const requests = job.requests.map((text) => Buffer.from(text, 'latin1'));
  const latencies: number[] = [];
  const refused: { [status: string]: number } = {};
  const before = process.cpuUsage();
  const started = performance.now();
  const ends = job.seconds === null ? Infinity : started + job.seconds * 1_000;
  let sent = 0;
  const turns = Array.from({ length: job.connections }, () => 0);
  const run: Run = {
    chained: job.chained,
    next: (connection) => {
      const over = job.seconds === null ? sent >= requests.length : performance.now() >= ends;
      if (over) return null;
      const turn = turns[connection] ?? 0;
      turns[connection] = turn + 1;
      const at = job.chained ? connection + turn * job.connections : sent;
      sent += 1;
      return requests[ownPlace(at, connection, { job, count: requests.length })] ?? null;
    },
    record: (status, since) => {
      latencies.push(performance.now() - since);
      if (status !== 200) refused[status] = (refused[status] ?? 0) + 1;
    },
  };
  await Promise.all(
    Array.from({ length: job.connections }, (_, connection) => drive(job.port, run, connection)),
  );
  const elapsed_s = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(before);
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number =>
    Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 1_000);
  return {
    answered: latencies.length,
    elapsed_s,
    p50_us: at(0.5),
    p99_us: at(0.99),
    refused,
    cpu_us: cpu.user + cpu.system,
    requests: job.chained ? requests.map((text) => text.toString('latin1')) : null,
  };
}

/** Places wrap around; a chained request stays with its connection. */
function ownPlace(
  at: number,
  connection: number,
  { job, count }: { readonly job: Job; readonly count: number },
): number {
  if (!job.chained) return at % count;
  const own = Math.floor((count - connection - 1) / job.connections) + 1;
  if (own < 1) throw new Error('fewer chained requests than connections');
  return connection + (((at - connection) / job.connections) % own) * job.connections;
}

const TOKEN = Buffer.from('"refresh_token":"');

/** Writes the answer's refresh token over the one in the request: they are equally long. */
function chain(request: Buffer, answer: Buffer): void {
  const begins = answer.indexOf(TOKEN);
  const place = request.indexOf(TOKEN);
  if (begins < 0 || place < 0) throw new Error(`no refresh token in ${answer.toString('latin1')}`);
  const from = begins + TOKEN.length;
  answer.copy(request, place + TOKEN.length, from, answer.indexOf('"', from));
}

/** One connection, until the run has no further request. */
function drive(port: number, run: Run, connection: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(65_536);
    const reader = createResponseReader();
    let since = 0;
    let last: Buffer = Buffer.alloc(0);
    let over = false;
    const sendNext = (socket: Socket): void => {
      const request = run.next(connection);
      if (request === null) {
        over = true;
        socket.destroy();
        resolve();
        return;
      }
      since = performance.now();
      last = request;
      socket.write(request);
    };
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (count) => {
          const whole = reader.push(buffer, count);
          if (whole === null) return true;
          run.record(whole.status, since);
          if (run.chained) chain(last, whole.bytes);
          sendNext(socket);
          return true;
        },
      },
    });
    socket.once('connect', () => sendNext(socket));
    socket.once('error', reject);
    socket.once('close', () => {
      if (!over) reject(new Error('the server closed a keep-alive connection'));
    });
  });
}

process.on('message', (job: Job) => {
  runJob(job).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
