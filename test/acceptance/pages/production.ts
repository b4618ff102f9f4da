/** `countersign serve` on this machine, reached as the proxy that ends TLS would reach it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, run, start } from '../../cli/run.ts';
import type { Ran } from '../../cli/run.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { Site } from './site.ts';

export const PAGES_HOST = 'auth.broker.example';
export const API_HOST = 'api.broker.example';

const SETTINGS = {
  'live.issuer': `https://${PAGES_HOST}/as`,
  'live.pages_origin': `https://${PAGES_HOST}`,
  'live.port': 0,
  'paper.issuer': 'https://auth.paper.broker.example/as',
  'paper.pages_origin': 'https://auth.paper.broker.example',
  'paper.port': 0,
  'tradier.hosts': {
    live: { api: [API_HOST], pages: [PAGES_HOST] },
    paper: { api: ['api.paper.broker.example'], pages: ['auth.paper.broker.example'] },
  },
};

export type Production = {
  readonly site: Site;
  /** Ends it; the exit code must be 0. */
  readonly stop: () => Promise<void>;
};

const place = folder();

/** Writes a configuration for production beside a data directory of its own. */
export function configured(name: string, changes: object = {}): readonly string[] {
  const file = join(place, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ ...SETTINGS, ...changes }));
  return ['--config', file, '--data', join(place, name)];
}

/** Starts a production server with one app and one customer, made by operators' commands. */
export async function startProduction(): Promise<Production> {
  const args = configured('production');
  await done(['init', ...args.slice(2)]);
  const server = start(['serve', ...args, '--json']);
  await server.says(/\n/);
  const { live } = JSON.parse(server.out()) as { live: string };
  const command = (typed: readonly string[], input = ''): Promise<Ran> =>
    done([...typed, '--json', ...args.slice(2)], input);
  const callback = 'https://app.example/cb';
  const app = await command(['app', 'create', '--name', 'Acme', '--redirect-uri', callback]);
  const { client_id: id } = JSON.parse(app.out) as { client_id: string };
  await command(['app', 'approve', id]);
  const customer = { login_name: 'alice', password: 'demo-password-of-alice' };
  const typed = ['customer', 'create', '--login-name', 'alice', '--name', 'Demo alice'];
  await command([...typed, '--password', '-'], `${customer.password}\n`);
  await command(['account', 'create', '--customer', 'alice', '--account', '6YA00001']);
  const site: Site = {
    world: { name: 'live', origin: live.replace(/\/$/, '') },
    app: { ...APPS.A1, id },
    customer,
    api_host: [['Host', API_HOST]],
    pages_host: [['Host', PAGES_HOST]],
  };
  const stop = async (): Promise<void> => {
    const { code, err } = await server.end('SIGTERM');
    assert.equal(code, 0, err);
  };
  return { site, stop };
}

async function done(args: readonly string[], input = ''): Promise<Ran> {
  const ran = await run(args, { input });
  assert.equal(ran.code, 0, `${args.join(' ')}\n${ran.err}`);
  return ran;
}
