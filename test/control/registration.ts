/** Three ways to register an app, each judged by the same rules: act, change, seed. */
import assert from 'node:assert/strict';
import { demoApp } from '../outside/fixtures.ts';
import type { App } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import type { Server } from '../world.ts';

export type Fields = { readonly [name: string]: unknown };

let drawn = 0;

/** A demo app that nobody has registered yet. */
export function freshApp(): App {
  drawn += 1;
  return demoApp(`Reg${drawn}`, { redirect_uris: ['https://fresh.example/cb'] });
}

export function createArgs(app: App): Fields {
  const { id: client_id, secret, name, redirect_uris } = app;
  return { client_id, secret, name, redirect_uris };
}

/** One record of a seed document, with fields replaced. */
export function seedWith(app: App, fields: Fields): object {
  const { apps } = seedRecords([app], []) as { apps: readonly Fields[] };
  return { apps: apps.map((one) => ({ ...one, ...fields })) };
}

/** Ids of all apps of a world. */
export async function appIds(server: Server): Promise<readonly string[]> {
  const { apps } = await server.control.act('live', 'app.list', {});
  return (apps as readonly { client_id: string }[]).map((app) => app.client_id);
}

/**
 * Refused with 400 and a reason that matches, as a new app, as a change of a present one, and in
 * a seed; nothing is stored by any of them.
 */
export async function refusedThreeWays(
  server: Server,
  fields: Fields,
  reason: RegExp,
): Promise<void> {
  const says = JSON.stringify(fields);
  const app = freshApp();
  const before = await appIds(server);
  const created = await server.control.tryAct('live', 'app.create', {
    ...createArgs(app), ...fields,
  });
  assert.equal(created.status, 400, `app.create ${says}`);
  assert.match(String(created.body['reason']), reason, says);
  const seeded = await server.control.seed(seedWith(app, fields));
  assert.equal(seeded.status, 400, `seed ${says}`);
  assert.match(String(seeded.body['reason']), reason, says);
  assert.match(String(seeded.body['reason']), /apps\[0\]/, 'the seed names the place');
  assert.deepEqual(await appIds(server), before, `nothing stored: ${says}`);
  await refusedChange(server, fields, reason);
}

/** `app.change` of a registered app refuses the same and leaves it as it was. */
async function refusedChange(server: Server, fields: Fields, reason: RegExp): Promise<void> {
  const app = freshApp();
  await server.control.act('live', 'app.create', createArgs(app));
  const before = await server.control.act('live', 'app.show', { app: app.id });
  const changed = await server.control.tryAct('live', 'app.change', { app: app.id, ...fields });
  assert.equal(changed.status, 400, `app.change ${JSON.stringify(fields)}`);
  assert.match(String(changed.body['reason']), reason);
  const after = await server.control.act('live', 'app.show', { app: app.id });
  assert.deepEqual(after, before);
}
