/** Signing keys change by the times in their records; no token loses its key (F-30, KM-05). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  KEY_CHECKS_S, judgeAnnouncement, nextKeyNumber, rotateKey,
} from '../../src/core/decide/manage/rotate-key.ts';
import { type Key, type SigningPurpose, keyRecordId } from '../../src/core/kinds/key.ts';
import {
  claimsAt, decode, partsOf, signedNow, signingWorld, verifyWithJose,
} from './signing-world.ts';
import { START } from './world-keys.ts';

type World = Awaited<ReturnType<typeof signingWorld>>;

/** The world's records after a rotation, as the act decides it. */
async function rotate(
  { signer, keyring, clock }: World,
  records: readonly Key[],
  purpose: SigningPurpose,
  asked_s?: number,
): Promise<readonly Key[]> {
  const present = records.filter((one) => one.purpose === purpose);
  const announced_s = judgeAnnouncement(purpose, asked_s);
  assert.ok(announced_s.ok);
  const fresh = await signer.createKey(purpose, nextKeyNumber(present), {
    created_at: clock.ms, active_from: clock.ms + announced_s.value * 1000,
  });
  const { changes } = rotateKey({
    fresh,
    present: present.map((key) => ({ id: keyRecordId(purpose, key.number), key })),
    taken: false,
  });
  const changed = new Map(changes.map(({ id, value }) => [id, value as Key]));
  const next = new Map(records.map((one) => [keyRecordId(one.purpose, one.number), one]));
  for (const [id, value] of changed) next.set(id, value);
  const all = [...next.values()];
  keyring.load(all);
  return all;
}

const kidOf = (text: string): unknown =>
  (JSON.parse(decode(partsOf(text)[0])) as { readonly kid: unknown }).kid;

describe('a signing key in its times', () => {
  for (const purpose of ['access-token', 'id-token'] as const) {
    it(`F-30 ${purpose}: ten minutes announced, then used, then kept 25 hours`, async () => {
      const world = await signingWorld();
      const { signer, clock, records } = world;
      const sign = (): string => signedNow(world, claimsAt(clock.ms), purpose);
      const published = (): readonly unknown[] =>
        signer.publicKeys().map((key) => key['kid']).filter((kid) => kid !== other);
      const other = signer.publicKeys().find(
        (key) => key['kid'] !== kidOf(sign()))?.['kid'];
      const old = kidOf(sign());
      assert.deepEqual(published(), [old]);

      await rotate(world, records, purpose);
      const [, fresh] = published();
      assert.deepEqual(published(), [old, fresh]);
      assert.ok(fresh !== undefined && fresh !== old);
      const signed_by = (): unknown => kidOf(sign());
      clock.ms = START + 599_999;
      assert.equal(signed_by(), old, 'announced, not used');
      const last = sign();

      clock.ms = START + 600_000;
      assert.equal(signed_by(), fresh, 'used at its time, with no message');
      assert.deepEqual(published(), [old, fresh]);
      await verifyWithJose(last, signer.publicKeys(), clock.ms);
      if (purpose === 'access-token') assert.equal(typeof signer.open(last), 'object');

      clock.ms = START + 600_000 + 90_000_000 - 1;
      assert.deepEqual(published(), [old, fresh]);
      clock.ms += 1;
      assert.deepEqual(published(), [fresh]);
      assert.equal(signer.open(last), 'malformed');
      assert.equal(signed_by(), fresh);
    });
  }

  it('two keys active at once: the later time signs, then the higher number', async () => {
    const world = await signingWorld();
    const { signer, keyring, secrets, clock } = world;
    const made = await Promise.all([1, 2, 3].map((number) => signer.createKey(
      'access-token', number, { created_at: START, active_from: START + (number > 1 ? 10 : 20) },
    )));
    for (const order of [made, [...made].reverse()]) {
      keyring.load([...secrets, ...order]);
      clock.ms = START + 10;
      assert.equal(kidOf(signedNow(world, claimsAt(START))), made[2]!.public_jwk['kid']);
      clock.ms = START + 20;
      assert.equal(kidOf(signedNow(world, claimsAt(START))), made[0]!.public_jwk['kid']);
    }
  });

  it('a key that is only announced opens what another node signed with it already', async () => {
    const world = await signingWorld();
    const ahead = await signingWorld('live', world.master_key);
    const all = await rotate(world, world.records, 'access-token');
    ahead.keyring.load(all);
    ahead.clock.ms = START + 600_000;
    const early = signedNow(ahead, claimsAt(ahead.clock.ms));
    assert.equal(typeof world.signer.open(early), 'object');
  });
});

describe('I11', () => {
  const LIFE_MAX_S = 86_400;
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({
      is: fc.constant('issue' as const), life_s: fc.integer({ min: 1, max: LIFE_MAX_S }),
    }) },
    { weight: 2, arbitrary: fc.record({
      is: fc.constant('rotate' as const), more_s: fc.integer({ min: 0, max: 3000 }),
    }) },
  );
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), step), {
    minLength: 4, maxLength: 14,
  });

  it('I11 every token verifies with the keys published at every moment of its life', async () => {
    assert.ok((KEY_CHECKS_S['access-token'] ?? 0) > LIFE_MAX_S);
    const first = await signingWorld();
    let checked = 0;
    await fc.assert(fc.asyncProperty(steps, async (history) => {
      const world = { ...first };
      const { signer, keyring, clock } = world;
      clock.ms = START;
      let records: readonly Key[] = first.records;
      keyring.load(records);
      const tokens: { text: string; from: number; until: number }[] = [];
      const published: { at: number; kids: Set<unknown>; keys: readonly object[] }[] = [];
      const publish = (at: number): void => {
        clock.ms = at;
        const keys = signer.publicKeys();
        published.push({ at, keys, kids: new Set(keys.map((key) => key['kid'])) });
      };
      for (const [after_s, event] of history) {
        clock.ms += after_s * 1000;
        publish(clock.ms);
        if (event.is === 'issue') {
          const from = clock.ms;
          const exp = Math.floor(from / 1000) + event.life_s;
          const text = signedNow(world, claimsAt(from, { exp }));
          tokens.push({ text, from, until: exp * 1000 });
        } else {
          records = await rotate(world, records, 'access-token', 600 + event.more_s);
        }
        publish(clock.ms);
      }
      // What comes after the history: every moment at which the key set changes, and token ends.
      const now = clock.ms;
      const moments = records.flatMap(({ active_from, retired_at, removed_at }) =>
        [active_from, retired_at ?? 0, removed_at ?? 0])
        .concat(tokens.map(({ until }) => until))
        .flatMap((at) => [at - 1, at]).filter((at) => at > now).sort((a, b) => a - b);
      moments.forEach(publish);
      for (const { text, from, until } of tokens) {
        const kid = kidOf(text);
        // Also with keys fetched ten minutes before it was issued, unless the world was younger.
        for (const { at, kids } of published) {
          if (at < Math.max(from - 600_000, START) || at >= until) continue;
          assert.ok(kids.has(kid), `issued ${from - START}, keys of ${at - START}`);
          checked += 1;
        }
        const fetched = published.filter(({ at }) => at >= from && at < until);
        const ends = [fetched[0], fetched.at(-1)].filter((one) => one !== undefined);
        for (const { at, keys } of ends) {
          await verifyWithJose(text, keys as never, at);
        }
      }
    }), { numRuns: 150 });
    assert.ok(checked > 1000);
  });
});
