/** What a start makes: everything of a new world, what a later version added of an old one. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { openKeyring } from '../../src/adapters/keys/keyring.ts';
import { createSigner } from '../../src/adapters/signing/signer.ts';
import { type Key, KEY_PURPOSES, keyRecordId } from '../../src/core/kinds/key.ts';
import { bootstrapWorld } from '../../src/flows/bootstrap.ts';
import type { Deps } from '../../src/flows/deps.ts';
import { openUnitOfWork } from '../../src/flows/unit-of-work.ts';
import { NOW } from '../core/facts.ts';
import { watchedStore } from './watched-store.ts';

const FIRST_IDS = KEY_PURPOSES.map((purpose) => keyRecordId(purpose, 1)).sort();
const CLAIMS = { iss: 'https://a.example', aud: '1', iat: 1, exp: 2 };

function aStore() {
  const store = watchedStore();
  return {
    store,
    async keys(): Promise<ReadonlyMap<string, Key>> {
      const { records } = await store.list('key', { prefix: '', after: null, limit: 99 });
      return new Map(records.map(({ id, value }) => [id, value]));
    },
  };
}

/** A start of the server's over these data; answers whether the world was new. */
async function start({ store }: ReturnType<typeof aStore>, now = NOW) {
  const clock = { now: () => now };
  const log = { write: () => undefined };
  const master_key = createSecretKey(Buffer.alloc(32, 7));
  const keyring = openKeyring({ master_key, world: 'live', clock, log });
  const signer = createSigner({ keys: keyring, world: 'live', module: null });
  const world = { name: 'live', issuer: 'https://a.example', pages_origin: 'https://a.example' };
  const work = await openUnitOfWork({ store, clock, log }, 'live');
  const batch = store.batches.length;
  const is_new = await bootstrapWorld({
    world, store, clock, log, keyring, signer, work,
  } as unknown as Deps);
  const events = store.batches.slice(batch).flatMap(({ atoms }) => atoms)
    .flatMap(({ events: of_atom }) => of_atom);
  return {
    is_new, signer, keyring,
    events: events.map(({ action, object }) => (object ? `${action} ${object}` : action)),
  };
}

test('a new world gets its record and one key a purpose, all active at once', async () => {
  const data = aStore();
  const { is_new, signer, events } = await start(data);
  assert.equal(is_new, true);
  const keys = await data.keys();
  assert.deepEqual([...keys.keys()].sort(), FIRST_IDS);
  for (const key of keys.values()) {
    assert.deepEqual([key.created_at, key.active_from, key.retired_at], [NOW, NOW, null]);
  }
  assert.deepEqual(events.slice().sort(), [
    ...FIRST_IDS.map((id) => `key.rotated ${id}`), 'server.started',
  ]);
  for (const purpose of ['access-token', 'id-token'] as const) {
    assert.equal(typeof await signer.sign(purpose, CLAIMS), 'string');
  }
  assert.deepEqual(signer.publicKeys().map((key) => key['alg']), ['ES256', 'RS256']);
});

test('the next start makes nothing: keys and published ids stay', async () => {
  const data = aStore();
  const first = await start(data);
  const before = await data.keys();
  const next = await start(data, NOW + 1000);
  assert.equal(next.is_new, false);
  assert.deepEqual(next.events, ['server.started']);
  assert.deepEqual(await data.keys(), before);
  assert.deepEqual(next.signer.publicKeys(), first.signer.publicKeys());
});

test('F-07 two starts at once make one set of keys', async () => {
  const data = aStore();
  const started = await Promise.all([start(data), start(data)]);
  assert.deepEqual([...(await data.keys()).keys()].sort(), FIRST_IDS);
  const [one, other] = started.map(({ signer }) => signer.publicKeys());
  assert.deepEqual(one, other);
  assert.equal(started.filter(({ is_new }) => is_new).length, 1);
});

test('data of the version before signing keys get them, and keep what they had', async () => {
  const data = aStore();
  await start(data);
  const signing = ['access-token.1', 'id-token.1'] as const;
  await data.store.behind(signing.map((id) => ({ kind: 'key', id, value: null, version: 1 })));
  const before = await data.keys();
  assert.equal(before.size, 4);
  const { is_new, events, signer } = await start(data, NOW + 1000);
  assert.equal(is_new, false);
  assert.deepEqual(events.slice().sort(), [...signing.map((id) => `key.rotated ${id}`),
    'server.started']);
  const after = await data.keys();
  for (const [id, key] of before) assert.deepEqual(after.get(id), key);
  assert.deepEqual(signing.map((id) => after.get(id)?.active_from), [NOW + 1000, NOW + 1000]);
  assert.equal(signer.publicKeys().length, 2);
});
