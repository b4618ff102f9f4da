/** Races on one object: 64 requests at once, as a client with too many threads sends them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createBrowser } from '../outside/browser.ts';
import type { Browser } from '../outside/browser.ts';
import type { Answer } from '../outside/call.ts';
import { APPS } from '../outside/fixtures.ts';
import { exchange, link, profile, refresh, tokens } from '../outside/tradier.ts';
import type { TokenErrorBody } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';

const APP = APPS.TI;
const AT_ONCE = 64;

const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

/** @param rounds races on a code; the refresh races run a tenth as often */
export function checkRaces(rounds: number): void {
  describe(`races, ${rounds} rounds`, () => {
    let server: Server;
    before(async () => {
      server = await startServer();
    });
    after(() => server.stop());

    it('F-01 64 redemptions of one code: one success, whose tokens then end', async () => {
      const browser = await signedIn(server);
      for (let round = 0; round < rounds; round += 1) {
        if (round > 0) await browser.authorize(APP);
        const { code } = await browser.consent('allow');
        assert.ok(code);
        await raceOneCode(server, code);
      }
    });

    it('F-02 64 refreshes at once, 16 on each of 4 grants: every token usable', async () => {
      for (let round = 0; round < Math.ceil(rounds / 10); round += 1) {
        const grants = await times(4, () => link(server.live, APP, 'u2'));
        const all = grants.flatMap(({ refresh_token = '' }) =>
          Array.from({ length: AT_ONCE / 4 }, () => refresh_token),
        );
        const answers = await Promise.all(all.map((held) => refresh(server.live, APP, held)));
        await allUsable(server, answers);
        await server.control.advance(61);
      }
    });

    it('F-02 64 refreshes of one grant at once: 60 succeed, 4 meet the exact limit', async () => {
      const { refresh_token = '' } = await link(server.live, APP, 'bob');
      const answers = await times(AT_ONCE, () => refresh(server.live, APP, refresh_token));
      const statuses = answers.map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 200).length, 60);
      assert.equal(statuses.filter((status) => status === 429).length, 4);
      const issued = answers.filter(({ status }) => status === 200).map((own) => tokens(own));
      assert.equal(new Set(issued.map(({ access_token }) => access_token)).size, 60);
      const checks = issued.map(({ access_token }) => profile(server.live, access_token));
      const alive = (await Promise.all(checks)).filter(({ status }) => status === 200);
      assert.equal(alive.length, 20, 'the newest 20 of a grant live (contract §5.4)');
    });
  });
}

async function signedIn(server: Server): Promise<Browser> {
  const browser = createBrowser(server.live);
  await browser.authorize(APP);
  await browser.signIn('u1');
  return browser;
}

async function raceOneCode(server: Server, code: string): Promise<void> {
  const answers = await times(AT_ONCE, () => exchange(server.live, APP, code));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1, JSON.stringify(answers.map(({ status }) => status)));
  for (const lost of answers) {
    if (won.includes(lost)) continue;
    assert.equal(lost.status, 400);
    assert.equal(lost.json<TokenErrorBody>().error, 'invalid_grant');
  }
  const { access_token, refresh_token = '' } = tokens(won[0] as Answer);
  const refused = await profile(server.live, access_token);
  assert.equal(refused.status, 401);
  assert.equal(refused.json<TokenErrorBody>().fault.faultstring, 'Access Token not approved');
  assert.equal((await refresh(server.live, APP, refresh_token)).status, 400);
}

async function allUsable(server: Server, answers: readonly Answer[]): Promise<void> {
  const issued = answers.map((answer) => tokens(answer).access_token);
  assert.equal(new Set(issued).size, AT_ONCE);
  const checks = await Promise.all(issued.map((token) => profile(server.live, token)));
  for (const { status, text } of checks) assert.equal(status, 200, text);
}
