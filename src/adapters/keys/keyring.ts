/**
 * The keyring of one world: its key records opened once, and switched by the times in them
 * (KM-05). Secrets live here and in what is derived from them, nowhere else.
 */
import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import {
  type Key, type KeyPurpose, SIGNING_PURPOSES, type SecretPurpose, type SigningPurpose,
  isSigningKey, keyRecordId,
} from '../../core/kinds/key.ts';
import type { WorldName } from '../../core/world.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Keyring } from '../../ports/keyring.ts';
import type { Log } from '../../ports/log.ts';
import { StoreFault } from '../../ports/store.ts';
import { keyEnvelope } from './key-envelope.ts';
import { MasterKeyError } from './master-key.ts';
import { type SigningPair, openPair } from './signing-pair.ts';

/** An opened key. One object for its whole life, so that what is derived from it is kept by it. */
export type OpenKey = {
  readonly number: number;
  readonly secret: KeyObject;
};

/** What handles and seals take their keys from. Both throw a StoreFault for a damaged key. */
export type KeySource = {
  /** The key that issues now. */
  active(purpose: SecretPurpose): OpenKey;
  /** A key that still checks, or undefined when it never was or is removed. */
  numbered(purpose: SecretPurpose, number: number): OpenKey | undefined;
};

/** What the signer takes its pairs from; damaged ones as above. */
export type SigningKeys = {
  /** The pair that signs now. */
  activePair(purpose: SigningPurpose): SigningPair;
  /** The pair that is published under this id, or undefined. */
  pairOf(purpose: SigningPurpose, kid: string): SigningPair | undefined;
  /** Is this very pair published still? */
  isPublished(pair: SigningPair): boolean;
  /** Announced, active and retired pairs, by purpose and number; damaged ones are left out. */
  published(): readonly SigningPair[];
  /** The envelope of a new record. */
  sealPair(purpose: SigningPurpose, number: number, content: Uint8Array): string;
};

/** `key` is null when the record is damaged. */
type Entry = { readonly record: Key; readonly key: OpenKey | SigningPair | null };
type Entries = ReadonlyMap<string, Entry>;

type KeyringParts = {
  readonly master_key: KeyObject;
  readonly world: WorldName;
  readonly clock: Clock;
  readonly log: Log;
};

export function openKeyring(
  { master_key, world, clock, log }: KeyringParts,
): Keyring & KeySource & SigningKeys {
  const envelope = keyEnvelope(master_key, world);
  let entries: Entries = new Map();

  function openEntry(record: Key): Entry {
    const id = keyRecordId(record.purpose, record.number);
    const known = entries.get(id);
    if (known !== undefined && known.key !== null && holdTheSame(known.record, record)) {
      return { record, key: known.key };
    }
    const content = envelope.open(record.purpose, record.number, record.sealed);
    const key = content && keyOf(record, content);
    content?.fill(0);
    if (key === null) {
      log.write('error', 'a key record does not open', { alarm: 'key_damaged', key: id, world });
    }
    return { record, key };
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
    active: (purpose) => secretOf(activeEntry(entries, purpose, clock.now())),
    numbered(purpose, number) {
      const entry = entries.get(keyRecordId(purpose, number));
      return entry === undefined || isRemoved(entry, clock.now()) ? undefined : secretOf(entry);
    },
    ...signingKeys(() => entries, clock),
    sealPair: (purpose, number, content) => envelope.seal(purpose, number, content),
  };
}

function signingKeys(entries: () => Entries, clock: Clock): Omit<SigningKeys, 'sealPair'> {
  return {
    activePair: (purpose) => pairOf(activeEntry(entries(), purpose, clock.now())),
    pairOf(purpose, kid) {
      for (const entry of entries().values()) {
        const { record } = entry;
        if (record.purpose !== purpose || !isSigningKey(record)) continue;
        if (record.public_jwk['kid'] !== kid) continue;
        return isRemoved(entry, clock.now()) ? undefined : pairOf(entry);
      }
      return undefined;
    },
    isPublished(pair) {
      const entry = entries().get(keyRecordId(pair.purpose, pair.number));
      return entry?.key === pair && !isRemoved(entry, clock.now());
    },
    published() {
      const now = clock.now();
      return [...entries().values()]
        .filter((entry) => !isRemoved(entry, now))
        .flatMap(({ key }) => (key !== null && 'public_jwk' in key ? [key] : []))
        .sort((a, b) => rank(a) - rank(b) || a.number - b.number);
    },
  };
}

function rank({ purpose }: SigningPair): number {
  return SIGNING_PURPOSES.indexOf(purpose);
}

function keyOf(record: Key, content: Buffer): OpenKey | SigningPair | null {
  if (isSigningKey(record)) return openPair(record, content);
  return { number: record.number, secret: createSecretKey(content) };
}

/** A changed time leaves a key what it was; all else is judged again. */
function holdTheSame(a: Key, b: Key): boolean {
  return a.sealed === b.sealed && publicPart(a) === publicPart(b);
}

function publicPart(key: Key): string {
  return isSigningKey(key) ? JSON.stringify([key.algorithm, key.kept_in, key.public_jwk]) : '';
}

function isRemoved({ record: { removed_at } }: Entry, now: number): boolean {
  return removed_at !== null && now >= removed_at;
}

/** The latest one whose time has come and not gone; a later number wins a tie. */
function activeEntry(entries: Entries, purpose: KeyPurpose, now: number): Entry {
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
  return best;
}

function secretOf({ record, key }: Entry): OpenKey {
  if (key !== null && 'secret' in key) return key;
  throw damaged(record);
}

function pairOf({ record, key }: Entry): SigningPair {
  if (key !== null && 'public_jwk' in key) return key;
  throw damaged(record);
}

function damaged({ purpose, number }: Key): StoreFault {
  return new StoreFault(`key ${keyRecordId(purpose, number)} is damaged`, false);
}
