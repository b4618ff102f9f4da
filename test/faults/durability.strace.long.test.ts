import { describe, it } from 'node:test';
import {
  BROKEN, assertEveryReplyFollowsItsSync, assertSeenEarly,
} from './durability-checks.ts';

const REPLIES = 1_000;

describe(`durability by order, ${REPLIES} replies`, () => {
  it('I3 every reply with a token follows the sync of its commit', (t) =>
    assertEveryReplyFollowsItsSync(REPLIES, t));

  for (const { says, ...broken } of BROKEN) {
    it(`I3 the same check fails with ${says}`, (t) => assertSeenEarly(REPLIES, broken, t));
  }
});
