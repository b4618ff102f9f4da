/** The file of the embedded store: who may open it, what it refuses, what it does when damaged. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { WorldName } from '../../src/core/world.ts';
import { type Store, StoreFault } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/store/sql/sqlite-store.ts';
import { unpackEvents } from '../../src/store/trail/pack-events.ts';
import { verifyChain } from '../../src/store/trail/verify-chain.ts';
import { DAY_MS, NOW, RECORDS, aGrant, anEvent, atom, change, idOf } from './records.ts';
import { temporaryFolder } from './temporary-store.ts';

const WRITER = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'live.sqlite');
});
// A test that fails midway leaves its store open: the thread would keep the whole run waiting.
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((store) => store.close()));
  folder.remove();
});

const opened: Store[] = [];

async function open(world: WorldName = 'live') {
  const store = await openSqliteStore({ file, world });
  opened.push(store);
  return store;
}

/** Runs statements on the file as somebody else would. */
function sql(...statements: string[]): void {
  const db = new DatabaseSync(file);
  try {
    for (const statement of statements) db.exec(statement);
  } finally {
    db.close();
  }
}

async function makeFile(): Promise<void> {
  const store = await open();
  await store.commit({
    at: NOW,
    atoms: [{ changes: [change('login-name', 'anna', 0, { customer: 'c' })], events: [anEvent()] }],
  });
  await store.close();
}

function refusal(pattern: RegExp) {
  return (error: Error) => {
    assert.equal(error.name, 'BootError');
    assert.match(error.message, pattern);
    return true;
  };
}

describe('opening the embedded store', () => {
  it('keeps records, trail, counters and time over a clean end', async () => {
    await makeFile();
    const store = await open();
    const [name] = await store.read([{ kind: 'login-name', id: 'anna' }]);
    assert.deepEqual(name, { version: 1, value: { customer: 'c' } });
    assert.equal(await store.latestTime(), NOW);
    await store.commit({ at: NOW, atoms: [{ changes: [], events: [anEvent()] }] });
    const rows = await store.events(null, 10);
    assert.deepEqual(rows.map(({ epoch, batch }) => [epoch, batch]), [[1, 1], [2, 1]]);
    assert.equal(verifyChain(rows).ok, true);
    await store.close();
    await store.close().then(() => assert.fail(), (error: unknown) => {
      assert.ok(error instanceof StoreFault);
    });
  });

  it('goes on where it was, also when a lane was swept empty', async () => {
    await makeFile();
    const store = await open();
    const late = NOW + 10_000 * DAY_MS;
    await store.sweep(late, 100);
    await store.commit({
      at: NOW + 5, atoms: [atom(change('login-name', 'bob', 0, { customer: 'b' }))],
    });
    await store.close();
    const again = await open();
    // The latest commit wrote no event, and the events before it are gone.
    assert.equal(await again.latestTime(), NOW + 5);
    await again.commit({ at: NOW + 6, atoms: [{ changes: [], events: [anEvent()] }] });
    const rows = await again.events(null, 10);
    const seen = rows.map(({ row, epoch, count }) => [row, epoch, count]);
    assert.deepEqual(seen, [[1, 1, 0], [2, 3, 1]]);
    assert.equal(verifyChain(rows).ok, true);
  });

  it('only its owner can read the file', async () => {
    const store = await open();
    for (const path of [file, `${file}-wal`, `${file}.lock`]) {
      assert.equal(statSync(path).mode & 0o077, 0, path);
    }
    await store.close();
    assert.equal(existsSync(`${file}.lock`), false);
  });

  it('one world’s file is refused by the other', async () => {
    await makeFile();
    await assert.rejects(open('paper'), refusal(/belongs to the live world.*paper/));
    const store = await open();
    await store.close();
  });

  it('another program’s database is refused and left alone', async () => {
    sql('CREATE TABLE t (x)');
    await assert.rejects(open(), refusal(/another program/));
    writeFileSync(file, 'not a database, only a text that is long enough for one'.repeat(20));
    const before_opening = readFileSync(file);
    await assert.rejects(open(), /not a database/);
    assert.deepEqual(readFileSync(file), before_opening);
  });

  it('a schema of a newer program is refused, and the command named', async () => {
    await makeFile();
    sql('UPDATE meta SET schema_version = 99');
    await assert.rejects(open(), refusal(/schema version 99.*countersign serve/));
  });

  it('a second opening is refused with the pid, in this process and in another', async () => {
    const store = await open();
    await assert.rejects(open(), refusal(new RegExp(`process ${process.pid} is already`)));
    const other = spawn(process.execPath, [WRITER, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    other.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    const [code] = await once(other, 'exit') as [number];
    assert.notEqual(code, 0);
    assert.match(said, new RegExp(`process ${process.pid} is already serving`));
    assert.equal(existsSync(`${file}.lock`), true);
    await store.close();
  });

  it('a lock file of a process that is gone is taken over', async () => {
    await makeFile();
    writeFileSync(`${file}.lock`, '999999999 1\n');
    const store = await open();
    assert.match(readFileSync(`${file}.lock`, 'latin1'), new RegExp(`^${process.pid} `));
    await store.close();
    // The same pid, given out again to this process: its start tells them apart.
    writeFileSync(`${file}.lock`, `${process.pid} 1\n`);
    await (await open()).close();
  });
});

describe('the trail in the embedded store', () => {
  it('the database refuses to change, remove or replace a row', async () => {
    await makeFile();
    for (const statement of [
      "UPDATE event SET body = 'x'",
      'DELETE FROM event',
      "INSERT OR REPLACE INTO event VALUES (1, 'main.token', 1, 1, 'token', 1, 1, 'x', 'x')",
    ]) {
      assert.throws(() => sql(statement), /append-only/, statement);
    }
    assert.throws(() => sql('UPDATE maintenance SET open = 1', 'UPDATE event SET count = 2'),
      /append-only/);
  });

  it('an event that cannot be written leaves its change unwritten (fail closed)', async () => {
    await makeFile();
    sql(`CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    const store = await open();
    const made = change('grant', idOf(1), 0, aGrant());
    const batch = { at: NOW, atoms: [{ changes: [made], events: [anEvent()] }] };
    await assert.rejects(store.commit(batch), (error: unknown) => {
      assert.ok(error instanceof StoreFault);
      assert.equal(error.outcome_unknown, false);
      return true;
    });
    assert.deepEqual(await store.read([{ kind: 'grant', id: idOf(1) }]), [undefined]);
    sql('DROP TRIGGER full');
    assert.deepEqual(await store.commit(batch), ['applied']);
    assert.equal(verifyChain(await store.events(null, 10)).ok, true);
    await store.close();
  });

  it('a COMMIT that fails is of unknown outcome, and the lanes go on in a new epoch', async () => {
    await makeFile();
    const store = await open();
    // A deferred constraint lets every statement pass and fails COMMIT itself.
    sql(
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)',
      'CREATE TRIGGER late AFTER INSERT ON request BEGIN INSERT INTO child VALUES (7); END',
    );
    const events = [anEvent()];
    const bad = { changes: [change('request', 'r', 0, RECORDS.request)], events };
    await assert.rejects(store.commit({ at: NOW, atoms: [bad] }), (error: unknown) => {
      assert.ok(error instanceof StoreFault);
      assert.equal(error.outcome_unknown, true);
      return true;
    });
    assert.deepEqual(await store.read([{ kind: 'request', id: 'r' }]), [undefined]);
    const good = { changes: [change('grant', idOf(1), 0, aGrant())], events };
    assert.deepEqual(await store.commit({ at: NOW, atoms: [good] }), ['applied']);
    const rows = await store.events(null, 10);
    assert.deepEqual(rows.map(({ epoch, batch }) => [epoch, batch]), [[1, 1], [3, 1]]);
    assert.equal(verifyChain(rows).ok, true);
    await store.close();
  });

  it('AU-02 a script of its own recomputes the chain from a dump', async () => {
    const store = await open();
    for (let i = 0; i < 20; i++) {
      const other = anEvent({ class: i % 2 === 0 ? 'access' : 'admin' });
      const events = [anEvent({ object: String(i) }), other];
      await store.commit({ at: NOW + i, atoms: [{ changes: [], events }] });
    }
    await store.close();
    const db = new DatabaseSync(file, { readOnly: true });
    const rows = db.prepare('SELECT lane, body, hash FROM event ORDER BY row').all();
    db.close();
    const { createHash } = await import('node:crypto');
    const heads = new Map<unknown, string>();
    for (const { lane, body, hash } of rows) {
      const sha = createHash('sha256');
      sha.update(heads.get(lane) ?? '0'.repeat(64));
      sha.update(String(body));
      assert.equal(sha.digest('hex'), hash);
      heads.set(lane, String(hash));
    }
    assert.equal(rows.length, 40);
  });
});

describe('damage to the embedded store', () => {
  it('a damaged record is a fault for itself, others are read', async () => {
    await makeFile();
    const store = await open();
    const made = change('login-name', 'bob', 0, { customer: 'b' });
    await store.commit({ at: NOW, atoms: [atom(made)] });
    sql(`UPDATE login_name SET body = '{"cust' WHERE id = 'anna'`);
    await assert.rejects(store.read([{ kind: 'login-name', id: 'anna' }]), StoreFault);
    const [bob] = await store.read([{ kind: 'login-name', id: 'bob' }]);
    assert.equal(bob?.version, 1);
    await store.close();
  });

  it('after an end that was not clean a damaged file is not opened', async () => {
    const store = await open();
    const changes = Array.from({ length: 400 }, (_, i) => change('grant', idOf(i), 0, aGrant()));
    await store.commit({ at: NOW, atoms: [atom(...changes)] });
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, bytes.length - 3 * 4096, bytes.length - 4096);
    writeFileSync(file, bytes);
    writeFileSync(`${file}.lock`, '999999999 1\n');
    await assert.rejects(open(), refusal(/damaged: restore a backup/));
  });
});

describe('SIGKILL of the writing process', () => {
  it('every acknowledged commit is there, whole, and the chain holds', async () => {
    let acknowledged = -1;
    for (let round = 0; round < 6; round++) {
      const writer = spawn(process.execPath, [WRITER, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      writer.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); });
      while (!said.includes('ready\n')) await once(writer.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 17));
      writer.kill('SIGKILL');
      await once(writer, 'close');
      const lines = said.split('\n').slice(0, -1).filter((line) => line !== 'ready');
      acknowledged = Math.max(acknowledged, ...lines.map(Number));
      const store = await open();
      const { records } = await store.list('grant', { prefix: '', after: null, limit: 100_000 });
      assert.ok(records.length > acknowledged, `${records.length} of ${acknowledged + 1}`);
      const links = await store.read(records.map(({ id }) => ({ kind: 'link' as const, id })));
      assert.ok(links.every((link) => link !== undefined));
      const rows = await store.events(null, 100_000);
      assert.equal(verifyChain(rows).ok, true);
      assert.deepEqual(rows.flatMap((row) => unpackEvents(row)).map(({ object }) => object),
        records.map((_, i) => String(i)));
      assert.equal(await store.latestTime(), records.length === 0 ? 0 : NOW + records.length - 1);
      await store.close();
    }
    assert.ok(acknowledged > 10, `only ${acknowledged} commits were acknowledged`);
  });
});
