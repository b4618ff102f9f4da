/** key.rotate and key.list over the real flows: times, refusals, and what they show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_PURPOSES, SIGNING_PURPOSES } from '../../src/core/kinds/key.ts';
import { act, codeOf, valueOf } from '../flows/browser.ts';
import { type House, openHouse } from '../flows/house.ts';

type Shown = { readonly [member: string]: unknown };

const CLAIMS = { iss: 'https://a.example', aud: '1', iat: 1, exp: 2 };
const MEMBERS = [
  'purpose', 'number', 'algorithm', 'kid', 'kept_in', 'created_at', 'active_from', 'retired_at',
  'removed_at', 'state',
];

async function listed(house: House): Promise<readonly Shown[]> {
  const { keys } = valueOf(await act(house, 'key.list', {})) as { readonly keys: Shown[] };
  return keys;
}

test('a signing key is announced ten minutes unless told longer; shorter is refused', async () => {
  for (const purpose of SIGNING_PURPOSES) {
    const house = await openHouse();
    for (const announce_s of [0, 1, 599]) {
      const refused = await act(house, 'key.rotate', { purpose, announce_s });
      assert.ok(!refused.ok);
      const { code, parameter, reason } = refused.refusal;
      assert.deepEqual([code, parameter], ['act_malformed', 'announce_s']);
      assert.match(reason, /at least 600 for/);
    }
    assert.deepEqual(await listed(house), [], 'nothing was made');
    const first = valueOf(await act(house, 'key.rotate', { purpose }));
    assert.equal(first['active_from'], house.clock.ms + 600_000);
    assert.equal(first['state'], 'next');
    const later = valueOf(await act(house, 'key.rotate', { purpose, announce_s: 700 }));
    assert.equal(later['active_from'], house.clock.ms + 700_000);
    assert.deepEqual((await listed(house)).map(({ number, retired_at }) => [number, retired_at]), [
      [1, house.clock.ms + 700_000], [2, null],
    ]);
  }
});

test('the published keys follow the acts and the clock', async () => {
  const house = await openHouse();
  const { signer } = house.flows.deps;
  const kids = (): readonly unknown[] => signer.publicKeys().map((key) => key['kid']);
  const first = valueOf(await act(house, 'key.rotate', { purpose: 'access-token' }))['kid'];
  house.clock.ms += 600_000;
  const fresh = valueOf(await act(house, 'key.rotate', { purpose: 'access-token' }))['kid'];
  assert.deepEqual(kids(), [first, fresh]);
  const signed_by = async (): Promise<unknown> => {
    const [header = ''] = (await signer.sign('access-token', CLAIMS)).split('.');
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as Shown)['kid'];
  };
  assert.equal(await signed_by(), first);
  house.clock.ms += 600_000;
  assert.equal(await signed_by(), fresh);
  assert.deepEqual((await listed(house)).map(({ state, kid }) => [state, kid]), [
    ['retired', first], ['active', fresh],
  ]);
  house.clock.ms += 90_000_000;
  assert.deepEqual(kids(), [fresh]);
  assert.deepEqual((await listed(house)).map(({ state }) => state), ['removed', 'active']);
});

test('KM-06 views show algorithm, kid, state and times, nothing of the key itself', async () => {
  const house = await openHouse();
  for (const purpose of KEY_PURPOSES) {
    const made = valueOf(await act(house, 'key.rotate', { purpose }));
    assert.deepEqual(Object.keys(made), MEMBERS, purpose);
    const algorithm = { 'access-token': 'ES256', 'id-token': 'RS256' }[purpose as string] ?? null;
    assert.equal(made['algorithm'], algorithm);
    if (algorithm === null) assert.equal(made['kid'], null);
    else assert.match(String(made['kid']), /^[A-Za-z0-9_-]{43}$/);
  }
  const keys = await listed(house);
  assert.equal(keys.length, KEY_PURPOSES.length);
  for (const key of keys) assert.deepEqual(Object.keys(key), MEMBERS);
});

test('rotations at once: every key has its number, one follows the other', async () => {
  const house = await openHouse();
  const results = await Promise.all(Array.from({ length: 8 }, () =>
    act(house, 'key.rotate', { purpose: 'access-token' })));
  const won = results.filter(({ ok }) => ok).map((result) => valueOf(result)['number']);
  assert.ok(won.length >= 1);
  assert.equal(new Set(won).size, won.length);
  for (const lost of results.filter(({ ok }) => !ok)) assert.equal(codeOf(lost), 'state_conflict');
  const keys = await listed(house);
  const in_order = [...won].sort((a, b) => Number(a) - Number(b));
  assert.deepEqual(keys.map(({ number }) => number), in_order);
  house.clock.ms += 600_000;
  const active = (await listed(house)).filter(({ state }) => state === 'active');
  assert.equal(active.length, 1);
});
