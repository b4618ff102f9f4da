/** The unit of work when the store refuses, aborts, or does not know. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted } from '../../src/core/rules/refusals.ts';
import { StoreFault } from '../../src/ports/store.ts';
import type { Work } from '../../src/flows/work.ts';
import { appFor, worldFor } from '../core/facts.ts';
import {
  type Scene, add, happened, look, openScene, stored, tallyChange, tallyKey, tallyOf,
} from './tally.ts';
import { type OnCommit, aborted, once, turns, unknown } from './watched-store.ts';

/** Counts how often it is decided. */
function counted<T>(work: Work<T>): { readonly work: Work<T>; decisions: number } {
  const one = {
    decisions: 0,
    work: {
      ...work,
      decide(facts: Parameters<typeof work.decide>[0]) {
        one.decisions += 1;
        return work.decide(facts);
      },
    },
  };
  return one;
}

/** Another process writes a tally just before the commit. */
function overtakenBy(scene: Scene, id: string, count: number, version: number): OnCommit {
  return async (batch, commit) => {
    await scene.store.behind([{ ...tallyChange(id, count), version }]);
    return commit(batch);
  };
}

describe('a conflict', () => {
  it('is decided again on fresh facts with fresh randomness, and harms no other atom', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(overtakenBy(scene, 'a', 10, 0));
    let drawn = 0;
    const drawing: Work<{ count: number; drawn: number }> = {
      keys: [tallyKey('a')],
      decide(facts) {
        drawn += 1;
        const count = tallyOf(facts, 'a') + 1;
        return {
          result: accepted({ count, drawn }), changes: [tallyChange('a', count)], events: [],
        };
      },
    };
    const [one, other] = await Promise.all([scene.run(drawing), scene.run(add('b'))]);
    assert.deepEqual(one, { count: 11, drawn: 2 });
    assert.equal(other, 1);
    assert.equal(await stored(scene, 'a'), 11);
    assert.deepEqual(scene.store.batches.map((batch) => batch.atoms.length), [2, 1]);
    assert.equal(scene.work.counts.conflicts, 1);
  });

  it('sends every member of its atom back, also who only read', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(overtakenBy(scene, 'a', 10, 0));
    const reader = counted(look('a'));
    const answers = await Promise.all([scene.run(add('a')), scene.run(reader.work)]);
    assert.deepEqual(answers, [11, 11]);
    assert.equal(reader.decisions, 2);
  });

  it('leaves no event of the try that lost', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(overtakenBy(scene, 'a', 10, 0));
    await scene.run(add('a'));
    const rows = await scene.store.events(null, 100);
    assert.equal(rows.reduce((sum, row) => sum + row.count, 0), 1);
  });

  it('met five times is a fault, not a sixth try', async () => {
    const scene = await openScene();
    scene.store.on_commit = (batch) => Promise.resolve(batch.atoms.map(() => 'conflict'));
    const one = counted(add('a'));
    await assert.rejects(scene.run(one.work), (error) =>
      error instanceof StoreFault && !error.outcome_unknown);
    assert.equal(one.decisions, 5);
    scene.store.on_commit = null;
    assert.equal(await scene.run(add('a')), 1);
  });
});

describe('an abort', () => {
  it('is tried once more whole, without deciding again', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(() => Promise.reject(aborted()));
    const one = counted(add('a'));
    const answers = await Promise.all([scene.run(one.work), scene.run(add('b'))]);
    assert.deepEqual(answers, [1, 1]);
    assert.equal(one.decisions, 1);
    assert.deepEqual(scene.store.batches.map((batch) => batch.atoms.length), [2, 2]);
  });

  it('met twice is taken atom by atom: the poisoned one alone fails', async () => {
    const scene = await openScene();
    const poisoned = (batch: Parameters<OnCommit>[0]) =>
      batch.atoms.some((atom) => atom.changes.some((change) => change.id === 'poison'));
    scene.store.on_commit = (batch, commit) =>
      (poisoned(batch) ? Promise.reject(aborted()) : commit(batch));
    const answers = await Promise.allSettled([
      scene.run(add('a')), scene.run(add('poison')), scene.run(look('poison')), scene.run(add('b')),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status), ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(scene.store.batches.map((batch) => batch.atoms.length), [3, 3, 1, 1, 1]);
    assert.equal(await stored(scene, 'a'), 1);
    assert.equal(await stored(scene, 'poison'), 0);
  });
});

describe('an unknown outcome', () => {
  const written: OnCommit = async (batch, commit) => {
    await commit(batch);
    throw unknown();
  };

  it('is decided by nobody again; all its commands fail; their keys are read anew', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(written);
    const one = counted(add('a'));
    const answers = await Promise.allSettled([scene.run(one.work), scene.run(add('b'))]);
    assert.deepEqual(answers.map(({ status }) => status), ['rejected', 'rejected']);
    assert.equal(one.decisions, 1);
    assert.equal(scene.store.batches.length, 1);
    assert.equal(await scene.run(add('a')), 2);
  });

  it('is what any other error of a store is taken for', async () => {
    const scene = await openScene();
    scene.store.on_commit = once(() => Promise.reject(new Error('bug')));
    const one = counted(add('a'));
    await assert.rejects(scene.run(one.work), (error) =>
      error instanceof StoreFault && error.outcome_unknown);
    assert.equal(scene.store.batches.length, 1);
  });

  it('of one atom alone, after aborts, fails that one alone', async () => {
    const scene = await openScene();
    scene.store.on_commit = (batch, commit) => {
      if (batch.atoms.length > 1) return Promise.reject(aborted());
      const lost = batch.atoms[0]?.changes[0]?.id === 'b';
      return lost ? Promise.reject(unknown()) : commit(batch);
    };
    const answers = await Promise.allSettled(['a', 'b', 'c'].map((id) => scene.run(add(id))));
    assert.deepEqual(
      answers.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('of a change to an app held in memory shows the app as the store has it', async () => {
    const scene = await openScene();
    const app = appFor({ status: 'disabled', epoch: 4 });
    scene.store.on_commit = once(written);
    const disable: Work<null> = {
      keys: [{ kind: 'app', id: app.id }],
      decide: () => ({
        result: accepted(null),
        changes: [{ kind: 'app', id: app.id, value: app }],
        events: [],
      }),
    };
    await assert.rejects(scene.run(disable));
    const seen = await scene.run({
      keys: [],
      decide: (facts) => ({ result: accepted(facts.app(app.id)), changes: [], events: [] }),
    });
    assert.equal(seen?.status, 'disabled');
    await scene.run(disable);
  });
});

describe('a fault in one command', () => {
  it('that throws while deciding harms no neighbour and no later command', async () => {
    const scene = await openScene();
    const broken: Work<never> = {
      keys: [tallyKey('a')],
      decide() {
        throw new Error('bug in a rule');
      },
    };
    const answers = await Promise.allSettled([
      scene.run(add('a')), scene.run(broken), scene.run(add('a')), scene.run(add('b')),
    ]);
    assert.deepEqual(
      answers.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
      [1, 'failed', 2, 1],
    );
    assert.equal(await scene.run(add('a')), 3);
  });

  it('that throws while naming its second round harms no neighbour', async () => {
    const scene = await openScene();
    const broken: Work<number> = {
      ...add('c'),
      more() {
        throw new Error('bug in a flow');
      },
    };
    const answers = await Promise.allSettled([scene.run(add('a')), scene.run(broken)]);
    assert.deepEqual(answers.map(({ status }) => status), ['fulfilled', 'rejected']);
  });

  it('of a read fails the whole batch and leaves nothing locked', async () => {
    const scene = await openScene();
    scene.store.on_read = () => Promise.reject(aborted());
    const answers = await Promise.allSettled([scene.run(add('a')), scene.run(add('b'))]);
    assert.deepEqual(answers.map(({ status }) => status), ['rejected', 'rejected']);
    scene.store.on_read = null;
    assert.equal(await scene.run(add('a', 'b')), 1);
    await scene.work.drained();
  });
});

describe('records held in memory', () => {
  it('show a command what an earlier one of its batch has made of an app', async () => {
    const scene = await openScene();
    const { id } = appFor();
    const bump: Work<number> = {
      keys: [{ kind: 'app', id }],
      decide(facts) {
        const app = facts.app(id) ?? appFor();
        const value = { ...app, epoch: app.epoch + 1 };
        const changes = [{ kind: 'app', id, value } as const];
        return { result: accepted(value.epoch), changes, events: [happened()] };
      },
    };
    const epochs = await Promise.all([scene.run(bump), scene.run(bump), scene.run(bump)]);
    assert.deepEqual(epochs, [4, 5, 6]);
    assert.equal(scene.work.resident.app(id)?.epoch, 6);
    assert.equal(await scene.run(bump), 7);
  });

  it('show a command what an earlier one of its batch has made of the world', async () => {
    const scene = await openScene();
    const bump: Work<number> = {
      keys: [{ kind: 'world', id: 'live' }],
      decide(facts) {
        const value = { ...facts.world(), epoch: facts.world().epoch + 1 };
        return {
          result: accepted(value.epoch),
          changes: [{ kind: 'world', id: 'live', value }],
          events: [happened()],
        };
      },
    };
    const before = worldFor().epoch;
    const epochs = await Promise.all([scene.run(bump), scene.run(bump)]);
    assert.deepEqual(epochs, [before + 1, before + 2]);
  });

  it('are not changed by a commit that lost or was aborted', async () => {
    const scene = await openScene();
    const { id } = appFor();
    const disable: Work<null> = {
      keys: [{ kind: 'app', id }],
      decide: () => ({
        result: accepted(null),
        changes: [{ kind: 'app', id, value: appFor({ status: 'disabled' }) }],
        events: [],
      }),
    };
    scene.store.on_commit = () => Promise.reject(aborted());
    await assert.rejects(scene.run(disable));
    assert.equal(scene.work.resident.app(id)?.status, 'approved');
  });
});

describe('a record that a decision needs and its batch did not read', () => {
  it('is read in a later batch, and the decision made there', async () => {
    const scene = await openScene();
    await scene.run(add('b'));
    const finding: Work<number> = {
      keys: [tallyKey('a')],
      decide: (facts) => ({
        result: accepted(tallyOf(facts, 'a') + tallyOf(facts, 'b')), changes: [], events: [],
      }),
    };
    assert.equal(await scene.run(finding), 1);
    await turns();
  });

  it('may be another one each time, as often as it takes', async () => {
    const scene = await openScene();
    const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
    const finding: Work<number> = {
      keys: [tallyKey('a')],
      decide: (facts) => ({
        result: accepted(names.reduce((sum, id) => sum + tallyOf(facts, id), 0)),
        changes: [],
        events: [],
      }),
    };
    assert.equal(await scene.run(finding), 0);
  });
});
