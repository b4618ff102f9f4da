/** Redeeming through the real flow: races, replays, full links and what may be retried. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOW } from '../core/facts.ts';
import {
  type Browser, check, codeOf, consent, endConnections, exchange, refresh, signedInBrowser,
  valueOf,
} from './browser.ts';
import { type House, appWithSecret, customerWithPassword, openHouse } from './house.ts';
import { aborted, once, turns, unknown } from './watched-store.ts';

const APP = appWithSecret();
const ALICE = customerWithPassword();

async function houseWithAlice(): Promise<{ house: House; browser: Browser }> {
  const house = await openHouse();
  return { house, browser: await signedInBrowser(house, ALICE) };
}

describe('redemptions of one code at once', () => {
  it('have one winner, whose grant the first loser ends in the same commit', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    const before = house.store.batches.length;
    const results = await Promise.all(
      Array.from({ length: 15 }, () => exchange(house, APP, { code })),
    );
    const winners = results.filter((result) => result.ok);
    assert.equal(winners.length, 1);
    const codes = new Set(results.filter((result) => !result.ok).map(codeOf));
    assert.deepEqual([...codes], ['code_replayed']);
    const batches = house.store.batches.slice(before);
    assert.equal(batches.length, 1);
    const actions = batches[0]?.atoms.flatMap((atom) => atom.events.map((event) => event.action));
    assert.equal(actions?.filter((action) => action === 'code.redeemed').length, 1);
    assert.equal(actions.filter((action) => action === 'code.replayed').length, 1);
    const [winner] = winners;
    assert.ok(winner?.ok);
    assert.equal(codeOf(await check(house, winner.value.access_token)), 'token_ended');
    const refreshed = await refresh(house, APP, winner.value.refresh_token ?? '');
    assert.equal(codeOf(refreshed), 'refresh_ended');
  });

  it('over several batches have one winner, too', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    house.store.on_commit = async (batch, commit) => {
      await new Promise((resolve) => setImmediate(resolve));
      return commit(batch);
    };
    const pending: ReturnType<typeof exchange>[] = [];
    for (let i = 0; i < 64; i++) {
      pending.push(exchange(house, APP, { code }));
      if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const results = await Promise.all(pending);
    assert.equal(results.filter((result) => result.ok).length, 1);
    const link = await house.record('link', `${ALICE.id}.${APP.id}`);
    assert.deepEqual(link?.grants, []);
    assert.deepEqual(link.pending, []);
  });
});

describe('a redemption', () => {
  it('whose outcome is unknown is not taken for a replay by the server itself', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    house.store.on_commit = once(async (batch, commit) => {
      await commit(batch);
      throw unknown();
    });
    await assert.rejects(exchange(house, APP, { code }));
    const link = await house.record('link', `${ALICE.id}.${APP.id}`);
    const grant = await house.record('grant', link?.grants[0] ?? '');
    assert.equal(grant?.state.is, 'live');
  });

  it('that aborts once gives tokens that work', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    house.store.on_commit = once(() => Promise.reject(aborted()));
    const { access_token, refresh_token } = valueOf(await exchange(house, APP, { code }));
    assert.equal(codeOf(await check(house, access_token)), 'ok');
    assert.equal(codeOf(await refresh(house, APP, refresh_token ?? '')), 'ok');
  });

  it('that meets a conflict gives the refresh token of the grant that was written', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    house.store.on_commit = once((batch) =>
      Promise.resolve(batch.atoms.map(() => 'conflict' as const)));
    const { refresh_token } = valueOf(await exchange(house, APP, { code }));
    assert.equal(codeOf(await refresh(house, APP, refresh_token ?? '')), 'ok');
  });

  it('after the app’s connection was removed begins nothing', async () => {
    const { house, browser } = await houseWithAlice();
    const code = await consent(house, browser);
    assert.deepEqual(valueOf(await endConnections(house, browser, APP.id)), { ended: 1 });
    assert.equal(codeOf(await exchange(house, APP, { code })), 'code_ended');
  });

  it('is bound to its app and keeps its code for it', async () => {
    const other = appWithSecret({ id: 'B'.repeat(32) });
    const house = await openHouse({ apps: [APP, other] });
    const code = await consent(house, await signedInBrowser(house, ALICE));
    assert.equal(codeOf(await exchange(house, other, { code })), 'code_foreign');
    assert.equal(codeOf(await exchange(house, APP, { code })), 'ok');
  });
});

describe('a full link', () => {
  it('ends its oldest grant with each new one, also when many begin at once', async () => {
    const { house, browser } = await houseWithAlice();
    house.settings.danger_limits_off = true;
    const tokens: string[] = [];
    for (let i = 0; i < 20; i++) {
      const code = await consent(house, browser);
      tokens.push(valueOf(await exchange(house, APP, { code })).access_token);
    }
    const codes: string[] = [];
    for (let i = 0; i < 12; i++) codes.push(await consent(house, browser));
    const more = await Promise.all(codes.map((code) => exchange(house, APP, { code })));
    tokens.push(...more.map((result) => valueOf(result).access_token));
    const verdicts = await Promise.all(tokens.map((token) => check(house, token)));
    const expected = tokens.map((_, i) => (i < 12 ? 'token_ended' : 'ok'));
    assert.deepEqual(verdicts.map(codeOf), expected);
  });
});

describe('removing an app', () => {
  it('ends every code that was not redeemed, however many there are', async () => {
    const { house, browser } = await houseWithAlice();
    house.settings.danger_limits_off = true;
    const codes: string[] = [];
    for (let i = 0; i < 60; i++) codes.push(await consent(house, browser));
    await endConnections(house, browser, APP.id);
    const results = await Promise.all(codes.map((code) => exchange(house, APP, { code })));
    assert.deepEqual([...new Set(results.map(codeOf))], ['code_ended']);
  });

  it('racing a redemption leaves no live grant, whichever comes first', async () => {
    const states = new Set<string | undefined>();
    for (const [wait, wait_for_removal] of [[0, 0], [0, 1], [1, 0], [0, 3], [3, 0]] as const) {
      const { house, browser } = await houseWithAlice();
      const code = await consent(house, browser);
      const exchanged = turns(wait).then(() => exchange(house, APP, { code }));
      const removed = turns(wait_for_removal).then(() => endConnections(house, browser, APP.id));
      await Promise.all([exchanged, removed]);
      const link = await house.record('link', `${ALICE.id}.${APP.id}`);
      assert.deepEqual(link?.grants, []);
      const record = await house.record('code', recordId(house, code));
      states.add(record?.state.is);
      const result = await exchanged;
      assert.equal(codeOf(result), record?.state.is === 'spent' ? 'ok' : 'code_ended');
      if (result.ok) {
        assert.equal(codeOf(await check(house, result.value.access_token)), 'token_ended');
      }
    }
    assert.deepEqual(states, new Set(['ended', 'spent']));
  });
});

function recordId(house: House, code: string): string {
  const opened = house.flows.deps.handles.open('code', code);
  if (typeof opened === 'string') throw new Error(opened);
  return opened.shard + opened.record;
}

describe('a code', () => {
  it('is taken in its last millisecond and not after it', async () => {
    for (const [ms, expected] of [[599_999, 'ok'], [600_000, 'code_expired']] as const) {
      const { house, browser } = await houseWithAlice();
      const code = await consent(house, browser);
      house.clock.ms = NOW + ms;
      assert.equal(codeOf(await exchange(house, APP, { code })), expected);
    }
  });
});
