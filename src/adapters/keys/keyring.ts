/**
 * The keyring of one world: its key records opened once, and switched by the times in them
 * (KM-05). Secrets live here and in what handles and seals derive from them, nowhere else.
 */
import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import { type Key, type KeyPurpose, keyRecordId } from '../../core/kinds/key.ts';
import type { WorldName } from '../../core/world.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Log } from '../../ports/log.ts';
import { StoreFault } from '../../ports/store.ts';
import { keyEnvelope } from './key-envelope.ts';
import { MasterKeyError } from './master-key.ts';

/** An opened key. One object for its whole life, so that what is derived from it is kept by it. */
export type OpenKey = {
  readonly number: number;
  readonly secret: KeyObject;
};

/** What handles and seals take their keys from. Both throw a StoreFault for a damaged key. */
export type KeySource = {
  /** The key that issues now. */
  active(purpose: KeyPurpose): OpenKey;
  /** A key that still checks, or undefined when it never was or is removed. */
  numbered(purpose: KeyPurpose, number: number): OpenKey | undefined;
};

type Entry = { readonly record: Key; readonly key: OpenKey | null };

type KeyringParts = {
  readonly master_key: KeyObject;
  readonly world: WorldName;
  readonly clock: Clock;
  readonly log: Log;
};

export function openKeyring({ master_key, world, clock, log }: KeyringParts): Keyring & KeySource {
  const envelope = keyEnvelope(master_key, world);
  let entries = new Map<string, Entry>();

  function openEntry(record: Key): Entry {
    const id = keyRecordId(record.purpose, record.number);
    const known = entries.get(id);
    if (known?.record.sealed === record.sealed && known.key !== null) {
      return { record, key: known.key };
    }
    const bytes = envelope.open(record.purpose, record.number, record.sealed);
    if (bytes === null) {
      log.write('error', 'a key record does not open', { alarm: 'key_damaged', key: id, world });
      return { record, key: null };
    }
    const secret = createSecretKey(bytes);
    bytes.fill(0);
    return { record, key: { number: record.number, secret } };
  }

  return {
    load(keys) {
      const next = new Map(keys.map((record) => [
        keyRecordId(record.purpose, record.number), openEntry(record),
      ]));
      if (keys.length > 0 && [...next.values()].every(({ key }) => key === null)) {
        throw new MasterKeyError(
          `no key record of the ${world} world opens under this master key: ` +
            'it belongs to other data or to the other world',
        );
      }
      entries = next;
    },
    create(purpose, number, { created_at, active_from }) {
      const secret = randomBytes(32);
      const sealed = envelope.seal(purpose, number, secret);
      secret.fill(0);
      return {
        purpose, number, created_at, active_from, retired_at: null, removed_at: null, sealed,
      };
    },
    active: (purpose) => activeKey(entries, purpose, clock.now()),
    numbered(purpose, number) {
      const entry = entries.get(keyRecordId(purpose, number));
      if (entry === undefined) return undefined;
      const { removed_at } = entry.record;
      if (removed_at !== null && clock.now() >= removed_at) return undefined;
      return usable(entry);
    },
  };
}

/** The latest one whose time has come and not gone; a later number wins a tie. */
function activeKey(
  entries: ReadonlyMap<string, Entry>,
  purpose: KeyPurpose,
  now: number,
): OpenKey {
  let best: Entry | undefined;
  for (const entry of entries.values()) {
    const { record } = entry;
    if (record.purpose !== purpose || record.active_from > now) continue;
    if ((record.retired_at ?? now + 1) <= now || (record.removed_at ?? now + 1) <= now) continue;
    const later = best === undefined || record.active_from > best.record.active_from ||
      (record.active_from === best.record.active_from && record.number > best.record.number);
    if (later) best = entry;
  }
  if (best === undefined) throw new StoreFault(`no ${purpose} key is active`, false);
  return usable(best);
}

function usable({ record, key }: Entry): OpenKey {
  if (key !== null) return key;
  throw new StoreFault(`key ${keyRecordId(record.purpose, record.number)} is damaged`, false);
}
