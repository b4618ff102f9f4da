/** BOOT: what may not be registered is refused, with a reason, by act, seed file and command. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { App } from '../../outside/fixtures.ts';
import { demoApp } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { startServer } from '../../world.ts';
import type { Server } from '../../world.ts';

/** Fields of a registration that replace those of a good one. */
export type Registration = {
  readonly redirect_uris?: readonly string[];
  readonly home_page?: string;
  readonly logo?: string;
};

/** A stored app that refused changes must leave as it is. */
export const CHANGED = demoApp('changed', { redirect_uris: ['https://changed.example/cb'] });

const FRESH = demoApp('fresh', { redirect_uris: ['https://fresh.example/cb'] });

/** Refused by `app.create`, `app.change` and `/seed`; nothing is stored or changed. */
export async function refusesRegistration(
  server: Server,
  wrong: Registration,
  reason: RegExp,
): Promise<void> {
  const { control } = server;
  const what = JSON.stringify(wrong);
  const before = await appsOf(server);
  const create = { name: 'Demo', redirect_uris: FRESH.redirect_uris, ...wrong };
  const created = await control.tryAct('live', 'app.create', create);
  assert.deepEqual([created.status, created.body['error']], [400, 'act_malformed'], what);
  assert.match(String(created.body['reason']), reason, what);
  assert.equal(created.body['secret'], undefined);
  const changed = await control.tryAct('live', 'app.change', { app: CHANGED.id, ...wrong });
  assert.deepEqual([changed.status, changed.body['error']], [400, 'act_malformed'], what);
  assert.match(String(changed.body['reason']), reason, what);
  const seeded = await control.seed(seedWith(wrong));
  assert.equal(seeded.status, 400, what);
  assert.match(String(seeded.body['reason']), reason, what);
  assert.deepEqual(await appsOf(server), before, `${what} left a trace`);
}

/** The good registration that the wrong ones differ from is taken by all three. */
export async function takesRegistration(server: Server, good: Registration = {}): Promise<void> {
  const { control } = server;
  const create = { name: 'Demo', redirect_uris: FRESH.redirect_uris, ...good };
  const { client_id } = await control.act('live', 'app.create', create);
  assert.match(String(client_id), /^[A-Za-z0-9]{32}$/);
  await control.act('live', 'app.change', { app: CHANGED.id, ...good });
  const shown = await control.act('live', 'app.show', { app: CHANGED.id });
  for (const [field, value] of Object.entries(good)) assert.deepEqual(shown[field], value);
}

/** Refused on the command line, exit code 1, with the reason on stderr. */
export async function refusesCommand(
  server: Server,
  options: readonly string[],
  reason: RegExp,
): Promise<void> {
  const before = await appsOf(server);
  const command = ['app', 'create', '--name', 'Demo', ...options];
  const { code, out, err } = await runCommand(server, command);
  assert.ok(code === 1 || code === 2, `exit ${code}: ${out}${err}`);
  assert.match(err, reason, options.join(' '));
  assert.doesNotMatch(`${out}${err}`, /\n\s+at |cs_live_|secret +\S{40}/);
  assert.deepEqual(await appsOf(server), before);
}

/** A seed file with it does not start, says why, and leaves no records behind. */
export async function refusesToStart(wrong: Registration, reason: RegExp): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'countersign-registration-'));
  const data = join(home, 'data');
  try {
    const error = await startServer({ data, seed: seedWith(wrong) }).then(
      async (server) => {
        await server.kill();
        return new Error('it started');
      },
      (refusal: Error) => refusal,
    );
    assert.match(error.message, reason);
    assert.doesNotMatch(error.message, /\n\s+at /);
    assert.ok(!existsSync(join(data, 'live.sqlite')), 'nothing was stored');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

const ROOT = resolve(import.meta.dirname, '../../..');

/** Runs `countersign …` against the running server; `input` is its stdin. */
export function runCommand(
  { data }: Server,
  args: readonly string[],
  input = '',
): Promise<Ran> {
  const main = join(ROOT, 'src/main.ts');
  const child = spawn(process.execPath, [main, ...args, '--data', data], { cwd: ROOT });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({
      code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString(),
    }));
  });
}

function seedWith(wrong: Registration): object {
  const { apps } = seedRecords([FRESH], []) as { readonly apps: readonly object[] };
  return { customers: [], apps: apps.map((app) => ({ ...app, ...wrong })) };
}

/** Everything the registry says, in both worlds. */
async function appsOf({ control }: Server): Promise<unknown> {
  const live = await control.act('live', 'app.list', {});
  const paper = await control.act('paper', 'app.list', {});
  return { live, paper };
}

export function withApps(...apps: readonly App[]): object {
  return seedRecords([CHANGED, ...apps]);
}
