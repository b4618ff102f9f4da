/** Refreshing with a stable token: one number more, the window, and narrowed scopes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RefreshFacts, refresh } from '../../../src/core/decide/token/refresh.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import {
  GRANT_ID, NOW, STABLE_REFRESH, appFor, customerFor, digestOf, grantFor, profileFor,
  refreshFor, worldFor,
} from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

function facts(grant: Partial<Grant> = {}, over: Partial<RefreshFacts> = {}): RefreshFacts {
  return {
    profile: profileFor(),
    app: appFor(),
    presented: { id: GRANT_ID, digest: digestOf('refresh'), generation: 1 },
    grant: grantFor(grant),
    customer: customerFor(),
    world: worldFor(),
    scope: null,
    ...STABLE_REFRESH,
    limits_off: false,
    now: NOW,
    ...over,
  };
}

function refreshed(grant: Partial<Grant> = {}, over: Partial<RefreshFacts> = {}) {
  const decision = refresh(facts(grant, over));
  assert.ok(decision.result.ok);
  return decision.result.value;
}

describe('a refresh', () => {
  it('changes its grant and nothing else', () => {
    const decision = refresh(facts());
    assert.deepEqual(touched(decision), [`grant/${GRANT_ID}`]);
    assert.deepEqual(actions(decision), ['token.refreshed']);
    const before = grantFor();
    assert.deepEqual(changed(decision, 'grant', GRANT_ID), {
      ...before,
      last_number: before.last_number + 1,
      last_used_at: NOW,
      chain_began_at: NOW,
      refresh: { ...refreshFor(), window_began_at: NOW, window_count: 1 },
    });
  });

  it('keeps digest and generation: the token stays the same', () => {
    const { grant } = refreshed();
    assert.equal(grant.refresh?.digest, digestOf('refresh'));
    assert.equal(grant.refresh.generation, 1);
  });

  it('moves the numbers that were ended singly along', () => {
    const { grant } = refreshed({ last_number: 9, ended_numbers: '5' });
    assert.equal(grant.last_number, 10);
    assert.equal(grant.ended_numbers, 'a');
  });

  it('counts within a minute and begins a new one after it', () => {
    const at = (ms: number, window_count: number) =>
      refreshed({ refresh: refreshFor({ window_began_at: NOW, window_count }) }, { now: NOW + ms })
        .grant.refresh;
    assert.deepEqual(at(59_999, 1), refreshFor({ window_began_at: NOW, window_count: 2 }));
    const began = { window_began_at: NOW + 60_000, window_count: 1 };
    assert.deepEqual(at(60_000, 60), refreshFor(began));
  });

  it('gives all scopes of the grant, or the part asked for, of this token only', () => {
    assert.equal(refreshed({ scopes: 1 | 8 }).scopes, 1 | 8);
    const narrowed = refreshed({ scopes: 1 | 8 }, { scope: ['market'] });
    assert.equal(narrowed.scopes, 8);
    assert.equal(narrowed.grant.scopes, 1 | 8);
  });

  it('of a grant that holds more than the app may hold now ends the grant', () => {
    const decision = refresh(facts({ scopes: 1 | 4 }, { app: appFor({ scopes: 1 | 8 }) }));
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.code, 'client_not_approved');
    const [change, ...more] = decision.changes;
    assert.ok(change?.kind === 'grant' && more.length === 0);
    assert.deepEqual(change.value?.state, { is: 'ended', at: NOW, by: 'operator' });
    assert.deepEqual(actions(decision), ['grant.ended', 'refresh.refused']);
  });
});

describe('a refused refresh', () => {
  it('over its limit says when to come back, and is no event and no change', () => {
    const refresh_at = (ms: number) => refresh(facts(
      { refresh: refreshFor({ window_began_at: NOW, window_count: 60 }) }, { now: NOW + ms },
    ));
    for (const [ms, wait_s] of [[0, 60], [1, 60], [1000, 59], [59_999, 1]] as const) {
      const decision = refresh_at(ms);
      assert.ok(!decision.result.ok);
      assert.equal(decision.result.refusal.retry_after_s, wait_s);
      assert.deepEqual([decision.changes, decision.events], [[], []]);
    }
  });

  it('of an ended grant is noted as use after its end, and revives nothing', () => {
    const decision = refresh(facts({ state: { is: 'ended', at: NOW - 1, by: 'customer' } }));
    assert.deepEqual(decision.changes, []);
    assert.equal(decision.events[0]?.detail, 'use_after_end');
    assert.equal(decision.events[0]?.outcome, 'refused');
  });

  it('by another app is noted with the rule', () => {
    const decision = refresh(facts({}, { app: appFor({ id: 'B'.repeat(32) }) }));
    assert.deepEqual(decision.changes, []);
    assert.equal(decision.events[0]?.detail, 'refresh.own');
    assert.equal(decision.events[0]?.object, digestOf('refresh').slice(0, 11));
  });

  it('of what is no refresh token writes no event', () => {
    const decision = refresh(facts({}, { presented: null, grant: undefined }));
    assert.deepEqual([decision.changes, decision.events], [[], []]);
  });
});
