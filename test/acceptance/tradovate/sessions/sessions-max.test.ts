/** Another number of sessions (contract §9.1, `tradovate.max_sessions`). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { callerAt } from './caller.ts';
import { assertEmpty, assertSession } from './answers.ts';

const server = await startServer({
  seed: tradovateSeed(),
  set: { 'tradovate.max_sessions': 1, 'tradovate.limit_exempt': '["127.0.0.0/24"]' },
});
after(server.stop);
const here = callerAt(server.live);

test('AT-V33 with max_sessions 1 a second login closes the first', async () => {
  const first = assertSession(await here.login(USERS.alice)).accessToken;
  assert.equal((await here.me(first)).status, 200);
  const second = assertSession(await here.login(USERS.alice)).accessToken;
  assertEmpty(await here.me(first), 408);
  assert.equal((await here.me(second)).status, 200);
});

test('AT-V34 with max_sessions 1, 64 logins at once leave exactly one', async () => {
  const answers = await Promise.all(Array.from({ length: 64 }, () => here.login(USERS.alice)));
  const tokens = answers.map((answer) => assertSession(answer).accessToken);
  const statuses = await Promise.all(tokens.map(async (token) => (await here.me(token)).status));
  assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
});
