/** I3, in a short and a long form: what must hold, and the three ways in which it must be seen. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { traceReplies } from './durability.ts';
import type { ServerOptions } from '../world.ts';

/** The three ways in which durability may be lost, each of which the check must see. */
export const BROKEN: readonly (ServerOptions & { readonly says: string })[] = [
  { says: 'synchronous=NORMAL', set: { danger_sqlite_synchronous: 'NORMAL' } },
  { says: 'synchronous=OFF', set: { danger_sqlite_synchronous: 'OFF' } },
  {
    says: 'replies sent before the commit',
    node_args: ['--import', new URL('../mutants/install.ts', import.meta.url).href],
    env: { MUTANT: 'src/store/sql/sqlite-store.ts=test/mutants/replies-before-commit.ts' },
  },
];

/** Every reply with a token is written after the sync of the WAL that holds its commit. */
export async function assertEveryReplyFollowsItsSync(
  replies: number,
  t: TestContext,
): Promise<void> {
  const traced = await traceReplies(replies);
  t.diagnostic(traced.stands_on);
  assert.ok(traced.replies >= replies);
  assert.equal(traced.unseen.length, 0, 'replies that the trace does not show');
  assert.equal(traced.judged, traced.replies, 'replies without an event in the trail');
  assert.equal(traced.early.length, 0, `early replies of ${traced.judged}`);
}

/** The same check on a server that is broken on purpose: most of its replies are early. */
export async function assertSeenEarly(
  replies: number,
  broken: ServerOptions,
  t: TestContext,
): Promise<void> {
  const traced = await traceReplies(replies, broken);
  assert.equal(traced.judged, traced.replies, 'the check saw every reply');
  assert.ok(
    traced.early.length > traced.judged / 2,
    `only ${traced.early.length} of ${traced.judged} replies were seen as early`,
  );
  t.diagnostic(`${traced.early.length} of ${traced.judged} replies are early`);
}
