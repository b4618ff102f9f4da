/**
 * A program that commits until it is killed, and says so after each durable commit:
 * `writer-process.ts FILE [SYNCHRONOUS|default] [COUNT]`. Each acknowledged number stands on its
 * own line. Between commits it counts, which waits for no disk and must not loosen what follows.
 */
import { writeSync } from 'node:fs';
import type { Synchronous } from '../../src/store/sql/engine.ts';
import { openSqliteStore } from '../../src/store/sql/sqlite-store.ts';
import { NOW, aGrant, anEvent, change, idOf } from './records.ts';

const [file = '', synchronous = 'default', count = 'Infinity'] = process.argv.slice(2);
const store = await openSqliteStore({
  file,
  world: 'live',
  ...(synchronous === 'default' ? {} : { synchronous: synchronous as Synchronous }),
});
const first = (await store.list('grant', { prefix: '', after: null, limit: 100_000 }))
  .records.length;
writeSync(1, 'ready\n');

for (let i = first; i < first + Number(count); i++) {
  await store.bump([{ name: `n${i % 7}`, add: 1, window_s: 3600 }], NOW);
  await store.commit({
    at: NOW + i,
    atoms: [{
      changes: [
        change('grant', idOf(i), 0, aGrant({ last_number: i })),
        change('link', idOf(i), 0, { customer: 'c', app: 'a', grants: [idOf(i)], pending: [] }),
      ],
      events: [anEvent({ object: String(i), at: NOW + i })],
    }],
  });
  writeSync(1, `${i}\n`);
}
await store.close();
