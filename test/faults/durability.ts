/** Traces a server while tokens are handed out, and judges the order of replies and syncs. */
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { placeOf, unpackEvents } from '../../src/store/trail/pack-events.ts';
import { createBrowser } from '../outside/browser.ts';
import type { Browser } from '../outside/browser.ts';
import { APPS } from '../outside/fixtures.ts';
import type { CustomerName } from '../outside/fixtures.ts';
import { makeRealDirectory } from '../outside/real-directory.ts';
import { exchange, refresh, tokens } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import type { Server, ServerOptions } from '../world.ts';
import { handleIds } from './handle-ids.ts';
import { judgeOrder } from './order.ts';
import type { Verdict } from './order.ts';
import { readTrace } from './trace.ts';

export type Traced = Verdict & { readonly replies: number; readonly stands_on: string };

const APP = APPS.TI;
const CUSTOMERS: readonly CustomerName[] = ['u1', 'u2', 'alice', 'bob'];
const GRANTS_EACH = 16;
const STRACE = [
  'strace', '-D', '-f', '-y', '-s', '6000', '-e', 'signal=none',
  '-e', 'trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg',
];

/**
 * Hands out tokens to 64 grants at once: one code exchange each, then refreshes until at least
 * `replies` tokens were sent; each reply is judged by the trace.
 */
export async function traceReplies(replies: number, options: ServerOptions = {}): Promise<Traced> {
  const { path, disk } = makeRealDirectory('durability');
  const trace = join(path, 'trace');
  const data = join(path, 'data');
  const server = await startServer({ ...options, data, under: [...STRACE, '-o', trace] });
  let issued: Issued;
  try {
    issued = await handOut(server, replies);
  } finally {
    await server.stop();
  }
  await traceEnded(trace, server.pid);
  const verdict = judgeOrder(await readTrace(trace), placesOf(issued, data));
  rmSync(path, { recursive: true });
  const stands_on = `${disk.file_system}, one bare fsync ${disk.fsync_us} µs`;
  return { ...verdict, replies: [...issued.values()].flat().length, stands_on };
}

/** Access tokens by grant, in the order in which they were received. */
type Issued = Map<string, string[]>;

async function handOut(server: Server, replies: number): Promise<Issued> {
  const codes = (await Promise.all(CUSTOMERS.map((name) => makeCodes(server, name)))).flat();
  const issued: Issued = new Map();
  const grants = await Promise.all(
    codes.map(async (code) => {
      const { refresh_token = '', access_token } = tokens(await exchange(server.live, APP, code));
      const { record } = handleIds(refresh_token);
      issued.set(record, [access_token]);
      return { record, refresh_token };
    }),
  );
  const rounds = Math.ceil(replies / grants.length) - 1;
  await Promise.all(
    grants.map(async ({ record, refresh_token }) => {
      for (let round = 0; round < rounds; round += 1) {
        const { access_token } = tokens(await refresh(server.live, APP, refresh_token));
        issued.get(record)?.push(access_token);
      }
    }),
  );
  return issued;
}

async function makeCodes(server: Server, customer: CustomerName): Promise<string[]> {
  const browser: Browser = createBrowser(server.live);
  await browser.authorize(APP);
  await browser.signIn(customer);
  const codes: string[] = [];
  while (codes.length < GRANTS_EACH) {
    if (codes.length > 0) await browser.authorize(APP);
    const { code, url } = await browser.consent('allow');
    if (code === null) throw new Error(`no code at ${url}`);
    codes.push(code);
  }
  return codes;
}

/**
 * By access token, the place in the trail of the event that was committed with it. A client waits
 * for each answer, so the n-th token of a grant belongs to the grant's n-th event.
 */
function placesOf(issued: Issued, data: string): Map<string, string> {
  const [file] = globSync('**/*live*.sqlite', { cwd: data }).concat(
    globSync('**/live/*.sqlite', { cwd: data }),
  );
  if (file === undefined) throw new Error(`no database of live below ${data}`);
  const database = new DatabaseSync(join(data, file), { readOnly: true });
  const rows = database
    .prepare(`SELECT lane, epoch, batch, class, body FROM event WHERE class = 'token' ORDER BY row`)
    .all() as { lane: string; epoch: number; batch: number; class: string; body: string }[];
  database.close();
  const places = new Map<string, string>();
  const turns = new Map<string, number>();
  for (const row of rows) {
    for (const { action, object = '' } of unpackEvents(row)) {
      if (action !== 'code.redeemed' && action !== 'token.refreshed') continue;
      const turn = turns.get(object) ?? 0;
      turns.set(object, turn + 1);
      const token = issued.get(object)?.[turn];
      if (token !== undefined) places.set(token, placeOf(row));
    }
  }
  return places;
}

/** strace is no parent of the server here and may still be writing when the server is gone. */
async function traceEnded(trace: string, pid: number): Promise<void> {
  const ended = new RegExp(`^${pid} +\\+\\+\\+ exited`, 'm');
  for (let tries = 0; tries < 100; tries += 1) {
    if (ended.test(readFileSync(trace, 'latin1').slice(-200))) return;
    await wait(100);
  }
  throw new Error('the trace has no end');
}
