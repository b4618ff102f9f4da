/** Rotation by its table: what each token of a family gives, and what it leaves behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useOf } from '../../../src/core/decide/token/rotate.ts';
import { GRANT_ID, NOW, appFor, customerFor, digestOf, refreshFor } from '../facts.ts';
import { actions, changed, touched } from './changed.ts';
import { FIRST, type Family, NETWORK, type TokenText, familyOf, outcomeOf } from './family.ts';

/** A family whose first token was used at NOW, and the token it gave. */
function rotatedOnce(): { readonly family: Family; readonly second: TokenText } {
  const family = familyOf();
  const { given } = family.present(FIRST, { now: NOW });
  assert.ok(given !== null);
  return { family, second: given };
}

/** Nothing more is given, by whatever token. */
function assertEnded(family: Family): void {
  for (const text of family.issued) {
    const use = family.present(text, { now: NOW + 200_000 });
    assert.equal(outcomeOf(use), 'refresh_ended');
    assert.deepEqual(actions(use.decision), ['refresh.refused']);
    assert.equal(use.decision.events[0]?.detail, 'use_after_end');
  }
}

describe('what a refresh token is to its family', () => {
  const refresh = refreshFor({
    generation: 5, digest: digestOf('fifth'), predecessor: {
      generation: 3, digest: digestOf('third'), used_at: NOW, window_key: 1,
      sealed_successor: 's',
    },
  });
  const table: readonly (readonly [string, number, string, string])[] = [
    ['the current digest and generation', 5, 'fifth', 'current'],
    ['the current generation, another digest', 5, 'third', 'impossible'],
    ['the predecessor', 3, 'third', 'predecessor'],
    ['its generation, another digest', 3, 'fifth', 'impossible'],
    ['a generation between: displaced', 4, 'fourth', 'ancestor'],
    ['a generation between with the current digest', 4, 'fifth', 'ancestor'],
    ['a generation before', 2, 'second', 'ancestor'],
    ['the first', 1, 'first', 'ancestor'],
    ['a generation above', 6, 'fifth', 'impossible'],
  ];
  for (const [says, generation, text, use] of table) {
    it(`${says}: ${use}`, () => {
      assert.equal(useOf({ generation, digest: digestOf(text) }, refresh), use);
    });
  }

  it('nothing without a token or without a family', () => {
    assert.equal(useOf(null, refresh), 'impossible');
    const presented = { generation: 5, digest: digestOf('fifth') };
    assert.equal(useOf(presented, null), 'impossible');
    assert.equal(useOf(presented, undefined), 'impossible');
  });
});

describe('rotation', () => {
  it('RP-10 a live token gives a successor in one change', () => {
    const family = familyOf({ ends_at: NOW + 1_000_000, last_number: 4, ended_numbers: '1' });
    const before = family.grant();
    const { decision, given } = family.present(FIRST, { now: NOW + 5 });
    assert.equal(given?.startsWith('2.'), true);
    assert.deepEqual(touched(decision), [`grant/${GRANT_ID}`]);
    assert.deepEqual(changed(decision, 'grant', GRANT_ID), {
      ...before,
      last_number: 5,
      ended_numbers: '2',
      last_used_at: NOW + 5,
      chain_began_at: NOW + 5,
      refresh: {
        generation: 2,
        digest: digestOf(given ?? ''),
        window_began_at: NOW + 5,
        window_count: 1,
        issued_at: NOW + 5,
        network: NETWORK,
        predecessor: {
          generation: 1, digest: digestOf(FIRST), used_at: NOW + 5, window_key: 1,
          sealed_successor: given,
        },
      },
    });
    assert.deepEqual(actions(decision), ['token.refreshed']);
  });

  it('RP-11 within 30 s the same successor, with another access token', () => {
    const { family, second } = rotatedOnce();
    for (const ms of [0, 1, 29_999, 30_000]) {
      const before = family.grant();
      const { decision, given } = family.present(FIRST, { now: NOW + ms });
      assert.equal(given, second);
      const after = changed(decision, 'grant', GRANT_ID);
      assert.equal(after?.last_number, before.last_number + 1);
      assert.equal(after.refresh?.digest, digestOf(second));
      assert.equal(after.refresh.generation, 2);
      // The window of the lost reply is not moved by those who use it.
      assert.deepEqual(after.refresh.predecessor, before.refresh?.predecessor);
      // The idle window is.
      assert.equal(after.refresh.issued_at, NOW + ms);
      assert.deepEqual(actions(decision), ['token.refreshed']);
    }
    assert.equal(outcomeOf(family.present(second, { now: NOW + 30_000 })), 'ok');
  });

  it('RP-12 later another successor, and the wait begins anew', () => {
    const { family, second } = rotatedOnce();
    const { given: other } = family.present(FIRST, { now: NOW + 30_001 });
    assert.ok(other !== null && other !== second);
    const { refresh } = family.grant();
    assert.equal(refresh?.generation, 3);
    assert.equal(refresh.digest, digestOf(other));
    assert.equal(refresh.predecessor?.generation, 1);
    assert.equal(refresh.predecessor.digest, digestOf(FIRST));
    assert.equal(refresh.predecessor.used_at, NOW + 30_001);
    const again = family.present(FIRST, { now: NOW + 60_001 });
    assert.equal(again.given, other);
    assert.equal(outcomeOf(family.present(other, { now: NOW + 60_002 })), 'ok');
  });

  it('RP-12, RP-20 so does one whose successor opens no more', () => {
    const { family, second } = rotatedOnce();
    const { given } = family.present(FIRST, { now: NOW + 1, reopens: false });
    assert.ok(given !== null && given !== second);
    assert.equal(family.grant().refresh?.generation, 3);
  });

  it('RP-13 a displaced token ends the family, with one alert', () => {
    const { family, second } = rotatedOnce();
    family.present(FIRST, { now: NOW + 40_000 });
    assertReplayed(family, second);
  });

  it('RP-14 a token whose successor was used ends it, also within 30 s', () => {
    const { family, second } = rotatedOnce();
    family.present(second, { now: NOW + 1 });
    assertReplayed(family, FIRST);
  });

  it('RP-15 an older ancestor ends it', () => {
    const { family, second } = rotatedOnce();
    const { given: third } = family.present(second, { now: NOW + 1 });
    family.present(third ?? FIRST, { now: NOW + 2 });
    assertReplayed(family, FIRST);
  });

  function assertReplayed(family: Family, text: TokenText): void {
    const use = family.present(text, { now: NOW + 100_000 });
    assert.equal(outcomeOf(use), 'refresh_replayed');
    assert.deepEqual(touched(use.decision), [`grant/${GRANT_ID}`]);
    const end = { is: 'ended', at: NOW + 100_000, by: 'refresh_replay' };
    assert.deepEqual(family.grant().state, end);
    const alerts = use.decision.events.filter(({ outcome }) => outcome === 'alert');
    assert.deepEqual(alerts, [{
      action: 'refresh.replayed',
      outcome: 'alert',
      app: appFor().id,
      customer: customerFor().id,
      object: GRANT_ID.slice(customerFor().id.length),
      detail: `networks=${NETWORK},${NETWORK}`,
    }]);
    assert.deepEqual(actions(use.decision), ['grant.ended', 'refresh.replayed']);
    assertEnded(family);
  }

  it('RP-25 the alert names the network of the latest use and of the replay', () => {
    const family = familyOf({ refresh: refreshFor({
      generation: 2, digest: digestOf('2.x'), network: '192.0.2.0/24', issued_at: NOW,
    }) });
    const { decision } = family.present(FIRST, { now: NOW });
    assert.equal(decision.events.at(-1)?.detail, `networks=192.0.2.0/24,${NETWORK}`);
  });

  it('RP-16 after a deliberate end nothing revives, and nobody is alerted', () => {
    for (const by of ['customer', 'operator', 'grant_limit', 'code_replay'] as const) {
      const { family, second } = rotatedOnce();
      const state = { is: 'ended', at: NOW, by } as const;
      const ended = familyOf({ ...family.grant(), state });
      for (const text of [FIRST, second, '1.other'] as const) {
        const use = ended.present(text, { now: NOW + 1 });
        assert.equal(use.given, null);
        assert.deepEqual(use.decision.changes, []);
        assert.deepEqual(actions(use.decision), ['refresh.refused']);
        assert.equal(use.decision.events[0]?.outcome, 'refused');
      }
    }
  });

  it('RP-17 sixty-four at once get the same successor', () => {
    const { family, second } = rotatedOnce();
    for (let i = 1; i < 64; i++) {
      assert.equal(family.present(FIRST, { now: NOW }).given, second);
    }
    assert.deepEqual(family.issued, [FIRST, second]);
    assert.equal(outcomeOf(family.present(second, { now: NOW })), 'ok');
  });

  it('RP-19 a token that was never issued changes nothing and is one event', () => {
    const { family } = rotatedOnce();
    for (const text of ['3.x', '2.x', '1.x', '99.x'] as const) {
      const use = family.present(text, { now: NOW + 1 });
      assert.equal(outcomeOf(use), 'refresh_unknown');
      assert.deepEqual(use.decision.changes, []);
      assert.deepEqual(actions(use.decision), ['refresh.refused']);
      assert.equal(use.decision.events[0]?.outcome, 'refused');
    }
    assert.equal(family.grant().state.is, 'live');
  });

  it('RP-23 never moves the absolute end', () => {
    const ends_at = NOW + 100_000;
    const family = familyOf({ ends_at });
    const { given } = family.present(FIRST, { now: NOW + 50_000 });
    assert.equal(family.grant().ends_at, ends_at);
    const late = family.present(given ?? FIRST, { now: ends_at });
    assert.equal(outcomeOf(late), 'refresh_ended');
    assert.deepEqual(late.decision.changes, []);
  });

  it('AT-V16 used by another app does nothing to it, an ancestor neither', () => {
    const { family, second } = rotatedOnce();
    const over = { app: appFor({ id: 'B'.repeat(32) }) };
    for (const text of [FIRST, second]) {
      const use = family.present(text, { now: NOW + 40_000, over });
      assert.equal(outcomeOf(use), 'refresh_foreign');
      assert.deepEqual(use.decision.changes, []);
    }
    assert.equal(outcomeOf(family.present(second, { now: NOW + 40_000 })), 'ok');
  });

  it('AT-V17 of who is locked gives nothing, and a replay meanwhile ends nothing', () => {
    const { family, second } = rotatedOnce();
    family.present(second, { now: NOW });
    const over = { customer: customerFor({ status: 'locked' }) };
    for (const text of [FIRST, second]) {
      const use = family.present(text, { now: NOW + 1, over });
      assert.equal(outcomeOf(use), 'refresh_ended');
      assert.deepEqual(use.decision.changes, []);
    }
    assert.equal(family.grant().state.is, 'live');
  });

  it('AT-V15 unused for its window is over, and each use begins the window anew', () => {
    const { family, second } = rotatedOnce();
    const window_ms = 93_600_000;
    const { given: third } = family.present(second, { now: NOW + window_ms - 1 });
    assert.ok(third !== null);
    const late = family.present(third, { now: NOW + 2 * window_ms - 1 });
    assert.equal(outcomeOf(late), 'refresh_ended');
    assert.equal(family.grant().state.is, 'live');
    assert.equal(outcomeOf(family.present(third, { now: NOW + 2 * window_ms - 2 })), 'ok');
  });
});
