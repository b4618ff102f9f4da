/** Starting and ending in development: what is printed where, what is refused, what stays. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { call } from '../outside/call.ts';
import { APPS } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import { folder, run, start } from './run.ts';

const PORTS = ['--port', '0', '--paper-port', '0'];

type Ready = { readonly ready: boolean; readonly live: string; readonly paper: string };

test('--json prints one line on stdout; SIGTERM and SIGINT end with exit 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const data = join(folder(), 'data');
    const server = start(['dev', '--data', data, ...PORTS, '--json']);
    await server.says(/\n/);
    const ready = JSON.parse(server.out()) as Ready;
    assert.deepEqual(Object.keys(ready), ['ready', 'live', 'paper']);
    assert.equal((await call(ready.live, { path: '/healthz' })).status, 200);
    assert.ok(!existsSync(join(data, 'SEEDING')));
    const ended = await server.end(signal);
    assert.equal(ended.code, 0, ended.err);
    assert.equal(ended.out, `${JSON.stringify(ready)}\n`);
    for (const line of ended.err.trimEnd().split('\n')) JSON.parse(line);
  }
});

test('the first run prints one screen: what it is, where, and what to type', async () => {
  const data = join(folder(), 'data');
  const server = start(['dev', '--data', data, ...PORTS]);
  await server.says(/Ctrl-C/);
  const screen = server.out();
  assert.match(screen, /DEVELOPMENT/);
  assert.ok(screen.split('\n').length <= 26, 'it fits a small terminal');
  for (const line of screen.split('\n')) assert.ok(line.length <= 120, line);
  for (const words of ['alice', 'bob', 'curl -u demoTrader', 'npm run demo', data]) {
    assert.ok(screen.includes(words), words);
  }
  const paper = /paper +(http:\S+)/.exec(screen)?.[1] ?? '';
  const demo = await run(['demo', '--url', paper]);
  assert.equal(demo.code, 0, demo.err);
  assert.match(demo.out, /accesstoken[\s\S]*← 200[\s\S]*refreshtoken[\s\S]*← 400/);
  assert.doesNotMatch(demo.out, /cs_paper_(?:at|rt|code)_\w{20}/, 'secrets are shortened');
  assert.equal((await server.end('SIGTERM')).code, 0);
  assert.equal(statSync(data).mode & 0o777, 0o700);
  for (const file of ['live.sqlite', 'paper.sqlite', 'DEVELOPMENT']) {
    assert.equal(statSync(join(data, file)).mode & 0o077, 0, file);
  }
  assert.equal(statSync(join(data, 'keys/live.key')).mode & 0o777, 0o400);
});

test('started again it goes on where it left off', async () => {
  const data = folder();
  const once = async (): Promise<unknown> => {
    const server = start(['dev', '--data', data, ...PORTS, '--json']);
    await server.says(/\n/);
    const listed = await run(['customer', 'list', '--json', '--data', data]);
    assert.equal((await server.end('SIGTERM')).code, 0);
    return JSON.parse(listed.out);
  };
  assert.deepEqual(await once(), await once());
});

test('a first start that was interrupted is not taken for a whole one', async () => {
  const data = folder();
  const first = start(['dev', '--data', data, ...PORTS, '--json']);
  const note = join(data, 'SEEDING');
  while (!existsSync(note)) await new Promise((resume) => setTimeout(resume, 1));
  await first.end('SIGKILL');
  assert.equal(first.out(), '', 'it was not ready yet');
  const again = await run(['dev', '--data', data, ...PORTS, '--json']);
  assert.equal(again.code, 78);
  assert.match(again.err, /interrupted.*remove/);
});

test('a second server on the same data does not start and harms nobody', async () => {
  const data = folder();
  const first = start(['dev', '--data', data, ...PORTS, '--json']);
  await first.says(/\n/);
  const second = await run(['dev', '--data', data, ...PORTS, '--json']);
  assert.equal(second.code, 78);
  assert.match(second.err, /already serving/);
  assert.equal(second.out, '');
  assert.equal((await run(['app', 'list', '--data', data])).code, 0);
  assert.equal((await first.end('SIGTERM')).code, 0);
});

test('a port in use is named with the option that changes it', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const port = String((other.address() as AddressInfo).port);
  const { code, err } = await run(['dev', '--data', folder(), '--port', port, '--paper-port', '0']);
  other.close();
  assert.equal(code, 78);
  assert.match(err, new RegExp(`127\\.0\\.0\\.1:${port} \\(EADDRINUSE\\).*--port`));
});

const KEY = {
  cid: 8, sec: 'demo-secret-8-0123456789abcdefghijkl', app_id: 'AutoTrade', owner: 'partner',
};

test('a seed that is wrong starts nothing and creates nothing', async () => {
  const place = folder();
  const { apps } = seedRecords([APPS.A1], []) as { apps: readonly object[] };
  const wrong: readonly (readonly [text: string, says: RegExp])[] = [
    ['{"apps":', /cannot be read as JSON/],
    ['{"apps":[{"id":"x"}]}', /apps\[0\]\.name is missing/],
    [JSON.stringify({ apps: [{ ...apps[0], secret: undefined }] }), /apps\[0\]\.secret: must have/],
    [JSON.stringify({ api_keys: [{ ...KEY, sec: 'short' }] }), /api_keys\[0\]\.secret: must be/],
    [JSON.stringify({ api_keys: [KEY, KEY] }), /api_keys: 8 stands twice/],
    [JSON.stringify({ apps: [{ ...apps[0], dialect: 'morse' }] }), /apps\[0\].*dialect/],
    [JSON.stringify({ apps: [{ ...apps[0], redirect_uris: ['*'] }] }), /apps\[0\].*wildcard/],
  ];
  for (const [text, says] of wrong) {
    const [file, data] = [join(place, 'seed.json'), join(place, 'data')];
    writeFileSync(file, text);
    const { code, err } = await run(['dev', '--data', data, ...PORTS, '--seed', file]);
    assert.equal(code, 78, text);
    assert.match(err, says);
    assert.ok(!existsSync(data), 'no data directory');
  }
});

test('unknown options and settings are refused by name', async () => {
  const unknown = await run(['dev', '--colour']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /--colour/);
  const setting = await run(['dev', '--data', folder(), '--set', 'issuer=x']);
  assert.equal(setting.code, 78);
  assert.match(setting.err, /unknown setting issuer.*live\.issuer/);
});
