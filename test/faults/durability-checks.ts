/** I3, in a short and a long form: what must hold, and the three ways in which it must be seen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { traceReplies } from './durability.ts';
import type { ServerOptions } from '../world.ts';

const BROKEN: readonly (ServerOptions & { readonly says: string })[] = [
  { says: 'synchronous=NORMAL', set: { danger_sqlite_synchronous: 'NORMAL' } },
  { says: 'synchronous=OFF', set: { danger_sqlite_synchronous: 'OFF' } },
  {
    says: 'replies sent before the commit',
    node_args: ['--import', new URL('../mutants/install.ts', import.meta.url).href],
    env: { MUTANT: 'src/store/sql/sqlite-store.ts=test/mutants/replies-before-commit.ts' },
  },
];

/** @param replies how many replies with a token are judged */
export function checkDurability(replies: number): void {
  describe(`I3 durability by order, ${replies} replies`, () => {
    it('I3 every reply with a token follows the sync of its commit', async (t) => {
      const traced = await traceReplies(replies);
      t.diagnostic(traced.stands_on);
      assert.ok(traced.replies >= replies);
      assert.equal(traced.unseen.length, 0, 'replies that the trace does not show');
      assert.equal(traced.judged, traced.replies, 'replies without an event in the trail');
      assert.equal(traced.early.length, 0, `early replies of ${traced.judged}`);
    });

    for (const { says, ...options } of BROKEN) {
      it(`I3 the same check fails with ${says}`, async (t) => {
        const traced = await traceReplies(replies, options);
        assert.equal(traced.judged, traced.replies, 'the check saw every reply');
        assert.ok(
          traced.early.length > traced.judged / 2,
          `only ${traced.early.length} of ${traced.judged} replies were seen as early`,
        );
        t.diagnostic(`${traced.early.length} of ${traced.judged} replies are early`);
      });
    }
  });
}
