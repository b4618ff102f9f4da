/** AT-V69: the fetch requests of the vendor's reference, with our host and a token of ours. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { Server } from '../world.ts';
import { runProgram } from './programs.ts';
import type { Ran } from './programs.ts';
import { TOKEN_S, assertSession, logIn, startTradovate } from './tradovate-site.ts';
import type { Session } from './tradovate-site.ts';

const PROGRAM = join(import.meta.dirname, './programs/tradovate/fetch-samples.ts');
const { alice } = CUSTOMERS;

function run(...args: readonly string[]): Promise<Ran> {
  return runProgram(process.execPath, [PROGRAM, ...args]);
}

describe('the fetch samples of the reference', () => {
  let server: Server;
  before(async () => {
    server = await startTradovate();
  });
  after(() => server.stop());

  for (const name of ['paper', 'live'] as const) {
    it(`AT-V69 renew prints an AccessTokenResponse, ${name}`, async () => {
      const { accessToken } = (await logIn(server[name], alice)).json<Session>();
      const { code, stdout, stderr } = await run('renew', server[name].origin, accessToken);
      assert.deepEqual([code, stderr], [0, '']);
      const renewed = JSON.parse(stdout) as Session;
      assertSession(renewed, alice);
      assert.notEqual(renewed.accessToken, accessToken);
    });

    it(`AT-V69 the placeholder prints unsupported_grant_type, ${name}`, async () => {
      const { code, stdout, stderr } = await run('token', server[name].origin);
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(JSON.parse(stdout), {
        error: 'unsupported_grant_type',
        error_description: 'Unsupported grant_type',
      });
    });
  }

  it('AT-V69 a dead token has no body, which the sample reports as an error', async () => {
    const { accessToken } = (await logIn(server.live, alice)).json<Session>();
    await server.control.advance(TOKEN_S + 1);
    const { stdout, stderr } = await run('renew', server.live.origin, accessToken);
    assert.equal(stdout, '');
    assert.match(stderr, /SyntaxError: Unexpected end of JSON input/);
  });
});
