/** A keyring with one key a purpose, for the tests of what stands on it. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { openKeyring } from '../../src/adapters/keys/keyring.ts';
import { poolEntropy } from '../../src/adapters/pool-entropy.ts';
import { settableClock } from '../../src/adapters/system-clock.ts';
import { createHandles } from '../../src/adapters/tokens/handles.ts';
import { createSeals } from '../../src/adapters/tokens/seals.ts';
import { type Key, SECRET_PURPOSES } from '../../src/core/kinds/key.ts';
import type { WorldName } from '../../src/core/world.ts';

export const START = Date.UTC(2026, 10, 24);

export function aMasterKey() {
  return createSecretKey(randomBytes(32));
}

export function worldKeys(world: WorldName = 'live', master_key = aMasterKey()) {
  const clock = settableClock(0);
  clock.set(START);
  const alarms: string[] = [];
  const log = { write: (_level: string, message: string) => void alarms.push(message) };
  const keyring = openKeyring({ master_key, world, clock, log });
  const times = { created_at: START, active_from: START };
  const records: Key[] = SECRET_PURPOSES.map((purpose) => keyring.create(purpose, 1, times));
  keyring.load(records);
  const entropy = poolEntropy();
  return {
    clock, keyring, records, alarms, entropy, log,
    handles: createHandles(keyring, world, entropy),
    seals: createSeals(keyring, world),
  };
}

/** Every text that differs from `text` in one character, one left out or one more at the end. */
export function* alterations(text: string): Generator<string> {
  const others = ['0', 'A', 'a', 'z', '-', '_', '=', '+', ' ', '\0', 'é'];
  for (let i = 0; i < text.length; i++) {
    yield text.slice(0, i) + text.slice(i + 1);
    const next = String.fromCharCode(text.charCodeAt(i) ^ 1);
    for (const other of [...others, next]) {
      if (other !== text[i]) yield text.slice(0, i) + other + text.slice(i + 1);
    }
  }
  for (const more of others) {
    yield text + more;
    yield more + text;
  }
  yield '';
  yield text + text;
  yield text.toUpperCase();
}
