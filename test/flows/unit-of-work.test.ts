/** The unit of work: batches, their locks, and when an answer may leave. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted } from '../../src/core/rules/refusals.ts';
import type { Batch } from '../../src/ports/store.ts';
import {
  SOURCE, add, look, openScene, stored, tallyChange, tallyKey, tallyOf, watch,
} from './tally.ts';
import { gate, turns } from './watched-store.ts';

function idsOf(batch: Batch): string[] {
  return batch.atoms.flatMap((atom) => atom.changes.map((change) => change.id)).sort();
}

describe('a batch', () => {
  it('takes all that arrived, decides in order and writes one net change a record', async () => {
    const scene = await openScene();
    const answers = await Promise.all(Array.from({ length: 15 }, () => scene.run(add('a'))));
    assert.deepEqual(answers, Array.from({ length: 15 }, (_, i) => i + 1));
    assert.equal(scene.store.batches.length, 1);
    const [atom] = scene.store.batches[0]?.atoms ?? [];
    assert.deepEqual(atom?.changes, [{ ...tallyChange('a', 15), version: 0 }]);
    assert.equal(atom.events.length, 15);
    assert.equal(scene.store.reads.length, 1);
  });

  it('begins at once when sixteen wait, twice, and then with all that waited', async () => {
    const scene = await openScene();
    await Promise.all(Array.from({ length: 40 }, (_, i) => scene.run(add(`t${i}`))));
    assert.deepEqual(scene.store.batches.map((batch) => batch.atoms.length), [16, 16, 8]);
  });

  it('holds at most 128 commands', async () => {
    const scene = await openScene();
    await Promise.all(Array.from({ length: 300 }, (_, i) => scene.run(add(`t${i}`))));
    assert.ok(scene.store.batches.every((batch) => batch.atoms.length <= 128));
    assert.equal(scene.store.batches.flatMap(idsOf).length, 300);
  });

  it('makes one atom of commands that a record links, and no wider one', async () => {
    const scene = await openScene();
    const links = [add('a', 'b'), add('c'), add('b', 'd'), look('d'), add('e'), look('c')];
    await Promise.all(links.map((work) => scene.run(work)));
    const atoms = scene.store.batches[0]?.atoms.map((atom) => atom.changes.map(({ id }) => id));
    assert.deepEqual(atoms, [['a', 'b', 'd'], ['c'], ['e']]);
  });

  it('begins again at the version it read', async () => {
    const scene = await openScene();
    await scene.run(add('a'));
    await scene.run(add('a'));
    assert.deepEqual(
      scene.store.batches.map((batch) => batch.atoms[0]?.changes[0]?.version), [0, 1],
    );
  });

  it('writes nothing for a record that was made and removed within it', async () => {
    const scene = await openScene();
    const remove = {
      keys: [tallyKey('a')],
      decide: () => ({
        result: accepted(null),
        changes: [{ kind: 'login-name', id: 'a', value: null } as const],
        events: [],
      }),
    };
    await Promise.all([scene.run(add('a')), scene.run(remove)]);
    assert.deepEqual(scene.store.batches.map(idsOf), [[]]);
    assert.equal(await stored(scene, 'a'), 0);
  });

  it('gives an event its source, class and time', async () => {
    const scene = await openScene();
    await scene.run(add('a'));
    const [event] = scene.store.batches[0]?.atoms[0]?.events ?? [];
    assert.equal(event?.class, 'admin');
    assert.equal(event.actor, SOURCE.actor);
    assert.equal(event.request_id, SOURCE.request_id);
    assert.equal(event.at, scene.store.batches[0]?.at);
  });
});

describe('an answer', () => {
  it('never leaves before its commit is durable', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const answer = scene.run(add('a'));
    const watched = watch(answer);
    await turns();
    assert.equal(scene.store.batches.length, 1);
    assert.equal(watched.state(), 'waiting');
    door.open();
    assert.equal(await answer, 1);
  });

  it('that only read what its batch changed waits for that commit, too', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    void scene.run(add('a'));
    const reader = scene.run(look('a'));
    const stranger = scene.run(look('z'));
    const watched = watch(reader);
    assert.equal(await stranger, 0);
    await turns();
    assert.equal(watched.state(), 'waiting');
    door.open();
    assert.equal(await reader, 1);
  });

  it('of a reader that comes during a commit waits and shows what it made', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    void scene.run(add('a'));
    await turns();
    const reader = scene.run(look('a'));
    const watched = watch(reader);
    await turns();
    assert.equal(watched.state(), 'waiting');
    door.open();
    assert.equal(await reader, 1);
  });

  it('without change and event costs no commit', async () => {
    const scene = await openScene();
    assert.equal(await scene.run(look('a')), 0);
    assert.equal(scene.store.batches.length, 0);
  });
});

describe('batches in flight', () => {
  it('are three at most, and never share a record that may change', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const answers: Promise<number>[] = [];
    for (const ids of [['a'], ['a', 'b'], ['c'], ['d'], ['e']]) {
      answers.push(scene.run(add(...ids)));
      await turns();
    }
    assert.deepEqual(scene.store.batches.map(idsOf), [['a'], ['c'], ['d']]);
    door.open();
    assert.deepEqual(await Promise.all(answers), [1, 2, 1, 1, 1]);
  });

  it('let nobody overtake one that waits for the same record', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const first = scene.run(add('a'));
    await turns();
    const second = scene.run(add('b', 'a')).then(note('second'));
    const third = scene.run(add('b')).then(note('third'));
    await turns();
    assert.deepEqual(scene.store.batches.map(idsOf), [['a']]);
    door.open();
    await Promise.all([first, second, third]);
    assert.deepEqual(order, ['second', 'third']);
  });

  it('may share records that both only read', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const sharing = (id: string) => ({ ...add(id), shares: [tallyKey('shared')] });
    const one = scene.run(sharing('a'));
    await turns();
    const two = scene.run(sharing('b'));
    await turns();
    assert.equal(scene.store.batches.length, 2);
    door.open();
    await Promise.all([one, two]);
  });

  it('may not change a record that the other reads, nor read one it changes', async () => {
    for (const changes_first of [true, false]) {
      const scene = await openScene();
      const door = gate();
      scene.store.on_commit = door.on_commit;
      const steps = [{ ...add('a'), shares: [tallyKey('shared')] }, add('shared')];
      const [first = add('a'), second = add('a')] = changes_first ? steps.toReversed() : steps;
      const one = scene.run(first);
      await turns();
      const two = scene.run(second);
      await turns();
      assert.equal(scene.store.batches.length, 1);
      door.open();
      await Promise.all([one, two]);
    }
  });

  it('hold what a second round finds; who finds it held waits without losing a try', async () => {
    const scene = await openScene();
    const door = gate();
    let decisions = 0;
    scene.store.on_commit = (batch, commit) =>
      (idsOf(batch).includes('b') ? door.on_commit(batch, commit) : commit(batch));
    const holder = scene.run(add('b'));
    await turns();
    const finder = scene.run({
      keys: [tallyKey('a')],
      more: () => [tallyKey('b')],
      decide(facts) {
        decisions += 1;
        const changes = [tallyChange('a', 1)];
        return { result: accepted(tallyOf(facts, 'b')), changes, events: [] };
      },
    });
    const watched = watch(finder);
    for (let i = 0; i < 12; i++) {
      await scene.run(add(`other${i}`));
      await turns(3);
    }
    assert.equal(watched.state(), 'waiting');
    assert.equal(decisions, 0);
    door.open();
    await holder;
    assert.equal(await finder, 1);
    assert.equal(decisions, 1);
  });

  it('may be waited for as often as a second round finds others', async () => {
    const scene = await openScene();
    const doors = Array.from({ length: 8 }, () => gate());
    scene.store.on_commit = (batch, commit) => {
      const held = doors[Number(/b(\d)/.exec(idsOf(batch).join())?.[1])];
      return held === undefined ? commit(batch) : held.on_commit(batch, commit);
    };
    let found = -1;
    const holders = [scene.run(add('b0'))];
    await turns();
    const finder = scene.run({
      ...add('a'),
      more: () => [tallyKey(`b${Math.min(++found, doors.length - 1)}`)],
    });
    for (let i = 1; i < doors.length; i++) {
      await turns();
      assert.equal(found, i - 1);
      holders.push(scene.run(add(`b${i}`)));
      await turns();
      doors[i - 1]?.open();
    }
    doors.at(-1)?.open();
    assert.equal(await finder, 1);
    await Promise.all(holders);
  });
});

describe('the queue', () => {
  it('sheds what it cannot hold, and answers the rest', async () => {
    const scene = await openScene();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const first = scene.run(add('a'));
    await turns();
    const waiting = Array.from({ length: 4096 }, () => scene.run(add('a')));
    const shed = await scene.work.run(add('a'), SOURCE);
    assert.ok(!shed.ok);
    assert.equal(shed.refusal.code, 'overloaded');
    assert.equal(shed.refusal.retry_after_s, 1);
    door.open();
    await Promise.all([first, ...waiting]);
    assert.equal(await stored(scene, 'a'), 4097);
  });

  it('is drained when nothing waits and nothing is in flight, not before', async () => {
    const scene = await openScene();
    await scene.work.drained();
    const door = gate();
    scene.store.on_commit = door.on_commit;
    const answers = [scene.run(add('a'))];
    const drained = scene.work.drained();
    const watched = watch(drained);
    await turns();
    answers.push(scene.run(add('a')));
    await turns();
    assert.equal(watched.state(), 'waiting');
    door.open();
    await drained;
    assert.equal(await stored(scene, 'a'), 2);
    await Promise.all(answers);
  });
});
