/** What a thief of disk and keys can make of a rotation, and what is told of it (RP-20…RP-26). */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadMasterKey } from '../../../../src/adapters/keys/master-key.ts';
import { createVault } from '../../../../src/adapters/keys/vault.ts';
import type { WindowKey } from '../../../../src/core/kinds/short-lived.ts';
import { openSqliteStore } from '../../../../src/store/sql/sqlite-store.ts';
import { serverTime } from '../../../outside/tradovate.ts';
import { REGISTRATIONS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { temporaryFolder } from '../../../store/temporary-store.ts';
import { startServer } from '../../../world.ts';
import { dumpWorld, rawBytes, textsWithin } from '../../data/dump.ts';
import type { DumpRow } from '../../data/dump.ts';
import { assertTokenAnswer } from '../../tradovate/answers.ts';
import { traderIn } from '../../tradovate/trader.ts';
import { alertsIn, grantOf, present, refuse, toldBy, use } from './family.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.danger_limits_off': true, 'trusted_proxies': '["127.0.0.1"]' },
});
after(server.stop);
const { live, control } = server;
const alice = traderIn(live, USERS.alice);
const { O1 } = REGISTRATIONS;
const W_S = 30;
const DAY_S = 86_400;

const file = join(server.data, 'keys', 'live.key');
const vault = createVault(loadMasterKey({ world: 'live', file, environment: {} }), 'live');

/** Window keys of a dump that open with the server's own key, by their number. */
function windowSecrets(rows: readonly DumpRow[]): string[] {
  return rows.filter(({ table }) => table === 'window_key').flatMap(({ values }) => {
    const [id = '', , body = ''] = values;
    const { sealed } = JSON.parse(body) as WindowKey;
    return vault.open(`window-key/${id}`, sealed) ?? [];
  });
}

/** A handle and a tag of 16 bytes in base64url. */
const SEALED = /^[A-Za-z0-9_-]{120,}$/;
/** A nonce is a generation: an attacker tries them all. */
const GENERATIONS = [1, 2, 3, 4, 5, 6];

/** Everything that opens as a successor with these keys, presented tokens and families. */
function successorsIn(
  rows: readonly DumpRow[],
  presented: readonly string[],
  family: string,
): string[] {
  const sealed = rows.filter(({ table }) => table === 'grant_')
    .flatMap(({ values }) => values.filter((value) => SEALED.test(value)));
  assert.ok(sealed.length > 0, 'a sealed successor stands in the dump');
  return windowSecrets(rows).flatMap((window_secret) =>
    presented.flatMap((token) => sealed.flatMap((text) => GENERATIONS.flatMap((generation) =>
      vault.openSuccessor({ presented: token, window_secret, family, generation }, text) ?? []))));
}

/** The live database as it is now, in a folder of its own. */
function copied(): { readonly path: string; readonly remove: () => void } {
  const folder = temporaryFolder();
  for (const end of ['', '-wal', '-shm']) {
    const from = join(server.data, `live.sqlite${end}`);
    cpSync(from, join(folder.path, `live.sqlite${end}`), { force: true });
  }
  return folder;
}

test('RP-20 inside the window a dump and all keys give the successor to who has RTn', async () => {
  const r1 = await alice.link(O1);
  const r2 = await use(live, r1.refresh_token);
  const family = String(grantOf(r1)).slice(1);
  const rows = dumpWorld(server.data, 'live');
  // The attack is a real one: with the presented token it works.
  assert.deepEqual(successorsIn(rows, [r1.refresh_token], family), [r2.refresh_token]);
  // Without it nothing of the dump, the key files or the successor's own neighbours opens it.
  const texts = [...textsWithin(rows)];
  assert.ok(!texts.some((text) => text.includes(r2.refresh_token)));
  assert.ok(!rawBytes(server.data).includes(r2.refresh_token));
  assert.ok(!texts.includes(r1.refresh_token));
  const digest = createHash('sha256').update(r1.refresh_token).digest('base64url');
  assert.deepEqual(successorsIn(rows, [...texts, digest, '', family], family), []);
});

test('RP-20 after the window a dump, all keys and RTn give nothing', async () => {
  const r1 = await alice.link(O1);
  const r2 = await use(live, r1.refresh_token);
  const family = String(grantOf(r1)).slice(1);
  const inside = dumpWorld(server.data, 'live');
  assert.deepEqual(successorsIn(inside, [r1.refresh_token], family), [r2.refresh_token]);
  const sealed = inside.filter(({ table }) => table === 'window_key')
    .map(({ values: [, , body = ''] }) => (JSON.parse(body) as WindowKey).sealed);
  await control.advance(60 + W_S + 1);
  // The sweep comes within half a minute; here it runs on a copy, so that nobody waits for it.
  const folder = copied();
  try {
    const store = await openSqliteStore({ file: join(folder.path, 'live.sqlite'), world: 'live' });
    const at = await serverTime(live);
    await store.sweep(at, 500);
    await store.close();
    const rows = dumpWorld(folder.path, 'live');
    assert.deepEqual(windowSecrets(rows), [], 'the window keys are destroyed');
    assert.deepEqual(successorsIn(rows, [r1.refresh_token, r2.refresh_token], family), []);
    const bytes = rawBytes(folder.path);
    for (const text of sealed) assert.ok(!bytes.includes(text), 'nor left in a free page');
  } finally {
    folder.remove();
  }
});

test('RP-23 rotation never moves the end of the family', async () => {
  const r1 = await alice.link(O1);
  let current = r1.refresh_token;
  for (let day = 1; day < 90; day += 1) {
    await control.advance(DAY_S - (day === 1 ? 600 : 0));
    ({ refresh_token: current } = await use(live, current));
  }
  await control.advance(DAY_S + 590);
  const last = await use(live, current);
  await control.advance(11);
  await refuse(live, last.refresh_token);
});

test('RP-25 one event a use, one alert a replay: client, user, family, networks', async () => {
  const r1 = await alice.link(O1);
  const r2 = await use(live, r1.refresh_token);
  const used = await toldBy(server, async () => {
    assertTokenAnswer(await present(live, r2.refresh_token, '203.0.113.9'), 'refresh');
  });
  assert.equal(used.length, 1);
  const told = await toldBy(server, async () => {
    await present(live, r1.refresh_token, '198.51.100.7');
    await present(live, r1.refresh_token, '198.51.100.7');
    await present(live, r2.refresh_token, '198.51.100.7');
  });
  const alerts = alertsIn(told);
  assert.equal(alerts.length, 1, 'further uses of a dead family are no alert');
  const [alert] = alerts;
  assert.equal(alert?.action, 'refresh.replayed');
  assert.equal(alert?.['app'], O1.id);
  const { customer } = await control.act('live', 'customer.show', { customer: 'alice' });
  assert.equal(alert?.['customer'], customer);
  assert.ok(String(grantOf(r1)).endsWith(String(alert?.['object'])), 'the family');
  const detail = String(alert?.['detail']);
  assert.match(detail, /203\.0\.113\./, 'the network of the last good use');
  assert.match(detail, /198\.51\.100\./, 'the network of the replay');
});

test('RP-26 an ended family is swept, and its ancestors never had rows', async () => {
  const r1 = await alice.link(O1);
  const r2 = await use(live, r1.refresh_token);
  await use(live, r2.refresh_token);
  await refuse(live, r1.refresh_token);
  await control.advance(31 * DAY_S);
  const folder = copied();
  try {
    const store = await openSqliteStore({ file: join(folder.path, 'live.sqlite'), world: 'live' });
    const at = await serverTime(live);
    for (let batch = 0; batch < 5; batch += 1) await store.sweep(at, 500);
    await store.close();
    const family = String(grantOf(r1)).slice(1);
    const rows = dumpWorld(folder.path, 'live').filter(({ table }) => table === 'grant_');
    assert.ok(rows.every(({ values }) => !values.includes(family)), 'the family\'s row is gone');
  } finally {
    folder.remove();
  }
  await refuse(live, r1.refresh_token, r2.refresh_token);
});
