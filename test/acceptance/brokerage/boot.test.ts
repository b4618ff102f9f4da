/** Configurations in which the two worlds would share anything do not start (BR-05). */
import assert from 'node:assert/strict';
import {
  copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { APPS } from '../../outside/fixtures.ts';
import { link, profile } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import type { Server, ServerOptions } from '../../world.ts';

const home = mkdtempSync(join(tmpdir(), 'countersign-boot-'));
after(() => rmSync(home, { recursive: true, force: true }));

let runs = 0;

/** A fresh data directory and a configuration file (YAML reads JSON) beside it. */
function place(config: object): { readonly data: string; readonly options: ServerOptions } {
  runs += 1;
  const data = join(home, `data-${runs}`);
  const file = join(home, `config-${runs}.yaml`);
  writeFileSync(file, JSON.stringify(config));
  return { data, options: { data, args: ['--config', file] } };
}

/** Fails to start, says why in these words, and leaves no records behind. */
async function refusesToStart(config: object, words: readonly RegExp[]): Promise<void> {
  const { data, options } = place(config);
  const error = await startServer(options).then(
    async (server: Server) => {
      await server.kill();
      return new Error('it started');
    },
    (reason: Error) => reason,
  );
  for (const word of [/exit code 78/, ...words]) assert.match(error.message, word);
  assert.doesNotMatch(error.message, /\n\s+at /, 'a message, not a stack');
  assert.ok(!existsSync(join(data, 'live.sqlite')), 'nothing was stored');
}

const hosts = (live: readonly string[], paper: readonly string[]): object => ({
  'tradier.hosts': {
    live: { api: live, pages: live },
    paper: { api: paper, pages: paper },
  },
});

test('BR-05 one authority in both worlds does not start', async () => {
  await refusesToStart(hosts(['api.example'], ['api.example']), [/api\.example/, /both worlds/]);
  await refusesToStart(hosts(['api.example'], ['API.Example']), [/api\.example/i]);
  await refusesToStart(hosts(['api.example:443'], ['api.example']), [/api\.example/i]);
  const crossed = {
    'tradier.hosts': {
      live: { api: ['api.example'], pages: ['auth.example'] },
      paper: { api: ['paper.example'], pages: ['auth.example'] },
    },
  };
  await refusesToStart(crossed, [/auth\.example/]);
});

test('BR-05 one host name with two ports off loopback does not start', async () => {
  const config = hosts(['api.example:8443'], ['api.example:9443']);
  await refusesToStart(config, [/api\.example/, /port/]);
});

test('BR-05 one port for both worlds does not start', async () => {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  const { options } = place({});
  const args = ['--port', `${port}`, '--paper-port', `${port}`];
  await assert.rejects(startServer({ ...options, args }), /live\.port.*paper\.port/s);
});

test('BR-05 one issuer or one page origin for both worlds does not start', async () => {
  const issuer = 'https://as.example';
  await refusesToStart({ 'live.issuer': issuer, 'paper.issuer': issuer }, [/issuer/]);
  await refusesToStart({ 'live.issuer': issuer, 'paper.issuer': `${issuer}/` }, [/issuer/]);
  const origin = 'https://auth.example';
  const origins = { 'live.pages_origin': origin, 'paper.pages_origin': `${origin}/` };
  await refusesToStart(origins, [/pages_origin/]);
});

test('BR-05 one master key for both worlds does not start, under whatever name', async () => {
  const first = place({});
  const server = await startServer(first.options);
  await server.stop();
  const key = join(first.data, 'keys', 'live.key');
  assert.ok(existsSync(key), 'the key that the first start made');
  const keys = join(home, 'keys');
  mkdirSync(keys, { mode: 0o700 });
  const copy = join(keys, 'copy.key');
  const alias = join(keys, 'alias.key');
  copyFileSync(key, copy);
  symlinkSync(key, alias);
  const around = join(first.data, 'keys', '..', 'keys', 'live.key').replace('/keys/', '/./keys/');
  for (const other of [key, around, alias, copy]) {
    const config = { 'live.master_key_file': key, 'paper.master_key_file': other };
    await refusesToStart(config, [/key/]);
  }
});

test('BR-05 data of one world is not opened as the other\'s', async () => {
  const { data, options } = place({});
  const server = await startServer(options);
  await server.stop();
  rmSync(join(data, 'paper.sqlite'));
  for (const part of ['-wal', '-shm']) rmSync(join(data, `paper.sqlite${part}`), { force: true });
  copyFileSync(join(data, 'live.sqlite'), join(data, 'paper.sqlite'));
  const refused = /exit code 78[\s\S]*live world[\s\S]*paper/;
  await assert.rejects(startServer(options), refused);
  rmSync(join(data, 'paper.sqlite'));
  symlinkSync(join(data, 'live.sqlite'), join(data, 'paper.sqlite'));
  await assert.rejects(startServer(options), /exit code 78/);
});

test('BR-05 one host name with two ports on loopback starts, and nothing crosses', async () => {
  const server = await startServer();
  try {
    const { live, paper } = server;
    assert.equal(new URL(live.origin).hostname, new URL(paper.origin).hostname);
    assert.notEqual(new URL(live.origin).port, new URL(paper.origin).port);
    const { access_token } = await link(live, APPS.A1, 'u1');
    assert.equal((await profile(live, access_token)).status, 200);
    assert.equal((await profile(paper, access_token)).status, 401);
  } finally {
    await server.stop();
  }
});
