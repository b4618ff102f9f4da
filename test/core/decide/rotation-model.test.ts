/** Rotation against a model of its table, and against loss, delay and crashes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { useOf } from '../../../src/core/decide/token/rotate.ts';
import { NOW, digestOf } from '../facts.ts';
import { FIRST, type Family, RETRY_S, type TokenText, familyOf, outcomeOf } from './family.ts';

/** One token of the model: what it gave last, when, and whether it may still be used. */
type Known = {
  state: 'live' | 'used' | 'displaced';
  successor: TokenText | null;
  used_at: number;
};

type Model = { readonly tokens: Map<TokenText, Known>; revoked: boolean };

type Expected =
  | { readonly is: 'given'; readonly text: TokenText | 'another' }
  | { readonly is: 'refused'; readonly code: string; readonly revokes: boolean };

/** The table RP-10…RP-19, told by tokens and not by generations. */
function expectedOf({ tokens, revoked }: Model, text: TokenText, now: number): Expected {
  const known = tokens.get(text);
  if (known === undefined) return { is: 'refused', code: 'refresh_unknown', revokes: false };
  if (revoked) return { is: 'refused', code: 'refresh_ended', revokes: false };
  if (known.state === 'live') return { is: 'given', text: 'another' };
  const { successor, used_at } = known;
  const unused = successor !== null && tokens.get(successor)?.state === 'live';
  if (known.state === 'displaced' || !unused) {
    return { is: 'refused', code: 'refresh_replayed', revokes: true };
  }
  return { is: 'given', text: now - used_at <= RETRY_S * 1000 ? successor : 'another' };
}

/** What the model knows once the text has given this one. */
function follow({ tokens }: Model, text: TokenText, given: TokenText, now: number): void {
  const known = tokens.get(text);
  assert.ok(known);
  if (known.successor === given) return;
  const displaced = known.successor === null ? undefined : tokens.get(known.successor);
  if (displaced !== undefined) displaced.state = 'displaced';
  tokens.set(text, { state: 'used', successor: given, used_at: now });
  tokens.set(given, { state: 'live', successor: null, used_at: 0 });
}

/** RP-21, I2: whatever was given, one text is current and one at most may come again. */
function assertOneLive(family: Family): void {
  const { refresh } = family.grant();
  const uses = family.issued.map((text) => useOf(
    { digest: digestOf(text), generation: Number.parseInt(text, 10) }, refresh,
  ));
  assert.equal(uses.filter((use) => use === 'current').length, 1);
  assert.equal(uses.filter((use) => use === 'predecessor').length, uses.length > 1 ? 1 : 0);
  assert.equal(uses.includes('impossible'), false);
}

/** Which text comes (counted from the newest), how much later, and whether it is forged. */
const step = fc.record({
  back: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1) }, fc.nat({ max: 6 })),
  later_ms: fc.constantFrom(0, 1, 5_000, 29_999, 30_000, 30_001, 60_000),
  forged: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

describe('rotation, modelled', () => {
  it('RP-10…RP-15, RP-19, RP-21 gives what its table says, one string at a time', () => {
    const seen = new Map<string, number>();
    fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const family = familyOf();
      const model: Model = { tokens: new Map(), revoked: false };
      model.tokens.set(FIRST, { state: 'live', successor: null, used_at: 0 });
      let now = NOW;
      for (const { back, later_ms, forged } of steps) {
        now += later_ms;
        const real = family.issued.at(-1 - Math.min(back, family.issued.length - 1)) ?? FIRST;
        const text: TokenText = forged ? `${family.issued.length + 7}.forged` : real;
        const expected = expectedOf(model, text, now);
        const before = family.grant();
        const use = family.present(text, { now });
        const came = outcomeOf(use);
        seen.set(came, (seen.get(came) ?? 0) + 1);
        if (expected.is === 'refused') {
          if (model.revoked) assert.ok(['refresh_ended', 'refresh_unknown'].includes(came));
          else assert.equal(came, expected.code);
          assert.equal(use.decision.changes.length, expected.revokes ? 1 : 0);
          if (expected.revokes) model.revoked = true;
          else assert.deepEqual(family.grant(), before);
        } else {
          assert.equal(came, 'ok');
          assert.ok(use.given !== null);
          if (expected.text === 'another') assert.ok(!model.tokens.has(use.given));
          else assert.equal(use.given, expected.text);
          follow(model, text, use.given, now);
        }
        assert.equal(family.grant().state.is, model.revoked ? 'ended' : 'live');
        assertOneLive(family);
      }
    }), { numRuns: 1000 });
    for (const code of ['ok', 'refresh_replayed', 'refresh_ended', 'refresh_unknown']) {
      assert.ok((seen.get(code) ?? 0) > 100, `${code} came ${seen.get(code) ?? 0} times`);
    }
  });
});

/** What becomes of one try: which of the ways between program and disk fails. */
const FATES = [
  'request_lost', 'server_dies_before_commit', 'reply_lost', 'program_dies_before_it_stores',
  'stored',
] as const;

const attempt = fc.record({
  fate: fc.oneof(
    { weight: 2, arbitrary: fc.constant('stored' as const) }, fc.constantFrom(...FATES),
  ),
  wait_ms: fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 40_000 }) }, fc.nat({ max: 8 * 3_600_000 }),
  ),
  /** The window key went with its minute, or with a restore. */
  key_gone: fc.boolean(),
  /** The same text from so many processes of the program within one instant. */
  at_once: fc.integer({ min: 1, max: 4 }),
});

describe('rotation, when things get lost', () => {
  it('P-14 locks nobody out who presents what was stored last, and leaves one token live', () => {
    let refreshed = 0;
    fc.assert(fc.property(fc.array(attempt, { maxLength: 40 }), (attempts) => {
      const family = familyOf();
      let stored: TokenText = FIRST;
      let now = NOW;
      for (const { fate, wait_ms, key_gone, at_once } of attempts) {
        now += wait_ms;
        if (fate === 'request_lost') continue;
        const commit = fate === 'server_dies_before_commit' ? { commit: false } as const : {};
        const uses = Array.from({ length: at_once }, () =>
          family.present(stored, { now, reopens: !key_gone, ...commit }));
        assert.deepEqual(uses.map(outcomeOf), uses.map(() => 'ok'));
        const alerts = uses.flatMap(({ decision }) => decision.events)
          .filter(({ outcome }) => outcome !== 'ok');
        assert.deepEqual(alerts, []);
        const { given = null } = uses.at(-1) ?? {};
        if (fate === 'stored' && given !== null) {
          stored = given;
          refreshed += 1;
        }
        assertOneLive(family);
      }
      assert.equal(family.grant().state.is, 'live');
      assert.equal(outcomeOf(family.present(stored, { now })), 'ok');
    }), { numRuns: 1000 });
    assert.ok(refreshed > 2000, `only ${refreshed} tokens were stored`);
  });
});
