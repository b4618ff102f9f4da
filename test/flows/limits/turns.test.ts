/** Turns: one after another for one name, beside each other for two. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTurns } from '../../../src/flows/limits/turns.ts';
import { watch } from '../tally.ts';
import { turns as eventLoop } from '../watched-store.ts';

/** Takes a turn, notes it, and gives it on after some turns of the event loop. */
function worker(took: string[]) {
  const all = createTurns();
  return async (name: string, says: string, lasts = 3): Promise<void> => {
    const end = await all.take(name);
    assert.ok(end !== null);
    took.push(`+${says}`);
    await eventLoop(lasts);
    took.push(`-${says}`);
    end();
  };
}

describe('turns', () => {
  it('of one name come one after another, in the order in which they were asked for', async () => {
    const took: string[] = [];
    const work = worker(took);
    await Promise.all(['a', 'b', 'c', 'd'].map((says, i) => work('n', says, 5 - i)));
    assert.deepEqual(took, ['+a', '-a', '+b', '-b', '+c', '-c', '+d', '-d']);
  });

  it('of two names do not wait for each other', async () => {
    const took: string[] = [];
    const work = worker(took);
    await Promise.all([work('n', 'slow', 30), work('m', 'quick', 1)]);
    assert.deepEqual(took, ['+slow', '+quick', '-quick', '-slow']);
  });

  it('begin anew for a name that nobody holds any more', async () => {
    const took: string[] = [];
    const work = worker(took);
    for (const says of ['a', 'b']) await work('n', says);
    assert.deepEqual(took, ['+a', '-a', '+b', '-b']);
  });

  it('given on twice are given on once', async () => {
    const { take } = createTurns();
    const first = await take('n');
    const second = watch(take('n'));
    const third = watch(take('n'));
    first?.();
    first?.();
    await eventLoop();
    assert.deepEqual([second.state(), third.state()], ['answered', 'waiting']);
  });

  it('turn away who would wait behind 512 others, and nobody else', async () => {
    const { take } = createTurns();
    const first = await take('n');
    const waiting = Array.from({ length: 512 }, () => take('n'));
    assert.equal(await take('n'), null);
    assert.notEqual(await take('m'), null);
    first?.();
    const second = await waiting[0];
    const last = watch(take('n'));
    await eventLoop();
    assert.equal(last.state(), 'waiting');
    assert.equal(await take('n'), null);
    second?.();
    for (const one of waiting.slice(1)) (await one)?.();
    await eventLoop();
    assert.equal(last.state(), 'answered');
  });
});
