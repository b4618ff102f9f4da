/** Rotating refresh tokens through the real flow: batches, conflicts, restarts, real seals. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFlows } from '../../../src/flows/dispatch.ts';
import { codeOf, consent, exchange, refresh, signedInBrowser, valueOf } from '../browser.ts';
import { type House, appWithSecret, customerWithPassword, openHouse } from '../house.ts';
import { once } from '../watched-store.ts';

const APP = appWithSecret();
const ALICE = customerWithPassword();
const ROTATING = {
  refresh_policy: 'rotating', refresh_approval: 'not_needed', refresh_lifetime_s: 93_600,
  refreshes_per_minute_max: 6000,
} as const;

/** A house with one grant, its refresh token and its record's id. */
async function familyIn(settings: { readonly retry_s?: number } = {}) {
  const house = await openHouse({ profile: ROTATING });
  if (settings.retry_s !== undefined) house.settings.refresh_retry_s = settings.retry_s;
  const browser = await signedInBrowser(house, ALICE);
  const code = await consent(house, browser);
  const { refresh_token: first } = valueOf(await exchange(house, APP, { code }));
  assert.ok(first !== null);
  const { records: [grant] } = await house.store.list('grant', {
    prefix: '', after: null, limit: 9,
  });
  assert.ok(grant);
  return { house, first, id: grant.id };
}

async function next(house: House, token: string): Promise<string> {
  const { refresh_token } = valueOf(await refresh(house, APP, token));
  assert.ok(refresh_token !== null);
  return refresh_token;
}

/** Another process over the same store: nothing of the first one's memory is left. */
async function anotherProcess(house: House): Promise<House> {
  const flows = await createFlows(house.flows.deps, house.flows.deps.settings);
  let requests = 0;
  return {
    ...house,
    flows,
    send: (name, command, address = '192.0.2.1') =>
      flows.dispatch(name, command, { address, request_id: `other-${++requests}` }),
  };
}

describe('a rotating refresh token', () => {
  it('RP-10, RP-11, RP-14 AT-V13 as the table says', async () => {
    const { house, first, id } = await familyIn();
    const second = await next(house, first);
    assert.notEqual(second, first);
    house.clock.ms += 5000;
    assert.equal(await next(house, first), second);
    const third = await next(house, second);
    assert.ok(![first, second].includes(third));
    assert.equal(codeOf(await refresh(house, APP, first)), 'refresh_replayed');
    assert.equal(codeOf(await refresh(house, APP, third)), 'refresh_ended');
    assert.equal((await house.record('grant', id))?.state.is, 'ended');
  });

  it('RP-12, RP-13 AT-V14 a reply lost for longer', async () => {
    const { house, first } = await familyIn();
    const lost = await next(house, first);
    house.clock.ms += 60_000;
    const other = await next(house, first);
    assert.notEqual(other, lost);
    const third = await next(house, other);
    assert.equal(codeOf(await refresh(house, APP, lost)), 'refresh_replayed');
    assert.equal(codeOf(await refresh(house, APP, third)), 'refresh_ended');
  });

  it('RP-17 of 64 that come at once all get the same successor, and it is live', async () => {
    const { house, first, id } = await familyIn();
    const given = await Promise.all(Array.from({ length: 64 }, () => next(house, first)));
    const [successor = '', ...others] = new Set(given);
    assert.deepEqual(others, []);
    const { refresh: row } = (await house.record('grant', id)) ?? { refresh: null };
    assert.equal(row?.generation, 2);
    assert.equal(codeOf(await refresh(house, APP, successor)), 'ok');
  });

  it('RP-17 of two processes at once, too, also when their commits meet', async () => {
    const { house, first } = await familyIn();
    const other = await anotherProcess(house);
    const given = await Promise.all(
      Array.from({ length: 32 }, (_, i) => next(i % 2 === 0 ? house : other, first)),
    );
    const [successor = '', ...others] = new Set(given);
    assert.deepEqual(others, []);
    assert.equal(codeOf(await refresh(other, APP, successor)), 'ok');
  });

  it('that met a conflict gives the token that was written', async () => {
    const { house, first } = await familyIn();
    await next(house, first);
    house.clock.ms += 31_000;
    house.store.on_commit = once((batch) =>
      Promise.resolve(batch.atoms.map(() => 'conflict' as const)));
    const given = await next(house, first);
    assert.equal(codeOf(await refresh(house, APP, given)), 'ok');
  });

  it('whose commit was lost is live still, and no text of the lost try is', async () => {
    const { house, first, id } = await familyIn();
    const before = await house.record('grant', id);
    house.store.on_commit = () => Promise.reject(new Error('disk'));
    await assert.rejects(() => refresh(house, APP, first));
    house.store.on_commit = null;
    assert.deepEqual(await house.record('grant', id), before);
    const second = await next(house, first);
    assert.equal(codeOf(await refresh(house, APP, second)), 'ok');
  });

  it('gives the same successor after a restart, over the turn of a minute', async () => {
    const { house, first } = await familyIn();
    house.clock.ms = Math.ceil(house.clock.ms / 60_000) * 60_000 + 59_000;
    const second = await next(house, first);
    house.clock.ms += 29_000;
    assert.equal(await next(await anotherProcess(house), first), second);
  });

  it('RP-20 gives another one when its window key is gone, and displaces the first', async () => {
    const { house, first } = await familyIn();
    const second = await next(house, first);
    const { records } = await house.store.list('window-key', { prefix: '', after: null, limit: 9 });
    await house.store.behind(records.map(({ id }) => ({
      kind: 'window-key', id, value: null, version: 1,
    })));
    const other = await next(await anotherProcess(house), first);
    assert.notEqual(other, second);
    assert.equal(codeOf(await refresh(house, APP, second)), 'refresh_replayed');
  });

  it('RP-20 stands in no record, its successor neither', async () => {
    const { house, first } = await familyIn();
    const second = await next(house, first);
    const third = await next(house, second);
    const kept = JSON.stringify(house.store.batches);
    for (const text of [first, second, third]) {
      assert.ok(text.length > 60);
      // Neither the text nor the part of it that is secret.
      for (const part of [text, text.slice(-60), text.slice(-43)]) assert.ok(!kept.includes(part));
    }
  });

  it('with no time for lost replies gives another one a millisecond later', async () => {
    const { house, first } = await familyIn({ retry_s: 0 });
    const second = await next(house, first);
    house.clock.ms += 1;
    const other = await next(house, first);
    assert.notEqual(other, second);
    assert.equal(codeOf(await refresh(house, APP, other)), 'ok');
  });

  it('RP-18 without a right tag is unknown, and the store is not asked', async () => {
    const { house, first, id } = await familyIn();
    const before = house.store.reads.length;
    const altered = `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`;
    for (const text of [altered, `${first}x`, first.toUpperCase(), 'junk', '']) {
      const answer = await refresh(house, APP, text);
      assert.equal(codeOf(answer), 'refresh_unknown', text);
    }
    assert.equal(house.store.reads.length, before);
    assert.equal((await house.record('grant', id))?.state.is, 'live');
  });

  it('AT-V15 says how long it lives, from each refresh on', async () => {
    const { house, first } = await familyIn();
    const answer = valueOf(await refresh(house, APP, first));
    assert.equal(answer.refresh_lifetime_s, 93_600);
    house.clock.ms += 93_599_999;
    const late = valueOf(await refresh(house, APP, answer.refresh_token ?? ''));
    house.clock.ms += 93_600_000;
    assert.equal(codeOf(await refresh(house, APP, late.refresh_token ?? '')), 'refresh_ended');
  });
});
