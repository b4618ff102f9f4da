/** What `serve` refuses, each with what to change; and that it starts when nothing is wrong. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../outside/call.ts';
import { folder, run, start } from './run.ts';
import type { Ran } from './run.ts';

/** A configuration for production that starts on this machine. */
const GOOD = {
  'live.issuer': 'https://auth.broker.example/as',
  'live.pages_origin': 'https://auth.broker.example',
  'live.port': 0,
  'paper.issuer': 'https://auth.paper.broker.example/as',
  'paper.pages_origin': 'https://auth.paper.broker.example',
  'paper.port': 0,
  'tradier.hosts': {
    live: { api: ['api.broker.example'], pages: ['auth.broker.example'] },
    paper: { api: ['api.paper.broker.example'], pages: ['auth.paper.broker.example'] },
  },
};

const place = folder();
let runs = 0;

function configure(config: object): { data: string; args: string[] } {
  runs += 1;
  const [data, file] = [join(place, `data-${runs}`), join(place, `config-${runs}.yaml`)];
  writeFileSync(file, JSON.stringify(config));
  return { data, args: ['--config', file, '--data', data] };
}

async function prepare(config: object): Promise<{ data: string; args: string[] }> {
  const configured = configure(config);
  const made = await run(['init', '--data', configured.data]);
  assert.equal(made.code, 0, made.err);
  return configured;
}

async function serve(config: object, more: readonly string[] = []): Promise<Ran> {
  const { args, data } = configure(config);
  const ran = await run(['serve', ...args, ...more]);
  assert.ok(!existsSync(data), 'nothing was stored, no way in was opened');
  return ran;
}

function refused({ code, err, out }: Ran, says: RegExp): void {
  assert.equal(code, 78, err);
  assert.match(err, says);
  assert.doesNotMatch(err, /\n\s+at /, 'a message, not a stack');
  assert.equal(out, '');
}

test('SC-14 serve refuses an in-memory store, plain-http issuers and what weakens it', async () => {
  refused(await serve({ ...GOOD, store: 'memory' }), /store.*sqlite/);
  const issuer = { ...GOOD, 'live.issuer': 'http://auth.broker.example/as' };
  refused(await serve(issuer), /live\.issuer/);
  const pages = { ...GOOD, 'paper.pages_origin': 'http://auth.paper.broker.example' };
  refused(await serve(pages), /paper\.pages_origin/);
  refused(await serve({ ...GOOD, 'live.issuer': '' }), /live\.issuer is missing/);
  refused(await serve({ ...GOOD, 'tradier.hosts': {} }), /tradier\.hosts\.live/);
  refused(await serve({ ...GOOD, 'tradier.danger_limits_off': true }), /danger_limits_off/);
  const unsafe = { ...GOOD, danger_sqlite_synchronous: 'OFF' };
  refused(await serve(unsafe), /danger_sqlite_synchronous/);
  refused(await serve({ ...GOOD, 'password.memory_kib': 8192 }), /password\.memory_kib/);
});

test('AD-09 serve refuses development switches, data, keys and secrets', async () => {
  refused(await serve(GOOD, ['--control']), /--control is for development/);
  const seed = join(place, 'seed.json');
  writeFileSync(seed, '{"apps":[]}');
  refused(await serve(GOOD, ['--seed', seed]), /--seed is for development/);
  const { args, data } = await prepare(GOOD);
  const ports = ['--port', '0', '--paper-port', '0', '--json'];
  const development = start(['dev', '--data', data, ...ports]);
  await development.says(/\n/);
  assert.equal((await development.end('SIGTERM')).code, 0);
  refused(await run(['serve', ...args]), /made by development mode/);
  // The files alone, carried to a directory of production's own, are no way around it.
  const other = await prepare(GOOD);
  for (const file of ['live.sqlite', 'paper.sqlite']) {
    cpSync(join(data, file), join(other.data, file));
  }
  cpSync(join(data, 'keys'), join(other.data, 'keys'), { recursive: true, force: true });
  refused(await run(['serve', ...other.args]), /demo/);
});

test('KM-02 a master key that others may read does not start', async () => {
  const { args, data } = await prepare(GOOD);
  const key = join(data, 'keys/live.key');
  chmodSync(key, 0o644);
  refused(await run(['serve', ...args]), /live\.key has mode 0644.*chmod 0400/);
});

test('SC-14 serve starts on a sound configuration, lists what is weak, has no demo', async () => {
  const { args, data } = await prepare(GOOD);
  const checked = await run(['check-config', ...args]);
  assert.equal(checked.code, 0, checked.out);
  assert.match(checked.out, /weakened by design: tradier: refresh tokens/);
  const server = start(['serve', ...args, '--json']);
  await server.says(/\n/);
  const { live } = JSON.parse(server.out()) as { live: string };
  const headers = [['Host', 'auth.broker.example']] as const;
  const page = await call(live, { path: '/login?c=1', headers });
  assert.equal(page.status, 400, 'no cookie came back');
  assert.equal((await call(live, { path: '/login' })).status, 421, 'its own name is not listed');
  const first = await call(live, { path: '/login', headers });
  const cookie = String(first.headers['set-cookie']);
  assert.match(cookie, /^__Host-cs_live_flow=.*Secure/);
  assert.match(String(first.headers['strict-transport-security']), /max-age/);
  for (const what of ['app', 'customer']) {
    const listed = await run([what, 'list', '--json', '--data', data]);
    assert.deepEqual(Object.values(JSON.parse(listed.out) as object)[0], []);
  }
  const ended = await server.end('SIGTERM');
  assert.equal(ended.code, 0);
  assert.match(ended.err, /weakened by design/);
});

test('check-config names every fault of a configuration', async () => {
  const { args } = configure({ ...GOOD, store: 'memory', 'live.issuer': '' });
  const { code, out } = await run(['check-config', ...args, '--json']);
  assert.equal(code, 78);
  const { faults, settings } = JSON.parse(out) as { faults: string[]; settings: object };
  assert.equal(faults.length, 2);
  assert.ok('tradier.refresh_echo' in settings);
});
